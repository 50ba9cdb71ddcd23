"""The final ranker: integer feature rows → integer scores → slots drawn one by one with their propensities.

The blend is a product of parts, so it is a sum of logarithms: every column is (or is multiplied into) a base-2
logarithm in Q16, and a score is `sum(weight * feature) >> 16` in 64-bit integers. Integers add in any order to
the same sum, so a batch scores as one by one, and anyone who has the rows of a page record has the page.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from penchant.taste.fixed import Q16, Q30, Int64s, fork, gumbel, random_bits, softmax_q30

Features: TypeAlias = npt.NDArray[np.int32]

COLUMNS: Final = ("similar", "content", "lift", "quality", "new")
"""What the columns of a feature row are, in their order; `service.TasteService.rows` says how each is made."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A versioned file of weights."""

    name: str
    """The file's name without its ending, written into every page record."""
    weights_q16: tuple[int, ...]
    """One Q16 weight per column of `COLUMNS`, in that order."""
    temperature_q16: int
    """How far the draw strays from the best score: odds double with every `temperature` of score."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One drawn slot."""

    index: int
    """Which candidate, as its position in the list that was drawn from."""
    propensity_q30: int
    """Probability in Q30 that this slot, given the slots before it, holds that candidate."""


def load_recipe(name: str) -> Recipe:
    """Reads `recipes/<name>.toml`. Raises ValueError where it does not give exactly the known columns."""
    raw = tomllib.loads(resources.files("penchant.taste").joinpath("recipes", f"{name}.toml").read_text("utf-8"))
    weights = raw["weights"]
    if set(weights) != set(COLUMNS):
        raise ValueError(f"recipe {name} must weigh exactly {', '.join(COLUMNS)}, not {', '.join(sorted(weights))}")
    return Recipe(
        name=name,
        weights_q16=tuple(int(weights[column]) for column in COLUMNS),
        temperature_q16=int(raw["temperature"]),
    )


def score(features: Features, recipe: Recipe) -> Int64s:
    """Scores in Q16 (base-2 logarithms of odds). Shapes: features (K, F) int32 → (K,) int64.

    K: candidates; F: `COLUMNS`. Each product is under 2**31 * 2**20, so that sums stay far inside 64 bits.
    """
    products = features.astype(np.int64) * np.array(recipe.weights_q16, dtype=np.int64)
    total: Int64s = products.sum(axis=1) >> 16
    return total


def order(scores: Int64s, video_ids: Int64s) -> npt.NDArray[np.intp]:
    """Positions from the best score to the worst, equal scores by the smaller video id; (K,), (K,) → (K,)."""
    return np.lexsort((video_ids, -scores))


def draw(
    scores: Int64s,
    feasible: npt.NDArray[np.bool_],
    video_ids: Int64s,
    temperature_q16: int,
    seed: int,
    slot: int,
) -> Draw | None:
    """Draws one slot among the feasible candidates with odds 2**(score / temperature); None if there is none.

    The logit is `score * 65,536 // temperature` (floor); the noise of a candidate is keyed by (seed, slot, its video
    id), so it neither depends on the order of the list nor on who else is in it. Equal sums go to the smaller
    id. With a temperature of 0 the best score is taken, with propensity 1.

    Args:
        scores: (K,) int64, Q16.
        feasible: (K,) bool, what the spacing rules allow in this slot, given the slots before it.
        video_ids: (K,) int64, positive and distinct.
        temperature_q16: not negative.
        seed: of the page, 64 bits.
        slot: counts from 0 within the page.
    """
    if not feasible.any():
        return None
    if temperature_q16 == 0:
        return Draw(index=_first_best(scores, feasible, video_ids), propensity_q30=Q30)
    logits = scores * Q16 // temperature_q16
    noise = gumbel(random_bits(fork(seed, slot), video_ids))
    index = _first_best(logits + noise, feasible, video_ids)
    return Draw(index=index, propensity_q30=int(softmax_q30(logits, feasible)[index]))


def _first_best(values: Int64s, feasible: npt.NDArray[np.bool_], video_ids: Int64s) -> int:
    best = np.flatnonzero(feasible & (values == values[feasible].max()))
    return int(best[np.argmin(video_ids[best])])
