"""A witness: somebody else, who signs a log's checkpoint only where it goes on from the last one they saw.

It keeps one file for each log, and asks nothing of the log but checkpoints and proofs. Source: C2SP tlog-witness.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import msgspec

from penchant.core.clock import Clock
from penchant.ledger.notes import NoteWrong, Signer, Verifier, open_checkpoint, read_checkpoint, split_note
from penchant.ledger.tree import EMPTY_ROOT, extends

_MOST_LINES: Final = 63
MOST_BYTES: Final = 64_000


class Said(NamedTuple):
    """What a witness answers."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"


class Seen(msgspec.Struct, frozen=True):
    """The last checkpoint of a log that was cosigned."""

    origin: str
    size: int
    root: bytes
    note: str
    """The checkpoint as it came: what shows a fork to others, beside the one that does not fit it."""


class Witness:
    """Cosigns for the logs that it knows."""

    def __init__(self, folder: Path, signer: Signer, logs: Sequence[Verifier], clock: Clock) -> None:
        self.verifier = signer.verifier
        self._folder = folder
        self._signer = signer
        self._logs = tuple(logs)
        self._clock = clock
        self._lock = Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def add_checkpoint(self, body: bytes) -> Said:
        """200 with a cosignature, or why not: 400 no request, 403 not signed by the log, 404 another log, 409 the old
        size is not the last one seen, or the root of the same size is another, 422 the proof does not hold."""
        try:
            old, proof, note = _request(body)
            origin = read_checkpoint(split_note(note)[0]).origin
        except (NoteWrong, ValueError, UnicodeDecodeError) as error:
            return Said(400, f"{error}\n")
        keys = [one for one in self._logs if one.name == origin]
        if not keys:
            return Said(404, "this witness does not know that log\n")
        try:
            checkpoint, opened = open_checkpoint(note, keys)
        except NoteWrong as error:
            return Said(403, f"{error.message}\n")
        if old > checkpoint.size:
            return Said(400, "the old size is larger than the new one\n")
        # Checked and kept in one go, so that of two requests the later one never sets the earlier one's back.
        with self._lock:
            seen = self.seen(origin)
            if old != seen.size:
                return Said(409, f"{seen.size}\n", "text/x.tlog.size")
            if not extends(seen.root, seen.size, checkpoint.root, checkpoint.size, proof):
                return self._refused(seen, checkpoint.size, note)
            now_s = self._clock.now_ms() // 1000
            self._keep(Seen(origin, checkpoint.size, checkpoint.root, note))
            return Said(200, self._signer.sign(opened.text, now_s))

    def seen(self, origin: str) -> Seen:
        """The last checkpoint of a log that was cosigned; an empty tree before the first."""
        try:
            return msgspec.json.decode(self._path(origin).read_bytes(), type=Seen)
        except FileNotFoundError:
            return Seen(origin, 0, EMPTY_ROOT, "")

    def _refused(self, seen: Seen, size: int, note: str) -> Said:
        """A log that contradicts itself, in its own words: both checkpoints are kept for whoever has to see them."""
        evidence = self._path(seen.origin).with_suffix(".fork")
        if not evidence.exists():
            _write(evidence, f"{seen.note}\n\n{note}".encode())
        if size == seen.size:
            return Said(409, "the same size has another root: the log shows two views\n")
        return Said(422, "the proof does not show that the log only grew\n")

    def _keep(self, seen: Seen) -> None:
        _write(self._path(seen.origin), msgspec.json.encode(seen))

    def _path(self, origin: str) -> Path:
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()}.seen"


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk before anybody hears of it."""
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _request(body: bytes) -> tuple[int, list[bytes], str]:
    """(old size, proof, checkpoint). Raises ValueError."""
    head, gap, note = body.decode().partition("\n\n")
    first, *lines = head.split("\n")
    word, _, size = first.partition(" ")
    if not gap or word != "old" or not size.isascii() or str(int(size)) != size or len(lines) > _MOST_LINES:
        raise ValueError("this is no request to add a checkpoint")
    return int(size), [_hash(line) for line in lines], note


def _hash(line: str) -> bytes:
    try:
        content = base64.b64decode(line, validate=True)
    except binascii.Error as error:
        raise ValueError("a line of the proof is no base64") from error
    if len(content) != 32:
        raise ValueError("a line of the proof is no hash")
    return content
