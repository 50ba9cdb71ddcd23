"""The folder of a bundle: who works on it, what it holds, and whether it is whole."""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from penchant.core.errors import SettingWrong
from penchant.operations.backup_draft import flush_folder
from penchant.operations.handover.model import (
    MANIFEST,
    SIGNATURE,
    Draft,
    HandOverWrong,
    Manifest,
    Plan,
    decode,
    encode,
)

_DRAFT = ".draft.json"
_LOCK = ".lock"


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Work on a bundle alone; make its folder where there is none.

    Raises:
        SettingWrong: another process is at it, it cannot be written, or it holds something else.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Killed before anything was kept, it leaves no more than these.
        names = {path.name for path in folder.iterdir()} - {_LOCK, _draft_of(folder / _DRAFT).name}
        if names and not names & {_DRAFT, MANIFEST}:
            raise SettingWrong(f"{folder} holds something else: name a new folder with --out")
        file = (folder / _LOCK).open("a")
    except OSError as error:
        raise SettingWrong(f"{folder} cannot be written ({error.strerror}); choose another place") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingWrong(f"another hand-over into {folder} is under way; let it end first") from None
        try:
            yield
        finally:
            if not (folder / _DRAFT).exists():
                tidy(folder)
                with contextlib.suppress(OSError):
                    # Nothing began.
                    folder.rmdir()


def read_draft(folder: Path) -> Draft | None:
    """What an interrupted hand-over left; None where none began.

    Raises:
        HandOverWrong: another version began it.
    """
    path = folder / _DRAFT
    return decode(path.read_bytes(), Draft, f"the draft in {folder}") if path.exists() else None


def keep_draft(folder: Path, draft: Draft) -> None:
    write(folder / _DRAFT, encode(draft))


def finish(folder: Path, manifest: bytes, note: str) -> None:
    """Everything else is there: from here on the bundle is whole."""
    write(folder / SIGNATURE, note.encode())
    write(folder / MANIFEST, manifest)
    tidy(folder)


def tidy(folder: Path) -> None:
    """What only the making of a whole bundle needed."""
    for name in (_DRAFT, _LOCK):
        (folder / name).unlink(missing_ok=True)


def read_manifest(folder: Path) -> tuple[Manifest, bytes, str]:
    """What a bundle says about itself, as bytes too, and the note that vouches for it.

    Raises:
        HandOverWrong: there is none, it is not whole, or of another version.
    """
    if not folder.is_dir():
        raise HandOverWrong(f"there is no bundle at {folder}")
    try:
        content = (folder / MANIFEST).read_bytes()
        note = (folder / SIGNATURE).read_text("utf-8")
    except FileNotFoundError as error:
        if (folder / _DRAFT).exists():
            raise HandOverWrong(f"{folder} is half finished: run its 'penchant market handover' again") from error
        raise HandOverWrong(f"{folder} holds no {Path(error.filename).name}: it is no whole bundle") from error
    except UnicodeDecodeError as error:
        raise HandOverWrong(f"the {SIGNATURE} in {folder} cannot be read") from error
    return decode(content, Manifest, f"the manifest in {folder}"), content, note


def refuse_other(
    plan: Plan, markets: tuple[str, ...], recipients: tuple[str, ...], next_keys: Mapping[str, str], *, rehearsal: bool
) -> None:
    """One folder is one hand-over.

    Raises:
        HandOverWrong: the folder has begun with other markets, other receivers, or another earnest.
    """
    if plan.names != markets:
        raise HandOverWrong(f"this bundle is of {' '.join(plan.names)}, not of {' '.join(markets)}: name a new folder")
    if set(plan.recipients) != set(recipients) or plan.next_keys != next_keys:
        raise HandOverWrong("this bundle is for other receivers: name a new folder")
    if plan.rehearsal != rehearsal:
        kind = "a rehearsal" if plan.rehearsal else "no rehearsal"
        raise HandOverWrong(f"this bundle is {kind}: name a new folder")


def refuse_other_licences(plan: Plan, licences: Mapping[str, str]) -> None:
    """What may cross is asked at each start.

    Raises:
        HandOverWrong: the answer is another one than when the hand-over was planned.
    """
    for market in plan.names:
        before, now = plan.licences.get(market), licences.get(market)
        if before != now:
            raise HandOverWrong(
                f"this hand-over was planned with {_licence(before)} for what was learned in {market}, and now there "
                f"is {_licence(now)}: plan it anew, in a new folder"
            )


def _licence(digest: str | None) -> str:
    return f"the licence {digest[:16]}" if digest else "no licence"


def write(path: Path, content: bytes) -> None:
    """Put a small file into place, whole or not at all, durably."""
    draft = _draft_of(path)
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    flush_folder(path.parent)


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")
