"""The sequence encoder: what it reads, and that nothing that serves needs what it is learned with."""

import subprocess
import sys

import numpy as np
import pytest

from penchant.taste.encoder import LENGTH, Encoder, new_parameters, padded, states

VIDEOS = 30


def test_what_is_not_there_says_nothing():
    """Alone, among others in a batch, with or without empty places before it: the same state."""
    parameters = new_parameters(VIDEOS, 1)
    sequences = [[3, 1, 4], [1, 5, 9, 2, 6], [5]]
    batch = states(np, parameters, padded(sequences, LENGTH, VIDEOS))
    for row, sequence in zip(batch, sequences, strict=True):
        alone = states(np, parameters, np.array([sequence]))[0]
        np.testing.assert_allclose(row[-len(sequence) :], alone, atol=1e-5)


def test_what_comes_later_does_not_reach_back():
    parameters = new_parameters(VIDEOS, 1)
    one = states(np, parameters, np.array([[3, 1, 4, 1, 5]]))[0]
    other = states(np, parameters, np.array([[3, 1, 4, 9, 2]]))[0]
    np.testing.assert_array_equal(one[:3], other[:3])
    assert np.abs(one[3:] - other[3:]).max() > 0.01


def test_scores_are_of_every_video_and_the_newest_long_views_count():
    encoder = Encoder(new_parameters(VIDEOS, 1))
    long = list(np.random.default_rng(1).integers(0, VIDEOS, 3 * LENGTH))
    assert encoder.scores(long).shape == (VIDEOS,)
    np.testing.assert_array_equal(encoder.scores(long), encoder.scores(long[-LENGTH:]))
    assert not encoder.scores([]).any()


@pytest.mark.service
def test_nothing_that_serves_imports_jax():
    """Whether or not it is installed: a process with all that workers load has none of it."""
    loaded = (
        "import sys, penchant.app, penchant.cli.main, penchant.feed.recipe, penchant.lab.encoded, "
        "penchant.taste.encoder, penchant.taste.engine, penchant.taste.run, penchant.taste.service, penchant.web.asgi; "
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'jax', 'jaxlib', 'optax'}))"
    )
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
