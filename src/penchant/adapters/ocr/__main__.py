"""`python -m penchant.adapters.ocr`: pictures in, their lines out, once; then the memory is given back."""

import os
import sys
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from penchant.adapters.ocr.messages import Lines, Read


def main(given: BinaryIO, answers: BinaryIO) -> None:
    """Read one request and answer it."""
    read = msgspec.json.decode(given.readline(), type=Read)
    shape = (read.count, read.height, read.width, 3)
    pictures = np.frombuffer(given.read(), np.uint8).reshape(shape)
    answers.write(msgspec.json.encode(Lines(_lines(pictures))) + b"\n")


def _lines(pictures: NDArray[np.uint8]) -> list[list[str]]:
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    model = RapidOCR(params={"Global.log_level": "error", **threads})
    # It takes blue first.
    return [list(model(np.ascontiguousarray(picture[:, :, ::-1])).txts or ()) for picture in pictures]


if __name__ == "__main__":
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a library that prints cannot forge an answer
    main(sys.stdin.buffer, pipe)
