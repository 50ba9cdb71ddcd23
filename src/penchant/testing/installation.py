"""A real installation in a temporary folder: `penchant up` as its own process, with what tests do to it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")
PATIENCE_S = 60.0


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(probe: Callable[[], T | None], what: str, patience_s: float = PATIENCE_S) -> T:
    """Ask until the answer is neither None nor False.

    Raises:
        TimeoutError: it did not come within `patience_s`.
    """
    deadline = time.monotonic() + patience_s
    while True:
        answer = probe()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {patience_s:.0f} s")
        time.sleep(0.05)


class Installation:
    """`penchant up` on a free port; its data folder is gone after `remove`."""

    def __init__(
        self, folder: Path | None = None, python: Path | None = None, like: Path | None = None, **settings: str
    ) -> None:
        """
        Args:
            python: of another environment that Penchant is installed in.
            like: a data folder that this one begins as a copy of, where the first start is not what is tested.
        """
        self._python = str(python or sys.executable)
        self.folder = folder or Path(tempfile.mkdtemp(prefix="penchant-test-"))
        if folder is None:
            # The database's own user must be able to enter; what is secret inside has its own modes.
            self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = self.folder / "output.txt"
        self._like = like
        self._settings = {f"PENCHANT_{name.upper()}": value for name, value in settings.items()}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What `up` and every other command on this installation gets."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PENCHANT_")}
        base = {"PENCHANT_DATA": str(self.data), "PENCHANT_PORT": str(self.port), "PENCHANT_DEMO": "false"}
        return own | base | {"COLUMNS": "200"} | self._settings

    def command(self, *arguments: str) -> list[str]:
        return [self._python, "-m", "penchant", *arguments]

    def run(self, *arguments: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Another command of `penchant` on this installation."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def start(self, *options: str) -> "Installation":
        """Start and wait until the page answers and the welcome is printed."""
        if self._like is not None and not self.data.exists():
            shutil.copytree(self._like, self.data)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                self.command("up", *options),
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        wait_for(self._is_up, f"the start ({self.output.read_text()})")
        return self

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end and return its exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def remove(self) -> None:
        """End what is left and delete the folder."""
        if self.process is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def children(self) -> dict[str, psutil.Process]:
        """The running processes by name: web, worker, taste, postgres, …"""
        assert self.process is not None
        return _named(psutil.Process(self.process.pid).children())

    def kill(self, name: str) -> int:
        """`kill -9` one process; returns its id."""
        victim = self.children()[name]
        victim.kill()
        return int(victim.pid)

    def healthy(self) -> bool:
        """Whether the page and its database answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def admin_link(self) -> str:
        """The one-time link that the welcome printed last."""
        lines = [line for line in self.output.read_text().splitlines() if "/sign-in#token=" in line]
        return lines[-1].split()[1]

    def database_url(self) -> str:
        """Of the embedded server, as this installation's processes use it."""
        from penchant.adapters import embedded_postgres

        return embedded_postgres.locate(self.data).url

    def _is_up(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"up ended with {self.process.returncode}: {self.output.read_text()}")
        return "Ctrl-C" in self.output.read_text()


def _named(processes: list[psutil.Process]) -> dict[str, psutil.Process]:
    found = {}
    for process in processes:
        try:
            line = process.cmdline()
        except psutil.Error:
            continue
        if len(line) > 3 and line[1:3] == ["-m", "penchant"]:
            found[line[3]] = process
        elif line and Path(line[0]).name == "postgres":
            found["postgres"] = process
    return found
