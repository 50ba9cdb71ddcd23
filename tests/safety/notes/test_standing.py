"""What is shown follows the runs slowly, and in the end not at all."""

from hypothesis import given
from hypothesis import strategies as st

from penchant.safety.notes.model import Rules, Status
from penchant.safety.notes.standing import Standing, advance, fresh

RULES = Rules()
MINUTE, DAY = 60_000, 86_400_000
RUNS = st.lists(
    st.tuples(st.sampled_from(("needs_more", "helpful", "not_helpful")), st.integers(1, 3 * DAY)), max_size=40
)


def told(runs: list[tuple[Status, int]]) -> list[tuple[int, Standing]]:
    standing, now, found = fresh(0), 0, []
    for status, pause in runs:
        now += pause
        standing = advance(standing, status, now, 0, RULES)
        found.append((now, standing))
    return found


def test_a_note_is_shown_half_an_hour_after_it_became_helpful_and_not_before():
    states = [standing.shown for _, standing in told([("helpful", 10 * MINUTE), ("helpful", 29 * MINUTE)])]
    assert states == [False, False]
    assert told([("helpful", 10 * MINUTE), ("helpful", 30 * MINUTE)])[-1][1].shown


def test_a_status_that_flickers_changes_nothing():
    flicker: list[tuple[Status, int]] = [("needs_more", 10 * MINUTE), ("helpful", 10 * MINUTE)] * 20
    steady: list[tuple[Status, int]] = [("helpful", 1), ("helpful", 31 * MINUTE)]
    assert all(standing.shown for _, standing in told(steady + flicker)[1:])
    assert not any(standing.shown for _, standing in told(flicker))


@given(RUNS)
def test_what_holds_for_any_runs(runs: list[tuple[Status, int]]):
    """Shown changes only with a status that has held, nothing changes once locked, nothing locks before two weeks."""
    before = fresh(0)
    for now, standing in told(runs):
        if standing.shown != before.shown:
            assert now - standing.since_ms >= RULES.stable_minutes * MINUTE
            assert standing.shown == (standing.status == "helpful")
        if before.locked:
            assert standing == before
        if standing.locked:
            assert now >= RULES.lock_days * DAY
            assert standing.shown == (standing.status == "helpful")
        before = standing
