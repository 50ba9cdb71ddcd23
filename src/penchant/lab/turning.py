"""How soon a page turns when its viewer does, and how soon anyone could turn it.

Two measures of the moment at which the tastes of some viewers switch. *After long views*: such a viewer finds videos of
the new taste elsewhere (by search, by a link), one for each of the old taste that they leave, and watches them long;
after every video the page is asked for that they would be shown. *By a listener*: nobody tells what the new taste is,
but whoever serves knows everything else: when it switched, every video's topics and quality, the world's constants,
how lenient the viewer is. They keep a probability of each taste that there might be, show what has the best chance by
it, and learn from every video. No feed can be faster without being told.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Final

import numpy as np

from penchant.lab.policy import SLOTS, Visit
from penchant.lab.reality import Bools, Floats, Reality
from penchant.lab.served import Penchant
from penchant.lab.trajectory import Trajectory
from penchant.taste.engine import Impression
from penchant.taste.fixed import Int64s
from penchant.taste.turn import BEFORE_AT_LEAST, RECENT

STEPS: Final = 10
"""Videos after the switch."""
CHOSEN_FROM: Final = 20
"""The videos that a viewer finds are among so many that have most in common with one taste beyond the other."""
TASTES: Final = 1_500
"""That a listener holds possible."""
LISTENED: Final = 40
"""Videos that a listener shows."""
SHARE: Final = 0.5
DRAWN: Final = 3
"""Pages that are drawn after each video, to see less of the luck of one."""
_STEP_MS: Final = 30_000


@dataclass(frozen=True, slots=True)
class Turning:
    """After 0, 1, 2, … videos, the means over viewers. Shapes: (N + 1,)."""

    share: Floats
    """Slots of the page that have more in common with the new taste than with the old one."""
    error: Floats
    """Its standard error."""
    new: Floats
    """How far the new taste is served, on the way from anything (0) to the best page (1)."""
    old: Floats
    """The same of the old one."""
    viewers: int

    @classmethod
    def of(cls, found: Floats) -> Turning | None:
        """From what `after_long_views` found in one world or several; None where nobody with a profile turns."""
        if not len(found):
            return None
        share, new, old, new_none, new_best, old_none, old_best = found.mean(axis=0)
        error = found[:, 0].std(axis=0) / np.sqrt(len(found))
        return cls(share, error, _way(new, new_none, new_best), _way(old, old_none, old_best), len(found))

    @property
    def videos(self) -> int | None:
        """After how many half of the page is of the new taste; None: not after `STEPS`."""
        turned = np.flatnonzero(self.share >= SHARE)
        return int(turned[0]) if len(turned) else None


def after_long_views(reality: Reality, policy: Penchant, before: Trajectory) -> Floats:
    """Pages of a policy that served until the switch.

    (V, 7, N + 1) of the V viewers with a profile who turn: `Turning.share`, what pages have in common with the new
    taste and with the old one, and what anything and the best page have in common with each.
    """
    seen = np.zeros((reality.world.viewers, reality.world.videos), dtype=bool)
    for viewer, places in zip(before.viewers.tolist(), before.places, strict=True):
        seen[viewer, places] = True
    known = np.array([len(policy.engine.profile(viewer).long) for viewer in range(len(seen))])
    left = (reality.published(reality.switch_ms) & ~seen).sum(axis=1)
    with_profile = reality.switches & (known >= BEFORE_AT_LEAST + RECENT) & (left >= SLOTS + 2 * CHOSEN_FROM)
    found = [_one_viewer(reality, policy, viewer, ~seen[viewer]) for viewer in np.flatnonzero(with_profile).tolist()]
    return np.array(found).reshape(len(found), 7, STEPS + 1)


def _way(own: Floats, none: Floats, best: Floats) -> Floats:
    way: Floats = (own - none) / np.maximum(best - none, 1e-9)
    return way


def _one_viewer(reality: Reality, policy: Penchant, viewer: int, unseen: Bools) -> Floats:
    """(7, N + 1) of one viewer: share, what pages have in common with each taste, and the ends of both."""
    at_ms, engine = reality.switch_ms, policy.engine
    old, new = reality.affinity(viewer, at_ms - 1), reality.affinity(viewer, at_ms)
    free = reality.published(at_ms) & unseen
    kept = engine.instead(viewer, deepcopy(engine.profile(viewer)))
    rng = np.random.default_rng((reality.world.seed, 7, viewer))
    wanted, left = (_chosen(free, one, other, rng) for one, other in ((new, old), (old, new)))
    ends = (*_ends(reality, viewer, free, at_ms), *_ends(reality, viewer, free, at_ms - 1))
    found = []
    for step in range(STEPS + 1):
        now_ms = at_ms + step * _STEP_MS
        first = len(reality.visit_ms) + step * DRAWN
        drawn = [policy.page(Visit(first + draw, viewer, now_ms, free)).places for draw in range(DRAWN)]
        places = np.concatenate(drawn)
        found.append(((new[places] > old[places]).mean(), new[places].mean(), old[places].mean(), *ends))
        long = step % 2 == 0
        place = int((wanted if long else left)[step // 2])
        free[place] = False
        engine.remember(Impression(viewer, place, now_ms), played=long, long=long)
    engine.instead(viewer, kept)
    return np.array(found).T


def _chosen(free: Bools, taste: Floats, other: Floats, rng: np.random.Generator) -> Int64s:
    """Places of videos of one taste and not of another, in some order."""
    own = np.flatnonzero(free)
    return rng.permutation(own[np.argsort((other - taste)[own], kind="stable")[:CHOSEN_FROM]])


def _ends(reality: Reality, viewer: int, free: Bools, at_ms: int) -> tuple[float, float]:
    """What anything, and what the best page has in common with the taste of a moment."""
    taste, chance = reality.affinity(viewer, at_ms), reality.chances(viewer, at_ms)[1]
    best = np.argsort(-np.where(free, chance, -1), kind="stable")[:SLOTS]
    return float(taste[free].mean()), float(taste[best].mean())


def by_a_listener(reality: Reality) -> Floats:
    """(N,) how far each video that a listener shows serves the new taste, from anything (0) to the best (1)."""
    at_ms = reality.switch_ms
    sums = np.zeros((3, LISTENED))
    for viewer in np.flatnonzero(reality.switches).tolist():
        rng = np.random.default_rng((reality.world.seed, 8, viewer))
        looks, longs = reality.chances_with(viewer, reality.affinities_elsewhere(viewer, TASTES, rng))
        taste, chance = reality.affinity(viewer, at_ms), reality.chances(viewer, at_ms)[1]
        free = reality.published(at_ms)
        best = np.argsort(-np.where(free, chance, -1), kind="stable")[:LISTENED]
        sums[1] += taste[free].mean()
        sums[2] += taste[best]
        belief = np.zeros(TASTES)
        for step in range(LISTENED):
            odds = np.exp(belief - belief.max())
            place = int(np.argmax(np.where(free, odds @ longs, -1)))
            free[place] = False
            sums[0, step] += taste[place]
            watched = reality.watch(viewer, np.array([place]), at_ms)
            look, long = looks[:, place], longs[:, place]
            likely = long if watched.long[0] else look - long if watched.looked[0] else 1 - look
            belief += np.log(np.maximum(likely, 1e-12))
    own, none, top = sums
    return _way(own, none, top)
