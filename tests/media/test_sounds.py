"""Whose a sound is: linked to whoever had it first and lets others use it, else one's own; never what says nothing."""

import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import func, select

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.access import SoundNotShared
from penchant.catalog.model import Video
from penchant.core.errors import NotFound
from penchant.core.ids import SoundId, VideoId, format_id
from penchant.core.jobs import TryLater
from penchant.lab import sound_world as world
from penchant.media import sound_rows
from penchant.media.fingerprint import asked, matches, stored
from penchant.media.limits import ChildLimits
from penchant.media.model import SoundCheck
from penchant.media.sounds import MOST_TRIES, QUEUE
from penchant.media.workshop import open_workshop

pytestmark = [pytest.mark.service, pytest.mark.media]

Maker = Callable[..., Path]
TUNE = world.tune(3, 20.0)


class House:
    """A cell whose media jobs run by hand."""

    def __init__(self, cell: Penchant, make_clip: Maker, folder: Path) -> None:
        self.cell = cell
        self._make = make_clip
        self._folder = folder
        self._count = 0

    def person(self, name: str) -> Account:
        _, viewer = self.cell.accounts.sign_up(None, name, "correct horse", 1980)
        assert viewer.account is not None
        return viewer.account

    def clip(self, heard: world.Wave | None) -> Path:
        self._count += 1
        path = self._folder / f"{self._count}.mp4"
        if heard is None:
            return self._make(path, channels=0, seed=self._count)
        sound = self._folder / f"{self._count}.wav"
        with wave.open(str(sound), "wb") as file:
            file.setparams((1, 2, world.RATE, 0, "NONE", ""))
            file.writeframes(world.samples(heard).tobytes())
        frames = 10 * len(heard) // world.RATE
        about = {"frames": frames, "fps": "10", "width": 64, "height": 96, "channels": 1, "seed": self._count}
        return self._make(path, sound_file=str(sound), sample_rate=world.RATE, **about)

    def publish(self, creator: Account, heard: world.Wave | None) -> VideoId:
        uploads, content = self.cell.media.uploads, self.clip(heard).read_bytes()
        new = uploads.create(creator, len(content), "a clip", [], "en")
        with uploads.piece(new, 0) as piece:
            piece.write(content)
        video = uploads.settle(new).video
        assert video is not None
        self.cell.media.processor.first_playable(video)
        return video

    def post(self, creator: Account, heard: world.Wave | None) -> VideoId:
        video = self.publish(creator, heard)
        self.cell.media.sounds.know(video)
        return video

    def video(self, id_: VideoId) -> Video:
        with self.cell.engine.connect() as connection:
            found = catalog.video(connection, id_)
        assert found is not None
        return found[0]

    def sound(self, id_: VideoId) -> SoundId | None:
        sound = self.video(id_).sound
        return None if sound is None else sound.id

    def check(self, id_: VideoId) -> SoundCheck:
        with self.cell.engine.connect() as connection:
            return sound_rows.checks(connection, [id_])[id_]

    def hashes(self, sound: SoundId | None) -> int:
        with self.cell.engine.connect() as connection:
            table = sound_rows.sound_hashes
            return int(connection.execute(select(func.count()).where(table.c.sound_id == sound)).scalar_one())


@pytest.fixture
def house(cell: Penchant, make_clip: Maker, tmp_path: Path) -> House:
    return House(cell, make_clip, tmp_path)


def test_a_cut_of_somebodys_sound_is_linked_to_it_and_says_why(house: House):
    ada, ben = house.person("ada"), house.person("ben")
    first = house.publish(ada, TUNE)
    assert (house.check(first).state, house.sound(first)) == ("waiting", None), "playable has not waited for it"
    with house.cell.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT queue_name, task_name FROM procrastinate_jobs").all()
    assert [row.queue_name for row in rows if row.task_name == "media.know_sound"] == [QUEUE]
    house.cell.media.sounds.know(first)
    sound = house.sound(first)
    assert sound is not None
    assert (house.check(first), 200 < house.hashes(sound) < 800) == (SoundCheck("own"), True)
    talk = world.mixed(TUNE[5 * world.RATE : 14 * world.RATE], world.voice(1, 9), 6)
    second = house.post(ben, talk)
    check = house.check(second)
    assert (house.sound(second), check.state, check.like) == (sound, "linked", sound)
    assert check.offset_ms is not None and abs(check.offset_ms - 5_000) < 100
    assert (check.share or 0) > 0.6 and (check.hits or 0) > 20
    house.cell.media.sounds.know(second, 1)  # delivered twice
    assert house.check(second) == check
    assert house.hashes(sound) < 800, "a use is kept in no rows"


def test_what_is_not_shared_is_linked_to_nobody_and_does_not_become_free(house: House):
    ada, ben, cleo = (house.person(name) for name in ("ada", "ben", "cleo"))
    first = house.post(ada, TUNE)
    sound = house.sound(first)
    with house.cell.engine.begin() as connection:
        house.cell.media.sounds.share(connection, first, shared=False)
    second = house.post(ben, TUNE)
    check = house.check(second)
    assert (check.state, check.like) == ("own", sound)
    assert house.sound(second) not in (None, sound)
    third = house.post(cleo, TUNE)
    assert house.sound(third) not in (None, sound, house.sound(second)), "ben's copy is nobody else's to use"


def test_a_sound_of_somebody_removed_suspended_or_blocked_is_not_linked(house: House):
    cell, people = house.cell, [house.person(name) for name in ("ada", "ben", "cleo", "dan")]
    first = house.post(people[0], TUNE)
    cell.social.block(people[1], people[0].handle)
    assert house.check(house.post(people[1], TUNE)).state == "own"
    with cell.engine.begin() as connection:
        cell.catalog.remove(connection, house.video(first), "creator")
    assert house.check(house.post(people[2], TUNE)).state == "own"
    other = world.tune(8, 12.0)
    house.post(people[0], other)
    with cell.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET suspended_at = now() WHERE handle = 'ada'")
    assert house.check(house.post(people[3], other)).state == "own"


def test_ones_own_and_other_sounds_stay_ones_own(house: House):
    ada, ben = house.person("ada"), house.person("ben")
    sounds = {house.sound(house.post(ada, TUNE)), house.sound(house.post(ada, TUNE))}
    sounds.add(house.sound(house.post(ben, world.tune(5, 12.0))))
    assert len(sounds) == 3 and None not in sounds


@pytest.mark.parametrize(
    "heard",
    [None, np.zeros(5 * world.RATE, np.float32), world.tune(1, 2.0), world.hum(440, 6)],
    ids=["no sound", "silence", "two seconds", "a hum"],
)
def test_what_says_nothing_is_nobodys_and_linked_to_nothing(house: House, heard: world.Wave | None):
    for name in ("ada", "ben"):
        video = house.post(house.person(name), heard)
        assert (house.check(video), house.sound(video)) == (SoundCheck("silent"), None)


def test_erasing_who_made_it_leaves_the_videos_that_use_it(house: House):
    ada, ben = house.person("ada"), house.person("ben")
    sound = house.sound(house.post(ada, TUNE))
    second = house.post(ben, TUNE)
    assert house.sound(second) == sound
    house.cell.erasure.erase(ada)
    assert (house.video(second).state, house.sound(second), house.hashes(sound)) == ("ready", None, 0)
    assert house.check(second).like is None


def test_a_failure_is_tried_again_and_given_up(house: House, monkeypatch: pytest.MonkeyPatch):
    video = house.publish(house.person("ada"), TUNE)
    # Out of memory is what the child answers with so little.
    monkeypatch.setattr(house.cell.media.sounds._senses, "_child_limits", ChildLimits(memory_bytes=1 << 20))
    for attempt in range(MOST_TRIES - 1):
        with pytest.raises(TryLater):
            house.cell.media.sounds.know(video, attempt)
        assert house.check(video).state == "waiting"
    house.cell.media.sounds.know(video, MOST_TRIES)
    assert (house.check(video).state, house.video(video).state) == ("failed", "ready")


def test_a_removed_video_is_not_listened_to(house: House):
    video = house.publish(house.person("ada"), TUNE)
    with house.cell.engine.begin() as connection:
        house.cell.catalog.remove(connection, house.video(video), "creator")
    house.cell.media.sounds.know(video)
    assert (house.sound(video), house.check(video).state) == (None, "waiting")


def heard_in(house: House, video: Video, rendition: int = 0) -> NDArray[np.int16]:
    content = house.cell.objects.read(video.renditions[rendition].object_key)
    with open_workshop(None, house.cell.settings.data / "listening") as workshop:
        return workshop.listen(content, video.duration_ms)


def upload(house: House, creator: Account, clip: Path, sound: SoundId | None) -> VideoId:
    uploads, content = house.cell.media.uploads, clip.read_bytes()
    new = uploads.create(creator, len(content), "a use", [], "en", sound="" if sound is None else format_id(sound))
    with uploads.piece(new, 0) as piece:
        piece.write(content)
    video = uploads.settle(new).video
    assert video is not None
    return video


@pytest.mark.parametrize("own", [world.voice(4, 6.0), None], ids=["with a sound of its own", "without"])
def test_a_used_sound_replaces_ones_own_from_its_start_and_is_credited(house: House, own: world.Wave | None):
    ada, ben = house.person("ada"), house.person("ben")
    sound = house.sound(house.post(ada, TUNE))
    clip = house.clip(own) if own is not None else house._make(house._folder / "still.mp4", channels=0, frames=180)
    id_ = upload(house, ben, clip, sound)
    assert house.sound(id_) == sound, "credited from the first moment on"
    house.cell.media.processor.first_playable(id_)
    house.cell.media.sounds.know(id_)
    video = house.video(id_)
    assert (video.state, house.check(id_).state, house.sound(id_)) == ("ready", "chosen", sound)
    assert abs(video.duration_ms - 6_000) < 100, "as long as the picture"
    question = asked(heard_in(house, video))
    with house.cell.engine.connect() as connection:
        (match,) = matches(question, sound_rows.hits(connection, question))
    assert (match.sound, abs(match.offset_ms) <= 64, match.share > 0.8) == (sound, True, True)


def test_larger_sizes_have_the_used_sound_even_when_it_is_not_shared_any_more(house: House, make_clip: Maker):
    ada, ben = house.person("ada"), house.person("ben")
    first = house.post(ada, TUNE)
    sound = house.sound(first)
    clip = make_clip(house._folder / "large.mp4", width=720, height=1280, frames=50, fps="10")
    id_ = upload(house, ben, clip, sound)
    house.cell.media.processor.first_playable(id_)
    with house.cell.engine.begin() as connection:
        house.cell.media.sounds.share(connection, first, shared=False)
    house.cell.media.processor.further_rungs(id_)
    video = house.video(id_)
    assert [file.name for file in video.renditions] == ["480p", "720p"]
    question = asked(heard_in(house, video, 1))
    with house.cell.engine.connect() as connection:
        (match,) = matches(question, sound_rows.hits(connection, question))
    assert (match.sound, abs(match.offset_ms) <= 64) == (sound, True)


def test_a_sound_that_is_shorter_than_the_picture_ends_before_it(house: House):
    ada, ben = house.person("ada"), house.person("ben")
    sound = house.sound(house.post(ada, world.tune(6, 4.0)))
    id_ = upload(house, ben, house.clip(world.voice(4, 9.0)), sound)
    house.cell.media.processor.first_playable(id_)
    video = house.video(id_)
    assert (video.state, abs(video.duration_ms - 9_000) < 100) == ("ready", True)
    heard = heard_in(house, video)
    assert len(heard) < 4.5 * world.RATE or np.abs(heard[int(4.5 * world.RATE) :]).max() < 100


def test_what_may_not_be_used_is_refused_and_told_when_it_goes_meanwhile(house: House):
    ada, ben = house.person("ada"), house.person("ben")
    first = house.post(ada, TUNE)
    sound = house.sound(first)
    clip = house.clip(world.voice(4, 4.0))
    waiting = upload(house, ben, clip, sound)
    with house.cell.engine.begin() as connection:
        house.cell.media.sounds.share(connection, first, shared=False)
    with pytest.raises(SoundNotShared):
        upload(house, ben, clip, sound)
    with pytest.raises(NotFound):
        upload(house, ben, clip, SoundId(1))
    house.cell.media.processor.first_playable(waiting)
    video = house.video(waiting)
    assert (video.state, video.failure_code) == ("failed", "sound_gone")
    with house.cell.engine.begin() as connection:
        house.cell.media.sounds.share(connection, first, shared=True)
    house.cell.social.block(ada, "ben")
    with pytest.raises(NotFound):
        upload(house, ben, clip, sound)


def test_a_copy_of_what_is_not_shared_cannot_be_shared(house: House):
    ada, ben = house.person("ada"), house.person("ben")
    first = house.post(ada, TUNE)
    with house.cell.engine.begin() as connection:
        house.cell.media.sounds.share(connection, first, shared=False)
    second = house.post(ben, TUNE)
    with house.cell.engine.begin() as connection, pytest.raises(SoundNotShared):
        house.cell.media.sounds.share(connection, second, shared=True)
    silent = house.post(ben, None)
    with house.cell.engine.begin() as connection, pytest.raises(NotFound):
        house.cell.media.sounds.share(connection, silent, shared=True)


def test_half_a_minute_of_sound_takes_few_bytes_and_is_found_among_many_by_its_index(cell: Penchant, house: House):
    rng = np.random.default_rng(1)
    ada = house.person("ada")
    tune = world.samples(world.tune(1, 30.0))
    known, sounds = stored(tune), 300
    with cell.engine.begin() as connection:
        for number in range(1, sounds + 1):
            catalog.add_sound(connection, SoundId(number), "", ada.id)
            # Hashes of other sounds, at the same moments.
            other = rng.permutation(np.unique(rng.integers(0, 1 << 24, 2 * len(known.hashes))))[: len(known.hashes)]
            hashes = known.hashes if number == sounds else other.astype(np.int32)
            sound_rows.put_hashes(connection, SoundId(number), known._replace(hashes=hashes))
        connection.exec_driver_sql("ANALYZE sound_hashes")
    with cell.engine.connect() as connection:
        size = connection.exec_driver_sql("SELECT pg_total_relation_size('sound_hashes')").scalar_one()
        question = asked(tune[5 * world.RATE : 15 * world.RATE])
        began = time.perf_counter()
        found = sound_rows.hits(connection, question)
        took_ms = 1000 * (time.perf_counter() - began)
        plan = connection.exec_driver_sql(
            "EXPLAIN SELECT * FROM unnest(ARRAY[1, 2, 3]) AS asked (hash) JOIN sound_hashes USING (hash)"
        ).all()
    print(f"{size / sounds:.0f} bytes a sound of {len(known.hashes)} hashes; {took_ms:.0f} ms")
    assert {hit.sound for hit in found} == {SoundId(sounds)}, "chance alone is left in the database"
    assert size / sounds < 60_000
    assert "pk_sound_hashes" in str(plan)
