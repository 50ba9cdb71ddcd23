"""What a file is, by its first bytes, and whether it ends where it says: before any decoder sees it.

Only containers that phones, cameras and browsers write are named here. Everything else (playlists, concat
scripts, SVG, AVI with its subtitle tricks, archives) has no name and so is never opened.
"""

import os
from typing import BinaryIO, Literal

Demuxer = Literal["mov", "matroska", "gif"]

HEAD_BYTES = 64
"""How much of a file `demuxer_of` needs."""

_EBML = b"\x1a\x45\xdf\xa3"
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def demuxer_of(head: bytes) -> Demuxer | None:
    """The one demuxer allowed to open a file that starts with `head`, or None if the file is refused."""
    if head[:4] == _EBML:
        return "matroska"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if len(head) >= 12 and head[4:8] == b"ftyp":
        return "mov"
    if len(head) >= 8 and head[4:8] in _OLD_QUICKTIME:
        return "mov"
    return None


def breaks_off(file: BinaryIO, demuxer: Demuxer) -> bool:
    """True if the container says it goes on after the file's end, or an MP4 has lost its table of contents.

    Walks only the outermost boxes; a file whose sizes are honest but whose content is damaged reads False.
    """
    size_bytes = file.seek(0, os.SEEK_END)
    if demuxer == "mov":
        return _mov_breaks_off(file, size_bytes)
    if demuxer == "matroska":
        return _matroska_breaks_off(file, size_bytes)
    file.seek(max(0, size_bytes - 1))
    return file.read(1) != b"\x3b"  # a GIF ends with ';'


def _mov_breaks_off(file: BinaryIO, size_bytes: int) -> bool:
    at = 0
    has_contents = False
    for _ in range(10_000):  # a real file has a dozen boxes, a fragmented one a few per second
        if at >= size_bytes:
            return not has_contents
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            return True
        length = int.from_bytes(header[:4], "big")
        kind = header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:  # "to the end of the file"
            length = size_bytes - at
        if length < 8:
            return not has_contents
        has_contents = has_contents or kind == b"moov"
        at += length
        if at > size_bytes:
            return True
    return not has_contents


def _matroska_breaks_off(file: BinaryIO, size_bytes: int) -> bool:
    at = 0
    for _ in range(2):  # the EBML head, then the segment that holds everything
        file.seek(at)
        header = file.read(16)
        if len(header) < 5:
            return True
        id_length = _vint_length(header[0])
        size_length = _vint_length(header[id_length]) if id_length < len(header) else 9
        if id_length > 4 or size_length > 8 or id_length + size_length > len(header):
            return False
        raw = int.from_bytes(header[id_length : id_length + size_length], "big")
        length = raw & ((1 << (7 * size_length)) - 1)
        if length == (1 << (7 * size_length)) - 1:  # unknown, as live recorders write it
            return False
        at += id_length + size_length + length
    return at > size_bytes


def _vint_length(first: int) -> int:
    """Bytes of an EBML number by its first byte (9 stands for none)."""
    return 9 - first.bit_length()
