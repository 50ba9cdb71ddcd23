"""The themes: each style draws something, moves, and differs with its seed; tiny here, the same code as large."""

import itertools

import numpy as np
import pytest

from penchant.demo.paint.colour import mix, ramp, rgb
from penchant.demo.paint.field import clouds, enlarge
from penchant.demo.paint.letters import breadth, word
from penchant.demo.themes import THEMES

STYLES = [(theme, style) for theme, look in THEMES.items() for style in look.styles]
SIZE = (142, 80)


def frames_of(theme: str, style: str, palette: str | None = None, seed: int = 5, frames: int = 8) -> np.ndarray:
    """The first frames of a clip of five seconds."""
    look = THEMES[theme]
    rng = np.random.default_rng(seed)
    drawn = look.draw(style, palette or next(iter(look.palettes)), 96, rng, SIZE, 120, 24, "ÇA VA BIEN")
    return np.stack(list(itertools.islice(drawn, frames)))


@pytest.mark.parametrize(("theme", "style"), STYLES)
def test_frames_are_pictures_that_move(theme: str, style: str) -> None:
    frames = frames_of(theme, style)
    scale = THEMES[theme].styles[style].scale
    assert frames.shape == (8, round(SIZE[0] * scale), round(SIZE[1] * scale), 3)
    assert frames.dtype == np.uint8
    whole = frames.astype(np.float64)
    assert whole.mean() > 4, "not black"
    assert whole.std() > 6, "not one flat colour"
    steps = np.abs(np.diff(whole, axis=0)).mean(axis=(1, 2, 3))
    assert steps.max() > 0.02, "it moves"
    assert (steps < 60).all(), "no strobe"


@pytest.mark.parametrize(("theme", "style"), STYLES)
def test_the_same_seed_draws_the_same_and_another_seed_or_palette_does_not(theme: str, style: str) -> None:
    once = frames_of(theme, style, frames=2)
    assert (once == frames_of(theme, style, frames=2)).all()
    palettes = list(THEMES[theme].palettes)
    assert (once != frames_of(theme, style, palettes[1], frames=2)).any()
    assert (once != frames_of(theme, style, seed=6, frames=2)).any()


@pytest.mark.parametrize("theme", list(THEMES))
def test_a_clip_has_as_many_frames_as_were_asked_for(theme: str) -> None:
    style, look = next(iter(THEMES[theme].styles)), THEMES[theme]
    palette = next(iter(look.palettes))
    drawn = look.draw(style, palette, 96, np.random.default_rng(1), (107, 60), 30, 24, "OUI")
    assert len(list(drawn)) == 30


def test_every_palette_has_five_colours_or_more() -> None:
    for look in THEMES.values():
        assert len(look.palettes) >= 4
        for stops in look.palettes.values():
            assert len(stops) >= 5
            assert all(rgb(stop).shape == (3,) for stop in stops)


def test_a_ramp_meets_its_stops_and_a_cyclic_one_closes() -> None:
    stops = ("#102030", "#c04060", "#f0f0d0")
    straight = ramp(stops, 257).colours
    for place, stop in ((0, stops[0]), (128, stops[1]), (256, stops[2])):
        assert np.abs(straight[place].astype(int) - rgb(stop)).max() <= 1
    around = ramp(stops, 256, cyclic=True).colours.astype(int)
    assert np.abs(around[0] - around[-1]).max() <= 3
    assert mix(stops[0], stops[1], 0.0) == stops[0]


def test_enlarging_keeps_the_mean_and_adds_no_overshoot() -> None:
    small = np.random.default_rng(1).uniform(0, 1, (9, 7)).astype(np.float32)
    large = enlarge(small, 90, 70, wrap=True)
    assert large.shape == (90, 70)
    assert abs(float(large.mean()) - float(small.mean())) < 0.01
    assert small.min() <= large.min()
    assert large.max() <= small.max()
    assert clouds(np.random.default_rng(2), 40, 30, 4).shape == (40, 30)


def test_a_word_is_as_wide_as_its_breadth_and_has_ink_where_its_strokes_are() -> None:
    field = word("ILÉ", 10.0)
    assert field.shape == (100, round(breadth("ILÉ") * 10))
    # The stem of the I stands one margin from the left, between cap line (row 20) and base line (row 80).
    assert field[50, 12] < 0.1
    assert field[50, 0] > 1.0
    assert (field[:18] < 0.5).any(), "the accent stands above the capitals"
