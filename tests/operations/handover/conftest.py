"""Markets with people, videos, events and pages, that are about to go to other hands."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.conftest import CHEAP_HASHER, fresh_database
from tests.operations.conftest import World

from penchant.accounts.model import Viewer
from penchant.adapters import embedded_postgres
from penchant.app import Penchant, build
from penchant.cli.restore import own_database
from penchant.core.clock import Clock, ManualClock, as_datetime
from penchant.core.settings import Settings
from penchant.events.model import NewEvent, Shown, Watch
from penchant.feed.effects.record import read_record

PASSWORD = "correct horse"
HOUR_MS = 3_600_000


class Place:
    """One market in a folder of its own, whose settings name it and its database."""

    def __init__(self, market: str, folder: Path, url: str, issuers: str = "") -> None:
        folder.mkdir(parents=True)
        own = {"market": market, "database_url": url, "licence_issuers": issuers}
        (folder / "penchant.toml").write_text("".join(f'{name} = "{said}"\n' for name, said in own.items()), "utf-8")
        self.folder = folder
        # A day ago: a log has no leaf that says an earlier time than one before it.
        self.clock = ManualClock(time.time_ns() // 1_000_000 - 24 * HOUR_MS)
        self.cell: Penchant = build(
            Settings(data=folder, market=market), clock=self.clock, database_url=url, hasher=CHEAP_HASHER
        )
        self.world = World(self.cell)
        self.learner = self.cell.learner()
        self.viewers: list[Viewer] = []
        self.tokens: list[str] = []
        self._sequence = 0

    def fill(self, people: int, videos: int) -> None:
        """People with a password each, who follow one another, watch, and like; the learner follows."""
        self.cell.ledgered.begin()
        self.world.fill(videos)
        for number in range(people):
            token, viewer = self.cell.accounts.sign_up(None, f"viewer_{number}", PASSWORD, 1990)
            assert viewer.account is not None
            self.viewers.append(viewer)
            self.tokens.append(token)
            self.cell.social.follow(viewer.account, self.world.people[number % 3].handle)
            if number:
                self.cell.social.follow(viewer.account, f"viewer_{number - 1}")
        self.learn()
        for number, viewer in enumerate(self.viewers):
            page = self.cell.feed.page(viewer, uuid4(), seed=number)
            for item in page.items[:4]:
                self.watch(viewer, item.video.id, page.id, item.slot, 1.0 if item.video.id % 3 else 0.1)
        self.clock.advance(2 * HOUR_MS)
        self.learn()
        self.cell.ledger.sequencer.run_empty()

    def watch(self, viewer: Viewer, video: int, page: int, slot: int, share: float) -> None:
        self._sequence += 2
        shown = Shown(video=video, context="feed", page=page, slot=slot)
        watch = Watch(
            video=video,
            context="feed",
            page=page,
            slot=slot,
            play=self._sequence,
            watched_ms=int(share * 5_000),
            duration_ms=5_000,
        )
        session, now = uuid4(), self.clock.now_ms()
        self.cell.events.record([NewEvent(viewer.subject, session, n, now, e) for n, e in enumerate((shown, watch), 1)])

    def learn(self) -> None:
        while self.learner.step():
            pass
        self.learner.wait_for_refit()
        self.learner.publish()

    def end(self) -> None:
        """Two administrators make it read-only."""
        ada, eve = (self.cell.accounts.make_account(name, name, "admin") for name in ("ada", "eve"))
        at = as_datetime(self.clock.now_ms() + HOUR_MS)
        planned = self.cell.life_cycle.plan(ada.id, "read_only", at, reason="it moves")
        self.cell.life_cycle.confirm(eve.id, planned.step.id)
        self.clock.advance(2 * HOUR_MS)
        assert self.cell.life_cycle.watch.standing().state == "read_only"

    def close(self) -> None:
        self.learner.close()
        self.cell.close()


@pytest.fixture(scope="module")
def place_of(postgres: embedded_postgres.PostgresHome) -> Callable[..., AbstractContextManager[Place]]:
    @contextmanager
    def place(market: str, root: Path, issuers: str = "") -> Iterator[Place]:
        with fresh_database(postgres) as url:
            found = Place(market, root / market, url, issuers)
            try:
                yield found
            finally:
                found.close()

    return place


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A folder that the database's own user may enter: what is secret inside has its own modes."""
    with tempfile.TemporaryDirectory(prefix="penchant-handover-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def received(data: Path, market: str, clock: Clock) -> Iterator[Penchant]:
    """A market that was received, on its own database."""
    with own_database(data) as url:
        cell = build(Settings(data=data, market=market), clock=clock, database_url=url, hasher=CHEAP_HASHER)
        try:
            yield cell
        finally:
            cell.close()


def page_record(cell: Penchant, viewer: Viewer, tab: UUID, seed: int) -> dict[str, Any]:
    """The record of a page that is made now."""
    page = cell.feed.page(viewer, tab, seed=seed)
    with cell.engine.connect() as connection:
        return read_record(cell.records.page(connection, page.id).record)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "penchant", "market", *map(str, arguments)]


def run(root: Path, *arguments: object) -> tuple[int, str]:
    """A command to its end: its status and all that it said."""
    done = subprocess.run(
        command(*arguments), cwd=root, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def killed(root: Path, reached: Callable[[], bool], *arguments: object) -> bool:
    """Run a command and `kill -9` it as soon as it has reached something; False where it came to its end before."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command(*arguments), cwd=root, env=environment(), stdout=quiet, stderr=quiet)
    while process.poll() is None and not reached():
        time.sleep(0.002)
    was_running = process.poll() is None
    process.kill()
    process.wait()
    return was_running


def environment() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if not name.startswith("PENCHANT_")} | {"COLUMNS": "200"}
