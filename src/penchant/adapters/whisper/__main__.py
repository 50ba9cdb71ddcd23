"""`python -m penchant.adapters.whisper`: samples in, words out, once; then the memory is given back.

A program of its own because faster-whisper imports PyAV, whose codecs are GPL, and because a model that breaks down
or never ends must not take the worker along. It is never given a file, a path or an address.
"""

import ctypes
import os
import signal
import sys
from typing import BinaryIO, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from penchant.adapters.whisper.messages import Answer, Heard, NotHeard, Speech
from penchant.adapters.whisper.weights import WeightsWrong, read_weights, weights_folder
from penchant.media.transcriber import SPEECH_RATE

_PR_SET_PDEATHSIG: Final = 1
_NICE: Final = 19
"""Whatever else this machine does comes first: nobody waits for captions."""


def main(given: BinaryIO, answers: BinaryIO) -> None:
    """Read one request and answer it."""
    os.nice(_NICE)
    if sys.platform == "linux":  # a killed worker leaves nobody behind who goes on for a minute
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    speech = msgspec.json.decode(given.readline(), type=Speech)
    samples = np.frombuffer(given.read(2 * speech.samples), np.int16)
    answers.write(msgspec.json.encode(_answer(samples)) + b"\n")


def _answer(samples: NDArray[np.int16]) -> Answer:
    try:
        return Heard(_words(samples))
    except (WeightsWrong, ImportError, RuntimeError, ValueError, MemoryError) as error:
        return NotHeard(repr(error))


def _words(samples: NDArray[np.int16]) -> list[tuple[int, int, str]]:
    from faster_whisper import WhisperModel

    model = WhisperModel(
        "tiny.en", device="cpu", compute_type="int8", cpu_threads=1, files=read_weights(weights_folder())
    )
    segments, _ = model.transcribe(
        samples.astype(np.float32) / 32_768,
        language="en",
        word_timestamps=True,
        # Without it music and noise become words that nobody said.
        vad_filter=True,
        # What was misheard once is not a hint for what comes.
        condition_on_previous_text=False,
    )
    return [
        (round(1000 * float(word.start)), round(1000 * float(word.end)), word.word.strip())
        for segment in segments
        for word in segment.words or ()
        if word.word.strip()
    ]


if __name__ == "__main__":
    assert SPEECH_RATE == 16_000  # what the model was trained on
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a library that prints cannot forge an answer
    main(sys.stdin.buffer, pipe)
