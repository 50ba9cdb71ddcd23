"""The data folder as a whole: who holds it, and whether what it holds is complete."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from penchant.core.errors import SettingWrong

LOCK = ".lock"
HALF_RESTORED = ".half-restored"
"""Stands in a data folder while a restore into it is under way; its text is where the backup lies."""


def hold_data_folder(data: Path) -> TextIO:
    """Hold the data folder until the returned file is closed or the process is gone, however it went.

    Raises:
        SettingWrong: another process holds it.
    """
    data.mkdir(parents=True, exist_ok=True)
    file = (data / LOCK).open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.readline().strip() or "unknown"
        file.close()
        raise SettingWrong(
            f"Penchant (process {holder}) already runs in {data}; end it first, or choose another folder with --data"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def holder_of(data: Path) -> int | None:
    """The process that holds the data folder, or None where nobody does."""
    try:
        with (data / LOCK).open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                text = file.readline().strip()
                return int(text) if text.isdigit() else 0
    except OSError:
        return None
    return None


def say_address(held: TextIO, address: str) -> None:
    """Write into the held folder where this installation is reached."""
    held.seek(0)
    held.truncate(0)
    held.write(f"{os.getpid()}\n{address}\n")
    held.flush()


def address_of(data: Path) -> str | None:
    """Where the installation that runs in this folder is reached; None where nothing runs or said so."""
    if holder_of(data) is None:
        return None
    lines = (data / LOCK).read_text("utf-8").splitlines()
    return lines[1] if len(lines) > 1 else None


def half_restored_from(data: Path) -> str | None:
    """Where the backup lies whose restore into this folder never came to its end; None: the folder is whole."""
    try:
        return (data / HALF_RESTORED).read_text("utf-8")
    except FileNotFoundError:
        return None


def refuse_half_restored(data: Path) -> None:
    """Keep an incomplete installation from starting.

    Raises:
        SettingWrong: a restore was interrupted; the message holds the command that finishes it.
    """
    source = half_restored_from(data)
    if source is not None:
        raise SettingWrong(
            f"{data} is half restored: the restore was interrupted. Run it again, it begins anew: "
            f"penchant restore {source} --data {data}"
        )


@contextlib.contextmanager
def only_backup(data: Path) -> Iterator[None]:
    """Hold the right to back this folder up.

    Raises:
        SettingWrong: another backup of it is under way.
    """
    with _alone(data / ".backup.lock", f"another backup of {data} is under way; let it end first"):
        yield


@contextlib.contextmanager
def only_hand_over(data: Path) -> Iterator[None]:
    """Hold the right to hand this folder's market over: two would take each other's copies.

    Raises:
        SettingWrong: another hand-over of it is under way.
    """
    with _alone(data / ".handover.lock", f"another hand-over of {data} is under way; let it end first"):
        yield


@contextlib.contextmanager
def _alone(lock: Path, otherwise: str) -> Iterator[None]:
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingWrong(otherwise) from None
        yield
