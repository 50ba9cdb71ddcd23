"""Through a coder and back: `python -m penchant.lab.child.recode CODEC BITS_PER_S FILE...`.

For `penchant bench sounds`. Each file is a NumPy array of int16 samples, mono, 16,000 a second, and is replaced.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

_RATE = 16_000
_CODER_RATE = 48_000
_PIECE = 1024


def main(codec: str, bits_per_s: int, files: list[Path]) -> None:
    for path in files:
        np.save(path, decoded(encoded(np.load(path), codec, bits_per_s)))


def encoded(samples: NDArray[np.int16], codec: str, bits_per_s: int) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as output:
        stream: Any = output.add_stream(codec, rate=_CODER_RATE, layout="mono", bit_rate=bits_per_s)
        wider = AudioResampler(stream.codec_context.format or "fltp", "mono", _CODER_RATE)
        for frame in _frames(samples):
            for piece in wider.resample(frame):
                output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return file.getvalue()


def decoded(content: bytes) -> NDArray[np.int16]:
    narrower = AudioResampler("s16", "mono", _RATE)
    with av.open(io.BytesIO(content), "r") as file:
        pieces = [piece for frame in file.decode(audio=0) for piece in narrower.resample(frame)]
        pieces += narrower.resample(None)
    return np.concatenate([piece.to_ndarray().ravel() for piece in pieces])


def _frames(samples: NDArray[np.int16]) -> Iterator[av.AudioFrame | None]:
    for start in range(0, len(samples), _PIECE):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + _PIECE], format="s16", layout="mono")
        frame.sample_rate, frame.pts = _RATE, start
        yield frame
    yield None


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
