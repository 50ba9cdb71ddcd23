"""Files that want something get nothing but a reason: the corpus, foreign codecs, and real clips that were damaged."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.media.hostile.corpus import HOSTILE
from tests.media.hostile.judging import judge
from tests.media.hostile.mutations import FLIPS, KEPT_OF, PER_CENTS, flipped, small_clips, truncated

pytestmark = [pytest.mark.service, pytest.mark.media]

Maker = Callable[..., Path]
_DAMAGED = {"ready", "empty", "not_a_video", "truncated", "damaged", "no_picture", "too_short", "too_long"} | {
    "too_many_frames",
    "too_large_picture",
    "too_small_picture",
    "unsupported_codec",
    "out_of_memory",
}
"""What may be said of an honest clip that was damaged: everything but that the fault was ours."""


@pytest.fixture(scope="session")
def honest(make_clip: Maker, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of MP4, its table of contents at the end."""
    return make_clip(tmp_path_factory.mktemp("honest") / "clip.mp4", width=160, height=284).read_bytes()


@pytest.fixture(scope="session")
def clips(make_clip: Maker, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return small_clips(make_clip, tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_wants_something_gets_a_reason(name: str, honest: bytes, tmp_path: Path) -> None:
    verdict = judge(HOSTILE[name].make(honest), tmp_path)
    assert verdict.code in HOSTILE[name].verdicts, verdict.detail
    assert b"<script" not in verdict.made


_FOREIGN_CODECS = {
    "magicyuv": ("yuv420p", ("avi", "mov")),
    "ffv1": ("yuv420p", ("avi", "matroska")),
    "huffyuv": ("yuv422p", ("avi",)),
    "utvideo": ("yuv420p", ("avi",)),
    "png": ("rgb24", ("avi", "mov")),
    "rawvideo": ("yuv420p", ("avi", "matroska", "mov")),
    "mjpeg": ("yuvj420p", ("avi", "matroska", "mov")),
    "msmpeg4v3": ("yuv420p", ("avi", "matroska", "mov")),
}
"""Codec: a pixel format, and which containers FFmpeg writes it into."""


@pytest.mark.parametrize(
    ("codec", "container"), [(codec, container) for codec, (_, where) in _FOREIGN_CODECS.items() for container in where]
)
def test_codecs_that_no_phone_writes_are_refused(codec: str, container: str, make_clip: Maker, tmp_path: Path) -> None:
    source = tmp_path / "drawn"
    recipe = {"container": container, "video_codec": codec, "pix_fmt": _FOREIGN_CODECS[codec][0], "channels": 0}
    clip = make_clip(source, **recipe, width=96, height=64, frames=20).read_bytes()
    source.unlink()
    assert judge(clip, tmp_path).code == ("not_a_video" if container == "avi" else "unsupported_codec")


@pytest.mark.parametrize("name", [b"V_MAGICYUV", b"V_QUICKTIME", b"V_REAL/RV40", b"V_PRORES"])
def test_a_codec_of_another_name_is_refused(name: bytes, make_clip: Maker, tmp_path: Path) -> None:
    """Matroska names its codec in letters: an honest clip under a foreign name."""
    source = tmp_path / "drawn"
    clip = make_clip(source, container="matroska", video_codec="libx264", width=96, height=64, frames=20).read_bytes()
    source.unlink()
    honest = b"V_MPEG4/ISO/AVC"
    assert honest in clip
    assert judge(clip.replace(honest, name.ljust(len(honest), b"\0")), tmp_path).code == "unsupported_codec"


def test_a_thousand_pictures_a_second_are_refused(make_clip: Maker, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn"
    clip = make_clip(drawn, width=32, height=32, fps="1000", frames=1000, channels=0).read_bytes()
    drawn.unlink()
    assert judge(clip, tmp_path).code == "too_many_frames"


def _kept(count: int) -> list[object]:
    """All numbers; most of them only in the long tier."""
    return [pytest.param(number, marks=() if number % KEPT_OF == 0 else pytest.mark.scale) for number in range(count)]


@pytest.mark.parametrize("per_cent", _kept(PER_CENTS))
def test_a_clip_that_breaks_off_is_played_or_explained(
    per_cent: int, honest: bytes, clips: list[bytes], tmp_path: Path
) -> None:
    for index, clip in enumerate([honest, *clips]):
        folder = tmp_path / str(index)
        folder.mkdir()
        verdict = judge(truncated(clip, per_cent), folder)
        assert verdict.code in _DAMAGED, verdict.detail
        if index == 0:
            assert verdict.code in ("empty", "not_a_video", "truncated")


@pytest.mark.parametrize("number", _kept(FLIPS))
def test_a_damaged_clip_is_played_or_explained(number: int, clips: list[bytes], tmp_path: Path) -> None:
    verdict = judge(flipped(clips, number), tmp_path)
    assert verdict.code in _DAMAGED, verdict.detail


def test_the_corpus_is_a_program(honest: bytes, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(honest)
    program = Path(__file__).with_name("corpus.py")
    subprocess.run([sys.executable, str(program), str(clip), str(tmp_path / "all")], check=True)
    assert {path.name for path in (tmp_path / "all").iterdir()} == set(HOSTILE)
