"""The index finds what comparing with every one finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.safety.detection.nearest import HashIndex
from penchant.safety.detection.pdq import MATCH_BITS, distance


def turned(hashes: np.ndarray, bits: int, rng: np.random.Generator) -> np.ndarray:
    """As many hashes, each with so many bits turned."""
    out = np.unpackbits(hashes, axis=1)
    for row in out:
        row[rng.choice(256, bits, replace=False)] ^= 1
    return np.packbits(out, axis=1)


@settings(max_examples=12)
@given(seed=st.integers(0, 1000), most=st.integers(0, MATCH_BITS), known=st.sampled_from([0, 3, 5_000]))
def test_every_pair_is_found_and_no_other(seed: int, most: int, known: int):
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 256, (known, 32), dtype=np.uint8)
    asked = rng.integers(0, 256, (70, 32), dtype=np.uint8)
    if known:
        own = hashes[rng.integers(0, known, 60)]
        asked[:60] = np.concatenate([turned(own[at : at + 1], int(rng.integers(0, 45)), rng) for at in range(60)])
    near = HashIndex(hashes).near(asked, most)
    wanted = distance(asked[:, None], hashes[None]) if known else np.zeros((70, 0), np.int64)
    pairs = set(zip(*(axis.tolist() for axis in np.nonzero(wanted <= most)), strict=True))
    assert set(zip(near.asked.tolist(), near.known.tolist(), strict=True)) == pairs
    assert len(near.asked) == len(pairs)
    assert all(near.bits == wanted[near.asked, near.known])


def test_a_distance_that_the_tables_cannot_promise_is_refused():
    with pytest.raises(ValueError, match="at most 31"):
        HashIndex(np.zeros((1, 32), np.uint8)).near(np.zeros((1, 32), np.uint8), MATCH_BITS + 1)
