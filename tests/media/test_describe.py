"""Vectors of another encoder are made anew: newest first, gone on with, told to the learner."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from penchant.app import Penchant
from penchant.catalog import repository as catalog_repository
from penchant.core.ids import VideoId
from penchant.events.model import Published
from penchant.media.describe import Describer
from penchant.media.encoder import Clip
from penchant.media.limits import ChildLimits
from penchant.media.senses import Senses
from penchant.media.uploads import UploadService
from penchant.taste.learner import Learner

pytestmark = [pytest.mark.service, pytest.mark.media]


class Next:
    """An encoder of the next version: three numbers of what it was given."""

    name = "next-1"

    def __init__(self) -> None:
        self.titles: list[str] = []

    def encode(self, clip: Clip) -> np.ndarray:
        self.titles.append(clip.title)
        return np.array([len(clip.frames), len(clip.views), 1], np.int8)


@pytest.fixture
def videos(cell: Penchant, make_clip: Callable[..., Path], tmp_path: Path) -> list[VideoId]:
    _, viewer = cell.accounts.sign_up(None, "ada", "correct horse", 1980)
    assert viewer.account is not None
    made = []
    for number in (1, 2):
        content = make_clip(tmp_path / f"{number}.mp4", frames=30, sound_seconds=1.0, seed=number).read_bytes()
        uploads: UploadService = cell.media.uploads
        new = uploads.create(viewer.account, len(content), f"clip {number}", [], "en")
        with uploads.piece(new, 0) as piece:
            piece.write(content)
        video = uploads.settle(new).video
        assert video is not None
        cell.media.processor.first_playable(video)
        made.append(video)
    return made


def describer_of(cell: Penchant, folder: Path, encoder: Next) -> Describer:
    senses = Senses(cell.objects, folder / "work", ChildLimits())
    return Describer(cell.engine, cell.catalog, cell.events, senses, encoder)


def published(cell: Penchant) -> list[Published]:
    return [stored.event for stored in cell.events.log.read(0, 100) if isinstance(stored.event, Published)]


def test_all_are_made_anew_and_none_twice(cell: Penchant, videos: list[VideoId], tmp_path: Path) -> None:
    assert cell.media.describer.outstanding() == []
    encoder = Next()
    describer = describer_of(cell, tmp_path, encoder)
    assert describer.outstanding() == videos[::-1], "the newest first"
    told: list[tuple[int, int]] = []

    def interrupted(done: int, wanted: int) -> None:
        told.append((done, wanted))
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        describer.describe(interrupted)
    assert told == [(0, 2), (1, 2)]
    assert describer.outstanding() == videos[:1], "what was done stays done"
    assert describer.describe(lambda *_: None) == (1, {})
    assert describer.describe(lambda *_: None) == (0, {})
    assert encoder.titles == ["clip 2", "clip 1"]
    again = published(cell)[2:]
    assert [(event.video, event.encoder) for event in again] == [(videos[1], "next-1"), (videos[0], "next-1")]
    learner = Learner()
    learner.fold(cell.events.log.read(0, 100))
    for video, told_again in zip(videos[::-1], again, strict=True):
        known = learner.state.videos[video]
        assert (known.encoder, known.vector) == ("next-1", told_again.vector)
        first = next(event for event in published(cell) if event.video == video)
        assert first.encoder == "clip-1"


def test_a_file_that_is_gone_is_told_and_the_next_is_made(
    cell: Penchant, videos: list[VideoId], tmp_path: Path
) -> None:
    describer = describer_of(cell, tmp_path, Next())
    with cell.engine.connect() as connection:
        found = catalog_repository.video(connection, videos[1])
    assert found is not None
    cell.objects.delete(found[0].renditions[0].object_key)
    done = describer.describe(lambda *_: None)
    assert done.made == 1
    assert list(done.refused) == [videos[1]]
    assert describer.outstanding() == [videos[1]]
