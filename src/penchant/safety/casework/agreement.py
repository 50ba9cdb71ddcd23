"""How far people agree who judge the same without knowing of each other."""

from collections import Counter
from collections.abc import Iterable, Sequence


def krippendorff_alpha(units: Iterable[Sequence[str]]) -> float | None:
    """Krippendorff's α for nominal values: 1 where all agree, 0 where they agree as chance would.

    Args:
        units: for each case the values that it was given, in any order; those with fewer than two say nothing.

    Returns:
        None where nothing can be said: no case was judged twice, or every value is the same.

    Source: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section D, nominal data, any number of
    observers: α = 1 - (n - 1) · Σ o_ck / Σ n_c · n_k over c ≠ k.
    """
    shares: dict[tuple[str, str], float] = {}
    for values in units:
        if len(values) < 2:
            continue
        counts = Counter(values)
        for one, often in counts.items():
            for other, as_often in counts.items():
                pairs = often * (as_often - (one == other))
                if pairs:
                    shares[one, other] = shares.get((one, other), 0.0) + pairs / (len(values) - 1)
    totals: dict[str, float] = {}
    for (one, _), share in shares.items():
        totals[one] = totals.get(one, 0.0) + share
    n = sum(totals.values())
    observed = sum(share for (one, other), share in shares.items() if one != other)
    expected = sum(totals[one] * totals[other] for one in totals for other in totals if one != other)
    return 1 - (n - 1) * observed / expected if expected else None
