"""`python -m penchant.demo.child`: reads orders as JSON lines, answers each with one line, ends with its input."""

import os
import sys

import msgspec

from penchant.demo.child.film import make
from penchant.demo.messages import Order


def main() -> None:
    # The pipe moves away from descriptor 1, so that a library that prints cannot garble an answer.
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    decoder = msgspec.json.Decoder(Order)
    for line in sys.stdin.buffer:
        answers.write(msgspec.json.encode(make(decoder.decode(line))) + b"\n")


if __name__ == "__main__":
    main()
