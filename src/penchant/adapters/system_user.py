"""The system user under which root runs what must not be root: the database server, the media program."""

import contextlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from penchant.core.errors import SettingWrong

NAME = "penchant"


@dataclass(frozen=True)
class SystemUser:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int


def ensure_system_user(name: str = NAME) -> SystemUser:
    """The system user, made where it is missing.

    Raises:
        SettingWrong: the machine cannot make users; the message says what to do instead.
    """
    with contextlib.suppress(KeyError):
        return _known(name)
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", name], check=True, capture_output=True)
        return _known(name)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        # Two first starts side by side: the other one may have made it meanwhile.
        with contextlib.suppress(KeyError):
            return _known(name)
        raise SettingWrong(
            f"PostgreSQL refuses to run as root and the system user '{name}' could not be made ({error}). "
            f"Make it ('useradd --system {name}'), or start Penchant as an ordinary user"
        ) from error


def can_reach(user: SystemUser, path: Path) -> bool:
    """Whether a user may enter every folder on the way to `path` and read what is there."""
    steps = [*reversed(path.resolve().parents)]
    return all(_may(user, folder, 0o1) for folder in steps) and _may(user, path, 0o5)


def _known(name: str) -> SystemUser:
    entry = pwd.getpwnam(name)
    return SystemUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _may(user: SystemUser, path: Path, wanted: int) -> bool:
    try:
        state = os.stat(path)
    except OSError:
        return False
    shift = 6 if state.st_uid == user.uid else 3 if state.st_gid == user.gid else 0
    return state.st_mode >> shift & wanted == wanted
