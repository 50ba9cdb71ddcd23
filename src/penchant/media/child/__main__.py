"""`python -m penchant.media.child`: import all, confine, then answer requests line by line until the pipe closes."""

import os
import sys
from typing import BinaryIO

import msgspec

from penchant.media.child.confine import confine
from penchant.media.child.preload import preload
from penchant.media.child.verbs import answer
from penchant.media.messages import Answer, Confine, Refused, Request, Signature, ToSign


def main() -> int:
    # The pipe moves away from descriptor 1, so that a library that prints cannot forge an answer.
    requests, answers = sys.stdin.buffer, _take_over_stdout()
    first = msgspec.json.decode(requests.readline(), type=Request)
    if not isinstance(first, Confine):
        raise SystemExit("the first line must be: confine")
    preload()
    _send(answers, confine(first.limits))

    def ask_parent(to_sign: ToSign) -> Signature:
        _send(answers, to_sign)
        return msgspec.json.decode(requests.readline(), type=Signature)

    for line in requests:
        request = msgspec.json.decode(line, type=Request)
        _send(answers, answer(request, lambda step: _send(answers, step), ask_parent))
    return 0


def _take_over_stdout() -> BinaryIO:
    pipe = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return pipe


def _send(pipe: BinaryIO, message: Answer) -> None:
    pipe.write(msgspec.json.encode(message) + b"\n")


if __name__ == "__main__":
    try:
        code = main()
    except MemoryError:
        sys.stdout.buffer.write(msgspec.json.encode(Refused("out_of_memory")) + b"\n")
        code = 1
    sys.exit(code)
