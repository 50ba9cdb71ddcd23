"""Thompson sampling of one slot: each video's odds are drawn from what is believed of it, and the best drawn wins.

The rate of long views of a new video is known only as a Beta distribution (`trials`). Its log-odds are drawn as if
they were normal, with the same mean and deviation, and the viewer's score is added: sampled odds times relevance.

The chance of a Thompson draw has no closed form. So `WORLDS` draws of everything are made, and which of these worlds
comes true is drawn uniformly: that is Thompson sampling, and given the worlds the propensity is exact: the share of
them in which the video wins. As an estimate of the chance over all worlds it has the standard error
sqrt(p (1 - p) / WORLDS), 0.03 at most, and is 1 / WORLDS or more for whatever was drawn.

Source: Thompson 1933, "On the likelihood that one unknown probability exceeds another", Biometrika 25.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste.fixed import GOLDEN, Q16, Q30, Int64s, fork, mix, normal_q16, random_bits
from penchant.taste.ranker import Draw
from penchant.taste.trials import Pool, Trials, log_odds_q16

Bools: TypeAlias = npt.NDArray[np.bool_]

NEAR: Final = 2
"""Doublings of odds that a new video that looks and sounds just like a viewer's taste is ahead of any other."""
WORLDS: Final = 256
_WORLDS, _CHOICE = 1, 2
"""Counters of random streams below a slot's seed."""


def sampled_q16(beliefs_q8: Int64s, video_ids: Int64s, seed: int, worlds: int) -> Int64s:
    """(W, K) base-2 log-odds in Q16, drawn anew in each of W worlds, keyed by seed, world and video id."""
    words = random_bits(seed, np.arange(3 * worlds))
    steps = (video_ids.astype(np.uint64) + np.uint64(1)) * np.uint64(GOLDEN)
    bits = mix(words.reshape(worlds, 3, 1) + steps)
    middle, spread = log_odds_q16(beliefs_q8)
    return middle + (normal_q16(bits[:, 0], bits[:, 1], bits[:, 2]) * spread >> 16)


def draw_trial(
    scores: Int64s,
    beliefs_q8: Int64s,
    feasible: npt.NDArray[np.bool_],
    video_ids: Int64s,
    seed: int,
    slot: int,
) -> Draw | None:
    """Draws one slot among the feasible candidates; None if there is none.

    Args:
        scores: (K,) int64 Q16, how much each fits this viewer.
        beliefs_q8: (K, 2) what is believed of each; positive where feasible.
        feasible: (K,) bool.
        video_ids: (K,) int64, positive, distinct, ascending: equal sums go to the smaller one.
        seed: of the page, 64 bits.
        slot: counts from 0 within the page.
    """
    places = np.flatnonzero(feasible)
    if not len(places):
        return None
    own = fork(seed, slot)
    odds = sampled_q16(beliefs_q8[places], video_ids[places], fork(own, _WORLDS), WORLDS) + scores[places]
    winners = odds.argmax(axis=1)
    true = int(random_bits(fork(own, _CHOICE), np.zeros(1, dtype=np.int64))[0] % np.uint64(WORLDS))
    share = int((winners == winners[true]).sum())
    return Draw(index=int(places[winners[true]]), propensity_q30=share * (Q30 // WORLDS))


def short_list(trials: Trials, free: Bools, near: npt.NDArray[np.floating], seed: int, count: int) -> Int64s:
    """Ids of up to `count` videos for trial slots: half of them the newest newcomers, so that a first showing is near
    whatever else is on trial; for the rest one draw of what is believed of all others, and nearness, decides.

    Args:
        free: (T,) which of those on trial may be shown and need not wait.
        near: (T,) nearness to the viewer's taste, from -1 to 1.
        seed: of the draw.
    """
    open_ = free.copy()
    newcomers = np.flatnonzero(open_ & (trials.pools == Pool.NEWCOMER))[: count // 2]
    open_[newcomers] = False
    others = np.flatnonzero(open_ & (trials.pools <= Pool.STAYING))
    ids = trials.video_ids[others]
    odds = sampled_q16(trials.beliefs_q8[others], ids, seed, 1)[0] + np.rint(NEAR * Q16 * near[others]).astype(np.int64)
    brightest = ids[np.lexsort((ids, -odds))][: count - len(newcomers)]
    return np.concatenate([trials.video_ids[newcomers], brightest])


def promoted(trials: Trials, free: Bools, near: npt.NDArray[np.floating], count: int) -> Int64s:
    """Ids of up to `count` that did well on trial, the best and nearest first; arguments as for `short_list`."""
    at = np.flatnonzero(free & (trials.pools == Pool.PROMOTED))
    value = NEAR * near[at] + log_odds_q16(trials.beliefs_q8[at])[0] / Q16
    return trials.video_ids[at[np.lexsort((trials.video_ids[at], -value))[:count]]]
