"""What another policy would be worth, estimated from the log of this one, and how far that is from the truth.

The log is of first draws: in each kept moment one candidate is drawn by `penchant.taste.ranker.draw`, which says with
which propensity. Another policy draws from the same candidates with other scores or another temperature. What it is
worth on these moments is known in a world, so an estimate can be held against it; the log is drawn many times over.

IPS and SNIPS: Swaminathan, Joachims 2015, "The self-normalized estimator for counterfactual learning", NeurIPS,
equations 1 and 7. DR: Dudík, Langford, Li 2011, "Doubly robust policy evaluation and learning", ICML, equation 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from penchant.lab.metrics import Floats, rounded
from penchant.lab.reality import Reality
from penchant.lab.served import Moment
from penchant.taste.fixed import Q16, Q30, Int64s, fork, softmax_q30
from penchant.taste.ranker import draw

REDRAWN: Final = 50
"""Times that the log is drawn: what of so many intervals cover the truth is a rate."""
NORMAL_95: Final = 1.959964
RIDGE: Final = 10.0
"""Of the reward model, in rows."""
_FOLDS: Final = 2


@dataclass(frozen=True, slots=True)
class Logged:
    """M moments with K candidates each; what is drawn from them is drawn anew each time."""

    moments: Sequence[Moment]
    chances: Sequence[Floats]
    """(K,) each: the true chance of each candidate to be watched long."""
    behaviour: Sequence[Floats]
    """(K,) each: the propensities that the log is drawn with."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard error."""

    value: float
    error: float

    def covers(self, truth: float) -> bool:
        """Whether the 95 % interval, by the normal distribution, holds it."""
        return abs(self.value - truth) <= NORMAL_95 * self.error


def logged(reality: Reality, moments: Sequence[Moment], temperature_q16: int) -> Logged:
    """What is true of kept moments, and how a policy at that temperature draws from them."""
    chances = [reality.chances(moment.viewer, moment.at_ms)[1][moment.places] for moment in moments]
    return Logged(moments, chances, [propensities(moment.scores, temperature_q16) for moment in moments])


def propensities(scores: Int64s, temperature_q16: int) -> Floats:
    """(K,) the chances that `draw` has, as it logs them."""
    everything = np.ones(len(scores), dtype=bool)
    found: Floats = softmax_q30(scores * Q16 // temperature_q16, everything) / Q30
    return found


def true_value(log: Logged, target: Sequence[Floats]) -> float:
    """Mean over the moments of what the target draws there."""
    return float(np.mean([chances @ own for chances, own in zip(log.chances, target, strict=True)]))


def draw_log(log: Logged, temperature_q16: int, seed: int) -> tuple[Int64s, Floats, Floats]:
    """One log: (M,) which candidate, (M,) its logged propensity, (M,) 1 where it was watched long."""
    drawn, logged_as = np.empty(len(log.moments), dtype=np.int64), np.empty(len(log.moments))
    for number, moment in enumerate(log.moments):
        feasible = np.ones(len(moment.scores), dtype=bool)
        one = draw(moment.scores, feasible, moment.places + 1, temperature_q16, fork(seed, number), 0)
        assert one is not None
        drawn[number], logged_as[number] = one.index, one.propensity_q30 / Q30
    chances = np.array([own[at] for own, at in zip(log.chances, drawn, strict=True)])
    rewards = np.random.default_rng((seed, 1)).random(len(drawn)) < chances
    return drawn, logged_as, rewards.astype(np.float64)


def ips(weights: Floats, rewards: Floats) -> Estimate:
    """Inverse propensity scores: unbiased, and as noisy as its weights are uneven. Shapes: (M,)."""
    return _mean(weights * rewards)


def snips(weights: Floats, rewards: Floats) -> Estimate:
    """Self-normalised: divided by the weights instead of their number; its error by the delta method."""
    total = max(float(weights.sum()), 1e-12)
    value = float((weights * rewards).sum() / total)
    return Estimate(value, float(np.sqrt((weights**2 * (rewards - value) ** 2).sum()) / total))


def doubly_robust(weights: Floats, rewards: Floats, expected: Floats, of_drawn: Floats) -> Estimate:
    """What a model of the reward expects, and what it missed, weighed. Right where either model or propensity is.

    Args:
        expected: (M,) mean of the model under the target.
        of_drawn: (M,) the model's word for what was drawn.
    """
    return _mean(expected + weights * (rewards - of_drawn))


def _mean(values: Floats) -> Estimate:
    return Estimate(float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5))


def compare(
    log: Logged, behaviour_q16: int, targets: Mapping[str, Sequence[Floats]], seed: int, redrawn: int = REDRAWN
) -> dict[str, dict[str, dict[str, float] | float]]:
    """Each target by each estimator, over logs drawn anew: bias, root mean square error, coverage of the intervals.

    Args:
        behaviour_q16: temperature that the log is drawn with.
        targets: name → (K,) chances of each candidate in each moment.
    """
    rows = [_features(moment) for moment in log.moments]
    truths = {name: true_value(log, target) for name, target in targets.items()}
    found: dict[str, dict[str, list[Estimate]]] = {
        name: {each: [] for each in ("ips", "snips", "dr")} for name in targets
    }
    for turn in range(redrawn):
        drawn, logged_as, rewards = draw_log(log, behaviour_q16, fork(seed, turn))
        words = _reward_model(rows, drawn, rewards)
        for name, target in targets.items():
            weights = np.array([own[at] for own, at in zip(target, drawn, strict=True)]) / logged_as
            expected = np.array([word @ own for word, own in zip(words, target, strict=True)])
            of_drawn = np.array([word[at] for word, at in zip(words, drawn, strict=True)])
            found[name]["ips"].append(ips(weights, rewards))
            found[name]["snips"].append(snips(weights, rewards))
            found[name]["dr"].append(doubly_robust(weights, rewards, expected, of_drawn))
    return {
        name: {
            "true": rounded(truths[name]),
            "effective": rounded(_effective(log.behaviour, target)),
            **{each: _held_against(own, truths[name]) for each, own in found[name].items()},
        }
        for name, target in targets.items()
    }


def _held_against(estimates: Sequence[Estimate], truth: float) -> dict[str, float]:
    values = np.array([estimate.value for estimate in estimates])
    return {
        "bias": rounded(values.mean() - truth),
        "rmse": rounded(float(np.sqrt(((values - truth) ** 2).mean()))),
        "said_error": rounded(float(np.mean([estimate.error for estimate in estimates]))),
        "covered": rounded(float(np.mean([estimate.covers(truth) for estimate in estimates]))),
    }


def _effective(behaviour: Sequence[Floats], target: Sequence[Floats]) -> float:
    """Share of the log that is left in effect: 1 / E[w^2], as E[w] is 1. Kish 1965, Survey Sampling, section 11.7."""
    second = [float((own**2 / np.maximum(base, 1 / Q30)).sum()) for base, own in zip(behaviour, target, strict=True)]
    return 1 / float(np.mean(second))


def _features(moment: Moment) -> Floats:
    """(K, C + 1) the columns of the rows in doublings, cut where they say "never", and a one."""
    columns = np.clip(moment.rows / Q16, -20, 20)
    return np.concatenate([columns, np.ones((len(columns), 1))], axis=1)


def _reward_model(rows: Sequence[Floats], drawn: Int64s, rewards: Floats) -> list[Floats]:
    """(K,) for each moment: a ridge regression of the reward on the row, fitted on the other fold of the moments."""
    chosen = np.array([own[at] for own, at in zip(rows, drawn, strict=True)])
    folds = np.arange(len(rows)) % _FOLDS
    weights = []
    for fold in range(_FOLDS):
        seen, rewarded = chosen[folds != fold], rewards[folds != fold]
        gram = seen.T @ seen + RIDGE * np.eye(seen.shape[1])
        weights.append(np.linalg.solve(gram, seen.T @ rewarded))
    return [np.clip(own @ weights[fold], 0, 1) for own, fold in zip(rows, folds.tolist(), strict=True)]
