"""What a monitor remembers of a log between two looks at it."""

from collections import Counter, deque
from pathlib import Path

import msgspec

from penchant.core.errors import Invalid
from penchant.ledger.notes import Checkpoint
from penchant.ledger.tiles import Fetch
from penchant.ledger.verify import Report, Rules, Trust, follow


class Memory(msgspec.Struct, frozen=True):
    """The last checkpoint that was right, and what the rules have to know of the leaves before it."""

    origin: str = ""
    size: int = 0
    root: bytes = b""
    latest_ms: int = 0
    epochs: tuple[bytes, ...] = ()
    files: dict[int, bytes] = {}
    counts: dict[str, int] = {}

    @classmethod
    def load(cls, path: Path) -> "Memory":
        """From a file; empty where there is none.

        Raises:
            Invalid: the file is something else.
        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except FileNotFoundError:
            return cls()
        except (msgspec.DecodeError, OSError) as problem:
            raise Invalid(f"{path} is not the memory of a monitor: {problem}") from problem

    def save(self, path: Path) -> None:
        """Whole or not at all."""
        draft = path.with_name(f".{path.name}.new")
        draft.write_bytes(msgspec.json.encode(self))
        draft.replace(path)


def look(fetch: Fetch, note: str, memory: Memory, trust: Trust, now_ms: int) -> tuple[Report, Memory]:
    """Look at a log once more; returns what was found, and what to remember."""
    rules = Rules(memory.latest_ms, deque(memory.epochs, maxlen=1_000), dict(memory.files), Counter(memory.counts))
    before = Checkpoint(memory.origin, memory.size, memory.root) if memory.size else None
    after, report = follow(fetch, note, before, rules, trust, now_ms)
    if report.faults or after is None:
        return report, memory
    return report, Memory(
        after.origin, after.size, after.root, rules.latest_ms, tuple(rules.epochs), rules.files, dict(rules.counts)
    )
