"""The content encoder on small drawn clips: alike looks are near, unlike looks are far."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.media.encoder import (
    DIMENSIONS,
    FRAME_SIDE,
    GROUPS,
    SOUND_RATE,
    VIEW_SIDE,
    Clip,
    ClipEncoder,
    language,
    text,
)
from penchant.media.written_language import written_language

S = FRAME_SIDE
ENCODER = ClipEncoder()


def clip(frames: np.ndarray, sound: np.ndarray, **words: object) -> Clip:
    seen = frames.astype(np.uint8)
    at = np.arange(VIEW_SIDE) * S // VIEW_SIDE
    views = seen[:: max(1, len(seen) // 2)][:2, at][:, :, at]
    return Clip(seen, np.arange(len(seen)) / 8.0, sound.astype(np.float32), views, **words)  # type: ignore[arg-type]


def tint(plane: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(T, S, S) of 0 to 1, to RGB between two colours of a random palette."""
    dark, light = rng.uniform(0, 90, 3), rng.uniform(150, 255, 3)
    return dark + plane[..., None] * (light - dark)


def waves(seed: int) -> Clip:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:S, 0:S] / S
    time = np.arange(32)[:, None, None] / 8
    plane = 0.5 + 0.5 * np.sin(
        2 * np.pi * (rng.uniform(1, 3) * x + rng.uniform(0, 1) * y - rng.uniform(0.3, 0.8) * time)
    )
    at = np.arange(4 * SOUND_RATE) / SOUND_RATE
    return clip(tint(plane, rng), 0.3 * np.sin(2 * np.pi * rng.uniform(100, 200) * at) * (1 + np.sin(2 * at)) / 2)


def static(seed: int) -> Clip:
    """Coarse noise that jumps, with noise for sound."""
    rng = np.random.default_rng(seed)
    plane = np.kron(rng.random((32, S // 4, S // 4)) > 0.6, np.ones((1, 4, 4)))
    return clip(tint(plane, rng), 0.2 * rng.normal(size=4 * SOUND_RATE))


def dots(seed: int) -> Clip:
    """A few small moving squares on a flat ground, with clicks."""
    rng = np.random.default_rng(seed)
    plane = np.zeros((32, S, S))
    for _ in range(12):
        x, y, dx, dy = *rng.integers(0, S, 2), *rng.integers(-3, 4, 2)
        for frame in range(32):
            plane[frame, (y + dy * frame) % S, (x + dx * frame) % S] = 1
            plane[frame, (y + 1 + dy * frame) % S, (x + dx * frame) % S] = 1
    clicks = np.zeros(4 * SOUND_RATE)
    clicks[:: SOUND_RATE // int(rng.integers(3, 6))] = 1
    return clip(tint(plane, rng), np.convolve(clicks, np.exp(-np.arange(400) / 60), "same"))


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(float), b.astype(float)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_same_look_is_nearer_than_another_look() -> None:
    kinds = [[ENCODER.encode(draw(seed)) for seed in range(5)] for draw in (waves, static, dots)]
    within = [cosine(a, b) for kind in kinds for a, b in combinations(kind, 2)]
    between = [cosine(a, b) for x, y in combinations(kinds, 2) for a, b in product(x, y)]
    assert np.mean(within) > np.mean(between) + 0.3
    # Nearest neighbours are nearly always of the same look, whatever the palette.
    assert np.quantile(within, 0.1) > np.quantile(between, 0.9)


def test_shape_type_and_repeatability() -> None:
    vector = ENCODER.encode(waves(1))
    assert vector.shape == (DIMENSIONS,)
    assert vector.dtype == np.int8
    assert np.array_equal(vector, ENCODER.encode(waves(1)))
    assert sum(group.size for group in GROUPS) == DIMENSIONS
    assert sum(group.share for group in GROUPS) == pytest.approx(1.0)


def test_no_group_adds_more_than_its_share() -> None:
    vector = ENCODER.encode(waves(1)._replace(title="waves at sea", language="en")).astype(float)
    lengths = np.array([np.linalg.norm(part) for part in np.split(vector, np.cumsum([g.size for g in GROUPS])[:-1])])
    shares = (lengths / np.linalg.norm(vector)) ** 2
    assert shares == pytest.approx([group.share for group in GROUPS], abs=0.02)


def test_text_weighs_little_and_none_is_none() -> None:
    silent, titled = waves(1), waves(1)._replace(title="Wellen am Meer", hashtags=("sea", "calm"))
    assert not text("", ()).any()
    assert text("Sea", ()).any()
    assert cosine(ENCODER.encode(silent), ENCODER.encode(titled)) > 0.9


def test_language_is_what_the_title_says_else_what_was_named() -> None:
    assert written_language("Le chat dort sur le lit de sa grand-mère") == "fr"
    assert written_language("Wie man einen Apfelkuchen backt, ganz einfach erklärt") == "de"
    assert written_language("lol") == written_language("😀 12") == written_language("") == ""
    plain = waves(1)
    said = {
        code: ENCODER.encode(plain._replace(language=code)).astype(float)[-8:] for code in ("de", "de-AT", "fr", "")
    }
    assert np.array_equal(said["de"], said["de-AT"])
    assert not np.array_equal(said["de"], said["fr"])
    assert not said[""].any()
    french = plain._replace(title="Le chat dort sur le lit de sa grand-mère", language="de")
    assert np.array_equal(np.sign(ENCODER.encode(french)[-8:]), np.sign(said["fr"]))


def test_languages_are_apart() -> None:
    """Of all pairs of two hundred languages, few share nearly all of their signs."""
    codes = np.array([language(a + b) for a in "abcdefghijkl" for b in "abcdefghijklmnop"])
    alike = (codes @ codes.T / 8)[np.triu_indices(len(codes), 1)]
    assert abs(alike.mean()) < 0.05
    assert (alike > 0.9).mean() < 0.02


def test_still_black_silent_clip_has_a_vector() -> None:
    vector = ENCODER.encode(clip(np.zeros((1, S, S, 3)), np.zeros(0)))
    assert vector.any()


@settings(max_examples=25)
@given(st.integers(1, 12), st.integers(0, 3000), st.integers(0, 2**32 - 1), st.text(max_size=30))
def test_any_clip_gives_a_finite_vector(count: int, samples: int, seed: int, title: str) -> None:
    rng = np.random.default_rng(seed)
    anything = clip(rng.integers(0, 256, (count, S, S, 3)), rng.normal(size=samples), title=title)
    vector = ENCODER.encode(anything)
    assert np.abs(vector.astype(int)).max() == 127
