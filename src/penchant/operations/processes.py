"""A small supervisor: starts child processes, notices their death, starts them again, ends them all at the end."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LIFELINE = "PENCHANT_LIFELINE_FD"
_SOONEST_S = 0.2
_LATEST_S = 10.0
_STEADY_S = 30.0
"""A child that has lived this long starts again without delay when it dies."""


@dataclass
class Child:
    """One process to keep alive."""

    name: str
    command: Sequence[str]
    log: Path
    environment: dict[str, str]
    keep_alive: bool = True
    """False: a task that is over when it ends by itself with 0."""
    pass_fds: tuple[int, ...] = ()
    on_line: Callable[[str], None] | None = None
    """Called with each line of its standard output, instead of the log."""
    niceness: int = 0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    due_at: float = 0.0
    over: bool = False


@dataclass
class Supervisor:
    """Keeps children alive until `stop`. One thread; `tick` is called often."""

    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Children hold the reading end: if we are killed, they read the end of the file and leave by themselves.
        self._lifeline, self._keep = os.pipe()
        os.set_inheritable(self._lifeline, True)

    def add(self, child: Child) -> None:
        """Start a child and keep it alive."""
        self.children.append(child)
        self._start(child)

    def tick(self) -> None:
        """Reap the dead and start again whose time has come."""
        now = time.monotonic()
        for child in self.children:
            if child.over:
                continue
            if child.process is not None and child.process.poll() is not None:
                self._died(child, now)
            if child.process is None and not child.over and now >= child.due_at:
                self._start(child)

    def stop(self, patience_s: float = 10.0) -> None:
        """End every child: politely first, then for good."""
        alive = [child for child in self.children if child.process is not None and child.process.poll() is None]
        for child in alive:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + patience_s
        for child in alive:
            assert child.process is not None
            try:
                child.process.wait(max(deadline - time.monotonic(), 0.05))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.process.wait()
        os.close(self._keep)
        os.close(self._lifeline)

    def _start(self, child: Child) -> None:
        child.log.parent.mkdir(parents=True, exist_ok=True)
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if child.on_line else log,
                stderr=log,
                env={**child.environment, LIFELINE: str(self._lifeline)},
                pass_fds=(self._lifeline, *child.pass_fds),
                # Its own group: Ctrl-C reaches us alone, and we end the children in order.
                start_new_session=True,
            )
        child.started_at = time.monotonic()
        if child.niceness:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, child.process.pid, child.niceness)
        if child.on_line:
            threading.Thread(target=_forward, args=(child.process, child.on_line), daemon=True).start()

    def _died(self, child: Child, now: float) -> None:
        assert child.process is not None
        code = child.process.returncode
        child.process = None
        if not child.keep_alive and code == 0:
            child.over = True
            return
        child.failures = 1 if now - child.started_at > _STEADY_S else child.failures + 1
        wait_s = 0.0 if child.failures == 1 else min(_SOONEST_S * 2 ** (child.failures - 2), _LATEST_S)
        child.due_at = now + wait_s
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        self.say(f"{child.name} {how}; starting it again (log: {child.log})")


def watch_lifeline(environment: dict[str, str] | os._Environ[str]) -> None:
    """In a child: leave when the supervisor is gone, however it went."""
    descriptor = environment.get(LIFELINE)
    if descriptor is None:
        return

    def wait() -> None:
        with contextlib.suppress(OSError):
            os.read(int(descriptor), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def _forward(process: subprocess.Popen[bytes], on_line: Callable[[str], None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        on_line(line.decode(errors="replace").rstrip())


def _signal(child: Child, number: int) -> None:
    assert child.process is not None
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, number)
