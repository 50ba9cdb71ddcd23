"""PDQ against Meta's own program, and what it forgives."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.safety.pictures import picture

from penchant.safety.detection.pdq import LEAST_QUALITY, MATCH_BITS, distance, from_hex, luma, pdq, to_hex

GOLDEN = json.loads(Path(__file__).with_name("golden_pdq.json").read_text("utf-8"))
"""Made once by the package pdqhash 0.2.8 of the pictures that `pictures.picture` draws."""


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: f"{golden['width']}x{golden['height']}")
def test_the_hash_is_that_of_the_reference_program(golden: dict[str, int | str]):
    drawn = picture(int(golden["seed"]), int(golden["height"]), int(golden["width"]))
    found = pdq(luma(drawn[None]))
    wanted, mirrored = (np.frombuffer(from_hex(str(golden[name])), np.uint8) for name in ("hash", "mirrored"))
    assert distance(found.hashes[0], wanted) <= 2
    assert abs(int(found.quality[0]) - int(golden["quality"])) <= 1
    assert distance(pdq(luma(drawn[None, :, ::-1])).hashes[0], mirrored) <= 2


def test_a_flat_picture_tells_nothing():
    assert pdq(luma(np.full((1, 100, 100, 3), 90, np.uint8))).quality[0] < LEAST_QUALITY


def test_half_the_size_and_darker_is_the_same_and_another_picture_is_not():
    drawn = picture(3, 256, 456)
    half = drawn.reshape(128, 2, 228, 2, 3).mean(axis=(1, 3)).astype(np.uint8)
    dark = (drawn * 0.6).astype(np.uint8)
    own = pdq(luma(drawn[None])).hashes[0]
    for same in (half, dark):
        assert distance(own, pdq(luma(same[None])).hashes[0]) <= 10
    for seed in range(20, 30):
        assert distance(own, pdq(luma(picture(seed, 256, 456)[None])).hashes[0]) > 2 * MATCH_BITS


def test_a_part_is_hashed_as_if_it_were_a_picture():
    drawn = picture(5, 200, 100)
    part = pdq(luma(drawn[None]), (0.1, 0.2, 0.9, 0.8))
    alone = pdq(luma(drawn[None, 20:180, 20:80]))
    assert to_hex(part.hashes) == to_hex(alone.hashes)


def test_hexadecimal_there_and_back_and_nothing_else():
    found = pdq(luma(picture(1, 64, 64)[None])).hashes
    assert from_hex(to_hex(found)[0]) == found[0].tobytes()
    for wrong in ("", "ab", "zz" * 32, " " + "ab" * 32, "ab" * 33):
        with pytest.raises(ValueError):
            from_hex(wrong)
