"""Zstandard, as Python 3.14 brings it; before that its backport."""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FAST = 1
"""A fifteenth of a millisecond for 40 KB; the higher levels win 5 % for several times that."""


def compress(content: bytes, level: int = FAST, dictionary: bytes = b"") -> bytes:
    """One frame; `dictionary`: bytes that are as much to be expected, and that the inverse needs too."""
    return zstd.compress(content, level=level, zstd_dict=_expected(dictionary))


def decompress(content: bytes, most_bytes: int, dictionary: bytes = b"") -> bytes:
    """The inverse.

    Raises:
        ValueError: it is no frame, breaks off, or holds more than that.
    """
    reader = zstd.ZstdDecompressor(zstd_dict=_expected(dictionary))
    try:
        found = reader.decompress(content, most_bytes)
    except zstd.ZstdError as error:
        raise ValueError("this is not compressed by Zstandard") from error
    if not reader.eof:
        raise ValueError(f"this breaks off, or holds more than {most_bytes:,} bytes")
    return found


def _expected(dictionary: bytes) -> zstd.ZstdDict | None:
    return zstd.ZstdDict(dictionary, is_raw=True) if dictionary else None
