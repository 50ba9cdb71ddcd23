"""The learning process, step by step."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from penchant.core.clock import ManualClock
from penchant.core.ids import SubjectId
from penchant.events.model import Erased
from penchant.taste import snapshot
from penchant.taste.epochs import EpochReader
from penchant.taste.run import TasteProcess
from penchant.taste.similar import ItemRows, Plays, RefitFailed, fit_rows
from penchant.testing.memory_log import MemoryLog
from penchant.testing.themes import themed


def _settled(process: TasteProcess) -> str:
    while process.step():
        pass
    process.wait_for_refit()
    process.publish()
    return process.progress.epoch


def test_it_follows_the_log_and_publishes_at_most_every_few_seconds(tmp_path: Path) -> None:
    log, clock = themed(1, 40, vectors=True), ManualClock(1_000_000)
    process = TasteProcess(log, tmp_path, clock)
    assert process.step() is False
    assert process.progress.epochs == 1
    assert process.progress.published_position == log.last_offset()
    log.watch(7, 1_000, 1, 6_000)
    process.step()
    assert process.progress.epochs == 1
    clock.advance(2_000)
    process.step()
    assert process.progress.epochs == 2
    assert process.progress.published_position == log.last_offset()
    process.wait_for_refit()
    clock.advance(60_000)
    process.step()
    quiet = process.progress.epochs
    clock.advance(60_000)
    process.step()
    assert process.progress.epochs == quiet
    process.close()


def test_a_slow_refit_does_not_hold_up_counters(tmp_path: Path) -> None:
    go_on = threading.Event()

    def slow(plays: Plays) -> ItemRows:
        go_on.wait(30)
        return fit_rows(plays)

    log, clock = themed(1, 40, vectors=True), ManualClock(1_000_000)
    process = TasteProcess(log, tmp_path, clock, refit=slow)
    process.step()
    assert (process.progress.published_position, process.progress.rows_position) == (log.last_offset(), 0)
    go_on.set()
    process.wait_for_refit()
    clock.advance(2_000)
    process.step()
    assert process.progress.rows_position > 0
    process.close()


def test_rows_that_are_not_numbers_are_thrown_away(tmp_path: Path) -> None:
    def broken(plays: Plays) -> ItemRows:
        raise RefitFailed("not a number")

    process = TasteProcess(themed(1, 40, vectors=True), tmp_path, ManualClock(0), refit=broken)
    _settled(process)
    assert process.progress.refits_failed == 1
    assert process.progress.rows_position == 0
    assert process.progress.epochs == 1
    process.close()


@pytest.mark.parametrize("save_at", [0, 3, 5])
def test_after_a_kill_the_same_epoch_is_reached(tmp_path: Path, save_at: int) -> None:
    """Uninterrupted, and killed after some steps with an older snapshot or none: the same bytes in the end."""
    log = themed(2, 30, vectors=True)
    whole = _settled(TasteProcess(log, tmp_path / "whole", ManualClock(0)))
    cut_log, folder = MemoryLog(), tmp_path / "killed"
    killed = TasteProcess(cut_log, folder, ManualClock(0))
    size = len(log.events) // 8
    for step in range(6):
        cut_log.events = log.events[: (step + 1) * size]
        killed.step()
        if step == save_at:
            killed.save()
    del killed  # neither closed nor saved again
    again = TasteProcess(log, folder, ManualClock(0))
    assert _settled(again) == whole
    again.close()


_CHILD = """
import sys
from pathlib import Path
from penchant.core.clock import SystemClock
from penchant.taste.run import TasteProcess
from penchant.testing.memory_log import MemoryLog
from penchant.testing.themes import themed

log, folder = MemoryLog(), Path(sys.argv[1])
process = TasteProcess(log, folder, SystemClock(), publish_every_ms=1, save_every_ms=1)
events = themed(6, 60, vectors=True).events
log.events += events[:240]
process.step()
print("going", flush=True)
for event in events[240:]:
    log.events.append(event)
    process.step()
"""


@pytest.mark.service
@pytest.mark.parametrize("killed_after_s", [0.05, 0.31, 0.77])
def test_kill_9_while_it_publishes_and_saves(tmp_path: Path, killed_after_s: float) -> None:
    """Killed at any moment of a loop that does little else: every epoch found is whole, and the end is the same."""
    folder = tmp_path / "killed"
    with subprocess.Popen([sys.executable, "-c", _CHILD, str(folder)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(killed_after_s)
        child.kill()
    reader = EpochReader(folder)
    found = reader.current()
    assert reader.refused == 0
    assert found is not None
    assert found.position >= 240
    assert snapshot.load(folder).position >= 0
    log = themed(6, 60, vectors=True)
    whole = _settled(TasteProcess(log, tmp_path / "whole", ManualClock(0)))
    assert _settled(TasteProcess(log, folder, ManualClock(0))) == whole
    assert not [place for place in folder.rglob(".half-*") if place.is_dir()]


def test_deleting_the_state_and_folding_again_gives_the_same_state_and_epoch(tmp_path: Path) -> None:
    log = themed(3, 30, vectors=True)
    first = TasteProcess(log, tmp_path / "a", ManualClock(0))
    second = TasteProcess(log, tmp_path / "b", ManualClock(99))
    assert _settled(first) == _settled(second)
    first.close()
    second.close()
    states = [snapshot.load(tmp_path / name) for name in "ab"]
    assert snapshot.digest(states[0]) == snapshot.digest(states[1])
    assert (tmp_path / "a" / "STATE").read_text() == (tmp_path / "b" / "STATE").read_text()


def test_a_damaged_state_is_folded_again(tmp_path: Path) -> None:
    log = themed(3, 20, vectors=True)
    process = TasteProcess(log, tmp_path, ManualClock(0))
    epoch = _settled(process)
    process.close()
    (tmp_path / "STATE").write_text("0" * 64)
    assert _settled(TasteProcess(log, tmp_path, ManualClock(0))) == epoch


def test_a_rebuild_forgets_who_was_erased(tmp_path: Path) -> None:
    log = themed(4, 40, vectors=True)
    subject = SubjectId(UUID(int=105))
    process = TasteProcess(log, tmp_path / "a", ManualClock(0))
    _settled(process)
    log.add(0, Erased(subject=subject))
    _settled(process)
    due = process.progress
    assert due.rebuild_due
    process.save()
    log.erase_subject(subject)
    process.rebuild()
    assert not process.progress.rebuild_due
    process.close()
    other = TasteProcess(log, tmp_path / "b", ManualClock(0))
    assert _settled(other) == process.progress.epoch
    other.close()
    saved, anew = (snapshot.digest(snapshot.load(tmp_path / name)) for name in "ab")
    assert saved == anew, "it ends at the same event, and is saved all the same"
    assert len(list((tmp_path / "a" / "epochs").iterdir())) == 1


def test_what_is_due_is_folded_again_in_the_next_night(tmp_path: Path) -> None:
    hour_ms = 3_600_000
    log, clock = themed(4, 40, vectors=True), ManualClock(20_000 * 24 * hour_ms + 22 * hour_ms)
    process = TasteProcess(log, tmp_path / "a", clock)
    subject = SubjectId(UUID(int=105))
    log.add(0, Erased(subject=subject))
    log.erase_subject(subject)
    _settled(process)
    clock.advance(4 * hour_ms)
    log.watch(106, 1_003, 9_001, 6_000)
    _settled(process)
    assert not process.progress.rebuild_due, "the log had nothing of theirs any more"
    log.watch(200, 1_004, 1, 6_000)
    _settled(process)
    log.add(0, Erased(subject=SubjectId(UUID(int=200))))
    _settled(process)
    log.erase_subject(SubjectId(UUID(int=200)))
    assert process.progress.rebuild_due
    clock.advance(hour_ms // 2)
    process.step()
    assert process.progress.rebuild_due, "it is half past two"
    clock.advance(hour_ms)
    process.step()
    assert not process.progress.rebuild_due
    other = TasteProcess(log, tmp_path / "b", ManualClock(0))
    assert _settled(other) == _settled(process)
    other.close()
    process.close()


def test_rows_under_way_do_not_outlive_a_rebuild(tmp_path: Path) -> None:
    """The rows of a cut at the same place, but of a log with the erased viewer still in it, must not come back."""
    log, begun, go_on = themed(4, 40, vectors=True), threading.Event(), threading.Event()

    def slow_once(plays: Plays) -> ItemRows:
        if not begun.is_set():
            begun.set()
            go_on.wait(30)
        return fit_rows(plays)

    process = TasteProcess(log, tmp_path / "a", ManualClock(0), refit=slow_once)
    process.step()
    assert begun.wait(30)
    log.erase_subject(SubjectId(UUID(int=105)))
    go_on.set()
    process.rebuild()
    process.close()
    other = TasteProcess(log, tmp_path / "b", ManualClock(0))
    assert _settled(other) == process.progress.epoch
    other.close()


def test_a_disk_that_takes_nothing_stops_neither_learning_nor_pages(tmp_path: Path) -> None:
    log, clock = themed(5, 10, vectors=True), ManualClock(0)
    process = TasteProcess(log, tmp_path, clock)
    epoch, reader = _settled(process), EpochReader(tmp_path)
    parts, aside = tmp_path / "parts", tmp_path / "aside"
    parts.rename(aside)
    parts.write_text("where a folder should be")
    for step in range(3):
        log.watch(300 + step, 1_000, 1, 6_000)
        clock.advance(120_000)
        process.step()
    stuck = process.progress
    assert stuck.not_written == 3
    assert stuck.position == log.last_offset()
    assert stuck.epoch == epoch
    parts.unlink()
    aside.rename(parts)
    found = reader.current()
    assert found is not None
    assert found.digest == epoch
    clock.advance(120_000)
    process.step()
    found = reader.current()
    assert found is not None
    assert found.position == log.last_offset()
    process.close()


def test_it_stops_when_told_and_keeps_what_it_knows(tmp_path: Path) -> None:
    log, stop = themed(5, 10, vectors=True), threading.Event()
    process = TasteProcess(log, tmp_path, ManualClock(0))
    process.run(stop, report=lambda progress: stop.set())
    assert snapshot.load(tmp_path).position == log.last_offset()
    epoch = EpochReader(tmp_path).current()
    assert epoch is not None
    assert np.all(epoch.signals.shown >= 0)
