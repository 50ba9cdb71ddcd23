"""Fingerprints: a sound is known again where it is the same, at the right offset, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.lab import sound_world as world
from penchant.lab.bench_sounds import Index
from penchant.media.fingerprint import (
    FRAME_MS,
    HOP,
    LEAST_SHARE,
    MOST_HITS_BY_CHANCE,
    MOST_S,
    Fingerprint,
    Hit,
    Match,
    asked,
    matches,
    stored,
)

TUNES = [world.tune(seed, 20) for seed in range(4)]
INDEX = Index([stored(world.samples(wave)) for wave in TUNES])


def found(wave: world.Wave) -> list[Match[int]]:
    question = asked(world.samples(wave))
    return matches(question, INDEX.hits(question))


@settings(max_examples=5)
@given(number=st.integers(0, 3), frames=st.integers(94, 300))
def test_a_cut_on_a_frame_is_found_exactly_where_it_begins(number: int, frames: int):
    (match,) = found(TUNES[number][frames * HOP :][: 8 * world.RATE])
    assert (match.sound, match.offset_ms) == (number, round(frames * FRAME_MS))
    assert match.hits > MOST_HITS_BY_CHANCE and match.share >= 0.8


@pytest.mark.parametrize("start", [HOP * 200 + 128, HOP * 200 + 256, HOP * 200 + 411])
def test_a_cut_between_two_frames_is_found_within_one(start: int):
    (match,) = found(TUNES[1][start:][: 8 * world.RATE])
    assert match.sound == 1
    assert abs(match.offset_ms - 1000 * start / world.RATE) <= FRAME_MS


def test_what_begins_before_the_sound_has_a_negative_offset():
    lead = world.voice(5, 4.0)
    (match,) = found(np.concatenate([lead, TUNES[2][: 8 * world.RATE]]))
    assert (match.sound, match.offset_ms) == (2, round(-4000 / FRAME_MS) * FRAME_MS)
    assert 0.5 <= match.share < 0.8, "a third of it is something else"


def test_the_same_samples_have_the_same_hashes_however_often_asked():
    samples = world.samples(TUNES[0])
    for make in (stored, asked):
        one, two = make(samples), make(samples.copy())
        assert np.array_equal(one.hashes, two.hashes) and np.array_equal(one.at, two.at)
        assert one.hashes.dtype == one.at.dtype == np.int32
        assert one.hashes.min() >= 0 and one.hashes.max() < 1 << 24
        assert (np.diff(one.at) >= 0).all()


def test_softer_is_the_same_sound():
    loud, soft = (stored(world.samples(TUNES[0], gain)) for gain in (0, -12))
    known = set(zip(loud.hashes, loud.at, strict=True))
    assert len(known & set(zip(soft.hashes, soft.at, strict=True))) > 0.9 * len(known)


@pytest.mark.parametrize(
    "wave",
    [
        np.zeros(10 * world.RATE, np.float32),
        world.noise(1, 10) * np.float32(0.002),
        world.tune(1, 2.0),
        world.hum(440, 10),
        np.zeros(0, np.float32),
        np.ones(100, np.float32),
    ],
    ids=["silence", "almost silence", "two seconds", "a hum", "nothing", "a click"],
)
def test_what_says_nothing_is_nobodys(wave: world.Wave):
    samples = world.samples(wave)
    assert not stored(samples).is_telling
    question = asked(samples)
    assert matches(question, Index([stored(samples), stored(world.samples(TUNES[0]))]).hits(question)) == []


def test_others_of_the_same_scale_and_tempo_are_not_it():
    for seed in range(10, 16):
        assert found(world.tune(seed, 20)) == []


def test_only_so_much_of_a_long_sound_is_looked_at():
    long = np.tile(world.samples(TUNES[0]), 6)
    assert stored(long).at.max() * FRAME_MS <= MOST_S * 1000
    assert len(stored(long).hashes) < 30 * MOST_S


def test_a_verdict_needs_hits_and_a_share():
    question = Fingerprint(np.arange(40, dtype=np.int32), np.arange(0, 400, 10, dtype=np.int32), 12)

    def hits(count: int, apart: int) -> list[Hit[str]]:
        return [Hit("it", 50 + number * apart, number * apart, number) for number in range(count)]

    assert matches(question, hits(MOST_HITS_BY_CHANCE, 15)) == []
    (match,) = matches(question, hits(20, 15))
    assert (match.offset_ms, match.hits) == (1600, 20)
    assert match.share >= LEAST_SHARE
    assert matches(question, hits(20, 1)) == [], "all of them in one second"
    assert matches(question, [Hit("it", 50 + n * 15, n * 15, 7) for n in range(20)]) == [], "one hash, again and again"
