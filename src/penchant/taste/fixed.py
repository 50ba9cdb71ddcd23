"""Fixed-point arithmetic of the ranker: the same bytes on every machine, from integers only.

Everything here is defined on integers, so that a stranger can write it again in another language:

* **Q16** numbers are integers that count 1/65,536; **Q30** numbers count 1/2**30. `>>` rounds down.
* **log2**: for an integer x >= 1 let n be its bit length minus one and m = floor(x * 2**(30 - n)), the mantissa
  in Q30, 1 <= m/2**30 < 2. With i the ten bits below the leading one, r the twenty bits below them and
  `L[i] = round_half_even(2**30 * log2(1 + i/1024))`, i = 0..1024:
  `log2(x) = n * 2**30 + L[i] + ((L[i+1] - L[i]) * r >> 20)`, in Q30. Error below 2**-22.
* **exp2**: for a Q16 number y = n * 65,536 + f, i = f >> 6, r = f & 63 and
  `E[i] = round_half_even(2**30 * 2**(i/1024))`, i = 0..1024: mantissa `E[i] + ((E[i+1] - E[i]) * r >> 6)`,
  shifted left by n, or right by -n rounding down. Error below 2**-23 of the value and one step of Q30.
* **random bits**: SplitMix64 (Steele, Lea, Flood 2014): `mix` below is its finaliser, the k-th number (k >= 1) of
  the stream of a seed is `mix(seed + k * GOLDEN)` modulo 2**64. Streams are keyed: `fork(seed, c) =
  mix(seed + GOLDEN * (c + 1))`, so a draw is named by where it happens (page, slot, video), never by how many
  draws came before.
* **Gumbel noise**, base 2: see `gumbel`. **Normal noise**: see `normal_q16`.

The tables are built once from `decimal`, whose logarithm and exponential are correctly rounded by its
specification; a golden test holds their digest.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Int64s: TypeAlias = npt.NDArray[np.int64]
UInt64s: TypeAlias = npt.NDArray[np.uint64]

Q16: Final = 1 << 16
Q30: Final = 1 << 30
GOLDEN: Final = 0x9E3779B97F4A7C15
_MASK64: Final = (1 << 64) - 1
_TABLE_BITS: Final = 10
_LANES: Final = np.uint64(0x0000FFFF0000FFFF)
_DECIMAL: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)


def _rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), context=_DECIMAL))


def _log2_table() -> Int64s:
    ln2 = _DECIMAL.ln(Decimal(2))
    steps = 1 << _TABLE_BITS
    return np.array(
        [
            _rounded(_DECIMAL.divide(_DECIMAL.ln(_DECIMAL.divide(Decimal(steps + i), Decimal(steps))), ln2) * Q30)
            for i in range(steps + 1)
        ],
        dtype=np.int64,
    )


def _exp2_table() -> Int64s:
    ln2 = _DECIMAL.ln(Decimal(2))
    steps = 1 << _TABLE_BITS
    return np.array(
        [_rounded(_DECIMAL.exp(_DECIMAL.divide(ln2 * i, Decimal(steps))) * Q30) for i in range(steps + 1)],
        dtype=np.int64,
    )


LOG2_TABLE: Final = _log2_table()
EXP2_TABLE: Final = _exp2_table()
_LOG2_LOG2_E_Q30: Final = _rounded(
    _DECIMAL.divide(_DECIMAL.ln(_DECIMAL.divide(Decimal(1), _DECIMAL.ln(Decimal(2)))), _DECIMAL.ln(Decimal(2))) * Q30
)
_HALF_LOG2_E_Q30: Final = _rounded(_DECIMAL.divide(Decimal(Q30), _DECIMAL.ln(Decimal(2)) * 2))


def log2_q30(x: Int64s) -> Int64s:
    """Base-2 logarithm in Q30 of integers x >= 1, any shape; error below 2**-22. Smaller x is taken as 1."""
    value = np.maximum(x, 1).astype(np.int64)
    # The place of the highest bit. From 2**53 on the conversion may round up to the next power of two: taken back.
    exponent = np.frexp(value.astype(np.float64))[1].astype(np.int64) - 1
    exponent -= (value >> np.minimum(exponent, 62) == 0) | (exponent == 63)
    mantissa = np.where(exponent > 30, value >> np.maximum(exponent - 30, 0), value << np.maximum(30 - exponent, 0))
    below = mantissa - Q30
    i = below >> 20
    slope = LOG2_TABLE[i + 1] - LOG2_TABLE[i]
    logarithm: Int64s = (exponent << 30) + LOG2_TABLE[i] + ((slope * (below & 0xFFFFF)) >> 20)
    return logarithm


def log2_q16(x: Int64s) -> Int64s:
    """Base-2 logarithm in Q16, rounded to the nearest, of integers x >= 1."""
    rounded: Int64s = (log2_q30(x) + (1 << 13)) >> 14
    return rounded


def exp2_q30(y: Int64s) -> Int64s:
    """2**(y / 65,536) in Q30 for Q16 numbers y <= 32 * 65,536; 0 where it is below 2**-30."""
    whole = y >> 16
    fraction = y & 0xFFFF
    i = fraction >> 6
    mantissa = EXP2_TABLE[i] + (((EXP2_TABLE[i + 1] - EXP2_TABLE[i]) * (fraction & 63)) >> 6)
    right = np.minimum(np.maximum(-whole, 0), 62)
    left = np.minimum(np.maximum(whole, 0), 32)
    power: Int64s = (mantissa << left) >> right
    return power


def mix(z: UInt64s) -> UInt64s:
    """The finaliser of SplitMix64: a bijection of 64-bit words."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def fork(seed: int, *counters: int) -> int:
    """A new 64-bit seed for each path of counters (page, slot, …): mix(seed + GOLDEN * (c + 1)), one after another."""
    for counter in counters:
        word = (seed + GOLDEN * (counter + 1)) & _MASK64
        seed = int(mix(np.array([word], dtype=np.uint64))[0])
    return seed


def random_bits(seed: int, keys: Int64s) -> UInt64s:
    """64 random bits for each key, (K,) int64 → (K,) uint64: `fork(seed, key)` for all keys at once."""
    steps = (keys.astype(np.uint64) + np.uint64(1)) * np.uint64(GOLDEN)
    return mix(steps + np.uint64(seed & _MASK64))


def gumbel(bits: UInt64s) -> Int64s:
    """Base-2 Gumbel noise in Q16 from random words: argmax(score + noise) draws with odds 2**score.

    With v = (2 * (bits >> 12) + 1) / 2**53, uniform in (0, 1), and E = -log2(1 - v), the noise is -log2(E).
    From v >= 2**-8: 1 - v is exact, both logarithms come from the table. Below: log2(E) = log2(v) +
    v / (2 ln 2) + log2(log2 e), whose next term is under 2**-17. Both in Q30, the sum rounded down to Q16.

    Source: Maddison, Tarlow, Minka 2014, arXiv 1411.0030, section 2 (the Gumbel-max trick).
    """
    v = (((bits >> np.uint64(12)) << np.uint64(1)) | np.uint64(1)).astype(np.int64)
    exponential = (np.int64(53) << np.int64(30)) - log2_q30((np.int64(1) << np.int64(53)) - v)
    large = log2_q30(exponential) - (np.int64(30) << np.int64(30))
    small = log2_q30(v) - (np.int64(53) << np.int64(30)) + (((v >> 23) * _HALF_LOG2_E_Q30) >> 30) + _LOG2_LOG2_E_Q30
    noise: Int64s = -np.where(v >= (1 << 45), large, small) >> 14
    return noise


def normal_q16(first: UInt64s, second: UInt64s, third: UInt64s) -> Int64s:
    """Nearly normal noise in Q16, mean 0, variance 1, from three random words each, any shape.

    The sum of their twelve 16-bit parts, less its mean of 393,210: within 6 deviations, tails a little thin.
    Source: Irwin 1927 and Hall 1927, Biometrika 19, for sums of uniform numbers.
    """
    # Two lanes of 32 bits, in which sums of 16-bit parts have room.
    lanes = first & _LANES
    for word in (first >> np.uint64(16), second, second >> np.uint64(16), third, third >> np.uint64(16)):
        lanes = lanes + (word & _LANES)
    total: UInt64s = (lanes & np.uint64(0xFFFFFFFF)) + (lanes >> np.uint64(32))
    return total.astype(np.int64) - 393_210


def softmax_q30(logits: Int64s, feasible: npt.NDArray[np.bool_]) -> Int64s:
    """Probabilities in Q30 with odds 2**(logit / 65,536) over the feasible entries, (K,) → (K,).

    w = exp2(logit - max) in Q30 (0 where not feasible), W = sum of w; p = (w * 2**30 + W // 2) // W, at least 1
    where feasible. The products pass 64 bits, so they are made with w >> s and W >> s, s the excess bit length
    of W over 32: relative error below 2**-30 of the largest.
    """
    if not feasible.any():
        return np.zeros(logits.shape, dtype=np.int64)
    top = logits[feasible].max()
    weights = np.where(feasible, exp2_q30(np.minimum(logits - top, 0)), 0)
    total = int(weights.sum())
    shift = max(total.bit_length() - 32, 0)
    total >>= shift
    shares = ((weights >> shift) * Q30 + total // 2) // total
    probabilities: Int64s = np.where(feasible, np.maximum(shares, 1), 0)
    return probabilities
