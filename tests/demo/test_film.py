"""The child program makes a clip that a browser plays."""

from pathlib import Path

import msgspec
import pytest

from penchant.demo.plan import FPS, HEIGHT, WIDTH, Clip, plan
from penchant.demo.studio import Studio, StudioFailed
from penchant.media.encoder import DIMENSIONS, ClipEncoder

pytestmark = pytest.mark.media


@pytest.fixture
def short() -> Clip:
    """A clip of the plan, cut to one second."""
    return msgspec.structs.replace(plan()[7], frames=FPS)


def test_a_clip_is_a_playable_mp4_with_poster_and_vector(tmp_path: Path, short: Clip) -> None:
    import av

    with Studio(tmp_path) as studio:
        made, video, poster = studio.make(short)
        again, _, _ = studio.make(msgspec.structs.replace(short, number=8))
    assert (made.width, made.height, made.duration_ms) == (WIDTH, HEIGHT, 1000)
    assert made.encoder == ClipEncoder.name
    assert len(made.vector) == DIMENSIONS
    assert made.vector == again.vector, "the same picture and sound, the same vector"
    content = video.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat"), "faststart"
    assert not list(tmp_path.glob("*.part"))
    with av.open(str(video)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert picture.codec_context.name == "h264"
        assert picture.codec_context.profile == "High"
        assert picture.codec_context.pix_fmt == "yuv420p"
        assert (picture.width, picture.height) == (WIDTH, HEIGHT)
        assert sound.codec_context.name == "aac"
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(picture)]
    assert len(frames) == FPS
    assert (frames[0] != frames[-1]).any()
    with av.open(str(poster)) as container:
        still = next(container.decode(video=0)).to_ndarray(format="gray")
    assert still.shape == (HEIGHT, WIDTH)
    assert still.std() > 5


def test_the_same_clip_is_the_same_file(tmp_path: Path, short: Clip) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    files = []
    for name in ("a", "b"):
        with Studio(tmp_path / name) as studio:
            _, video, poster = studio.make(short)
        files.append((video.read_bytes(), poster.read_bytes()))
    assert files[0] == files[1]


def test_a_child_that_dies_is_an_error_in_words_and_the_next_clip_gets_another(tmp_path: Path, short: Clip) -> None:
    with Studio(tmp_path) as studio:
        with pytest.raises(StudioFailed, match="was not made"):
            studio.make(msgspec.structs.replace(short, style="no such style"))
        assert studio.make(short)[1].exists()
