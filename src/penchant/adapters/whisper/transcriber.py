"""Starts the program, gives it samples, and ends it when it takes too long."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

import penchant
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
        with tempfile.TemporaryDirectory(prefix="penchant-speech-") as home:
            try:
                done = subprocess.run(
                    [sys.executable, "-P", "-s", "-m", "penchant.adapters.whisper"],
                    input=given,
                    capture_output=True,
                    timeout=limit_s,
                    cwd=home,
                    env=_environment(home),
                    start_new_session=True,
                )
            except subprocess.TimeoutExpired as error:
                raise TranscriberFailed(f"no answer within {limit_s:.0f} s", code="timed_out") from error
        try:
            answer = _DECODER.decode(done.stdout)
        except msgspec.DecodeError as error:
            raise TranscriberFailed(f"exit code {done.returncode}: {_last_words(done.stderr)}") from error
        if isinstance(answer, NotHeard):
            raise TranscriberFailed(answer.detail)
        return [SpokenWord(*word) for word in answer.words]


def _last_words(printed: bytes) -> str:
    return printed[-2000:].decode("utf-8", "replace")


def _environment(home: str) -> dict[str, str]:
    """Nothing of ours, and no way to fetch anything: neither settings nor secrets nor a proxy."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": home,
        "TMPDIR": home,
        "PYTHONPATH": str(Path(penchant.__file__).parent.parent),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
