"""What is looked up once a second: by whom, when anew, and what stands while somebody looks."""

from threading import Event, Thread

import pytest
from tests.conftest import NOW_MS

from penchant.core.clock import ManualClock
from penchant.core.glance import Glance


class Looks:
    """Counts, and waits or fails as told."""

    def __init__(self) -> None:
        self.count = 0
        self.began, self.may_end = Event(), Event()
        self.may_end.set()
        self.fails = False

    def __call__(self) -> int | None:
        self.began.set()
        self.may_end.wait()
        if self.fails:
            raise OSError("away")
        self.count += 1
        # Nothing is an answer as well.
        return self.count if self.count > 1 else None


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW_MS)


def test_it_is_looked_up_once_a_second_and_when_the_clock_is_set_back(clock: ManualClock):
    looks = Looks()
    glance = Glance(looks, clock)
    assert [glance.value(), glance.value(), looks.count] == [None, None, 1]
    clock.advance(999)
    assert (glance.value(), looks.count) == (None, 1)
    clock.advance(1)
    assert (glance.fresh(), glance.value(), glance.fresh(), glance.last()) == (None, 2, 2, 2)
    clock.advance(-3_600_000)
    assert (glance.value(), glance.value()) == (3, 3)
    glance.forget()
    assert (glance.fresh(), glance.last(), glance.value()) == (None, 3, 4)


def test_a_look_that_fails_is_tried_by_the_next(clock: ManualClock):
    looks = Looks()
    glance = Glance(looks, clock)
    looks.fails = True
    with pytest.raises(OSError, match="away"):
        glance.value()
    looks.fails = False
    assert (glance.value(), looks.count) == (None, 1)


def test_meanwhile_others_have_what_was_known_unless_it_was_forgotten(clock: ManualClock):
    looks = Looks()
    glance = Glance(looks, clock)
    glance.value()
    clock.advance(1_000)
    looks.began.clear()
    looks.may_end.clear()
    one = Thread(target=glance.value)
    one.start()
    looks.began.wait()
    assert glance.value() is None
    # Changed while the other looks: what that one sees may be from before.
    glance.forget()
    looks.may_end.set()
    assert glance.value() == 3
    one.join()
    assert (glance.fresh(), looks.count) == (3, 3)
