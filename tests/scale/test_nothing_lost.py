"""What was acknowledged is there exactly once, whatever was killed with -9 and when: database, web, worker, taste."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest
from sqlalchemy import func, select
from tests.media.conftest import ClipRecipe
from tests.scale.browser import Browser
from tests.scale.conftest import TRUSTING
from tests.scale.storm import Promises, Storm
from tests.scale.worlds import cell_of, publish_plan

from penchant.accounts.repository import accounts
from penchant.adapters.postgres_log import event_log
from penchant.app import Penchant
from penchant.catalog.repository import videos
from penchant.community.repository import comments, likes
from penchant.core.ids import format_id, parse_id
from penchant.core.outbox import outbox
from penchant.events.model import Comment, Like, Published, StoredEvent
from penchant.events.repository import history_dislikes, history_videos
from penchant.taste import snapshot
from penchant.taste.learner import Learner
from penchant.testing.installation import Installation, wait_for

VICTIMS = ("postgres", "web", "worker", "taste")
_READY_WITHIN_S = 240


@pytest.fixture
def installation() -> Iterator[Installation]:
    installation = Installation(**TRUSTING)
    yield installation
    installation.remove()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small real clip with sound."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    recipe = ClipRecipe(path=str(path), width=144, height=256, frames=24, fps="24", sound_seconds=1.0)
    maker = Path(__file__).parents[1] / "media" / "clip_maker.py"
    subprocess.run([sys.executable, str(maker)], input=msgspec.json.encode(recipe), check=True, timeout=120)
    return path.read_bytes()


@pytest.mark.service
@pytest.mark.media
def test_nothing_is_lost_in_a_short_storm(
    installation: Installation, clip: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    weather(
        installation,
        clip,
        capsys,
        seed=1,
        events=600,
        senders=2,
        members=2,
        uploads=1,
        pause_s=0.6,
        between_s=(0.5, 2.0),
    )


@pytest.mark.scale
@pytest.mark.media
def test_nothing_is_lost_in_a_long_storm(
    installation: Installation, clip: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    weather(
        installation,
        clip,
        capsys,
        seed=2,
        events=10_000,
        senders=4,
        members=15,
        uploads=8,
        pause_s=0.4,
        between_s=(0.3, 4.0),
    )


def weather(
    installation: Installation,
    clip: bytes,
    capsys: pytest.CaptureFixture[str],
    *,
    seed: int,
    events: int,
    senders: int,
    members: int,
    uploads: int,
    pause_s: float,
    between_s: tuple[float, float],
) -> None:
    """The storm, then calm, then a restart, then every promise held against what is there."""
    with closing(cell_of(installation.start())) as cell:
        known = sorted(publish_plan(cell, per_theme=4))
        storm = Storm(installation.url, known, seed, pause_s)
        storm.start(events, senders, members, clip, uploads)
        killed = kill_until(storm, installation, np.random.default_rng(seed), between_s)
        promises = storm.promises
        told = f"{len(promises.events)} events, {len(promises.comments)} comments, {len(promises.likes)} likes, "
        told += f"{len(promises.accounts)} accounts, {len(promises.uploads)} uploads; killed {dict(killed)}"
        with capsys.disabled():
            print("\n  " + told)
        wait_for(installation.healthy, "health after the storm")
        for browser, place in promises.uploads:
            wait_for(lambda b=browser, p=place: is_ready(b, p), "an upload to be ready", _READY_WITHIN_S)
        wait_for(lambda: settled(cell), "the outbox to be empty")
        wait_for(lambda: cell.taste.epoch().position >= cell.events.log.last_offset(), "an epoch of the whole log")
    installation.stop()
    learned = snapshot.load(installation.data / "taste")
    installation.output.write_text("")
    with closing(cell_of(installation.start())) as cell:
        log = whole_log(cell)
        assert len(promises.events) == events
        check_events(promises, log)
        check_people(promises, log, cell)
        check_uploads(promises, log, cell)
        check_history(cell)
        folded = Learner(pages=cell.page_list)
        folded.fold(log)
        assert learned.position == log[-1].offset, "the learner stopped before the end of the log"
        assert snapshot.digest(folded.state) == snapshot.digest(learned)
        assert promises.faults == []
    # A calm day would show nothing.
    assert set(killed) == set(VICTIMS)


def kill_until(
    storm: Storm, installation: Installation, rng: np.random.Generator, between_s: tuple[float, float]
) -> Counter[str]:
    """`kill -9` at random moments until everybody is done; the moments are seeded, what they meet is not.

    Each of the victims once, at whatever stage of its start it is; then somebody has to have been promised something
    before it goes on. A machine that starts processes more slowly than they are killed would never get anywhere.
    """
    killed: Counter[str] = Counter()
    promised = 0
    due_at = time.monotonic() + rng.uniform(*between_s)
    order = [str(name) for _ in range(500) for name in rng.permutation(VICTIMS)]
    while not storm.is_over():
        assert installation.process is not None
        assert installation.process.poll() is None, installation.output.read_text()
        if time.monotonic() >= due_at:
            done = sum(killed.values())
            victim, begins = order[done], done % len(VICTIMS) == 0
            if victim in installation.children() and (not begins or storm.promises.count() > promised):
                installation.kill(victim)
                killed[victim] += 1
                promised = storm.promises.count()
            due_at = time.monotonic() + rng.uniform(*between_s)
        time.sleep(0.02)
    return killed


def is_ready(browser: Browser, place: str) -> bool:
    state = browser.get(f"{place}/status")
    assert state["state"] in ("uploaded", "processing", "ready"), state
    return bool(state["state"] == "ready")


def settled(cell: Penchant) -> bool:
    with cell.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(outbox)).scalar_one() == 0


def whole_log(cell: Penchant) -> list[StoredEvent]:
    log: list[StoredEvent] = []
    while more := cell.events.log.read(log[-1].offset if log else 0, 5_000):
        log += more
    return log


def check_events(promises: Promises, log: list[StoredEvent]) -> None:
    """Each acknowledged event once, as it was sent."""
    found = Counter((stored.session, stored.sequence) for stored in log)
    assert max(found.values()) == 1
    videos_of = {(stored.session, stored.sequence): getattr(stored.event, "video", None) for stored in log}
    for session, sequence, video in promises.events:
        assert videos_of.get((session, sequence)) == video, (session, sequence)


def check_people(promises: Promises, log: list[StoredEvent], cell: Penchant) -> None:
    """Accounts, likes and comments once each, in their tables and in the log; counts are what the rows say."""
    with cell.engine.connect() as connection:
        people = {row.handle: row for row in connection.execute(select(accounts)).all()}
        liked = Counter((row.account_id, row.video_id) for row in connection.execute(select(likes)).all())
        said = {row.id: row for row in connection.execute(select(comments)).all()}
        counts = {row.id: (row.like_count, row.comment_count) for row in connection.execute(select(videos)).all()}
    assert len(set(promises.accounts)) == len(promises.accounts)
    assert set(promises.accounts) <= set(people)
    subjects = {row.id: row.subject_id for row in people.values()}
    like_events = Counter((stored.subject, stored.event.video) for stored in log if isinstance(stored.event, Like))
    for handle, video in promises.likes:
        assert liked[people[handle].id, video] == 1
    assert like_events == Counter({(subjects[account], video): 1 for account, video in liked})
    for id_, words, video in promises.comments:
        row = said[parse_id(id_)]
        assert (row.text, row.video_id) == (words, video)
    comment_events = Counter(stored.event.comment for stored in log if isinstance(stored.event, Comment))
    assert comment_events == Counter(dict.fromkeys(said, 1))
    for video, (like_count, comment_count) in counts.items():
        assert like_count == sum(1 for _, of in liked if of == video)
        assert comment_count == sum(1 for row in said.values() if row.video_id == video)


def check_uploads(promises: Promises, log: list[StoredEvent], cell: Penchant) -> None:
    """Each upload one ready video, published once, that plays."""
    made = []
    for browser, place in promises.uploads:
        state = browser.get(f"{place}/status")
        assert state["state"] == "ready"
        made.append(parse_id(state["video"]))
        source = browser.get(f"/api/videos/{state['video']}")["sources"][0]
        answer = browser.ask("GET", source["url"])
        assert answer.status == 200
        assert len(answer.body) == source["size_bytes"]
    assert len(set(made)) == len(made)
    with cell.engine.connect() as connection:
        of_makers = select(videos.c.id).join(accounts, accounts.c.id == videos.c.creator_id)
        rows = connection.execute(of_makers.where(accounts.c.handle.like("maker_%"))).all()
    assert sorted(row.id for row in rows) == sorted(made), "an upload became two videos, or one that nobody knows of"
    published = Counter(stored.event.video for stored in log if isinstance(stored.event, Published))
    assert set(published.values()) == {1}, [format_id(video) for video, n in published.items() if n > 1]
    assert set(made) <= set(published)


def check_history(cell: Penchant) -> None:
    """The projection is what folding the log again gives."""

    def rows() -> list[list[tuple[object, ...]]]:
        tables = (history_videos, history_dislikes)
        with cell.engine.connect() as connection:
            return [sorted(tuple(row) for row in connection.execute(select(table)).all()) for table in tables]

    as_it_was = rows()
    assert len(as_it_was[0]) > 0
    cell.events.history.rebuild()
    assert rows() == as_it_was
    with cell.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(event_log)).scalar_one() > 0
