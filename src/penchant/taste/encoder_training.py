"""Learns the sequence encoder on the stream, in JAX: the only module that imports it (the extra `deep`).

A fold of the log: when a step is taken, and what it is taken on, is decided by how many long views came before, and
what is drawn by the number of the step. Equal logs give equal parameters on one machine.

Source: Petrov, Macdonald 2023, "gSASRec: reducing overconfidence in sequential recommendation trained with negative
sampling", arXiv 2308.07192, section 5, equations 9 and 10 (the loss); the negatives of a step are shared by its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax

from penchant.taste.encoder import LENGTH, Encoder, new_parameters, padded, states

Int32s = npt.NDArray[np.int32]

EPOCHS: Final = 8
"""Times that what is known from before is gone through."""
BATCH: Final = 64
"""Sequences of a step over what is known from before."""
EVERY: Final = 32
"""Long views after which a step is taken on the stream, on the sequences that they end."""
REPLAYED: Final = 32
"""Sequences of other viewers in such a step: against forgetting."""
NEGATIVES: Final = 512
DROPPED: Final = 0.2
RATE: Final = 2e-3
NORM_AT_MOST: Final = 5.0


class EncoderTrainer:
    """Parameters, and what is needed to go on from here."""

    def __init__(self, videos: int, seed: int = 1) -> None:
        self._seed = seed
        self._videos = videos
        self._optimiser = optax.chain(optax.clip_by_global_norm(NORM_AT_MOST), optax.adamw(RATE, weight_decay=1e-4))
        self._step = jax.jit(_step(self._optimiser, videos), donate_argnums=(0, 1))
        self._parameters: Any = {name: jnp.asarray(own) for name, own in new_parameters(videos, seed).items()}
        self._moments: Any = self._optimiser.init(self._parameters)
        self._sequences: dict[int, list[int]] = {}
        self._viewers: list[int] = []
        """In the order in which they came."""
        self._new: list[list[int]] = []
        self.steps = 0
        self.losses: list[float] = []
        """Of the steps on the stream, before they were learned from."""

    def begin(self, sequences: Iterable[tuple[int, Sequence[int]]], epochs: int = EPOCHS) -> None:
        """What is known from before: (viewer, places watched long, the oldest first)."""
        whole = []
        for viewer, places in sequences:
            self._remember(viewer, places)
            if len(places) > 1:
                whole.append(list(places))
        for _ in range(epochs):
            rng = np.random.default_rng((self._seed, 22, self.steps))
            order = rng.permutation(len(whole))
            for start in range(0, len(order) - BATCH + 1, BATCH):
                rows = [self._cut(whole[number], rng) for number in order[start : start + BATCH].tolist()]
                self._learn(rows)

    def take(self, viewer: int, place: int) -> None:
        """This viewer watched this long, for the first time."""
        self._remember(viewer, [place])
        if len(sequence := self._sequences[viewer]) > 1:
            self._new.append(sequence.copy())
        if len(self._new) < EVERY:
            return
        rng = np.random.default_rng((self._seed, 23, self.steps))
        drawn = rng.integers(0, len(self._viewers), REPLAYED).tolist()
        self.losses.append(self._learn([*self._new, *(self._sequences[self._viewers[number]] for number in drawn)]))
        self._new.clear()

    def encoder(self) -> Encoder:
        """As it is now, for NumPy."""
        return Encoder({name: np.array(own) for name, own in self._parameters.items()})

    def _remember(self, viewer: int, places: Sequence[int]) -> None:
        if viewer not in self._sequences:
            self._sequences[viewer] = []
            self._viewers.append(viewer)
        own = self._sequences[viewer]
        own.extend(places)
        del own[: -LENGTH - 1]

    def _cut(self, sequence: list[int], rng: np.random.Generator) -> list[int]:
        """A longer one ends anywhere, so that its beginning is learned from too."""
        end = len(sequence) if len(sequence) <= LENGTH + 1 else int(rng.integers(LENGTH + 1, len(sequence) + 1))
        return sequence[:end]

    def _learn(self, rows: list[list[int]]) -> float:
        rng = np.random.default_rng((self._seed, 24, self.steps))
        negatives = rng.integers(0, self._videos, NEGATIVES).astype(np.int32)
        sequences = padded(rows, LENGTH + 1, self._videos)
        key = jax.random.key(self._seed * 1_000_003 + self.steps)
        self._parameters, self._moments, loss = self._step(self._parameters, self._moments, sequences, negatives, key)
        self.steps += 1
        return float(loss)


def _step(optimiser: Any, videos: int) -> Callable[..., Any]:
    def step(parameters: Any, moments: Any, sequences: Any, negatives: Any, key: Any) -> Any:
        loss, gradients = jax.value_and_grad(_loss)(parameters, sequences, negatives, key, videos)
        updates, moments = optimiser.update(gradients, moments, parameters)
        return optax.apply_updates(parameters, updates), moments, loss

    return step


def _loss(parameters: Any, sequences: Any, negatives: Any, key: Any, videos: int) -> Any:
    """Mean over all known next videos of (B, L + 1) sequences, against (K,) negatives."""
    keys = iter(jax.random.split(key, 16))

    def drop(values: Any) -> Any:
        kept = jax.random.bernoulli(next(keys), 1 - DROPPED, values.shape)
        return jnp.where(kept, values / (1 - DROPPED), 0.0)

    watched, following = sequences[:, :-1], sequences[:, 1:]
    known = states(jnp, parameters, watched, drop)
    positive = (known * parameters["videos"][following]).sum(axis=-1, keepdims=True)
    negative = known @ parameters["videos"][negatives].T
    # A negative that is the target is none.
    negative = jnp.where(negatives == following[:, :, None], -jnp.inf, negative)
    losses = jax.nn.logsumexp(jnp.concatenate([positive, negative], axis=-1), axis=-1) - positive[:, :, 0]
    counted = (watched != videos) & (following != videos)
    return (losses * counted).sum() / jnp.maximum(counted.sum(), 1)
