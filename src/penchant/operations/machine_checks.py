"""Checks of the machine: Python, platform, disk, clock, port, sandbox."""

import errno
import platform
import shutil
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from penchant.media.messages import Confined
from penchant.operations.doctor import Finding, bad, good, warning

_TESTED = {("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64")}
_WARN_BYTES = 2_000_000_000
_BAD_BYTES = 200_000_000
_BUILT_YEAR = 2026
_AHEAD_S = 120.0


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Finding:
    """Python 3.11 or newer."""
    text = f"Python {version[0]}.{version[1]}"
    if version < (3, 11):
        return bad("python", text, "install Python 3.11 or newer and make the environment again")
    return good("python", text)


def check_platform(
    system: str = platform.system(), machine: str = platform.machine(), release: str = platform.release()
) -> Finding:
    """Linux (x86-64, arm64), macOS (arm64), or Linux inside WSL 2."""
    if system == "Linux" and "microsoft" in release.lower():
        if "wsl2" not in release.lower() and "standard" not in release.lower():
            return bad("platform", "WSL 1", "move this distribution to WSL 2: wsl --set-version NAME 2")
        return good("platform", f"Linux {machine} in WSL 2")
    name = "macOS" if system == "Darwin" else system
    if (system, machine) not in _TESTED:
        return warning(
            "platform",
            f"{name} {machine}, which nobody tests",
            "tested are Linux on x86-64 and arm64, macOS on arm64, and Windows by WSL 2",
        )
    return good("platform", f"{name} {machine}")


def check_disk(data: Path, free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free) -> Finding:
    """Room for videos and the database."""
    folder = next(path for path in (data.absolute(), *data.absolute().parents) if path.exists())
    free = free_bytes(folder)
    text = f"{free / 1e9:.1f} GB free"
    mend = f"free space on the disk of {folder}, or move the data folder to a larger one"
    if free < _BAD_BYTES:
        return bad("disk", text + "; the database will stop", mend)
    if free < _WARN_BYTES:
        return warning("disk", text, mend)
    return good("disk", text)


def check_clock(now_s: float, newest_file_s: float | None, newest_event_ahead_s: float | None) -> Finding:
    """The clock against the year of this program, the newest file of the data folder, and the newest event.

    newest_event_ahead_s: how far the newest event lies in the future (s, negative: past); None: not known.
    """
    now = datetime.fromtimestamp(now_s, UTC)
    mend = "set the clock, best by NTP: timedatectl set-ntp true"
    if not _BUILT_YEAR <= now.year < _BUILT_YEAR + 50:
        return bad("clock", f"it says {now:%Y-%m-%d}", mend)
    ahead = max((newest_file_s or now_s) - now_s, newest_event_ahead_s or 0.0)
    if ahead > _AHEAD_S:
        words = "the newest event is" if (newest_event_ahead_s or 0) == ahead else "a file of the data folder is"
        return bad("clock", f"{words} {ahead / 60:.0f} min in the future: the clock went back", mend)
    return good("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def check_port(host: str, port: int, ours: bool) -> Finding:
    """The port is free, or it is we who hold it."""
    where = f"{host}:{port}"
    if ours:
        return good("port", f"{where} is served by this installation")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            mends = {
                errno.EACCES: "ports below 1024 need privileges: choose one above, and put a proxy before it",
                errno.EADDRNOTAVAIL: "the setting host must be an address of this machine",
            }
            mend = mends.get(error.errno or 0, f"end what holds it, or start with: penchant up --port {port + 1}")
            return bad("port", f"{where} cannot be used ({error.strerror})", mend)
    return good("port", f"{where} is free")


def check_captions(*, wanted: bool, installed: bool, problem: str = "") -> Finding:
    """Whether captions write themselves. problem: why the weights that are there cannot be used."""
    if not wanted:
        return good("captions", "none are written by itself (automatic_captions)")
    if not installed:
        return warning(
            "captions", "automatic_captions is on, but there is no model", "install it: pip install 'penchant[speech]'"
        )
    if problem:
        return bad("captions", problem, "install it again: pip install --force-reinstall 'penchant[speech]'")
    return good("captions", "written for English speech, by the pinned model")


def check_vectors(problem: str, outstanding: int, encoder: str) -> Finding:
    """New videos can be described, and all are by the same encoder. problem: why the weights cannot be used."""
    if problem:
        return bad("vectors", problem, "install it again: pip install --force-reinstall penchant")
    if outstanding:
        return warning(
            "vectors",
            f"{outstanding:,} videos are described by another version than {encoder}: they are not compared by content",
            "penchant taste vectors, while it runs",
        )
    return good("vectors", f"described by {encoder}")


def check_sandbox(granted: Confined | None, reason: str = "", *, strict: bool = True) -> Finding:
    """What the media program, which reads strangers' files, is kept from. None: it did not start."""
    if granted is None:
        return bad("sandbox", f"the media program does not start: {reason}", "install Penchant again")
    if not granted.weak:
        return good("sandbox", "own user, namespaces, file view and system calls; limits")
    dangers = ", ".join(granted.missing)
    allow = (
        "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, or "
        "kernel.apparmor_restrict_unprivileged_userns=0; in a container: a seccomp profile with unshare)"
    )
    trust = "only for uploads of people you trust"
    if strict:
        return bad("sandbox", f"no video is converted: {dangers}", f"{allow}, or set media_sandbox=weak, {trust}")
    return warning("sandbox", f"weak, as media_sandbox says: {dangers}", f"{allow}, or accept {trust[5:]}")
