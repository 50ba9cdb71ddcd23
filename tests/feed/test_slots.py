"""Whole pages against their own propensities: what is logged is how often it happens."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from penchant.accounts.model import Viewer
from penchant.catalog.model import VideoFacts
from penchant.core.ids import AccountId, SubjectId, VideoId
from penchant.events.history import History
from penchant.feed.model import Candidates, Query
from penchant.feed.selectors.slots import Shares, Slots
from penchant.taste.epochs import empty_epoch
from penchant.taste.fixed import Q16, Q30
from penchant.taste.model import ViewerTaste
from penchant.taste.service import PageTaste

COUNT = 3
FOLLOWED = AccountId(3)
NONE = np.zeros(0, dtype=np.int64)
EPOCH, TASTE = empty_epoch(), ViewerTaste()


def query(seed: int, turns_to: int = 0) -> Query:
    return Query(
        viewer=Viewer(SubjectId(UUID(int=1)), None, "adult"),
        tab=UUID(int=2),
        count=COUNT,
        mode="taste",
        as_of_ms=0,
        seed=seed,
        epoch=EPOCH,
        history=History((), frozenset(), frozenset(), 0),
        taste=TASTE,
        page_taste=PageTaste(EPOCH, TASTE, 0, NONE),
        followed=frozenset({FOLLOWED}),
        blocked=frozenset(),
        reported=frozenset(),
        held=frozenset(),
        tail=(),
        turns_to=turns_to,
        hidden=NONE,
        reach_key=0,
        newest=(),
    )


def candidates() -> Candidates:
    """Eight videos of four creators, of which every rule has something to choose from."""
    sources = ("rows", "rows,content", "crowd", "fresh", "fresh,uniform", "followed", "uniform", "uniform,rows")
    creators = (1, 1, 2, 2, 4, 3, 4, 1)
    facts = tuple(
        VideoFacts(VideoId(place + 1), AccountId(creator), None, "en", ()) for place, creator in enumerate(creators)
    )
    scores = np.array([3, 2, 1, 0, -1, 1, 0, 2], dtype=np.int64) * Q16 // 4
    return Candidates(
        np.arange(8) + 1,
        tuple(tuple(names.split(",")) for names in sources),
        facts,
        scores=scores,
        turned=np.roll(scores, 3),
        beliefs=np.array([[400, 2_000], [900, 2_000], [300, 900], [400, 2_000]] * 2),
    )


def held_against_frequencies(pages: int, shares: Shares, turns_to: int = 0) -> int:
    """Compares, for each order of arms, the frequency of every page with the product of its slots' propensities.

    Returns how many different pages were compared.
    """
    pool = candidates()
    slots = Slots(shares, Q16 // 2, near=("rows", "content"))
    counted: Counter[tuple[object, ...]] = Counter()
    of_arms: Counter[tuple[str, ...]] = Counter()
    logged: dict[tuple[object, ...], float] = {}
    allowed = np.ones(len(pool), dtype=bool)
    for seed in range(pages):
        asked = query(seed, turns_to)
        wanted = tuple(slots.arms(asked))
        drawn = slots.select(asked, pool, allowed, ())
        assert len(drawn) == COUNT
        page = (wanted, *(slot.index for slot in drawn))
        counted[page] += 1
        of_arms[wanted] += 1
        logged[page] = float(np.prod([slot.propensity_q30 / Q30 for slot in drawn]))
    assert len(of_arms) > 3
    for arms, count in of_arms.items():
        own = {page: share for page, share in logged.items() if page[0] == arms}
        # Pages that never came are rare ones.
        assert sum(own.values()) == pytest.approx(1, abs=3 * len(own) / count + 1e-3)
        for page, share in own.items():
            error = (share * (1 - share) / count) ** 0.5
            assert counted[page] / count == pytest.approx(share, abs=5 * error + 2 / count), page
    return len(logged)


ARMS = Shares(explore_in_10=4, trial_in_10=0, audit_in_1000=300, followed_in_10=4)
TURNING = Shares(explore_in_10=0, trial_in_10=0, audit_in_1000=300, followed_in_10=4, turn_in_10=(0, 0, 4))


@pytest.mark.slow
def test_pages_come_as_often_as_their_propensities_say() -> None:
    assert held_against_frequencies(1_500, ARMS) > 60
    assert held_against_frequencies(1_500, TURNING, turns_to=3) > 60


@pytest.mark.scale
def test_a_hundred_thousand_pages_come_as_often_as_their_propensities_say() -> None:
    assert held_against_frequencies(100_000, ARMS) > 100


def test_each_arm_has_its_share_of_the_slots_and_draws_from_its_own_pool() -> None:
    pool, everything = candidates(), np.ones(8, dtype=bool)
    shares = Shares(explore_in_10=4, trial_in_10=4, audit_in_1000=0, followed_in_10=4, turn_in_10=(0, 0, 4))
    slots = Slots(shares, Q16 // 2, near=("rows", "content"))
    for seed in range(50):
        asked = query(seed, turns_to=2)
        assert sorted(slots.arms(asked)) == ["explore", "followed", "trial"]
        # Nobody is followed: then a slot follows the turn.
        alone = replace(asked, followed=frozenset())
        assert sorted(slots.arms(alone)) == ["explore", "trial", "turn"]
        assert sorted(slots.arms(replace(alone, turns_to=1))) == ["exploit", "explore", "trial"]
        for number, slot in enumerate(slots.select(alone, pool, everything, ())):
            names = set(pool.sources[slot.index])
            if slot.arm == "trial":
                assert "fresh" in names
            if slot.arm == "explore":
                assert {"fresh", "uniform"} & names
                # Later spacing may leave nothing else.
                assert number > 0 or "rows" not in names


def test_a_creator_has_so_many_trials_on_a_page_and_no_more() -> None:
    facts = tuple(VideoFacts(VideoId(n + 1), AccountId(1 if n < 9 else n), None, "en", ()) for n in range(12))
    zeros = np.zeros(12, dtype=np.int64)
    # The flooder's videos are believed to be better by far.
    beliefs = np.array([[2_000, 2_000]] * 9 + [[300, 2_000]] * 3)
    flood = Candidates(np.arange(12) + 1, (("fresh",),) * 12, facts, scores=zeros, turned=zeros, beliefs=beliefs)
    for most in (1, 2):
        shares = Shares(0, trial_in_10=4, audit_in_1000=0, followed_in_10=2, trials_of_a_creator=most)
        for seed in range(20):
            asked = replace(query(seed), count=10, followed=frozenset())
            page = Slots(shares, Q16, near=()).select(asked, flood, np.ones(12, dtype=bool), ())
            tried = [facts[slot.index].creator for slot in page if slot.arm == "trial"]
            assert tried.count(AccountId(1)) <= most


def test_an_audit_is_uniform_whatever_is_known_of_the_videos() -> None:
    pool, everything = candidates(), np.ones(8, dtype=bool)
    slots = Slots(Shares(0, 0, audit_in_1000=1000, followed_in_10=10), Q16, near=("rows",))
    pages = (replace(query(seed), count=1) for seed in range(2_000))
    drawn = Counter(slots.select(page, pool, everything, ())[0].index for page in pages)
    uniform = [at for at, names in enumerate(pool.sources) if "uniform" in names]
    assert set(drawn) == set(uniform)
    expected = 2_000 / len(uniform)
    assert sum((drawn[at] - expected) ** 2 / expected for at in uniform) < 16.3  # chi squared, 3 degrees, 0.999
