"""A part of a file through the real children: the right pictures, the right sound, in step, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.media.test_workshop import Seen, look

from penchant.media.cut import Cut
from penchant.media.limits import MediaLimits
from penchant.media.sandbox import MediaRefused
from penchant.media.workshop import open_workshop

pytestmark = pytest.mark.media

Maker = Callable[..., Path]

FRAME_S = 1 / 30
SOURCES = {
    "few key frames.mp4": {},
    "many key frames.mp4": {"gop": 15},
    "fragments.mp4": {"gop": 30, "movflags": "frag_keyframe+delay_moov"},
    "recorder.webm": {
        "container": "webm",
        "video_codec": "libvpx-vp9",
        "audio_codec": "libopus",
        "sample_rate": 48_000,
        "gop": 30,
    },
    "hevc.mov": {"container": "mov", "video_codec": "libx265", "gop": 30},
}


def trim(source: Path, tmp_path: Path, cut: Cut, limits: MediaLimits | None = None) -> tuple[Seen, float]:
    """The smallest rendition as another program sees it, and the duration that is told."""
    with open_workshop(source, tmp_path / "work", limits, cut=cut) as workshop:
        made = workshop.first_playable()
        return look(made.rendition.path), made.duration_ms / 1000


@pytest.fixture(scope="module", params=SOURCES)
def numbered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, make_clip: Maker) -> Path:
    """8 s whose pictures are numbered; a tone begins at 5 s."""
    recipe = {"numbered": True, "frames": 240, "sound_seconds": 8.0, "sound_from": 5.0, **SOURCES[request.param]}
    return make_clip(tmp_path_factory.mktemp("numbered") / request.param, **recipe)


@pytest.mark.parametrize(("start_ms", "end_ms"), [(0, 6_000), (1_500, 5_500), (4_500, None), (4_333, 6_789)])
def test_a_part_begins_and_ends_at_its_frames_with_its_sound_in_step(
    start_ms: int, end_ms: int | None, numbered: Path, tmp_path: Path
) -> None:
    seen, told_s = trim(numbered, tmp_path, Cut(start_ms, end_ms))
    wanted_s = (end_ms or 8_000) / 1000 - start_ms / 1000
    assert told_s == pytest.approx(wanted_s, abs=FRAME_S)
    assert seen.duration_s == pytest.approx(wanted_s, abs=FRAME_S)
    first = start_ms * 30 / 1000
    assert seen.numbers == pytest.approx([first, first + seen.frames - 1], abs=0.51)
    assert seen.frames == pytest.approx(30 * wanted_s, abs=0.51)
    assert not seen.irregular
    assert seen.onset_s == pytest.approx(5.0 - start_ms / 1000, abs=0.03)
    assert seen.sound_s == pytest.approx(wanted_s, abs=0.1)


def test_a_muted_video_has_no_sound_track_and_a_trim_besides(tmp_path: Path, make_clip: Maker) -> None:
    source = make_clip(tmp_path / "loud.mp4", numbered=True)
    assert trim(source, tmp_path, Cut(mute=True))[0].audio is None
    seen, _ = trim(source, tmp_path, Cut(500, 1_700, mute=True))
    assert (seen.audio, seen.frames, seen.numbers) == (None, 36, [15, 50])


def test_loudness_is_that_of_the_part(tmp_path: Path, make_clip: Maker) -> None:
    # The loud first half would keep the quiet second half quiet, if it counted.
    quiet = make_clip(tmp_path / "quiet.mp4", frames=240, sound_seconds=8.0, sound_from=4.0, amplitude=0.02)
    seen, _ = trim(quiet, tmp_path, Cut(4_000, 8_000))
    assert seen.lufs == pytest.approx(-16, abs=1)
    seen, _ = trim(quiet, tmp_path, Cut(0, 3_500))
    assert seen.lufs == pytest.approx(-70, abs=1)


def test_every_size_and_every_glimpse_is_of_the_same_part(tmp_path: Path, make_clip: Maker) -> None:
    source = make_clip(
        tmp_path / "hd.mp4", width=720, height=1280, frames=150, numbered=True, gop=30, sound_seconds=5.0
    )
    cut = Cut(2_500, 4_100)
    with open_workshop(source, tmp_path / "work", cut=cut) as workshop:
        first = workshop.first_playable()
        small = look(first.rendition.path)
        content = first.rendition.path.read_bytes()
        covers = [look(cover.path).numbers[0] for cover in first.covers]
    # As after a kill: a new workshop, from the file and what was stored with it.
    with open_workshop(source, tmp_path / "work", cut=cut) as workshop:
        again = workshop.first_playable()
        assert again.rendition.path.read_bytes() == content
        (large,) = workshop.rungs(workshop.probe(), (720,))
        assert look(large.path).numbers == small.numbers == [75, 122]
        strip, preview = workshop.glimpses([content], first.duration_ms)
        assert 75 <= look(preview.path).numbers[0] <= 122
        assert strip.size_bytes > 0
    assert all(75 <= number <= 122 for number in covers)


def test_a_part_of_a_file_that_is_too_long_is_taken(tmp_path: Path, make_clip: Maker) -> None:
    source = make_clip(tmp_path / "long.mp4", frames=240, numbered=True, gop=30, channels=0)
    limits = MediaLimits(seconds=4)
    seen, _ = trim(source, tmp_path, Cut(3_000, 7_000), limits)
    assert seen.numbers == [90, 209]
    for cut, code in ((Cut(), "too_long"), (Cut(1_000), "too_long"), (Cut(mute=True), "too_long")):
        with pytest.raises(MediaRefused) as refused:
            trim(source, tmp_path, cut, limits)
        assert refused.value.code == code
    with pytest.raises(MediaRefused) as refused:
        trim(source, tmp_path, Cut(1_000), MediaLimits(seconds=4, source_seconds=6))
    assert refused.value.code == "too_long"


@pytest.mark.parametrize("cut", [Cut(1_500), Cut(0, 2_600), Cut(5_000, 7_000)])
def test_a_part_that_is_not_there_is_refused_in_words(cut: Cut, tmp_path: Path, make_clip: Maker) -> None:
    with pytest.raises(MediaRefused) as refused:
        trim(make_clip(tmp_path / "short.mp4"), tmp_path, cut)
    assert refused.value.code == "trim_outside"


def test_variable_rates_and_gifs_are_cut_by_time(tmp_path: Path, make_clip: Maker) -> None:
    seen, _ = trim(make_clip(tmp_path / "variable.mp4", vfr=True, frames=120), tmp_path, Cut(1_000, 3_000))
    assert seen.duration_s == pytest.approx(2.0, abs=FRAME_S)
    assert not seen.irregular
    gif = {"container": "gif", "video_codec": "gif", "pix_fmt": "rgb8", "channels": 0, "fps": "10", "frames": 50}
    seen, _ = trim(make_clip(tmp_path / "picture.gif", numbered=True, **gif), tmp_path, Cut(2_500, 4_000))
    assert (seen.frames, seen.numbers) == (15, [25, 39])


def test_an_index_that_lies_costs_time_and_nothing_else(tmp_path: Path, make_clip: Maker) -> None:
    source = make_clip(tmp_path / "lies.mp4", numbered=True, frames=240, gop=30, channels=0)
    content = bytearray(source.read_bytes())
    at = content.index(b"stss")
    # One key frame, says its table, and that one lies behind the part.
    content[at + 8 : at + 16] = (1).to_bytes(4, "big") + (211).to_bytes(4, "big")
    source.write_bytes(content)
    seen, _ = trim(source, tmp_path, Cut(4_000, 6_000))
    assert seen.numbers == [120, 179]
