"""Backup and restore as commands, of an installation that runs, killed at any moment."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from penchant.adapters import embedded_postgres
from penchant.core.database import make_engine
from penchant.operations.backup_draft import SUFFIX
from penchant.operations.backup_source import open_backup, verify
from penchant.operations.data_folder import HALF_RESTORED
from penchant.testing.installation import Installation

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    installation = Installation()
    try:
        yield installation.start()
    finally:
        installation.remove()


@pytest.fixture(scope="module")
def world(running: Installation, world_of):
    world = world_of(running.data, running.database_url())
    world.fill(60)
    yield world
    world.cell.close()


def killed_at_work(running: Installation, sign: Callable[[], object], delay_s: float, *arguments: str) -> bool:
    """Run a command and `kill -9` it a while after its work has left a new sign; True where it was still running."""
    before = sign()
    process = subprocess.Popen(
        running.command(*arguments),
        env=running.environment,
        cwd=running.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and sign() in (before, None):
        time.sleep(0.002)
    try:
        process.wait(delay_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def delays(seed: int, whole_s: float) -> list[float]:
    """At once, which is surely in the middle, and two random moments later."""
    return [0.0, *(np.random.default_rng(seed).uniform(0, 0.6, 2) * whole_s).tolist()]


def timed(running: Installation, *arguments: str) -> float:
    """Run a command to its end; returns its seconds."""
    began = time.monotonic()
    done = running.run(*arguments)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - began


def compare(running: Installation, world, data: Path, read_rows: Callable, check_objects: Callable) -> None:
    """Start the second server and compare every row and every file with the first."""
    home = embedded_postgres.locate(data)
    embedded_postgres.prepare(home, lambda _: None)
    server = embedded_postgres.start(home)
    try:
        embedded_postgres.wait_until_ready(home, server, lambda _: None)
        engine = make_engine(home.url)
        with engine.connect() as second, world.cell.engine.connect() as first:
            restored, rows = read_rows(second), read_rows(first)
        engine.dispose()
    finally:
        embedded_postgres.stop(server)
    # The first one's worker goes on with its own housekeeping.
    assert _without_jobs(restored) == _without_jobs(rows)
    assert check_objects(data, restored) == check_objects(running.data, rows)


def _without_jobs(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return {table: found for table, found in rows.items() if not table.startswith("procrastinate_")}


def test_a_backup_killed_at_any_moment_is_whole_or_not_there(running, world, read_rows, check_objects):
    target = running.folder / "backups" / "one.tar"
    whole_s = timed(running, "backup", str(target))
    target.unlink()

    def draft() -> object:
        """The newest draft, which goes by another name at each run."""
        return max(target.parent.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_ctime_ns, default=None)

    killed = []
    for delay_s in delays(7, whole_s):
        killed.append(killed_at_work(running, draft, delay_s, "backup", str(target)))
        if target.exists():
            verify(*open_backup(target), lambda _: None)
            target.unlink()
    assert killed[0]
    timed(running, "backup", str(target))
    assert sorted(path.name for path in target.parent.iterdir()) == ["one.tar"]
    assert not (running.data / ".backup").exists()
    assert list(running.folder.glob(f"**/*{SUFFIX}")) == []


def test_a_restore_killed_at_any_moment_is_noticed_and_run_again(running, world, read_rows, check_objects):
    backup, data = running.folder / "two", running.folder / "second"
    timed(running, "backup", "two")
    # By relative paths, as people type them: the commands run in the installation's folder.
    whole_s = timed(running, "restore", "two", "--data", "second")
    compare(running, world, data, read_rows, check_objects)
    shutil.rmtree(data)
    half = 0

    def mark() -> object:
        path = data / HALF_RESTORED
        return path.stat().st_ctime_ns if path.exists() else None

    for delay_s in delays(8, whole_s):
        killed_at_work(running, mark, delay_s, "restore", str(backup), "--data", str(data))
        if not (data / HALF_RESTORED).exists():
            continue
        half += 1
        if half > 1:
            continue
        refused = running.run("up", "--data", str(data), "--port", "1")
        assert refused.returncode == 1
        assert "half restored" in refused.stderr
        assert f"penchant restore {backup}" in refused.stderr
        assert running.run("backup", str(running.folder / "no"), "--data", str(data)).returncode == 1
    assert half >= 1
    if (data / HALF_RESTORED).exists() or not data.exists():
        timed(running, "restore", str(backup), "--data", str(data))
    compare(running, world, data, read_rows, check_objects)
    again = running.run("restore", str(backup), "--data", str(data))
    assert again.returncode == 1
    assert "not empty" in again.stderr
    assert "Traceback" not in again.stderr


def test_without_a_running_installation_there_is_a_sentence(tmp_path):
    installation = Installation()
    try:
        done = installation.run("backup", str(tmp_path / "b"))
        assert done.returncode == 1
        assert "penchant up" in done.stderr
        assert "Traceback" not in done.stderr
        missing = installation.run("restore", str(tmp_path / "nothing"))
        assert "there is no backup at" in missing.stderr
    finally:
        installation.remove()
