"""The sequence encoder as one more column and source of the replay. It needs the extra `deep`; nothing else does.

Only for the evaluation: what it adds beside the other parts is in `docs/reference/quality.md`, and by that it is not
in the default recipe, nor does the live learner have it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from penchant.core.errors import PenchantError
from penchant.lab.metrics import Floats
from penchant.taste.encoder import Encoder
from penchant.taste.engine import Engine
from penchant.taste.parts import Column
from penchant.taste.recipe import Recipe

if TYPE_CHECKING:
    from penchant.taste.encoder_training import EncoderTrainer

COLUMN: Final = Column("encoder", "encoder", "how much a sequence of long views leads to it", quota=120, live=True)


class DeepMissing(PenchantError):
    """The extra that the encoder learns with is not installed."""

    code = "deep_missing"


def trainer_of(videos: int, seed: int = 1) -> EncoderTrainer:
    """A new one; what it needs is loaded now and not before.

    Raises:
        DeepMissing: the extra `deep` is not installed.
    """
    try:
        from penchant.taste.encoder_training import EncoderTrainer
    except ModuleNotFoundError as error:
        raise DeepMissing(
            f"the encoder needs the extra deep ({error.name} is missing): pip install 'penchant[deep]', "
            "or ./dev deep in a clone"
        ) from None
    return EncoderTrainer(videos, seed)


def with_encoder(recipe: Recipe) -> Recipe:
    """The recipe and what the encoder says."""
    return replace(recipe, columns=(*recipe.columns, COLUMN))


class Encoded:
    """An encoder that learns on the stream beside an engine, from the same profiles."""

    def __init__(self, engine: Engine, seed: int = 1) -> None:
        """Goes through the engine's profiles as they are, several times.

        Raises:
            DeepMissing: the extra `deep` is not installed.
        """
        self._engine = engine
        self.trainer = trainer_of(engine.videos, seed)
        self.trainer.begin(engine.long_views())
        self._served: tuple[int, Encoder] = (-1, self.trainer.encoder())

    def read(self, viewer: int) -> dict[str, Floats]:
        """(V,) of `COLUMN`: above 0 what is more likely than most."""
        steps, encoder = self._served
        if steps != self.trainer.steps:
            encoder = self.trainer.encoder()
            self._served = self.trainer.steps, encoder
        scores = encoder.scores(self._engine.profile(viewer).long).astype("float64")
        return {COLUMN.name: scores - scores.mean()}

    def take(self, viewer: int, place: int) -> None:
        """This viewer watched this long, for the first time."""
        self.trainer.take(viewer, place)
