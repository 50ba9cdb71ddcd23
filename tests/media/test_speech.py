"""Automatic captions: asked for when a video is ready, never in a person's place, told when they fail."""

import asyncio
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.media.test_process import wait_until, worker

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import Video
from penchant.cli.worker import _work
from penchant.core.errors import Conflict, NotFound
from penchant.core.ids import VideoId
from penchant.core.jobs import TryLater
from penchant.media import repository
from penchant.media.limits import ChildLimits, MediaLimits
from penchant.media.messages import Samples
from penchant.media.process import MediaProcessor
from penchant.media.sandbox import MediaChild, MediaRefused
from penchant.media.senses import Senses
from penchant.media.speech import MOST_TRIES, QUEUE, SpeechService
from penchant.media.transcriber import SPEECH_RATE, SpokenWord, TranscriberFailed
from penchant.media.workshop import open_workshop

pytestmark = [pytest.mark.service, pytest.mark.media]

Maker = Callable[..., Path]
WORDS = [SpokenWord(200, 500, "Hello"), SpokenWord(500, 900, "<b>you</b>"), SpokenWord(900, 1_400, "there.")]


class Scripted:
    """A transcriber that says what it is told to, or fails so many times before."""

    languages = frozenset({"en"})

    def __init__(self, words: list[SpokenWord], failures: int = 0) -> None:
        self.words = words
        self.failures = failures
        self.heard: list[NDArray[np.int16]] = []

    def transcribe(self, samples: NDArray[np.int16]) -> list[SpokenWord]:
        self.heard.append(samples)
        if self.failures:
            self.failures -= 1
            raise TranscriberFailed("the model broke down")
        return self.words


class House:
    """A cell whose media jobs run by hand, with a transcriber of the test's."""

    def __init__(self, cell: Penchant, transcriber: Scripted | None) -> None:
        self.cell = cell
        work = cell.settings.data / "work"
        senses = Senses(cell.objects, work, ChildLimits())
        self.speech = SpeechService(cell.engine, cell.catalog, cell.jobs, senses, transcriber)
        self._processor = MediaProcessor(
            cell.engine,
            cell.media.processor._files,
            cell.catalog,
            cell.events,
            cell.jobs,
            cell.objects,
            work,
            MediaLimits(),
            speech=self.speech,
        )
        _, viewer = cell.accounts.sign_up(None, "ada", "correct horse", 1980)
        assert viewer.account is not None
        self.creator: Account = viewer.account

    def publish(self, clip: Path, language: str = "en") -> VideoId:
        video = self.upload(clip, language)
        self._processor.first_playable(video)
        return video

    def upload(self, clip: Path, language: str = "en") -> VideoId:
        uploads, content = self.cell.media.uploads, clip.read_bytes()
        new = uploads.create(self.creator, len(content), "a clip", [], language)
        with uploads.piece(new, 0) as piece:
            piece.write(content)
        video = uploads.settle(new).video
        assert video is not None
        return video

    def video(self, id_: VideoId) -> Video:
        with self.cell.engine.connect() as connection:
            found = catalog.video(connection, id_)
        assert found is not None
        return found[0]

    def state(self, id_: VideoId) -> str | None:
        with self.cell.engine.connect() as connection:
            return repository.speech_of(connection, [id_]).get(id_)

    def queued(self) -> list[str]:
        with self.cell.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT queue_name, task_name FROM procrastinate_jobs ORDER BY id").all()
        return [row.task_name for row in rows if row.queue_name == QUEUE]

    def text(self, id_: VideoId, language: str = "en") -> str | None:
        with self.cell.engine.connect() as connection:
            return catalog.captions_text(connection, id_, language)

    def write_by_hand(self, id_: VideoId, language: str) -> None:
        with self.cell.engine.begin() as connection:
            text = "WEBVTT\n\n00:00.000 --> 00:01.000\nby hand\n"
            self.cell.catalog.put_captions(connection, self.video(id_), language, text)

    def again(self, id_: VideoId) -> None:
        with self.cell.engine.begin() as connection:
            self.speech.again(connection, self.video(id_))


@pytest.fixture
def clip(make_clip: Maker, tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4")


def test_the_child_hands_out_what_is_heard_and_nothing_of_silence(make_clip: Maker, tmp_path: Path):
    heard = make_clip(tmp_path / "tone.mp4", amplitude=0.5).read_bytes()
    still = make_clip(tmp_path / "still.mp4", channels=0).read_bytes()
    with open_workshop(None, tmp_path / "work") as workshop:
        samples = workshop.listen([heard[:1000], heard[1000:]], 2_000)
        assert len(workshop.listen([still], 2_000)) == 0
    assert samples.dtype == np.int16
    assert abs(len(samples) - 2 * SPEECH_RATE) < 0.1 * SPEECH_RATE
    spectrum = np.abs(np.fft.rfft(samples))
    assert abs(float(np.argmax(spectrum)) * SPEECH_RATE / len(samples) - 440) < 5
    assert 0.4 < np.abs(samples).max() / 32_768 < 0.6


def test_a_ready_video_is_listened_to_beside_the_other_jobs(cell: Penchant, clip: Path):
    transcriber = Scripted(WORDS)
    house = House(cell, transcriber)
    id_ = house.publish(clip)
    assert (house.video(id_).state, house.state(id_), house.queued()) == ("ready", "waiting", ["media.write_captions"])
    assert transcriber.heard == [], "the first playable has not waited for it"
    house.speech.write(id_)
    (captions,) = house.video(id_).captions
    assert (captions.language, captions.cues, captions.automatic, house.state(id_)) == ("en", 1, True, "written")
    assert (house.text(id_) or "").endswith("Hello you there.\n"), "cleaned as the words of people are"
    assert len(transcriber.heard[0]) > SPEECH_RATE
    house.write_by_hand(id_, "en")
    assert not house.video(id_).captions[0].automatic, "what a person saved is theirs"


@pytest.mark.parametrize("language", ["en", "en-GB"])
def test_what_a_person_wrote_is_never_replaced(cell: Penchant, clip: Path, language: str):
    house = House(cell, Scripted(WORDS))
    id_ = house.publish(clip)
    house.write_by_hand(id_, language)
    house.speech.write(id_)
    assert [(entry.language, entry.automatic) for entry in house.video(id_).captions] == [(language, False)]
    assert ("by hand" in (house.text(id_, language) or ""), house.state(id_)) == (True, "kept")
    with pytest.raises(Conflict):
        house.again(id_)


def test_words_of_a_person_that_come_while_somebody_listens_stay(cell: Penchant, clip: Path):
    class Slow(Scripted):
        def transcribe(self, samples: NDArray[np.int16]) -> list[SpokenWord]:
            house.write_by_hand(id_, "en")
            return super().transcribe(samples)

    house = House(cell, Slow(WORDS))
    id_ = house.publish(clip)
    house.speech.write(id_)
    assert ("by hand" in (house.text(id_) or ""), house.state(id_)) == (True, "kept")


def test_a_failure_is_tried_again_then_told_and_may_be_asked_for_anew(cell: Penchant, clip: Path):
    house = House(cell, Scripted(WORDS, failures=MOST_TRIES))
    id_ = house.publish(clip)
    for attempt in range(MOST_TRIES - 1):
        with pytest.raises(TryLater):
            house.speech.write(id_, attempt)
        assert house.state(id_) == "waiting"
    house.speech.write(id_, MOST_TRIES - 1)
    assert (house.state(id_), house.video(id_).state, house.video(id_).captions) == ("failed", "ready", ())
    house.again(id_)
    assert (house.state(id_), len(house.queued())) == ("waiting", 2)
    with pytest.raises(Conflict):
        house.again(id_)
    house.speech.write(id_)
    assert house.state(id_) == "written"


def test_a_video_over_which_workers_die_is_given_up(cell: Penchant, clip: Path):
    transcriber = Scripted(WORDS)
    house = House(cell, transcriber)
    id_ = house.publish(clip)
    house.speech.write(id_, MOST_TRIES)
    assert (house.state(id_), transcriber.heard) == ("failed", [])


def test_silence_and_signs_without_words_make_no_captions(cell: Penchant, make_clip: Maker, tmp_path: Path):
    transcriber = Scripted([])
    house = House(cell, transcriber)
    still = house.publish(make_clip(tmp_path / "still.mp4", channels=0))
    house.speech.write(still)
    assert (house.state(still), transcriber.heard) == ("silent", [])
    hum = house.publish(make_clip(tmp_path / "hum.mp4", seed=8))
    house.speech.write(hum)
    transcriber.words = [SpokenWord(0, 100, "<i></i>")]
    house.again(hum)
    house.speech.write(hum)
    assert (house.state(hum), house.video(hum).captions) == ("silent", ())


def test_other_languages_and_places_without_a_model_are_left_alone(cell: Penchant, clip: Path, make_clip: Maker):
    house = House(cell, Scripted(WORDS))
    french = house.publish(clip, "fr")
    assert (house.state(french), house.queued()) == (None, [])
    with pytest.raises(NotFound):
        house.again(french)
    with cell.engine.connect() as connection:
        assert house.speech.states(connection, [house.video(french)]) == {}
    off = cell.media.speech
    other = make_clip(clip.with_name("other.mp4"), seed=9)
    english = house.publish(other)
    with cell.engine.connect() as connection:
        assert off.states(connection, [house.video(english)]) == {}
        assert house.speech.states(connection, [house.video(english)]) == {english: "waiting"}
    off.write(english)
    assert house.state(english) == "failed", "asked for, then switched off"


def test_a_removed_video_is_not_listened_to(cell: Penchant, clip: Path):
    transcriber = Scripted(WORDS)
    house = House(cell, transcriber)
    id_ = house.publish(clip)
    with cell.engine.begin() as connection:
        cell.catalog.remove(connection, house.video(id_), "creator")
    house.speech.write(id_)
    assert transcriber.heard == []


def test_the_real_worker_does_both_queues_and_leaves_when_told(cell: Penchant, database_url: str, clip: Path):
    house = House(cell, Scripted(WORDS))
    id_ = house.publish(clip)
    with worker(cell, database_url) as process:
        # This worker has no model: what was asked for before ends with words, and nothing else waits for it.
        wait_until(lambda: house.state(id_) == "failed")
        wait_until(lambda: house.video(id_).strip is not None)
        process.terminate()
        assert process.wait(timeout=20) in (0, -signal.SIGTERM)


def test_the_next_video_becomes_playable_while_somebody_listens(cell: Penchant, clip: Path, make_clip: Maker):
    class Patient(Scripted):
        def transcribe(self, samples: NDArray[np.int16]) -> list[SpokenWord]:
            super().transcribe(samples)
            assert go_on.wait(120)
            return self.words

    def people() -> tuple[str | None, str]:
        """What has become of the first video once the second is playable."""
        try:
            first = house.upload(clip)
            wait_until(lambda: bool(transcriber.heard))
            second = house.upload(make_clip(clip.with_name("second.mp4"), seed=9))
            wait_until(lambda: house.video(second).state == "ready")
            meanwhile = house.state(first)
            go_on.set()
            wait_until(lambda: house.state(first) == "written")
            return meanwhile, house.video(first).captions[0].language
        finally:
            go_on.set()

    async def both() -> tuple[str | None, str]:
        working = asyncio.create_task(_work(cell))
        try:
            return await asyncio.to_thread(people)
        finally:
            working.cancel()
            await asyncio.wait([working])

    go_on, transcriber = threading.Event(), Patient(WORDS)
    house = House(cell, transcriber)
    cell.media.speech._transcriber = transcriber
    assert asyncio.run(both()) == ("waiting", "en")


def test_a_child_that_promises_more_samples_than_it_wrote_is_not_believed(
    make_clip: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ask = MediaChild.ask
    heard = make_clip(tmp_path / "tone.mp4").read_bytes()

    def boast(self: MediaChild, request: object, answer: type, **limits: object) -> object:
        made = ask(self, request, answer, **limits)  # type: ignore[arg-type]
        return Samples(made.count + 1) if isinstance(made, Samples) else made

    monkeypatch.setattr(MediaChild, "ask", boast)
    with open_workshop(None, tmp_path / "work") as workshop, pytest.raises(MediaRefused):
        workshop.listen([heard], 2_000)
