"""Sniffing: what is named, what is refused, and where a file breaks off."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.media.sniff import breaks_off, demuxer_of


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


MP4 = box(b"ftyp", b"isom" + b"\0" * 12) + box(b"moov", b"x" * 30) + box(b"mdat", b"y" * 100)


@pytest.mark.parametrize(
    ("head", "demuxer"),
    [
        (MP4, "mov"),
        (box(b"wide") + box(b"mdat", b"yy"), "mov"),
        (b"\x1a\x45\xdf\xa3\x01\x00", "matroska"),
        (b"GIF89a\x01\x00", "gif"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\n", None),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", None),
        (b"RIFF\x10\x00\x00\x00AVI LIST", None),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', None),
        (b"<?xml version='1.0'?><MPD>", None),
        (b"PK\x03\x04ftyp", None),
        (b"hello, I am a text file", None),
        (b"", None),
        (b"\0\0\0", None),
    ],
)
def test_only_what_phones_and_browsers_write_has_a_name(head: bytes, demuxer: str | None) -> None:
    assert demuxer_of(head) == demuxer


def test_a_whole_mp4_does_not_break_off_and_every_cut_does() -> None:
    assert not breaks_off(io.BytesIO(MP4), "mov")
    between_boxes = len(MP4) - 108
    for length in range(1, len(MP4)):
        assert breaks_off(io.BytesIO(MP4[:length]), "mov") == (length != between_boxes)


def test_an_mp4_without_contents_breaks_off() -> None:
    assert breaks_off(io.BytesIO(box(b"ftyp", b"isom") + box(b"mdat", b"y" * 100)), "mov")


def test_matroska_of_known_and_unknown_length() -> None:
    head = b"\x1a\x45\xdf\xa3\x83abc"
    assert not breaks_off(io.BytesIO(head + b"\x18\x53\x80\x67\x84" + b"1234"), "matroska")
    assert breaks_off(io.BytesIO(head + b"\x18\x53\x80\x67\x85" + b"1234"), "matroska")
    assert not breaks_off(io.BytesIO(head + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + b"12"), "matroska")


@given(st.binary(max_size=300), st.sampled_from(["mov", "matroska", "gif"]))
def test_no_bytes_make_it_fail_or_hang(content: bytes, demuxer: str) -> None:
    demuxer_of(content)
    breaks_off(io.BytesIO(content), demuxer)  # type: ignore[arg-type]
