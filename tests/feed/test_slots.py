"""Whole pages against their own propensities: what is logged is how often it happens."""

from collections import Counter
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


def query(seed: int) -> Query:
    epoch, taste = empty_epoch(), ViewerTaste()
    return Query(
        viewer=Viewer(SubjectId(UUID(int=1)), None, "adult"),
        tab=UUID(int=2),
        count=COUNT,
        mode="taste",
        as_of_ms=0,
        seed=seed,
        epoch=epoch,
        history=History((), frozenset(), frozenset(), 0),
        taste=taste,
        page_taste=PageTaste(epoch, taste, 0, NONE),
        followed=frozenset({FOLLOWED}),
        blocked=frozenset(),
        reported=frozenset(),
        held=frozenset(),
        tail=(),
        turns_to=0,
        hidden=NONE,
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
    return Candidates(np.arange(8) + 1, tuple(tuple(names.split(",")) for names in sources), facts, scores=scores)


def held_against_frequencies(pages: int) -> int:
    """Compares, for each order of arms, the frequency of every page with the product of its slots' propensities.

    Returns how many different pages were compared.
    """
    pool = candidates()
    slots = Slots(
        Shares(explore_in_10=4, trial_in_10=3, audit_in_1000=300, followed_in_10=4), Q16 // 2, near=("rows", "content")
    )
    counted: Counter[tuple[object, ...]] = Counter()
    of_arms: Counter[tuple[str, ...]] = Counter()
    logged: dict[tuple[object, ...], float] = {}
    allowed = np.ones(len(pool), dtype=bool)
    for seed in range(pages):
        asked = query(seed)
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


def test_pages_come_as_often_as_their_propensities_say() -> None:
    assert held_against_frequencies(1_500) > 60


@pytest.mark.scale
def test_a_hundred_thousand_pages_come_as_often_as_their_propensities_say() -> None:
    assert held_against_frequencies(100_000) > 100
