"""The child's confinement and the parent's grip on it, tried from inside and outside."""

import os
import platform
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

import penchant
from penchant.media.limits import NOBODY, ChildLimits, MediaLimits
from penchant.media.messages import Poster, PosterFacts, Probe, Renditions, SourceFacts, Target, Transcode
from penchant.media.readiness import note_readiness, read_readiness
from penchant.media.sandbox import MediaChild, MediaRefused, hand_over

pytestmark = pytest.mark.media

Maker = Callable[..., Path]

_CONFINED = """
import ctypes, mmap, os, resource, signal, socket, subprocess, sys, threading
from penchant.media.child.confine import confine
from penchant.media.limits import ChildLimits
libc = ctypes.CDLL(None, use_errno=True)
def ask(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
print(confine(ChildLimits()))
{body}
"""


def inside(body: str, work: Path) -> str:
    """What a program prints that tries something after confining itself in `work`."""
    environment = {"PYTHONPATH": str(Path(penchant.__file__).parent.parent), "OPENBLAS_NUM_THREADS": "1"}
    hand_over(work)
    done = subprocess.run(
        [sys.executable, "-P", "-c", _CONFINED.format(body=body)],
        cwd=work,
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


def attempts(deeds: Sequence[str], work: Path) -> dict[str, str]:
    """The outcome of each deed, tried one after the other in one confined program."""
    lines = inside("\n".join(attempt(deed) for deed in deeds), work).splitlines()[1:]
    assert len(lines) == len(deeds)
    return dict(zip(deeds, lines, strict=True))


_REFUSED = {
    "network": (
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socketpair()",
    ),
    "processes": (
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "subprocess.run(['true'])",
        "ask(libc.vfork())",
        "ask(libc.ptrace(16, 1, 0, 0))",
        "os.kill(os.getppid(), 0)",
        "ask(libc.syscall(234 if os.uname().machine == 'x86_64' else 131, os.getppid(), os.getppid(), 0))",
        "os.setpriority(os.PRIO_PROCESS, 0, -5)",
    ),
    "rights": (
        "os.chroot('.')",
        "os.setuid(0)",
        "os.setresuid(0, 0, 0)",
        "ask(libc.unshare(0x10000000))",
        "ask(libc.mount(b'none', b'.', b'tmpfs', 0, None))",
        "ask(libc.syscall(425, 8, 0))",  # io_uring_setup
        "ask(libc.syscall(321 if os.uname().machine == 'x86_64' else 280, 0, 0, 0))",  # bpf
        "ask(libc.syscall(250 if os.uname().machine == 'x86_64' else 219, 0, 0, 0, 0, 0))",  # keyctl
        "resource.setrlimit(resource.RLIMIT_CPU, (10, 10))",
        "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    ),
    "what others would open": (
        "os.symlink('/etc/passwd', '480p.mp4')",
        "os.link('source', 'second')",
        "os.mkfifo('pipe')",
        "os.mkdir('folder')",
        "os.chmod('source', 0o777)",
        "os.chown('source', 0, 0)",
    ),
}


@pytest.mark.parametrize("kind", _REFUSED)
def test_what_a_decoder_never_needs_is_refused(kind: str, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"")
    for deed, outcome in attempts(_REFUSED[kind], tmp_path).items():
        assert outcome.startswith("REFUSED"), deed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A file beside the work folder that anybody may read and write."""
    file = tmp_path / "canary"
    file.write_text("not for you")
    file.chmod(0o666)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "source").write_text("foreign")
    return file


def test_only_the_files_of_its_folder_exist(canary: Path) -> None:
    work = canary.with_name("work")
    reads = ["/etc/passwd", str(canary), "../canary", "../../canary", "/proc/self/mem", "/dev/null", "/proc/1/environ"]
    for deed, outcome in attempts([f"open({path!r}).read()" for path in reads], work).items():
        assert outcome.startswith("REFUSED"), deed
    attempts([f"open({path!r}, 'w').write('taken')" for path in (str(canary), "../canary", "../planted")], work)
    attempts(["os.rename('source', '../source')", "os.unlink('../canary')"], work)
    assert canary.read_text() == "not for you"
    assert sorted(path.name for path in canary.parent.iterdir()) == ["canary", "work"]
    own = ["assert open('source').read() == 'foreign'", "open('made', 'w').write('x')", "os.rename('made', 'renamed')"]
    assert set(attempts(own, work).values()) == {"DONE"}


def test_landlock_alone_shuts_the_rest_of_the_file_system(canary: Path) -> None:
    """Without the change of root: the paths exist, and are refused."""
    deeds = [f"open({str(canary)!r})", f"open({str(canary)!r}, 'w')", "open('../planted', 'w')", "open('source', 'r+')"]
    program = (
        "import ctypes, os\n"
        "from penchant.media.child.landlock import restrict_files\n"
        "ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)\n"
        "assert restrict_files(os.open('.', os.O_PATH))\n"
    ) + "\n".join(attempt(deed) for deed in deeds)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=canary.with_name("work"), capture_output=True, text=True, check=True
    )
    assert [line.split("(")[0] for line in done.stdout.splitlines()] == ["REFUSED PermissionError"] * 3 + ["DONE"]


def test_threads_and_clocks_still_work(tmp_path: Path) -> None:
    deeds = [
        "t = threading.Thread(target=lambda: open('made', 'w').write('x')); t.start(); t.join(); open('made')",
        "import time; time.sleep(0); time.monotonic()",
        "os.urandom(8); bytearray(50 << 20)",
    ]
    assert set(attempts(deeds, tmp_path).values()) == {"DONE"}
    # A thread is under the same filter.
    assert "PermissionError" in inside(
        "def deed():\n"
        "    try: os.fork()\n"
        "    except OSError as error: print(repr(error))\n"
        "t = threading.Thread(target=deed); t.start(); t.join()",
        tmp_path,
    )


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root has to become somebody else")
def test_a_root_becomes_nobody_and_cannot_change_the_upload(tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_text("foreign")
    upload.chmod(0o600)
    work = tmp_path / "work"
    work.mkdir()
    os.link(upload, work / "source")
    outcome = attempts(["assert open('source').read() == 'foreign'", "open('source', 'r+')", "open('own', 'w')"], work)
    assert [words.split("(")[0] for words in outcome.values()] == ["DONE", "REFUSED PermissionError", "DONE"]
    assert (work / "own").stat().st_uid == NOBODY
    assert upload.stat().st_uid == 0


@pytest.mark.parametrize("strict", [True, False])
def test_without_namespaces_only_a_weak_sandbox_goes_on(
    strict: bool, tmp_path: Path, make_clip: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    make_clip(work / "source")
    monkeypatch.setattr(sys, "executable", str(_python_without_namespaces(tmp_path)))
    child = MediaChild(work, ChildLimits(strict=strict))
    if strict:
        with pytest.raises(MediaRefused) as caught, child:
            pass
        assert caught.value.code == "sandbox_off"
        assert caught.value.detail == "it has no user namespace of its own, it can reach the network"
    else:
        with child:
            assert child.ask(Probe("source", MediaLimits()), SourceFacts, wall_s=30).width == 320


def test_a_worker_writes_down_what_it_was_granted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_readiness(tmp_path) == "unknown"
    assert note_readiness(tmp_path, strict=True) == read_readiness(tmp_path) == "on"
    monkeypatch.setattr(sys, "executable", str(_python_without_namespaces(tmp_path)))
    assert note_readiness(tmp_path, strict=True).startswith("off: it has no user namespace")
    assert note_readiness(tmp_path, strict=False).startswith("weak: it has no user namespace")
    assert read_readiness(tmp_path).startswith("weak")


def _python_without_namespaces(folder: Path) -> Path:
    """A Python to which `unshare` is refused, as container engines do by a filter of their own."""
    number = 272 if platform.machine() == "x86_64" else 97
    code = struct.pack("<HBBIHBBIHBBIHBBI", 0x20, 0, 0, 0, 0x15, 0, 1, number, 6, 0, 0, 0x50001, 6, 0, 0, 0x7FFF0000)
    wrapper = folder / "python"
    wrapper.write_text(
        f"#!{sys.executable}\n"
        "import ctypes, os, struct, sys\n"
        f"code = ctypes.create_string_buffer({code!r})\n"
        "program = struct.pack('@HP', 4, ctypes.addressof(code))\n"
        "libc = ctypes.CDLL(None)\n"
        "assert libc.prctl(38, 1, 0, 0, 0) == 0\n"
        "assert libc.prctl(22, 2, program, 0, 0) == 0\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, *sys.argv[1:]])\n"
    )
    wrapper.chmod(0o755)
    return wrapper


def test_limits_hold(tmp_path: Path) -> None:
    assert "REFUSED MemoryError" in inside(attempt("x = bytearray(5 << 30)"), tmp_path)
    large = "f = open('large', 'wb')\nf.truncate(3 << 30)"
    assert "REFUSED OSError" in inside(attempt(large), tmp_path)
    many = "fs = [open('large') for _ in range(100)]"
    assert "REFUSED OSError" in inside(attempt(many), tmp_path)
    assert f"({64}, {64})" in inside("print(resource.getrlimit(resource.RLIMIT_NOFILE))", tmp_path)
    assert "(0, 0)" in inside("print(resource.getrlimit(resource.RLIMIT_CORE))", tmp_path)


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
            child.ask(Transcode("source", (Target("480p.mp4", 480),), facts, MediaLimits()), Renditions, wall_s=0.05)
    assert caught.value.code == "timed_out"
    assert not Path(f"/proc/{pid}").exists()


def test_processor_time_is_limited(tmp_path: Path, make_clip: Maker) -> None:
    make_clip(tmp_path / "source", width=1280, height=720, frames=600, channels=0)
    with MediaChild(tmp_path, ChildLimits(cpu_s=1)) as child:
        facts = child.ask(Probe("source", MediaLimits()), SourceFacts, wall_s=30)
        with pytest.raises(MediaRefused) as caught:
            child.ask(Transcode("source", (Target("480p.mp4", 480),), facts, MediaLimits()), Renditions, wall_s=60)
    assert caught.value.code in ("timed_out", "crashed")


def test_a_killed_child_is_a_crash_in_words(tmp_path: Path, make_clip: Maker) -> None:
    make_clip(tmp_path / "source", width=1280, height=720, frames=240, channels=0)
    with MediaChild(tmp_path) as child:
        facts = child.ask(Probe("source", MediaLimits()), SourceFacts, wall_s=30)
        request = Transcode("source", (Target("480p.mp4", 480),), facts, MediaLimits())
        with pytest.raises(MediaRefused) as caught:
            child.ask(request, Renditions, wall_s=60, on_progress=lambda _: os.kill(child.pid, signal.SIGKILL))
    assert caught.value.code == "crashed"


def test_an_answer_of_the_wrong_kind_is_no_answer(tmp_path: Path, make_clip: Maker) -> None:
    make_clip(tmp_path / "source")
    with MediaChild(tmp_path) as child, pytest.raises(MediaRefused):
        child.ask(Probe("source", MediaLimits()), PosterFacts, wall_s=30)
    with MediaChild(tmp_path) as child, pytest.raises(MediaRefused) as caught:
        child.ask(Poster("missing", ("cover-1.jpg",), 1000), PosterFacts, wall_s=30)
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
