"""Where a log is read from that is not our own: an address, or a folder with its files."""

from pathlib import Path

from penchant.core.errors import Unavailable
from penchant.core.outbound import Bounds, Outbound
from penchant.ledger.sequencer import CHECKPOINT, COSIGNED
from penchant.ledger.tiles import Fetch

_BOUNDS = Bounds(seconds=20.0, size_bytes=20_000_000, redirects=3)


def fetch_from(prefix: str) -> Fetch:
    """Reads the files below an address or in a folder; None where one is not there."""
    if prefix.startswith(("http://", "https://")):
        # Whoever asks chose the address: it may well be in a network of their own.
        outbound = Outbound(permits=lambda _: True, schemes=frozenset({"http", "https"}), ports=None)

        def from_address(path: str) -> bytes | None:
            answer = outbound.get(f"{prefix.rstrip('/')}/{path}", bounds=_BOUNDS)
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise Unavailable(f"{prefix} answered {answer.status} for {path}")
            return answer.body

        return from_address
    folder = Path(prefix)
    if not folder.is_dir():
        raise Unavailable(f"{prefix} is neither an address nor a folder")

    def from_folder(path: str) -> bytes | None:
        try:
            return (folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    return from_folder


def checkpoint_of(fetch: Fetch, *, cosigned: bool = False) -> str:
    """The note of a log's last checkpoint; of the last that witnesses signed too, where there is one and it is asked.

    Raises:
        Unavailable: there is none.
    """
    content = (fetch(COSIGNED) if cosigned else None) or fetch(CHECKPOINT)
    if content is None:
        raise Unavailable("there is no checkpoint: no log has begun there")
    return content.decode(errors="replace")
