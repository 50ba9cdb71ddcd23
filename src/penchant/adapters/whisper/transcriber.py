"""Starts the program, gives it samples, and ends it when it takes too long."""

import subprocess
from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from penchant.adapters.apart import last_words, run_apart
from penchant.adapters.whisper.messages import Answer, NotHeard, Speech
from penchant.media.limits import wall_limit_s
from penchant.media.transcriber import SPEECH_RATE, SpokenWord, TranscriberFailed

_DECODER: Final = msgspec.json.Decoder[Answer](Answer)


class WhisperTranscriber:
    """A `Transcriber` for English; a process for each video, half a gigabyte of memory while it runs."""

    languages = frozenset({"en"})

    def __init__(self, limit_s: Callable[[int], float] = wall_limit_s) -> None:
        """limit_s: seconds that listening to so many milliseconds may take."""
        self._limit_s = limit_s

    def transcribe(self, samples: NDArray[np.int16]) -> list[SpokenWord]:
        """See `Transcriber`. A second of sound takes a tenth of a second of one core."""
        given = msgspec.json.encode(Speech(len(samples))) + b"\n" + np.ascontiguousarray(samples, np.int16).tobytes()
        limit_s = self._limit_s(1000 * len(samples) // SPEECH_RATE)
        try:
            done = run_apart("penchant.adapters.whisper", given, limit_s)
        except subprocess.TimeoutExpired as error:
            raise TranscriberFailed(f"no answer within {limit_s:.0f} s", code="timed_out") from error
        try:
            answer = _DECODER.decode(done.stdout)
        except msgspec.DecodeError as error:
            raise TranscriberFailed(last_words(done)) from error
        if isinstance(answer, NotHeard):
            raise TranscriberFailed(answer.detail)
        return [SpokenWord(*word) for word in answer.words]
