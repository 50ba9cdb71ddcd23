"""The live state against sums over everybody, written plainly."""

import numpy as np
from numpy.testing import assert_allclose

from penchant.taste.context import MOMENT
from penchant.taste.decay import HOUR_MS
from penchant.taste.signals import CROWD_HALF_LIVES_H, LONG_COUNTS, MOMENT_HALF_LIFE_H, SURFACES_AT_MOST, Signals

START_MS = 1_790_000_000_000


def test_a_crowd_is_the_sum_of_the_likeness_to_each_of_its_players():
    rng = np.random.default_rng(1)
    signals = Signals(8)
    signals.grow(5)
    me = rng.normal(size=8).astype(np.float32)
    now_ms = START_MS + 60 * HOUR_MS
    wanted = np.zeros((5, 3))
    on_surface = np.zeros(5)
    moments = np.zeros((5, 1 + MOMENT))
    for minute in range(300):
        player = rng.normal(size=8).astype(np.float32)
        place, at_ms, surface = int(rng.integers(0, 5)), START_MS + minute * HOUR_MS // 5, int(rng.integers(0, 2))
        played, long = bool(rng.random() < 0.6), bool(rng.random() < 0.3)
        moment = rng.random(MOMENT)
        signals.take(place, surface, at_ms, played=played, long=long, liked=False, player=player, moment=moment)
        if played or long:
            own = (LONG_COUNTS if long else 1) * float(player @ me)
            ages_h = (now_ms - at_ms) / HOUR_MS
            wanted[place] += own * 0.5 ** (ages_h / np.array(CROWD_HALF_LIVES_H))
            moments[place] += np.append(1, moment) * (played or long) * 0.5 ** (ages_h / MOMENT_HALF_LIFE_H)
            on_surface[place] += own * 0.5 ** (ages_h / CROWD_HALF_LIVES_H[1]) * (surface == 1)
    assert_allclose(signals.crowd.at(slice(0, 5), now_ms) @ me, wanted, rtol=1e-3, atol=1e-3)
    assert_allclose(signals.moments.at(slice(0, 5), now_ms)[:, 0], moments, rtol=1e-6)
    surface_one = signals.surface(1)
    assert surface_one is not None
    assert_allclose((surface_one.crowd.at(slice(0, 5), now_ms) @ me)[:, 0], on_surface, rtol=1e-3, atol=1e-3)


def test_being_shown_moves_nothing_but_the_denominator():
    signals = Signals(4)
    signals.grow(2)
    signals.take(
        1,
        0,
        START_MS,
        played=False,
        long=False,
        liked=False,
        player=np.ones(4, dtype=np.float32),
        moment=np.ones(MOMENT),
    )
    assert signals.shown.tolist()[:2] == [0, 1]
    assert not signals.plays.sums.any()
    assert not signals.crowd.sums.any()
    assert not signals.moments.sums.any()
    surface = signals.surface(0)
    assert surface is not None
    assert not surface.plays.sums.any()
    assert not surface.crowd.sums.any()
    for rates in (signals.rates, surface.rates):
        assert_allclose(rates.at(slice(0, 2), START_MS)[:, 0], [[0, 0], [1, 0]])


def test_there_are_only_so_many_surfaces():
    signals = Signals(0)
    signals.grow(1)
    for number in range(100):
        signals.take(0, number, START_MS, played=True, long=False, liked=False, player=None, moment=np.ones(MOMENT))
    assert len(signals.surfaces) == SURFACES_AT_MOST
    last = signals.surface(99)
    assert last is not None
    assert last is signals.surface(SURFACES_AT_MOST - 1)
    assert round(last.plays.at(slice(0, 1), START_MS)[0, 0]) == 100 - SURFACES_AT_MOST + 1
