"""Slots, one after the other: each is drawn from what is feasible then, and says with which probability.

Which rule a slot follows (its arm) is decided by the page's seed before anything is drawn: `explore` and `trial` on a
fixed share of the slots, `audit` now and then, at most one slot for people whom the viewer follows, `exploit` on the
rest. `explore` finds out about the viewer (what is unlike their taste and good for anyone), `trial` about new videos
(by Thompson sampling). Spacing is feasibility, not a penalty: no creator and no sound twice within `SPACING` where the
pool allows.
"""

from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from penchant.catalog.model import VideoFacts
from penchant.feed.model import Arm, Bools, Candidates, Drawing, Int64s, Slot
from penchant.taste.fixed import Q16, fork, random_bits
from penchant.taste.ranker import Draw, draw
from penchant.taste.thompson import draw_trial
from penchant.taste.trials import log_odds_q16

SPACING = 5
"""Within so many consecutive videos no creator and no sound stands twice, where the pool allows."""
FINDING_Q16 = Q16 // 2
"""Temperature of slots that find out about the viewer: a doubling of a video's odds of a long view counts twice."""

_ARMS = 2_000
_AUDITS = 2_001
"""Counters of random streams below the page's seed."""


@dataclass(frozen=True)
class Shares:
    """How a page is divided."""

    explore_in_10: int
    """Slots of ten that are unlike the viewer's taste."""
    trial_in_10: int
    """Slots of ten for new videos on trial."""
    audit_in_1000: int
    """Slots of a thousand that are drawn uniformly from everything unseen."""
    followed_in_10: int
    """Most slots of ten that creators whom the viewer follows may have, whatever brought them."""
    turn_in_10: tuple[int, ...] = ()
    """Slots of ten that follow a turn: by how many of the last long views are foreign, from 0 on; the last for more."""
    trials_of_a_creator: int = 1
    """Most slots of a page that one creator may have on trial."""


class Slots:
    """Draws a page slot by slot."""

    name = "slots"

    def __init__(self, shares: Shares, temperature_q16: int, near: Sequence[str]) -> None:
        """`near`: sources that bring what is near this viewer's taste."""
        self._shares = shares
        self._temperature_q16 = temperature_q16
        self._near = frozenset(near)

    def select(
        self, query: Drawing, candidates: Candidates, allowed: Bools, before: Sequence[VideoFacts]
    ) -> list[Slot]:
        """Up to `query.count` slots.

        Args:
            allowed: (K,) which candidates may be drawn at all.
            before: videos shown just before this page, oldest first.
        """
        page = SlotPage(query, candidates, allowed, list(before[-(SPACING - 1) :]), self._near, self._shares)
        most_followed = max(query.count * self._shares.followed_in_10 // 10, 1)
        slots: list[Slot] = []
        for number, arm in enumerate(self.arms(query)):
            slot = self._draw(page, number, arm, page.followed_so_far < most_followed)
            if slot is None:
                break
            page.take(slot)
            slots.append(slot)
        return slots

    def arms(self, query: Drawing) -> list[Arm]:
        """The rule of each slot: a function of the seed, the number of slots and whether anyone is followed."""
        count = query.count
        shuffled = np.argsort(random_bits(fork(query.seed, _ARMS), np.arange(count)), kind="stable")
        exploring = count * self._shares.explore_in_10 // 10
        finding = exploring + count * self._shares.trial_in_10 // 10
        arms: list[Arm] = ["exploit"] * count
        for place in shuffled[:finding]:
            arms[place] = "explore"
        for place in shuffled[exploring:finding]:
            arms[place] = "trial"
        if query.followed and count > finding:
            arms[shuffled[finding]] = "followed"
        if query.turns_to and self._shares.turn_in_10:
            steps = self._shares.turn_in_10
            turning = count * steps[min(query.turns_to, len(steps) - 1)] // 10
            exploit = [place for place in shuffled if arms[place] == "exploit"]
            for place in exploit[:turning]:
                arms[place] = "turn"
        audits = random_bits(fork(query.seed, _AUDITS), np.arange(count)) % np.uint64(1000)
        for place in np.flatnonzero(audits < self._shares.audit_in_1000):
            arms[place] = "audit"
        return arms

    def _draw(self, page: "SlotPage", number: int, arm: Arm, may_follow: bool) -> Slot | None:
        """The slot by its arm; where that arm has nothing, by `exploit`; where spacing leaves nothing, without it."""
        pools: list[tuple[Arm, Bools]] = [(arm, page.pool(arm))]
        if arm == "explore":
            # What else there is: a slot that draws what is near anyway finds nothing out.
            pools.insert(0, (arm, pools[0][1] & ~page.near))
        if arm != "exploit":
            pools.append(("exploit", page.pool("exploit")))
        for spaced, capped in ((True, True), (False, True), (False, False)):
            for name, pool in pools:
                feasible = pool & page.left
                if spaced:
                    feasible = feasible & page.spaced()
                if capped and not may_follow:
                    feasible = feasible & ~page.followed
                drawn = self._drawn(page, number, name, feasible)
                if drawn is not None:
                    return Slot(drawn.index, name, drawn.propensity_q30, relaxed=not (spaced and capped))
        return None

    def _drawn(self, page: "SlotPage", number: int, arm: Arm, feasible: Bools) -> Draw | None:
        """One of the feasible by the odds of an arm."""
        candidates, seed = page.candidates, page.query.seed
        # Whatever else is tried fits what the viewer turns to.
        turning = page.turning and arm in ("turn", "trial", "followed")
        fits = candidates.turned if turning else candidates.scores
        if arm == "trial":
            return draw_trial(fits, candidates.beliefs, feasible, candidates.ids, seed, number)
        if arm == "explore":
            return draw(log_odds_q16(candidates.beliefs)[0], feasible, candidates.ids, FINDING_Q16, seed, number)
        if arm == "audit":
            return draw(np.zeros_like(candidates.scores), feasible, candidates.ids, Q16, seed, number)
        return draw(fits, feasible, candidates.ids, self._temperature_q16, seed, number)


class SlotPage:
    """The state between two draws."""

    def __init__(
        self,
        query: Drawing,
        candidates: Candidates,
        allowed: Bools,
        before: list[VideoFacts],
        near: frozenset[str],
        shares: Shares,
    ) -> None:
        self.query = query
        self.candidates = candidates
        self.left = allowed.copy()
        self.followed = np.array([facts.creator in query.followed for facts in candidates.facts], dtype=bool)
        self.followed_so_far = 0
        self._shares = shares
        self.turning = bool(query.turns_to and shares.turn_in_10)
        self._tried: Counter[int] = Counter()
        self._creators = np.array([facts.creator for facts in candidates.facts], dtype=np.int64)
        self._sounds = np.array([facts.sound or 0 for facts in candidates.facts], dtype=np.int64)
        self._recent = before
        self.near = np.array([not near.isdisjoint(sources) for sources in candidates.sources], dtype=bool)
        self._from = {
            name: np.array([name in sources for sources in candidates.sources], dtype=bool)
            for name in ("fresh", "uniform", "followed")
        }

    def ranked(self, scores: Int64s, pool: Bools) -> "SlotPage":
        """The same state as seen by somebody else's scores (K,), with only what is in `pool` (K,) left."""
        other = copy(self)
        other.candidates = replace(self.candidates, scores=scores)
        other.left = self.left & pool
        return other

    def pool(self, arm: Arm) -> Bools:
        """(K,) which candidates an arm may draw from."""
        if arm == "explore":
            return np.asarray(self._from["fresh"] | self._from["uniform"])
        if arm == "trial":
            full = [creator for creator, count in self._tried.items() if count >= self._shares.trials_of_a_creator]
            return np.asarray(self._from["fresh"] & ~np.isin(self._creators, full))
        if arm == "audit":
            return self._from["uniform"]
        if arm == "followed":
            return self._from["followed"]
        return np.ones(len(self.candidates), dtype=bool)

    def spaced(self) -> Bools:
        """(K,) which candidates repeat neither a creator nor a sound of the last `SPACING` - 1."""
        creators = [facts.creator for facts in self._recent]
        sounds = [facts.sound for facts in self._recent if facts.sound]
        spaced: Bools = ~(np.isin(self._creators, creators) | np.isin(self._sounds, sounds))
        return spaced

    def take(self, slot: Slot) -> None:
        """A slot is filled: its video is gone from the pool and counts for spacing and caps."""
        self.left[slot.index] = False
        if slot.arm == "trial":
            self._tried[int(self._creators[slot.index])] += 1
        self.followed_so_far += int(self.followed[slot.index])
        self._recent = [*self._recent, self.candidates.facts[slot.index]][-(SPACING - 1) :]
