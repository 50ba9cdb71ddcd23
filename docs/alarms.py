"""How often an A/A alarms when it is looked at after every viewer: the table of reference/experiments.md.

.venv/bin/python docs/alarms.py     prints it, in half a minute
"""

from collections.abc import Callable

import numpy as np

from penchant.lab.sequential import difference_sequence

ALPHA, RUNS, SEED = 0.05, 300, 14
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
OUTCOMES: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "counts (Poisson)": lambda rng, count: rng.poisson(3.0, count).astype(float),
    "counts, very uneven viewers": lambda rng, count: rng.poisson(rng.gamma(1.0, 3.0, count)).astype(float),
    "watch times (log-normal, sigma 1.2)": lambda rng, count: np.minimum(rng.lognormal(9, 1.2, count), 3_600_000),
}


def alarms(outcomes: Callable[[np.random.Generator, int], Floats], chance: float, viewers: int) -> float:
    """Share of runs in which zero was outside the interval at any look."""
    rng = np.random.default_rng(SEED)
    wrong = 0
    for _ in range(RUNS):
        treated = rng.random(viewers) < chance
        _, low, high = difference_sequence(outcomes(rng, viewers), treated, chance, ALPHA)
        wrong += bool(((low > 0) | (high < 0)).any())
    return wrong / RUNS


if __name__ == "__main__":
    print("| outcomes of a viewer | arms | viewers | runs | alarms |\n| --- | --- | --- | --- | --- |")
    for arms, chance, viewers in (("even", 0.5, 1_200), ("1 to 99", 0.01, 40_000)):
        for name, drawn in OUTCOMES.items():
            print(f"| {name} | {arms} | {viewers:,} | {RUNS} | {alarms(drawn, chance, viewers):.3f} |")
