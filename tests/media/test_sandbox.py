"""The child's confinement and the parent's grip on it, tried from inside and outside."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

import penchant
from penchant.media.limits import ChildLimits, MediaLimits
from penchant.media.messages import Poster, PosterFacts, Probe, RenditionFacts, SourceFacts, Transcode
from penchant.media.sandbox import MediaChild, MediaRefused

pytestmark = pytest.mark.media

Maker = Callable[..., Path]

_CONFINED = """
import os, resource, socket, sys
from penchant.media.child.confine import confine
from penchant.media.limits import ChildLimits
print(confine(ChildLimits()))
{body}
"""


def inside(body: str, tmp_path: Path) -> str:
    """What a program prints that tries something after confining itself."""
    environment = {"PYTHONPATH": str(Path(penchant.__file__).parent.parent), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", _CONFINED.format(body=body)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def attempt(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return f"try:\n{lines}\n    print('DONE')\nexcept Exception as error:\n    print('REFUSED', repr(error))"


needs_namespaces = pytest.mark.skipif(
    sys.platform != "linux" or os.system("unshare --user --net true 2>/dev/null") != 0,
    reason="this kernel gives no user namespaces: the sandbox is weak here, as doctor says",
)


@needs_namespaces
def test_there_is_no_network(tmp_path: Path) -> None:
    out = inside(attempt("socket.create_connection(('127.0.0.1', 1), timeout=2)"), tmp_path)
    assert "user_namespace=True, network_namespace=True" in out
    assert "Network is unreachable" in out
    assert "lo:" in inside("print(open('/proc/net/dev').read())", tmp_path)
    assert "eth" not in inside("print(open('/proc/net/dev').read())", tmp_path)


@needs_namespaces
@pytest.mark.parametrize("deed", ["os.chroot('/')", "os.setuid(0)", "os.chown('/', 0, 0)", "os.nice(-5)"])
def test_it_has_no_rights_left(deed: str, tmp_path: Path) -> None:
    assert "REFUSED" in inside(attempt(deed), tmp_path)


def test_limits_hold(tmp_path: Path) -> None:
    assert "REFUSED MemoryError" in inside(attempt("x = bytearray(5 << 30)"), tmp_path)
    large = "f = open('large', 'wb')\nf.truncate(3 << 30)"
    assert "REFUSED OSError" in inside(attempt(large), tmp_path)
    assert "REFUSED OSError" in inside(attempt("fs = [open('/dev/null') for _ in range(100)]"), tmp_path)
    assert inside("print(resource.getrlimit(resource.RLIMIT_CORE), os.nice(0))", tmp_path).endswith(
        f"(0, 0) {min(19, os.nice(0) + 10)}\n"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_of_ours_is_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_clip: Maker) -> None:
    monkeypatch.setenv("PENCHANT_DATABASE_URL", "postgresql://secret")
    make_clip(tmp_path / "source")
    with MediaChild(tmp_path) as child:
        child.ask(Probe("source", MediaLimits()), SourceFacts, wall_s=30)
        # Where not even we may look any more, nothing is shown, and nothing leaks.
        with suppress(PermissionError):
            assert b"secret" not in Path(f"/proc/{child.pid}/environ").read_bytes()
        with suppress(PermissionError):
            held = {os.readlink(entry) for entry in Path(f"/proc/{child.pid}/fd").iterdir()}
            assert not [entry for entry in held if not entry.startswith(("pipe:", str(tmp_path)))]
        assert os.getpgid(child.pid) == child.pid
        assert os.getpgid(child.pid) != os.getpgid(0)


def test_a_file_that_takes_too_long_is_stopped_with_its_group(tmp_path: Path, make_clip: Maker) -> None:
    make_clip(tmp_path / "source", width=1280, height=720, frames=120, channels=0)
    with MediaChild(tmp_path) as child:
        facts = child.ask(Probe("source", MediaLimits()), SourceFacts, wall_s=30)
        pid = child.pid
        with pytest.raises(MediaRefused) as caught:
            child.ask(Transcode("source", "480p.mp4", 480, facts, MediaLimits()), RenditionFacts, wall_s=0.05)
    assert caught.value.code == "timed_out"
    assert not Path(f"/proc/{pid}").exists()


def test_processor_time_is_limited(tmp_path: Path, make_clip: Maker) -> None:
    make_clip(tmp_path / "source", width=1280, height=720, frames=600, channels=0)
    with MediaChild(tmp_path, ChildLimits(cpu_s=1)) as child:
        facts = child.ask(Probe("source", MediaLimits()), SourceFacts, wall_s=30)
        with pytest.raises(MediaRefused) as caught:
            child.ask(Transcode("source", "480p.mp4", 480, facts, MediaLimits()), RenditionFacts, wall_s=60)
    assert caught.value.code in ("timed_out", "crashed")


def test_a_killed_child_is_a_crash_in_words(tmp_path: Path, make_clip: Maker) -> None:
    make_clip(tmp_path / "source", width=1280, height=720, frames=240, channels=0)
    with MediaChild(tmp_path) as child:
        facts = child.ask(Probe("source", MediaLimits()), SourceFacts, wall_s=30)
        request = Transcode("source", "480p.mp4", 480, facts, MediaLimits())
        with pytest.raises(MediaRefused) as caught:
            child.ask(request, RenditionFacts, wall_s=60, on_progress=lambda _: os.kill(child.pid, signal.SIGKILL))
    assert caught.value.code == "crashed"


def test_an_answer_of_the_wrong_kind_is_no_answer(tmp_path: Path, make_clip: Maker) -> None:
    make_clip(tmp_path / "source")
    with MediaChild(tmp_path) as child, pytest.raises(MediaRefused):
        child.ask(Probe("source", MediaLimits()), PosterFacts, wall_s=30)
    with MediaChild(tmp_path) as child, pytest.raises(MediaRefused) as caught:
        child.ask(Poster("missing", "poster.jpg", 1000), PosterFacts, wall_s=30)
    assert caught.value.code == "crashed"


_PARENT = """
import sys, time
from pathlib import Path
from penchant.media.sandbox import MediaChild
with MediaChild(Path(sys.argv[1])) as child:
    print(child.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills a child whose parent died")
def test_the_child_does_not_outlive_a_killed_worker(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(penchant.__file__).parent.parent)}
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < deadline:
        os.sched_yield()
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
