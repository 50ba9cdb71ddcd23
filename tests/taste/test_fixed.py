"""The arithmetic that has to be the same on every machine."""

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.taste import fixed


def test_tables_are_the_specified_ones() -> None:
    """Golden digests: big-endian int64, 1,025 entries."""
    digest = [
        hashlib.sha256(table.astype(">i8").tobytes()).hexdigest()[:16] for table in (fixed.LOG2_TABLE, fixed.EXP2_TABLE)
    ]
    assert digest == ["104cfff378032226", "2280cce08e84a13e"]


def test_golden_values() -> None:
    x = np.array([1, 2, 3, 10, 1000, 2**40 + 12345, 2**62 + 1], dtype=np.int64)
    assert fixed.log2_q30(x).tolist() == [
        0,
        1073741824,
        1701840526,
        3566893132,
        10700679395,
        42949672977,
        66571993088,
    ]
    y = np.array([0, 65536, -65536, 12345, -700000, -(31 << 16)], dtype=np.int64)
    assert fixed.exp2_q30(y).tolist() == [1073741824, 2147483648, 536870912, 1223502398, 653962, 0]
    bits = np.array([0, 1 << 12, 1 << 55, 1 << 63, (1 << 64) - 1], dtype=np.uint64)
    assert fixed.gumbel(bits).tolist() == [3438754, 3334882, 555078, -1, -375385]
    assert [fixed.fork(7), fixed.fork(7, 0), fixed.fork(7, 3, 5)] == [
        7,
        7191089600892374487,
        16567774789567189930,
    ]


def test_random_words_are_splitmix64() -> None:
    """The published sequence of the seed 1234567."""
    words = fixed.random_bits(1234567, np.arange(5, dtype=np.int64))
    assert words.tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert fixed.fork(1234567, 4) == 16408922859458223821


@given(st.integers(1, 2**62))
def test_log2_is_close_to_the_real_one(x: int) -> None:
    assert abs(int(fixed.log2_q30(np.array([x]))[0]) / fixed.Q30 - math.log2(x)) < 2**-22


@given(st.integers(-30 * fixed.Q16, 30 * fixed.Q16))
def test_exp2_is_close_to_the_real_one(y: int) -> None:
    real = 2.0 ** (y / fixed.Q16)
    assert abs(int(fixed.exp2_q30(np.array([y]))[0]) / fixed.Q30 - real) <= real * 2**-23 + 2**-30


def test_gumbel_noise_is_close_to_the_real_one_where_its_two_halves_meet_and_in_the_tails() -> None:
    rng = np.random.default_rng(1)
    bits = np.concatenate([rng.integers(0, 1 << top, 20_000, dtype=np.uint64) for top in (63, 57, 56, 40, 20)])
    v = ((bits >> np.uint64(12)).astype(float) * 2 + 1) / 2**53
    real = -np.log2(-np.log1p(-v) / math.log(2))
    assert np.abs(fixed.gumbel(bits) / fixed.Q16 - real).max() < 2**-15


@given(st.lists(st.integers(-(2**34), 2**34), min_size=1, max_size=50), st.data())
def test_softmax_sums_to_one_over_the_feasible(logits: list[int], data: st.DataObject) -> None:
    feasible = np.array(data.draw(st.lists(st.booleans(), min_size=len(logits), max_size=len(logits))))
    shares = fixed.softmax_q30(np.array(logits, dtype=np.int64), feasible)
    assert (shares[~feasible] == 0).all()
    assert (shares[feasible] >= 1).all()
    if feasible.any():
        assert abs(int(shares.sum()) - fixed.Q30) <= len(logits)


def test_normal_noise_has_mean_0_and_deviation_1():
    words = fixed.random_bits(5, np.arange(300_000)).reshape(3, -1)
    noise = fixed.normal_q16(*words) / fixed.Q16
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert noise.std() == pytest.approx(1, abs=0.01)
    assert [(noise < edge).mean() for edge in (-2, -1, 1, 2)] == pytest.approx(
        [0.0228, 0.1587, 0.8413, 0.9772], abs=0.004
    )
    assert np.abs(noise).max() < 6
    assert fixed.normal_q16(*fixed.random_bits(1, np.arange(12)).reshape(3, 4)).tolist() == [
        -80_089,
        1_072,
        90_522,
        38_988,
    ]
