"""The learner's state as arrays and back: what a restart begins with, and what equal states are equal in.

Everything is sorted, so the arrays (and their digest) depend on what is known, not on how it came to be known.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from penchant.taste.encounters import Awaited, Banked, Encounter, Play, Viewer
from penchant.taste.folders import (
    Folder,
    FolderCorrupt,
    digest_of,
    point_to,
    read_folder,
    sweep,
    write_folder,
)
from penchant.taste.live import Live
from penchant.taste.recipe import SERVED
from penchant.taste.state import State
from penchant.taste.videos import Videos

POINTER: Final = "STATE"
LIVE: Final = "live_"
"""Names of everything that depends on the order of events begin with it."""
FORMAT: Final = 6


def digest(state: State) -> str:
    """SHA-256 over everything in the state but its position: equal knowledge, equal digest."""
    arrays, about = to_arrays(state)
    return digest_of(arrays, {name: value for name, value in about.items() if name != "position"})


def save(folder: Path, state: State) -> str:
    """Writes the state, points to it and deletes older ones; returns its name. Durable on return."""
    with _collector_paused():
        arrays, about = to_arrays(state)
    name = write_folder(folder / "states", arrays, about)
    point_to(folder / POINTER, name)
    sweep(folder / "states", {name})
    return name


def load(folder: Path) -> State:
    """The last saved state, or an empty one where there is none.

    Raises:
        FolderCorrupt: there is one, but it is not what its name says; folding the log again mends it.
    """
    pointer = folder / POINTER
    if not pointer.exists():
        return State()
    found = read_folder(folder / "states", pointer.read_text("utf-8").strip())
    if found.number("format") != FORMAT or found.text("columns") != " ".join(SERVED.names):
        raise FolderCorrupt(f"a state of format {found.number('format')}, or of other columns than this version's")
    with _collector_paused():
        return from_arrays(found)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Millions of new tuples make Python's cycle collector walk all of them again and again: half of the time here."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def to_arrays(state: State) -> tuple[dict[str, npt.NDArray[Any]], dict[str, int | str]]:
    """The state as named arrays and single values."""
    viewers = sorted(state.viewers.items(), key=lambda item: item[0].int)
    opened = [
        (place, video, encounter)
        for place, (_, viewer) in enumerate(viewers)
        for video, encounter in sorted(viewer.open.items())
    ]
    banked = [
        (place, video, kept.hour, kept.marks)
        for place, (_, viewer) in enumerate(viewers)
        for video, kept in sorted(viewer.banked.items())
    ]
    plays = [(place, play) for place, (_, _, encounter) in enumerate(opened) for play in sorted(encounter.plays)]
    changes = sorted(state.since_cut.items(), key=lambda change: (change[0][0].int, change[0][1]))
    place_of = {subject: place for place, (subject, _) in enumerate(viewers)}
    awaited = [
        (place_of[subject], video, *found)
        for minute, subject, video in state.awaiting
        if subject in place_of
        and (found := state.viewers[subject].awaited.get(video)) is not None
        and found.minute == minute
    ]
    live, live_about = state.live.arrays()
    videos, videos_about = state.videos.arrays()
    arrays: dict[str, npt.NDArray[Any]] = {
        **videos,
        "subjects": _uuids([subject for subject, _ in viewers]),
        "open": _table([(place, video, kept.hour, kept.flags) for place, video, kept in opened], 4),
        "plays": _table([(place, play.number, play.sequence, play.marks) for place, play in plays], 4),
        "sessions": _uuids([play.session for _, play in plays]),
        "banked": _table(banked, 4),
        "cut_subjects": _uuids([subject for (subject, _), _ in changes]),
        "cut_changes": _table([(video, strength) for (_, video), strength in changes], 2),
        "long": _table([(place, video) for place, (_, viewer) in enumerate(viewers) for video in viewer.long], 2),
        "rates": _table(
            [
                (place, viewer.looks, viewer.examples)
                for place, (_, viewer) in enumerate(viewers)
                if viewer.minute == state.minute
            ],
            3,
        ),
    }
    arrays |= {f"{LIVE}{name}": array for name, array in live.items()}
    arrays[f"{LIVE}awaited"] = _table(awaited, 8)
    about: dict[str, int | str] = {
        "format": FORMAT,
        "position": state.position,
        "hour": state.hour,
        "positives": state.positives,
        "cut_position": state.cut_position,
        "rebuild_due": int(state.rebuild_due),
        **videos_about,
        "minute": state.minute,
        "examples": state.examples,
        "changes": state.changes,
        "standing_day": state.standing_day,
        "standing_positives": state.standing_positives,
        "standing_changes": state.standing_changes,
        "columns": " ".join(SERVED.names),
    }
    about |= {f"{LIVE}{name}": number for name, number in live_about.items()}
    return arrays, about


def from_arrays(found: Folder) -> State:
    """The inverse of `to_arrays`."""
    subjects = [UUID(bytes=row) for row in _rows_of_16(found.array("subjects"))]
    viewers = [Viewer() for _ in subjects]
    opened: list[tuple[int, int, int, int]] = found.array("open").tolist()
    plays: list[list[Play]] = [[] for _ in opened]
    sessions: dict[bytes, UUID] = {}
    for row, (place, number, sequence, marks) in zip(
        _rows_of_16(found.array("sessions")), found.array("plays").tolist(), strict=True
    ):
        if (session := sessions.get(row)) is None:
            session = sessions[row] = UUID(bytes=row)
        plays[place].append(Play(session, number, sequence, marks))
    for (place, video, hour, flags), own in zip(opened, plays, strict=True):
        viewers[place].open[video] = Encounter(hour, flags, tuple(own))
    for place, video, hour, marks in found.array("banked").tolist():
        viewers[place].banked[video] = Banked(hour, marks)
    for place, video in found.array("long").tolist():
        viewers[place].long.append(video)
    awaiting: deque[tuple[int, UUID, int]] = deque()
    for place, video, *known in found.array(f"{LIVE}awaited").tolist():
        viewers[place].awaited[video] = Awaited(*known)
        awaiting.append((known[0], subjects[place], video))
    minute = found.number("minute")
    for place, looks, examples in found.array("rates").tolist():
        viewers[place].minute, viewers[place].looks, viewers[place].examples = minute, looks, examples
    start = len(LIVE)
    live = Live.of(
        {name[start:]: array for name, array in found.arrays.items() if name.startswith(LIVE)},
        {
            name[start:]: value
            for name, value in found.about.items()
            if name.startswith(LIVE) and isinstance(value, int)
        },
    )
    return State(
        position=found.number("position"),
        hour=found.number("hour"),
        videos=Videos.of(found.arrays, found.about),
        viewers=dict(zip(subjects, viewers, strict=True)),
        positives=found.number("positives"),
        cut_position=found.number("cut_position"),
        since_cut={
            (UUID(bytes=row), video): strength
            for row, (video, strength) in zip(
                _rows_of_16(found.array("cut_subjects")), found.array("cut_changes").tolist(), strict=True
            )
        },
        rebuild_due=bool(found.number("rebuild_due")),
        live=live,
        minute=minute,
        examples=found.number("examples"),
        awaiting=awaiting,
        changes=found.number("changes"),
        standing_day=found.number("standing_day"),
        standing_positives=found.number("standing_positives"),
        standing_changes=found.number("standing_changes"),
    )


def _table(rows: Sequence[tuple[int, ...]], columns: int) -> npt.NDArray[np.int64]:
    return np.array(rows, dtype=np.int64).reshape(len(rows), columns)


def _uuids(ids: list[UUID]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(id_.bytes for id_ in ids), dtype=np.uint8).reshape(len(ids), 16)


def _rows_of_16(ids: npt.NDArray[Any]) -> list[bytes]:
    raw = ids.tobytes()
    return [raw[at : at + 16] for at in range(0, len(raw), 16)]
