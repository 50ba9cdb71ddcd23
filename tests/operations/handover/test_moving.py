"""Two markets move, killed in the middle, and everything is there: rows, objects, edges, proofs, people, pages."""

import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
import pytest
from tests.operations.handover.conftest import HOUR_MS, PASSWORD, Place, killed, page_record, received, run

from penchant.accounts.repository import follows
from penchant.core.clock import ManualClock, SystemClock
from penchant.feed import repository as pages
from penchant.ledger.leaves import HandOver, Log, decode
from penchant.ledger.repository import by_number, of_kinds
from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.service
PEOPLE, VIDEOS = 200, 100
MARKETS = ("us", "ca")
MOST_APART = 16
"""256ths: the old learner folded as it went, the new one all at once."""
WRITTEN_BY_RECEIVE = {"market_steps", "ledger_pending"}
"""The former owners' steps are revoked, and the ledger hears of it."""
GIVE = ("handover", *MARKETS, "--to", "keys/receiver.json", "--out", "bundle", "--part-mb", 1, "--yes")
TAKE = ("receive", "bundle", "--into", "there", "--identity", "keys/identity.txt")
TOOL = Path(__file__).parents[3] / "tools" / "verify_ledger.py"


class Moved(NamedTuple):
    """A market before and after."""

    place: Place
    data: Path
    rows: dict[str, list[str]]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((PEOPLE, VIDEOS), id="hundreds"),
        pytest.param((3_000, 1_000), id="thousands", marks=pytest.mark.scale),
    ],
)
def moved(request: Any, place_of: Any, root: Path, read_rows: Callable) -> Iterator[dict[str, Moved]]:
    """The whole way, killed four times while it is given and three times while it is received."""
    with ExitStack() as stack:
        places = {market: stack.enter_context(place_of(market, root)) for market in MARKETS}
        for place in places.values():
            place.fill(*request.param)
            place.end()
        status, said = run(root, "receive", "--prepare", "keys", "--markets", ",".join(MARKETS))
        assert status == 0, said
        _give(root)
        rows = {}
        for market, place in places.items():
            with place.cell.engine.connect() as connection:
                rows[market] = read_rows(connection)
        _take(root)
        yield {name: Moved(place, root / "there" / "cells" / name, rows[name]) for name, place in places.items()}


def _give(root: Path) -> None:
    parts = lambda: sorted((root / "bundle").glob("*/[0-9]*.age"))  # noqa: E731
    copying = lambda: any((root / "us" / ".handover").glob(".copy*"))  # noqa: E731
    assert killed(root, copying, *GIVE)
    assert run(root, *TAKE) == (1, "✗ bundle is half finished: run its 'penchant market handover' again\n")
    for count in sorted(np.random.default_rng(3).integers(1, 60, 3)):
        before = {path: path.stat().st_mtime_ns for path in parts()}
        # What the kill came right after may not have been noted yet.
        before = dict(sorted(before.items(), key=lambda item: item[1])[:-1])
        assert killed(root, lambda count=count: len(parts()) >= count, *GIVE)
        assert {path: path.stat().st_mtime_ns for path in before} == before, "a part that was whole is made again"
    status, said = run(root, *GIVE)
    assert status == 0, said
    assert "an interrupted hand-over goes on" in said
    assert not list(root.glob("*/.handover"))
    assert run(root, *GIVE)[0] == 0, "it is whole: nothing is left to do"


def _take(root: Path) -> None:
    draft = root / "there" / ".receiving"
    signs = ("us.tar", "cells/us/secrets/postgres", "us.whole")
    for sign in signs:
        assert killed(root, (draft / sign).exists, *TAKE)
        assert not (root / "there" / "cells").exists()
    status, said = run(root, *TAKE)
    assert status == 0, said
    assert not draft.exists()
    status, said = run(root, *TAKE)
    assert (status, "never overwrites anything" in said) == (1, True)


@pytest.mark.parametrize("market", MARKETS)
def test_everything_is_there(moved: dict[str, Moved], market: str, read_rows: Callable, check_objects: Callable):
    one = moved[market]
    with received(one.data, market, SystemClock()) as cell, cell.engine.connect() as connection:
        now = read_rows(connection)
        assert now.keys() == one.rows.keys()
        assert {name for name in now if now[name] != one.rows[name]} <= WRITTEN_BY_RECEIVE
        assert len(now["follows"]) >= 2 * PEOPLE - 1
        old, edges = one.place.cell.engine, follows.select().order_by(*follows.c)
        with old.connect() as before:
            assert connection.execute(edges).all() == before.execute(edges).all()
        assert len(now["event_log"]) > 8 * PEOPLE
        assert check_objects(one.data, now) >= 2 * VIDEOS
        assert cell.life_cycle.watch.standing().state == "open"
    objects = one.place.folder / "objects"
    for path in objects.rglob("*"):
        key = path.relative_to(objects)
        if path.is_file() and key.parts[0] != "epochs":
            assert (one.data / "objects" / key).read_bytes() == path.read_bytes(), key
    assert not (one.data / "objects" / "epochs").exists()
    assert not (one.data / "taste").exists() or not any((one.data / "taste").iterdir())
    ours, theirs = (folder / "secrets" / "ledger" for folder in (one.place.folder, one.data))
    assert theirs.read_bytes() != ours.read_bytes()
    assert theirs.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("market", MARKETS)
def test_the_ledger_goes_on_in_the_same_tree(moved: dict[str, Moved], market: str):
    one = moved[market]
    old_key = one.place.cell.ledger.verifier.written()
    with received(one.data, market, SystemClock()) as cell, cell.engine.connect() as connection:
        cell.ledger.sequencer.run_empty()
        last, first = (decode(list(of_kinds(connection, [kind.kind]))[-1].leaf) for kind in (HandOver, Log))
        assert isinstance(last, HandOver)
        assert isinstance(first, Log)
        assert last.next_key.decode() == cell.ledger.verifier.written()
        assert first.previous.decode() == one.place.cell.ledger.verifier.name
        entry = list(of_kinds(connection, [HandOver.kind]))[-1]
        assert first.size == entry.place + 1, "the hand-over is the last leaf under the old key"
        for row in connection.execute(pages.pages.select().limit(20)).all():
            known = by_number(connection, row.entry)
            assert known is not None
            assert known.place < first.size
            assert cell.ledger.prove(connection, row.entry).index == known.place
    keys = ("--key", old_key, "--key", cell.ledger.verifier.written())
    folder = one.data / "objects" / "ledger"
    done = subprocess.run([sys.executable, str(TOOL), "log", str(folder), *keys], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    alone = subprocess.run([sys.executable, str(TOOL), "log", str(folder), *keys[:2]], capture_output=True, text=True)
    assert alone.returncode == 1


def test_people_come_back_as_they_are(moved: dict[str, Moved]):
    one = moved["us"]
    with received(one.data, "us", SystemClock()) as cell:
        viewer = cell.accounts.viewer(one.place.tokens[7])
        assert viewer == one.place.viewers[7]
        _, again = cell.accounts.sign_in("viewer_8", PASSWORD)
        assert again.subject == one.place.viewers[8].subject


def test_a_page_is_the_same_before_and_after(moved: dict[str, Moved]):
    one = moved["us"]
    place = one.place
    place.learn()
    place.clock.advance(24 * HOUR_MS - 5 * HOUR_MS)
    tabs = [uuid4() for _ in range(10)]
    with received(one.data, "us", ManualClock(place.clock.now_ms())) as cell:
        learner = cell.learner()
        learner.rebuild()
        learner.close()
        for number, tab in enumerate(tabs):
            before, after = (page_record(at, place.viewers[3 * number], tab, number) for at in (place.cell, cell))
            assert before["candidates"] == after["candidates"]
            assert before["slots"] == after["slots"]
            rows = [np.frombuffer(record["rows"], "<i2").astype(int) for record in (before, after)]
            assert np.abs(rows[0] - rows[1]).max() <= MOST_APART


def test_it_starts_and_anybody_can_check_it_from_outside(moved: dict[str, Moved], root: Path):
    one = moved["ca"]
    (root / "running").mkdir()
    running = Installation(root / "running", market="ca")
    running.data = one.data
    try:
        running.start()
        key, origin = (_got(running, "/ledger/key").strip(), lambda: _got(running, "/ledger/checkpoint").split("\n")[0])
        wait_for(lambda: key.startswith(origin() + "+"), "a checkpoint under the new key")
        keys = ("--key", one.place.cell.ledger.verifier.written(), "--key", key)
        command = [sys.executable, str(TOOL), "log", f"{running.url}/ledger", *keys]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        running.stop()


def _got(running: Installation, path: str) -> str:
    with urllib.request.urlopen(running.url + path) as answer:
        return str(answer.read().decode())
