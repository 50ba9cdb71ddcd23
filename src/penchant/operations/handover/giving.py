"""`penchant market handover`: from running cells to a whole bundle, killed anywhere and run again.

For each market: its log ends with what comes, one consistent copy is taken, and the copy goes piece by piece into
encrypted parts. The plain copy lies in the cell's own folder until the bundle is whole.
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import penchant
from penchant.core.clock import Clock
from penchant.core.database import Connection
from penchant.ledger.leaves import HandOver
from penchant.ledger.notes import open_checkpoint
from penchant.ledger.sequencer import CHECKPOINT, PREFIX
from penchant.operations import manifest as m
from penchant.operations import repository
from penchant.operations.backup import Installation, Progress, back_up
from penchant.operations.backup_source import TarSource, open_backup
from penchant.operations.handover.bundle import finish, keep_draft, write
from penchant.operations.handover.excluded import excluded, goes
from penchant.operations.handover.model import (
    EXCLUDED,
    Counted,
    Draft,
    Learned,
    Log,
    Manifest,
    Market,
    Part,
    Plan,
    decode,
    encode,
)
from penchant.operations.handover.plan import Giving
from penchant.operations.handover.sealing import digest_of, digest_of_piece, seal
from penchant.operations.handover.signature import sign
from penchant.taste.epochs import POINTER

PART_BYTES = 256_000_000
"""Plain bytes of a part: so much is done again after a kill, at most."""
_ROOM, _COPY, _COUNTED, _PLAN = ".handover", "copy.tar", "counted.json", "plan"


def hand_over(
    cells: Sequence[Giving], folder: Path, draft: Draft, clock: Clock, progress: Progress, part_bytes: int = PART_BYTES
) -> Manifest:
    """Make what is missing of a bundle.

    Raises:
        LedgerSetBack: a log has ended with another hand-over, or was set back.
        Unavailable: a database could not be dumped.
    """
    keep_draft(folder, draft)
    markets = []
    for cell in cells:
        with _last_word(cell, draft.plan, clock):
            copy = _take_copy(cell, draft.plan, progress)
        draft = _seal_parts(cell.market, copy, folder, draft, part_bytes, progress)
        markets.append(_market(cell, draft, copy))
    write(folder / EXCLUDED, excluded(draft.plan).encode())
    manifest = Manifest(penchant.__version__, draft.plan, tuple(markets))
    content = encode(manifest)
    finish(folder, content, sign(content, (cell.signer for cell in cells)))
    forget_copies(cells)
    return manifest


def forget_copies(cells: Sequence[Giving]) -> None:
    """The bundle is whole: the plain copies go."""
    for cell in cells:
        shutil.rmtree(cell.installation.data / _ROOM, ignore_errors=True)


@contextlib.contextmanager
def _last_word(cell: Giving, plan: Plan, clock: Clock) -> Iterator[None]:
    """While the copy is taken the log stands still; for good, where the receiver has said how it goes on."""
    next_key = plan.next_keys.get(cell.market)
    if next_key is None or plan.rehearsal:
        with cell.ledger.sequencer.still():
            yield
        return
    leaf = HandOver(clock.now_ms(), plan.digest, " ".join(plan.recipients).encode(), next_key.encode())
    cell.ledger.sequencer.end(
        leaf,
        f"{cell.market} was handed over by the plan {plan.digest.hex()[:16]}, and its log goes on under {next_key}",
    )
    yield


def _take_copy(cell: Giving, plan: Plan, progress: Progress) -> Path:
    room = cell.installation.data / _ROOM
    whose = room / _PLAN
    if not whose.exists() or whose.read_text("utf-8") != plan.digest.hex():
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(mode=0o700)
        write(whose, plan.digest.hex().encode())
    copy = room / _COPY
    if not copy.exists() or _is_too_old(copy, cell, plan):
        copy.unlink(missing_ok=True)

        def count(connection: Connection) -> None:
            counted = Counted(repository.count_rows(connection), repository.count_open_cases(connection))
            write(room / _COUNTED, encode(counted))

        installation = _what_goes(cell.installation, plan)
        back_up(installation, copy, lambda what, *done: progress(f"{cell.market} {what}", *done), count)
    return copy


def _is_too_old(copy: Path, cell: Giving, plan: Plan) -> bool:
    """Whether people could add things after it was taken: a stay had opened the market again."""
    if plan.rehearsal or cell.standing.since is None:
        return False
    return datetime.fromisoformat(open_backup(copy)[1].made_at) < cell.standing.since


def _what_goes(installation: Installation, plan: Plan) -> Installation:
    licensed = installation.market in plan.licences
    return replace(installation, takes=lambda name: goes(name, licensed=licensed), taste=licensed)


def _seal_parts(market: str, copy: Path, folder: Path, draft: Draft, part_bytes: int, progress: Progress) -> Draft:
    (folder / market).mkdir(mode=0o700, exist_ok=True)
    size_bytes = copy.stat().st_size
    kept = {part.name: part for part in draft.parts.get(market, ())}
    parts: list[Part] = []
    done = 0

    def moved(count: int) -> None:
        nonlocal done
        done += count
        progress(f"{market} sealed", min(done, size_bytes), size_bytes)

    for number, start in enumerate(range(0, size_bytes, part_bytes), 1):
        name, length = f"{market}/{number:04}.age", min(part_bytes, size_bytes - start)
        part = kept.get(name)
        if part is None or not _is_of(part, copy, start, length) or not _is_whole(folder, part):
            part = seal(copy, start, length, folder / name, name, draft.plan.recipients, moved)
        else:
            moved(length)
        parts.append(part)
        draft = Draft(draft.plan, {**draft.parts, market: tuple(parts)})
        keep_draft(folder, draft)
    return draft


def _is_of(part: Part, copy: Path, start: int, length: int) -> bool:
    """Not of a copy that was there before: parts of two moments fit by their sizes alone."""
    return part.plain_bytes == length and part.plain_sha256 == digest_of_piece(copy, start, length)


def _is_whole(folder: Path, part: Part) -> bool:
    path = folder / part.name
    return path.is_file() and digest_of(path) == (part.size_bytes, part.sha256)


def _market(cell: Giving, draft: Draft, copy: Path) -> Market:
    _, inside = open_backup(copy)
    objects = [part for part in inside.parts if part.name.startswith(m.OBJECTS)]
    counted = decode((copy.with_name(_COUNTED)).read_bytes(), Counted, "what was counted")
    return Market(
        market=cell.market,
        schema=inside.schema,
        taken_at=inside.made_at,
        counted=counted,
        objects=len(objects),
        objects_bytes=sum(part.size_bytes for part in objects),
        missing=len(inside.missing),
        log=_log(cell, copy),
        next_key="" if draft.plan.rehearsal else draft.plan.next_keys.get(cell.market, ""),
        parts=draft.parts[cell.market],
        learned=_learned(cell, draft.plan, copy),
    )


def _learned(cell: Giving, plan: Plan, copy: Path) -> Learned | None:
    licence = plan.licences.get(cell.market)
    if licence is None:
        return None
    epoch = b"".join(TarSource(copy).pieces(f"{m.TASTE}{POINTER}")).decode().strip()
    return Learned("epochs", cell.market, epoch, licence)


def _log(cell: Giving, copy: Path) -> Log:
    note = b"".join(TarSource(copy).pieces(f"{m.OBJECTS}{PREFIX}{CHECKPOINT}")).decode()
    checkpoint, _ = open_checkpoint(note, [cell.ledger.verifier])
    return Log(cell.ledger.verifier.written(), checkpoint.origin, checkpoint.size, checkpoint.root.hex(), note)
