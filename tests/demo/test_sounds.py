"""The sounds: right length, audible, never clipping, without a seam."""

import numpy as np
import pytest

from penchant.demo.sounds import PIECES, SAMPLE_RATE
from penchant.demo.sounds.score import Score, pitch

ALL = [(theme, name) for theme, pieces in PIECES.items() for name in pieces]


@pytest.mark.parametrize(("theme", "name"), ALL)
def test_a_piece_is_sound(theme: str, name: str) -> None:
    length = SAMPLE_RATE * 5 // 2
    sound = PIECES[theme][name].render(length, seed=1)
    assert sound.shape == (length, 2)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 1.0
    assert 0.05 < float(np.sqrt((sound**2).mean())) < 0.2, "audible, and as loud as the others"
    inner = float(np.abs(np.diff(sound, axis=0)).max())
    assert float(np.abs(sound[0] - sound[-1]).max()) <= inner + 1e-6, "the loop has no seam"


@pytest.mark.parametrize("theme", list(PIECES))
def test_the_pieces_of_a_theme_are_at_least_four_and_differ(theme: str) -> None:
    rendered = [piece.render(SAMPLE_RATE, seed=1) for piece in PIECES[theme].values()]
    assert len(rendered) >= 4
    for place, one in enumerate(rendered):
        for other in rendered[:place]:
            assert np.abs(one - other).mean() > 0.01


def test_the_same_seed_plays_the_same() -> None:
    piece = PIECES["automata"]["glider"]
    assert (piece.render(40_000, 3) == piece.render(40_000, 3)).all()
    assert (piece.render(40_000, 3) != piece.render(40_000, 4)).any()


def test_a_note_that_rings_past_the_end_rings_on_at_the_start() -> None:
    score = Score(1000, 60, np.random.default_rng(1))
    score.play(0.9, np.full(300, 0.5, np.float32), room=0.0)
    sound = score.finished()
    assert np.abs(sound[150:190] - sound[950:990]).max() < 1e-6
    assert np.abs(sound[50] - sound[500]).max() > 0.01


def test_pitch_follows_the_scale_through_the_octaves() -> None:
    assert pitch(69, "major", 0) == pytest.approx(440)
    assert pitch(69, "major", 7) == pytest.approx(880)
    assert pitch(69, "minor", 2) == pytest.approx(440 * 2 ** (3 / 12))
    assert pitch(69, "pentatonic", -5) == pytest.approx(220)
