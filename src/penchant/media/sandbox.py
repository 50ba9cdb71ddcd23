"""Starts the media child and talks to it: own process group and work folder, nothing inherited, a time limit.

The child confines itself before it opens anything (`media.child.confine`); here it is started with nothing to
lose, watched, and killed as a group when it is silent for too long or says something that is no answer.
"""

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

import penchant
from penchant.core.errors import PenchantError
from penchant.media.limits import NOBODY, ChildLimits
from penchant.media.messages import Answer, Confine, Confined, Progress, Refused, Request, Signature, ToSign

_LONGEST_LINE = 64 * 1024
_MOST_LINES = 20_000
_START_LIMIT_S = 30.0

_T = TypeVar("_T")
_DECODER: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


class MediaRefused(PenchantError):
    """A child said that the file cannot be used, or died over it. `code` is one of `media.reasons`."""

    code = "crashed"

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code, code=code)
        self.detail = detail


class MediaChild:
    """One running child, for the files of one upload in one work folder.

    Use as a context manager; leaving it ends the child and whatever it started. Entering raises MediaRefused
    `sandbox_off` where the kernel refuses a part of the sandbox, unless the limits are not strict.
    """

    def __init__(self, work: Path, limits: ChildLimits | None = None) -> None:
        self._work = work
        self._limits = limits or ChildLimits()
        self._process: subprocess.Popen[bytes] | None = None
        self._pending = b""
        self.confined: Confined | None = None
        """What the kernel granted; None before the start."""

    def __enter__(self) -> Self:
        hand_over(self._work)
        with (self._work / "child.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-B", "-m", "penchant.media.child"],
                cwd=self._work,
                env=_environment(self._work),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,
                close_fds=True,
                start_new_session=True,
            )
        try:
            self.confined = self.ask(Confine(self._limits), Confined, wall_s=_START_LIMIT_S)
            if self.confined.weak and self._limits.strict:
                raise MediaRefused("sandbox_off", ", ".join(self.confined.missing))
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def ask(
        self,
        request: Request,
        answer: type[_T],
        *,
        wall_s: float,
        on_progress: Callable[[float], None] | None = None,
        on_sign: Callable[[bytes], bytes] | None = None,
    ) -> _T:
        """Send a request and wait for its answer, at most `wall_s` seconds.

        on_sign: gives the signature that the child may ask for once, empty where it refuses.

        Raises:
            MediaRefused: the file cannot be used, the child died (`crashed`) or took too long (`timed_out`).
        """
        deadline = time.monotonic() + wall_s
        self._say(request)
        for _ in range(_MOST_LINES):
            message = self._read(deadline)
            if isinstance(message, Progress):
                if on_progress is not None:
                    on_progress(message.share)
            elif isinstance(message, Refused):
                raise MediaRefused(message.code, message.detail)
            elif isinstance(message, ToSign) and on_sign is not None:
                self._say(Signature(on_sign(message.content)))
                on_sign = None
            elif isinstance(message, answer):
                return message
            else:
                break
        self._end()
        raise MediaRefused("crashed", "the child answered something else")

    def _say(self, request: Request) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            # Shorter than what a pipe holds: a child that does not read must not hold us up.
            self._process.stdin.write(msgspec.json.encode(request) + b"\n")
        except BrokenPipeError as error:
            raise MediaRefused("crashed", self._last_words()) from error

    def _read(self, deadline: float) -> Answer:
        assert self._process is not None
        assert self._process.stdout is not None
        pipe = self._process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if len(self._pending) > _LONGEST_LINE:
                    self._end()
                    raise MediaRefused("crashed", "the child talks without end")
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self._end()
                    raise MediaRefused("timed_out")
                piece = os.read(pipe.fileno(), 65_536)
                if not piece:
                    raise MediaRefused(*self._cause_of_death())
                self._pending += piece
        line, _, self._pending = self._pending.partition(b"\n")
        try:
            return _DECODER.decode(line)
        except msgspec.DecodeError as error:
            self._end()
            raise MediaRefused("crashed", f"the child sent no answer: {error}") from error

    def _cause_of_death(self) -> tuple[str, str]:
        assert self._process is not None
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return "timed_out", "used up its processor time"
        if code == -signal.SIGKILL:
            return "crashed", "killed from outside"
        return "crashed", f"exit code {code}: {self._last_words()}"

    def _last_words(self) -> str:
        try:
            return (self._work / "child.log").read_bytes()[-2000:].decode("utf-8", "replace")
        except OSError:
            return ""

    def _end(self) -> None:
        process = self._process
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        if process.returncode is None:
            # The group outlives its leader until it is reaped, so the number cannot be someone else's yet.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def try_sandbox() -> tuple[Confined | None, str]:
    """What a child would be granted on this machine; (None, why) if it does not even start."""
    with tempfile.TemporaryDirectory(prefix="penchant-sandbox-") as work:
        try:
            with MediaChild(Path(work), ChildLimits(strict=False)) as child:
                return child.confined, ""
        except (PenchantError, OSError) as error:
            return None, str(error)[-200:]


def hand_over(work: Path) -> None:
    """Where we are root the child is nobody: the folder becomes its own, the files in it readable to it."""
    if os.geteuid() != 0:
        return
    with suppress(PermissionError):  # a root without capabilities stays root in the child, which tells
        os.chown(work, NOBODY, NOBODY)
        for entry in os.scandir(work):
            if entry.is_file(follow_symlinks=False) and entry.stat().st_uid != NOBODY:
                os.chown(entry.path, -1, NOBODY)
                os.chmod(entry.path, entry.stat().st_mode & 0o700 | 0o040)


def _environment(work: Path) -> dict[str, str]:
    """Nothing of ours: no settings, no secrets, no proxy, no thread counts of other programs."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(work),
        "TMPDIR": str(work),
        # -P keeps the work folder off the path; this is where our own code is.
        "PYTHONPATH": str(Path(penchant.__file__).parent.parent),
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "4",
    }
