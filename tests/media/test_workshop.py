"""Real children on drawn clips and on files that lie: each ends playable or with a reason."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from penchant.media.encoder import SOUND_RATE, VIEWS
from penchant.media.limits import ChildLimits, MediaLimits
from penchant.media.messages import SourceFacts
from penchant.media.reasons import REASONS
from penchant.media.sandbox import MediaRefused
from penchant.media.workshop import FirstPlayable, open_workshop

pytestmark = pytest.mark.media

Maker = Callable[..., Path]

_LOOK = Path(__file__).with_name("clip_reader.py")


class Seen(msgspec.Struct):
    """What `clip_reader.py` reads back from a file, independently of the code under test."""

    width: int
    height: int
    frames: int
    duration_s: float
    video_codec: str
    profile: str
    pix_fmt: str
    audio: list[str | int] | None
    b_frames: bool
    longest_gop_s: float
    irregular: bool
    metadata: dict[str, str]
    corners: list[float]
    sound_s: float
    onset_s: float | None
    lufs: float
    transfer: int
    numbers: list[int]
    row: list[list[int]]


def look(path: Path) -> Seen:
    done = subprocess.run([sys.executable, str(_LOOK), str(path)], capture_output=True, check=True, timeout=60)
    return msgspec.json.decode(done.stdout, type=Seen)


class Outcome(msgspec.Struct):
    made: FirstPlayable | None
    seen: Seen | None
    code: str | None
    rendition: bytes = b""
    poster: bytes = b""


def process(source: Path, tmp_path: Path, limits: MediaLimits | None = None) -> Outcome:
    with open_workshop(source, tmp_path / "work", limits) as workshop:
        try:
            made = workshop.first_playable()
        except MediaRefused as refused:
            outcome = Outcome(None, None, refused.code)
        else:
            files = (made.rendition.path.read_bytes(), made.poster.path.read_bytes())
            outcome = Outcome(made, look(made.rendition.path), None, *files)
    assert outcome.code in (None, *REASONS)
    assert not list((tmp_path / "work").iterdir())
    return outcome


@pytest.mark.parametrize(
    ("name", "recipe", "size"),
    [
        ("portrait.mp4", {"width": 720, "height": 1280}, (480, 854)),
        ("landscape.mp4", {"width": 1280, "height": 720}, (854, 480)),
        ("small.mp4", {"width": 320, "height": 240}, (320, 240)),
        ("odd.mkv", {"container": "matroska", "pix_fmt": "yuv444p", "width": 321, "height": 243}, (320, 242)),
        ("silent.mp4", {"channels": 0}, (320, 568)),
        ("mono.mp4", {"channels": 1}, (320, 568)),
        ("surround.mp4", {"channels": 6, "sample_rate": 48_000}, (320, 568)),
        ("variable.mp4", {"vfr": True}, (320, 568)),
        ("sixty.mp4", {"fps": "60", "frames": 120}, (320, 568)),
        ("ten-bit.mp4", {"pix_fmt": "yuv420p10le"}, (320, 568)),
        ("hevc.mov", {"container": "mov", "video_codec": "libx265"}, (320, 568)),
        (
            "vp9.webm",
            {
                "container": "webm",
                "video_codec": "libvpx-vp9",
                "audio_codec": "libopus",
                "sample_rate": 48_000,
            },
            (320, 568),
        ),
        ("fragments.mp4", {"movflags": "frag_keyframe+empty_moov"}, (320, 568)),
        ("old.mkv", {"container": "matroska", "video_codec": "mpeg4"}, (320, 568)),
        (
            "picture.gif",
            {
                "container": "gif",
                "video_codec": "gif",
                "pix_fmt": "rgb8",
                "channels": 0,
                "fps": "10",
                "frames": 20,
            },
            (320, 568),
        ),
        ("long sound.mp4", {"sound_seconds": 6.0}, (320, 568)),
        ("short sound.mp4", {"sound_seconds": 0.5}, (320, 568)),
    ],
)
def test_what_phones_make_becomes_playable(
    name: str, recipe: dict[str, object], size: tuple[int, int], tmp_path: Path, make_clip: Maker
) -> None:
    outcome = process(make_clip(tmp_path / name, **recipe), tmp_path)
    assert outcome.code is None
    seen = outcome.seen
    assert seen is not None
    assert (seen.width, seen.height) == size
    assert (seen.video_codec, seen.profile, seen.pix_fmt) == ("h264", "High", "yuv420p")
    assert seen.audio == (None if recipe.get("channels") == 0 else ["aac", 48_000, 2])
    assert seen.duration_s == pytest.approx(2.6 if recipe.get("vfr") else 2.0, abs=0.5)
    assert not seen.b_frames
    assert not seen.irregular
    assert seen.longest_gop_s <= 2.05
    assert seen.sound_s <= seen.duration_s + 0.1
    assert outcome.rendition.index(b"moov") < outcome.rendition.index(b"mdat")
    assert outcome.poster[:3] == b"\xff\xd8\xff"
    assert outcome.made is not None
    clip = outcome.made.clip
    assert len(clip.frames) == len(clip.times_s) > 8
    assert 1 <= len(clip.views) <= VIEWS
    assert len(clip.sound) == pytest.approx(0 if recipe.get("channels") == 0 else SOUND_RATE * seen.sound_s, rel=0.1)


@pytest.mark.parametrize(
    ("recipe", "lufs"),
    [
        ({"amplitude": 0.01}, -16),
        ({"amplitude": 0.9}, -16),
        ({"amplitude": 0.05, "channels": 1}, -16),
        ({"amplitude": 0.2, "channels": 6, "sample_rate": 48_000}, -16),
        ({"amplitude": 0.1, "sound_seconds": 0.6}, -16),
        ({"amplitude": 0.0}, -70),
    ],
)
def test_every_sound_gets_the_same_loudness_and_silence_stays_silent(
    recipe: dict[str, object], lufs: float, tmp_path: Path, make_clip: Maker
) -> None:
    seen = process(make_clip(tmp_path / "tone.mp4", **{"sound_seconds": 4.0, "frames": 120, **recipe}), tmp_path).seen
    assert seen is not None
    assert seen.audio == ["aac", 48_000, 2]
    assert seen.lufs == pytest.approx(lufs, abs=1.0)


CHART_TOLERANCE = 6
"""Of 255: how far a patch may be from what the chart says."""


@pytest.mark.parametrize(
    ("transfer", "shown"), [(16, [0, 53, 128, 154, 207, 255]), (18, [0, 74, 116, 131, 173, 255])], ids=["pq", "hlg"]
)
@pytest.mark.parametrize("height", [360, 1080], ids=["mapped as large as it is", "mapped once it is small"])
def test_high_dynamic_range_becomes_standard_by_a_chart(
    height: int, transfer: int, shown: list[int], tmp_path: Path, make_clip: Maker
) -> None:
    # Grey of 0, 10, 100, 203 (white of graphics) and 1000 cd/m² in PQ; 0, 30, 51, 58 and 75 % (white) of HLG.
    greys = [64, 64 + round(876 * 0.302), 64 + round(876 * 0.508), 64 + round(876 * 0.581), 64 + round(876 * 0.752)]
    patches = [(grey, 512, 512) for grey in greys] + [(500, 420, 620), (500, 600, 400), (940, 512, 512)]
    source = make_clip(
        tmp_path / "hdr.mov",
        container="mov",
        video_codec="libx265",
        pix_fmt="yuv420p10le",
        width=height * 16 // 9,
        height=height,
        frames=20,
        transfer=transfer,
        patches=patches,
        channels=0,
    )
    seen = process(source, tmp_path).seen
    assert seen is not None
    assert (seen.pix_fmt, seen.transfer) == ("yuv420p", 1)
    *grey, red, blue, white = [seen.row[2 * at] for at in range(8)]
    for patch, level in zip([*grey, white], shown, strict=True):
        assert patch == pytest.approx([level] * 3, abs=CHART_TOLERANCE)
    # Colours keep their hue and none is cut off at both ends.
    assert red[0] > red[1] > red[2] > 20
    assert blue[2] > blue[1] > 20 > blue[0]


@pytest.mark.parametrize(("rotation", "corner"), [(0, 0), (90, 1), (180, 3), (270, 2)])
def test_rotation_is_applied(rotation: int, corner: int, tmp_path: Path, make_clip: Maker) -> None:
    source = make_clip(tmp_path / "turned.mov", container="mov", width=640, height=360, rotation=rotation)
    seen = process(source, tmp_path).seen
    assert seen is not None
    assert (seen.width, seen.height) == ((640, 360) if rotation % 180 == 0 else (360, 640))
    # The white corner, as top left, top right, bottom left, bottom right.
    assert seen.corners.index(max(seen.corners)) == corner
    assert max(seen.corners) > 235


def test_gps_and_names_are_gone(tmp_path: Path, make_clip: Maker) -> None:
    secret = {
        "location": "+48.8577+002.295/",
        "title": "Secret-Title",
        "artist": "Secret-Artist",
        "comment": "Secret",
    }
    source = make_clip(tmp_path / "gps.mov", container="mov", metadata=secret)
    raw = source.read_bytes()
    assert b"48.8577" in raw
    assert b"Secret" in raw
    outcome = process(source, tmp_path)
    assert outcome.seen is not None
    for content in (outcome.rendition, outcome.poster):
        assert b"48.8577" not in content
        assert b"Secret" not in content
    assert set(outcome.seen.metadata) <= {"major_brand", "minor_version", "compatible_brands"}


def test_the_poster_is_not_black_when_the_clip_starts_black(tmp_path: Path, make_clip: Maker) -> None:
    outcome = process(make_clip(tmp_path / "dark.mp4", black_start=30), tmp_path)
    poster = tmp_path / "poster.jpg"
    poster.write_bytes(outcome.poster)
    seen = look(poster)
    assert (seen.width, seen.height) == (320, 568)
    assert max(seen.corners) > 200


@pytest.fixture(scope="module")
def clip_8k(tmp_path_factory: pytest.TempPathFactory, make_clip: Maker) -> Path:
    path = tmp_path_factory.mktemp("8k") / "8k.mp4"
    return make_clip(path, width=7680, height=4320, frames=6, fps="10", channels=0)


def test_8k_is_played_or_refused_but_never_blocks(clip_8k: Path, tmp_path: Path) -> None:
    outcome = process(clip_8k, tmp_path)
    assert outcome.seen is not None
    assert (outcome.seen.width, outcome.seen.height) == (854, 480)
    assert process(clip_8k, tmp_path, MediaLimits(pixels=4096 * 2304)).code == "too_large_picture"


def test_further_rungs_come_from_the_same_facts(tmp_path: Path, make_clip: Maker) -> None:
    source = make_clip(tmp_path / "hd.mp4", width=1080, height=1920, frames=30)
    with open_workshop(source, tmp_path / "work") as workshop:
        first = workshop.first_playable()
        assert first.further_rungs == (720, 1080)
        made = workshop.rungs(first.facts, first.further_rungs)
        assert [(file.name, file.width, file.height) for file in made] == [("720p", 720, 1280), ("1080p", 1080, 1920)]
        assert [look(file.path).frames for file in made] == [30, 30]


BAD_FILES = {
    "nothing.mp4": (b"", "empty"),
    "text.mp4": (b"I am not a video at all.\n" * 500, "not_a_video"),
    "playlist.mp4": (b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n", "not_a_video"),
    "concat.mp4": (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "not_a_video"),
    "svg.mp4": (
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "not_a_video",
    ),
    "avi.mp4": (b"RIFF\xff\xff\x00\x00AVI LIST" + b"\0" * 500, "not_a_video"),
    "head-only.mp4": (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "truncated"),
    "rubbish.mp4": (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\xa5" * 9000, "truncated"),
    "rubbish.webm": (b"\x1a\x45\xdf\xa3" + b"\xa5" * 9000, "not_a_video"),
    "rubbish.gif": (b"GIF89a" + b"\xa5" * 9000, None),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_what_is_no_video_is_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    content, code = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    outcome = process(tmp_path / name, tmp_path)
    assert outcome.code is not None
    assert code in (None, outcome.code)


@pytest.mark.parametrize(
    ("recipe", "limits", "code"),
    [
        ({"frames": 1, "channels": 0}, MediaLimits(), "too_short"),
        ({"frames": 0, "video_codec": ""}, MediaLimits(), "no_picture"),
        ({"frames": 120, "fps": "10"}, MediaLimits(seconds=5), "too_long"),
        ({"frames": 300, "fps": "300"}, MediaLimits(), "too_many_frames"),
        (
            {"container": "mov", "video_codec": "prores_ks", "pix_fmt": "yuv422p10le"},
            MediaLimits(),
            "unsupported_codec",
        ),
        ({"container": "matroska", "video_codec": "ffv1"}, MediaLimits(), "unsupported_codec"),
        (
            {"width": 8, "height": 8, "channels": 0, "video_codec": "mpeg4"},
            MediaLimits(),
            "too_small_picture",
        ),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_its_reason(
    recipe: dict[str, object], limits: MediaLimits, code: str, tmp_path: Path, make_clip: Maker
) -> None:
    assert process(make_clip(tmp_path / "clip", **recipe), tmp_path, limits).code == code


@pytest.mark.parametrize("movflags", ["", "+faststart", "frag_keyframe+empty_moov"])
def test_cut_files_are_playable_or_refused_with_words(movflags: str, tmp_path: Path, make_clip: Maker) -> None:
    whole = make_clip(tmp_path / "whole.mp4", movflags=movflags).read_bytes()
    codes = set()
    for percent in (1, 10, 30, 50, 70, 90, 99):
        cut = tmp_path / f"cut-{percent}.mp4"
        cut.write_bytes(whole[: len(whole) * percent // 100])
        with open_workshop(cut, tmp_path / "work") as workshop:
            try:
                assert isinstance(workshop.probe(), SourceFacts)
            except MediaRefused as refused:
                codes.add(refused.code)
    assert codes <= {"truncated", "too_short", "no_picture", "damaged"}
    if not movflags:
        assert codes == {"truncated"}


def test_bytes_broken_in_the_middle_do_not_hang(tmp_path: Path, make_clip: Maker) -> None:
    content = bytearray(make_clip(tmp_path / "whole.mp4", movflags="+faststart").read_bytes())
    for at in range(20_000, len(content), 997):
        content[at] ^= 0x55
    (tmp_path / "broken.mp4").write_bytes(content)
    outcome = process(tmp_path / "broken.mp4", tmp_path)
    assert outcome.seen is not None or outcome.code in ("damaged", "truncated")


def test_too_little_memory_is_a_reason_not_a_hang(clip_8k: Path, tmp_path: Path) -> None:
    limits = ChildLimits(memory_bytes=400 << 20)
    with (
        open_workshop(clip_8k, tmp_path / "work", None, limits) as workshop,
        pytest.raises(MediaRefused) as caught,
    ):
        workshop.first_playable()
    assert caught.value.code in ("out_of_memory", "crashed", "damaged")
