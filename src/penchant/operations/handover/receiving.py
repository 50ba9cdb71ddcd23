"""`penchant market receive`: from a bundle to installations, all markets of it or none, killed anywhere and run again.

Everything is made in `FOLDER/.receiving`; the last step renames it to `FOLDER/cells`, with all markets in it at once.
"""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pyrage

from penchant.core.clock import Clock
from penchant.core.database import Engine, make_engine
from penchant.core.errors import SettingWrong
from penchant.core.migrations import migrate, newest_revision
from penchant.core.settings import Settings
from penchant.ledger import repository as ledger
from penchant.ledger.leaves import HandOver, decode
from penchant.ledger.notes import read_verifier
from penchant.ledger.sources import fetch_from
from penchant.ledger.verify import Trust, verify
from penchant.markets.model import market_from
from penchant.markets.service import LifeCycle
from penchant.operations import repository, restore
from penchant.operations.backup import Progress
from penchant.operations.backup_draft import flush_folder
from penchant.operations.backup_source import TarSource, open_backup
from penchant.operations.handover.bundle import read_manifest, write
from penchant.operations.handover.keys import ledger_secret, ledger_signer
from penchant.operations.handover.model import HandOverWrong, Manifest, Market, Plan, encode
from penchant.operations.handover.sealing import digest_of, identity_from, unseal
from penchant.operations.handover.signature import check
from penchant.operations.market_leaves import to_ledger

CELLS = "cells"
_RECEIVING, _WHICH = ".receiving", "bundle"
Database = Callable[[Path], AbstractContextManager[str]]
"""Runs the database of a data folder for a block; gives its address."""


@dataclass(frozen=True)
class Receiving:
    """Where a bundle is brought up, and with what.

    Attributes:
        identity: the receiver's secret age key; the prepared ledger keys lie beside it.
        settle: ends a database server that a killed run left in a data folder.
        pinned: vkeys of the markets' ledgers, known from elsewhere than the bundle; without any, every key counts.
    """

    bundle: Path
    into: Path
    identity: Path
    pinned: Sequence[str]
    database: Database
    settle: Callable[[Path], None]
    pg_restore: Path
    clock: Clock


def look_at(receiving: Receiving, progress: Progress) -> Manifest:
    """Check the whole bundle before anything is written.

    Raises:
        HandOverWrong: a signature, a digest, a part is wrong or missing, or the identity is not a receiver's.
    """
    manifest, content, note = read_manifest(receiving.bundle)
    check(manifest, content, note, receiving.pinned)
    _check_set(manifest)
    recipient = str(identity_from(receiving.identity).to_public())
    recipients = manifest.plan.recipients
    if recipient not in recipients:
        raise HandOverWrong(
            f"this bundle is not for {receiving.identity}: it is encrypted to {', '.join(recipients)}, and "
            f"this identity is {recipient}"
        )
    for market in manifest.markets:
        _check_schema(manifest, market)
        _check_next_key(receiving, market)
    _check_parts(receiving.bundle, manifest, progress)
    return manifest


def receive(receiving: Receiving, manifest: Manifest, progress: Progress) -> Path:
    """Bring every market up; returns the folder with one data folder a market.

    Raises:
        SettingWrong: there are markets already.
        HandOverWrong: what came out is not what the manifest says; nothing was moved into place.
    """
    cells, draft = receiving.into / CELLS, receiving.into / _RECEIVING
    whole = not (draft / CELLS).exists() and _is_of(draft, manifest)
    if cells.exists() and whole:
        # Killed right after the last step.
        shutil.rmtree(draft)
        return cells
    if cells.exists():
        raise SettingWrong(f"{cells} is there already, and a hand-over never overwrites anything: name another --into")
    _begin(receiving, draft, manifest)
    identity = identity_from(receiving.identity)
    for market in manifest.markets:
        if not (draft / f"{market.market}.whole").exists():
            _bring_up(receiving, draft, manifest.plan, market, identity, progress)
            (draft / f"{market.market}.whole").touch()
    (draft / CELLS).rename(cells)
    flush_folder(receiving.into)
    shutil.rmtree(draft)
    return cells


def _begin(receiving: Receiving, draft: Path, manifest: Manifest) -> None:
    """Go on with this very bundle, or begin anew."""
    if draft.exists() and not _is_of(draft, manifest):
        for data in (draft / CELLS).glob("*"):
            receiving.settle(data)
            restore.begin(data, draft)
        shutil.rmtree(draft)
    (draft / CELLS).mkdir(parents=True, exist_ok=True)
    write(draft / _WHICH, _digest(manifest).encode())


def _is_of(draft: Path, manifest: Manifest) -> bool:
    which = draft / _WHICH
    return which.exists() and which.read_text("utf-8") == _digest(manifest)


def _digest(manifest: Manifest) -> str:
    return hashlib.sha256(encode(manifest)).hexdigest()


def _bring_up(
    receiving: Receiving,
    draft: Path,
    plan: Plan,
    market: Market,
    identity: "pyrage.x25519.Identity",
    progress: Progress,
) -> None:
    copy, data = draft / f"{market.market}.tar", draft / CELLS / market.market
    _decrypt(receiving.bundle, market, identity, copy, progress)
    data.mkdir(exist_ok=True)
    receiving.settle(data)
    restore.begin(data, receiving.bundle.resolve())
    _, inside = open_backup(copy)
    dump = restore.restore_files(
        TarSource(copy), inside, data, lambda done: progress(f"{market.market} written", done, inside.size_bytes)
    )
    _check_log(data, market, receiving.clock.now_ms())
    if market.next_key:
        secret = data / "secrets" / "ledger"
        secret.touch(mode=0o600)
        write(secret, ledger_secret(receiving.identity.parent, market.market).read_bytes())
        secret.chmod(0o600)
    with receiving.database(data) as url:
        engine = make_engine(url, pool_size=2)
        try:
            restore.load_dump(receiving.pg_restore, dump, url, engine, again=False)
            _check_database(engine, plan, market)
            migrate(engine)
            own = market_from(Settings(data=data, market=market.market))
            LifeCycle(engine, receiving.clock, own, to_ledger, lambda _: {}).begin_anew()
        finally:
            engine.dispose()
    restore.finish(data)
    copy.unlink()


def _decrypt(bundle: Path, market: Market, identity: "pyrage.x25519.Identity", copy: Path, progress: Progress) -> None:
    total, done = sum(part.plain_bytes for part in market.parts), 0

    def moved(count: int) -> None:
        nonlocal done
        done += count
        progress(f"{market.market} decrypted", done, total)

    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    with copy.open("wb") as file:
        for part in market.parts:
            unseal(bundle / part.name, part, identity, file, moved)


def _check_set(manifest: Manifest) -> None:
    """The ledgers' last leaves are of the plan: what it says of markets and keys is what the bundle has to hold."""
    plan = manifest.plan
    held = tuple(market.market for market in manifest.markets)
    if held != plan.names:
        raise HandOverWrong(f"this bundle holds {' '.join(held)}, and its plan is of {' '.join(plan.names)}")
    for market in manifest.markets:
        if market.next_key != ("" if plan.rehearsal else plan.next_keys.get(market.market, "")):
            raise HandOverWrong(f"the ledger of {market.market} goes on under another key than its plan says")


def _check_schema(manifest: Manifest, market: Market) -> None:
    newest = newest_revision()
    if market.schema > newest:
        raise HandOverWrong(
            f"{market.market} was handed over by Penchant {manifest.penchant} with the newer schema {market.schema}, "
            f"and this one knows {newest}: receive it with that version"
        )


def _check_next_key(receiving: Receiving, market: Market) -> None:
    """The ledger said under which key it goes on: that key, and no other, has to be here."""
    if not market.next_key:
        return
    folder = receiving.identity.parent
    path = ledger_secret(folder, market.market)
    if not path.exists():
        raise HandOverWrong(f"{path} is missing: the ledger of {market.market} goes on under {market.next_key}")
    if ledger_signer(folder, market.market).verifier.written() != market.next_key:
        raise HandOverWrong(f"{path} is not the key that the ledger of {market.market} goes on under")


def _check_parts(bundle: Path, manifest: Manifest, progress: Progress) -> None:
    parts = [part for market in manifest.markets for part in market.parts]
    total, done = sum(part.size_bytes for part in parts), 0

    def moved(count: int) -> None:
        nonlocal done
        done += count
        progress("verified", done, total)

    for part in parts:
        path = bundle / part.name
        if path.is_symlink() or not path.is_file():
            raise HandOverWrong(f"{part.name} is missing from the bundle")
        size_bytes, digest = digest_of(path, moved)
        if size_bytes < part.size_bytes:
            raise HandOverWrong(f"{part.name} is cut off: {size_bytes:,} of {part.size_bytes:,} bytes")
        if (size_bytes, digest) != (part.size_bytes, part.sha256):
            raise HandOverWrong(f"{part.name} was changed: it is not what its manifest says")


def _check_log(data: Path, market: Market, now_ms: int) -> None:
    trust = Trust([read_verifier(market.log.key)])
    report = verify(fetch_from(str(data / "objects" / "ledger")), market.log.note, trust, now_ms)
    if report.faults:
        raise HandOverWrong(f"the ledger of {market.market} does not hold: {report.faults[0]}")


def _check_database(engine: Engine, plan: Plan, market: Market) -> None:
    with engine.connect() as connection:
        rows = repository.count_rows(connection)
        state = ledger.read_state(connection)
        entry = ledger.newest(connection, HandOver.kind)
    if rows != market.counted.rows:
        wrong = sorted(name for name, _ in rows.items() ^ market.counted.rows.items())
        raise HandOverWrong(f"{market.market} has not as many rows as its manifest says: {', '.join(set(wrong))}")
    if state is None or state.checkpoint != market.log.note:
        raise HandOverWrong(f"the database of {market.market} is at another place of its ledger than its tiles")
    leaf = decode(entry.leaf) if entry is not None and entry.place == market.log.size - 1 else None
    said = (leaf.bundle, leaf.next_key.decode()) if isinstance(leaf, HandOver) else (b"", "")
    if market.next_key and said != (plan.digest, market.next_key):
        raise HandOverWrong(f"the ledger of {market.market} does not end with this hand-over")
