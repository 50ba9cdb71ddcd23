"""New epochs are opened by a thread; pages take what is open."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from penchant.taste import epoch_watch
from penchant.taste.epoch_watch import EpochWatch
from penchant.taste.epochs import Epoch, EpochReader, empty_epoch


class Reader(EpochReader):
    """Has the epoch that the test says, and takes as long."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"))
        self.newest: Callable[[], Epoch | None] = lambda: None

    def current(self) -> Epoch | None:
        return self.newest()


def named(digest: str) -> Epoch:
    return replace(empty_epoch(), digest=digest)


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "it did not happen within 10 s"
        time.sleep(0.005)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setattr(epoch_watch, "EVERY_S", 0.001)
    return Reader()


def served(watch: EpochWatch) -> str:
    epoch = watch.current()
    return "" if epoch is None else epoch.digest


def test_unstarted_it_opens_at_request(reader: Reader) -> None:
    watch = EpochWatch(reader)
    assert watch.current() is None
    reader.newest = lambda: named("one")
    assert served(watch) == "one"
    watch.stop()


def test_started_it_follows_and_no_page_opens(reader: Reader) -> None:
    watch = EpochWatch(reader)
    one, opening = named("one"), [False]
    reader.newest = lambda: one
    watch.start()
    watch.start()
    try:
        assert served(watch) == "one"

        def slow() -> Epoch:
            opening[0] = True
            time.sleep(0.2)
            return two

        two = named("two")
        reader.newest = slow
        wait_for(lambda: opening[0])
        began = time.monotonic()
        assert served(watch) == "one"
        assert time.monotonic() - began < 0.1
        wait_for(lambda: served(watch) == "two")
    finally:
        watch.stop()
    watch.stop()
    reader.newest = lambda: named("three")
    assert served(watch) == "three", "once stopped, as before"


def test_a_reader_that_fails_once_is_asked_again(reader: Reader) -> None:
    watch = EpochWatch(reader)
    one, two, asked = named("one"), named("two"), [0]

    def failing() -> Epoch:
        asked[0] += 1
        if asked[0] < 4:
            raise RuntimeError("broken")
        return two

    reader.newest = lambda: one
    watch.start()
    try:
        reader.newest = failing
        wait_for(lambda: asked[0] > 1)
        wait_for(lambda: served(watch) == "two")
    finally:
        watch.stop()
