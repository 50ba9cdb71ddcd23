"""Writing down what is said: the port that a speech model fills. It is given samples, never a file of somebody's."""

from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from penchant.core.errors import PenchantError

SPEECH_RATE: Final = 16_000
"""Samples a second."""


class SpokenWord(NamedTuple):
    """A word and when it is said."""

    start_ms: int
    end_ms: int
    text: str
    """With the punctuation that belongs to it, without spaces around it."""


class TranscriberFailed(PenchantError):
    """There is no answer: the model cannot be loaded, broke down or took too long."""

    code = "transcriber_failed"


class Transcriber(Protocol):
    """Knows speech of some languages."""

    languages: frozenset[str]
    """Those that it writes, as `en`."""

    def transcribe(self, samples: NDArray[np.int16]) -> list[SpokenWord]:
        """What is said, in the order of time; nothing where nobody speaks.

        samples: (N,) int16, mono, `SPEECH_RATE` a second.

        Raises:
            TranscriberFailed: another try may do better, or not.
        """
        ...
