"""Learning the sequence encoder, where the extra `deep` is installed: ./dev test --all does that, ./dev deep too."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.lab.test_bench import bench
from tests.lab.worlds import write_world

pytest.importorskip("jax", reason="the extra deep is not installed: ./dev deep")
pytest.importorskip("optax", reason="the extra deep is not installed: ./dev deep")

import jax.numpy as jnp

from penchant.lab.dataset import read_dataset
from penchant.lab.evaluate import Protocol, Wanted, evaluate, figures
from penchant.lab.replay import replay
from penchant.taste.encoder import LENGTH, new_parameters, padded, states
from penchant.taste.encoder_training import EVERY, EncoderTrainer
from penchant.taste.engine import Ranker
from penchant.taste.recipe import Recipe

pytestmark = pytest.mark.scale
VIDEOS, VIEWERS = 40, 80


def histories(seed: int = 1) -> Iterator[tuple[int, list[int]]]:
    """After video n comes n + 1, or, one time in ten, anything."""
    rng = np.random.default_rng(seed)
    for viewer in range(VIEWERS):
        places = [int(rng.integers(0, VIDEOS))]
        for _ in range(15):
            places.append((places[-1] + 1) % VIDEOS if rng.random() < 0.9 else int(rng.integers(0, VIDEOS)))
        yield viewer, places


def stream(events: int) -> list[tuple[int, int]]:
    rng = np.random.default_rng(2)
    return list(
        zip(rng.integers(0, 2 * VIEWERS, events).tolist(), rng.integers(0, VIDEOS, events).tolist(), strict=True)
    )


def learned(events: list[tuple[int, int]], seed: int = 1) -> EncoderTrainer:
    trainer = EncoderTrainer(VIDEOS, seed)
    trainer.begin(histories(), epochs=2)
    for viewer, place in events:
        trainer.take(viewer, place)
    return trainer


def test_numpy_says_what_jax_says():
    """Of learned parameters, not of new ones, whose states hardly differ."""
    parameters = learned(stream(2 * EVERY)).encoder().parameters
    assert np.abs(parameters["query"] - new_parameters(VIDEOS, 1)["query"]).max() > 1e-3
    places = padded([own for _, own in histories(3)], LENGTH, VIDEOS)
    ours = states(np, parameters, places)
    theirs = states(jnp, {name: jnp.asarray(own) for name, own in parameters.items()}, jnp.asarray(places))
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours[:, -15:], np.asarray(theirs)[:, -15:], atol=2e-4)


def test_it_learns_what_comes_next():
    trainer = EncoderTrainer(VIDEOS)
    trainer.begin(histories(), epochs=120)
    encoder = trainer.encoder()
    ranks = []
    for _, places in histories(seed=5):
        scores = encoder.scores(places)
        ranks.append(int((scores > scores[(places[-1] + 1) % VIDEOS]).sum()))
    assert np.mean(np.array(ranks) == 0) > 0.8


def test_equal_logs_give_equal_parameters_and_others_do_not():
    """A step is taken at a count of long views: what comes after the last step is in no parameter yet."""
    events = stream(3 * EVERY + 5)
    one, other = learned(events), learned(events)
    assert one.steps == other.steps
    for name, own in one.encoder().parameters.items():
        np.testing.assert_array_equal(own, other.encoder().parameters[name])
    different = [*events[:7], (events[7][0], (events[7][1] + 1) % VIDEOS), *events[8:]]
    changed = learned(different).encoder().parameters["videos"]
    assert np.abs(changed - one.encoder().parameters["videos"]).max() > 0


def test_a_snapshot_does_not_move():
    trainer = learned([])
    encoder = trainer.encoder()
    before = encoder.parameters["videos"].copy()
    for viewer, place in stream(2 * EVERY):
        trainer.take(viewer, place)
    np.testing.assert_array_equal(encoder.parameters["videos"], before)
    assert np.abs(trainer.encoder().parameters["videos"] - before).max() > 0


def test_it_is_one_more_model_of_the_replay_and_does_not_disturb_the_default(tmp_path: Path):
    def quiet(_words: str, _done: int, _total: int) -> None:
        """No progress."""

    folder = write_world(tmp_path)
    report = evaluate(Wanted(folder, Protocol.REPLAY, variants=False, encoder=True), quiet)
    data, from_ms, beside = read_dataset(folder), report["measured_from_ms"], report["models"]
    alone = replay(data, data.events, {"penchant": Ranker(Recipe())}, quiet, measure_from_ms=from_ms).models
    assert set(beside) - set(alone) == {"penchant-encoder", "encoder"}
    assert beside["penchant"] == figures(alone["penchant"])
    assert beside["encoder"]["candidate_recall"] == 1


@pytest.mark.service
def test_the_bench_says_what_it_would_cost_the_learner():
    report = bench("taste", "--samples", "20", "--waits", "10", "--with-encoder")
    learner, encoder = report["learner"], report["encoder"]
    # A viewer's first long view follows on nothing.
    assert 3 < encoder["steps"] <= encoder["long_views"] // EVERY
    whole = learner["events"] / (learner["stream_cpu_s"] + encoder["cpu_s"])
    assert encoder["events_per_s_per_core"] == pytest.approx(whole, rel=0.02)
    assert encoder["asked"] == 5_000
