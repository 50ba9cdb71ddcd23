"""Team draft: two orders of the same candidates fill the slots of a page in turn.

Slots that would go to the best for this viewer are taken in pairs. A coin says which team drafts the first of a pair;
the other drafts the second, from what is left then. Whose videos are watched long says whose order is liked better:
both stand on the same page for the same viewer at the same time, so far fewer viewers tell than in a split.

The coins fall by the page's seed before anything is drawn, as the arms do, and the record names each slot's team. A
slot's propensity is that of its video given its team and the slots before it.

Source: Radlinski, Kurup, Joachims 2008, CIKM, "How does clickthrough data reflect retrieval quality?", section 3.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from penchant.feed.model import Arm, Drawing, Slot
from penchant.feed.selectors.slots import Shares, SlotPage, Slots
from penchant.taste.fixed import fork, random_bits

_COINS = 2_002
"""Counter of the coins' random stream below the page's seed."""


@dataclass(frozen=True)
class Team:
    """One side of an interleaving."""

    temperature_q16: int
    without_sources: frozenset[str] = frozenset()
    """It does not draft what only these brought."""


class TeamDraft(Slots):
    """Draws a page slot by slot; two teams draft the slots that others would exploit."""

    name = "team-draft"

    def __init__(self, shares: Shares, temperature_q16: int, near: Sequence[str], teams: Sequence[Team]) -> None:
        super().__init__(shares, temperature_q16, near)
        self._teams = [(team.without_sources, Slots(shares, team.temperature_q16, near)) for team in teams]

    def teams(self, query: Drawing) -> list[int | None]:
        """Which team drafts each slot; None where neither does. A function of the seed and the arms."""
        arms = self.arms(query)
        drafted = [number for number, arm in enumerate(arms) if arm == "exploit"]
        coins = random_bits(fork(query.seed, _COINS), np.arange(len(arms))) & np.uint64(1)
        teams: list[int | None] = [None] * len(arms)
        for turn, number in enumerate(drafted):
            teams[number] = int(coins[turn // 2]) ^ (turn % 2)
        return teams

    def _draw(self, page: SlotPage, number: int, arm: Arm, may_follow: bool) -> Slot | None:
        team = self.teams(page.query)[number]
        if team is None:
            return super()._draw(page, number, arm, may_follow)
        without, slots = self._teams[team]
        own = np.array([not without.issuperset(names) for names in page.candidates.sources], dtype=bool)
        slot = slots._draw(page.ranked(page.candidates.team_scores[team], own), number, arm, may_follow)
        if slot is None:
            # All that is left is what the team leaves out: nobody's slot.
            return super()._draw(page, number, arm, may_follow)
        return replace(slot, team=team)
