"""Interleaved pages against their own propensities, and what the teams may count on."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from tests.feed.test_slots import COUNT, candidates, query

from penchant.feed.model import Candidates
from penchant.feed.selectors.slots import SPACING, Shares, Slots
from penchant.feed.selectors.team_draft import Team, TeamDraft
from penchant.taste.fixed import Q16, Q30

SHARES = Shares(explore_in_10=4, trial_in_10=0, audit_in_1000=100, followed_in_10=4)
NEAR = ("rows", "content")


def drafted() -> Candidates:
    """The candidates of `test_slots`; the second team likes what the first likes least."""
    pool = candidates()
    return replace(pool, team_scores=np.stack([pool.scores, -2 * pool.scores]))


def draft(shares: Shares = SHARES, second: Team = Team(Q16)) -> TeamDraft:
    return TeamDraft(shares, Q16 // 2, NEAR, [Team(Q16 // 2), second])


def held_against_frequencies(pages: int) -> int:
    """As in `test_slots`, given arms and teams; returns how many different pages were compared."""
    pool, slots = drafted(), draft()
    counted: Counter[tuple[object, ...]] = Counter()
    of_teams: Counter[tuple[object, ...]] = Counter()
    logged: dict[tuple[object, ...], float] = {}
    allowed = np.ones(len(pool), dtype=bool)
    for seed in range(pages):
        asked = query(seed)
        given = (tuple(slots.arms(asked)), tuple(slots.teams(asked)))
        drawn = slots.select(asked, pool, allowed, ())
        assert [slot.team for slot in drawn] == list(given[1])
        page = (given, *(slot.index for slot in drawn))
        counted[page] += 1
        of_teams[given] += 1
        logged[page] = float(np.prod([slot.propensity_q30 / Q30 for slot in drawn]))
    assert len(of_teams) > 6
    for given, count in of_teams.items():
        own = {page: share for page, share in logged.items() if page[0] == given}
        assert sum(own.values()) == pytest.approx(1, abs=3 * len(own) / count + 1e-3)
        for page, share in own.items():
            error = (share * (1 - share) / count) ** 0.5
            assert counted[page] / count == pytest.approx(share, abs=5 * error + 2 / count), page
    return len(logged)


@pytest.mark.slow
def test_interleaved_pages_come_as_often_as_their_propensities_say() -> None:
    assert held_against_frequencies(2_000) > 100


@pytest.mark.scale
def test_a_hundred_thousand_interleaved_pages_come_as_often_as_their_propensities_say() -> None:
    assert held_against_frequencies(100_000) > 100


def test_the_coin_is_fair_and_teams_draft_in_pairs() -> None:
    slots = draft(Shares(explore_in_10=0, trial_in_10=0, audit_in_1000=0, followed_in_10=4))
    firsts = Counter[int | None]()
    for seed in range(2_000):
        asked = replace(query(seed), count=8, followed=frozenset())
        teams = slots.teams(asked)
        assert all({teams[at], teams[at + 1]} == {0, 1} for at in range(0, 8, 2))
        firsts.update(teams[::2])
    assert firsts[0] == pytest.approx(4_000, abs=5 * 8_000**0.5 / 2)


def test_with_one_order_it_is_the_page_of_the_plain_selector() -> None:
    """An A/A: neither team can be told from the other."""
    pool = candidates()
    pool = replace(pool, team_scores=np.stack([pool.scores, pool.scores]))
    plain = Slots(SHARES, Q16 // 2, NEAR)
    allowed = np.ones(len(pool), dtype=bool)
    for seed in range(300):
        drawn = draft(second=Team(Q16 // 2)).select(query(seed), pool, allowed, ())
        assert [replace(slot, team=None) for slot in drawn] == plain.select(query(seed), pool, allowed, ())


def test_spacing_is_kept_across_teams_and_sources_that_are_left_out_are_not_drafted() -> None:
    pool = drafted()
    slots = draft(second=Team(Q16, frozenset({"rows", "crowd"})))
    allowed = np.ones(len(pool), dtype=bool)
    for seed in range(300):
        drawn = slots.select(query(seed), pool, allowed, ())
        creators = [pool.facts[slot.index].creator for slot in drawn]
        if not any(slot.relaxed for slot in drawn):
            assert len(set(creators)) == len(creators) == COUNT <= SPACING
        for slot in drawn:
            assert slot.team != 1 or pool.sources[slot.index] not in (("rows",), ("crowd",))
