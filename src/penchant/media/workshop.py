"""Files in, files out: renditions, poster and vector of one source, in a private work folder. No database.

A source is opened by one child and each rendition by another, so that what plays a rendition back has never
touched a foreign byte.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from penchant.media.geometry import Size, rungs_for
from penchant.media.limits import ChildLimits, MediaLimits, wall_limit_s
from penchant.media.messages import (
    Check,
    Checked,
    ContentVector,
    Poster,
    PosterFacts,
    Probe,
    RenditionFacts,
    SourceFacts,
    Transcode,
    Vectors,
)
from penchant.media.sandbox import MediaChild

Report = Callable[[float], None]

_SOURCE = "source"
_PROBE_LIMIT_S = 60.0


class MadeFile(NamedTuple):
    """A finished file in the work folder."""

    path: Path
    name: str
    content_type: str
    size_bytes: int
    sha256: str
    width: int
    height: int


class FirstPlayable(NamedTuple):
    """All that a video needs to be listed: its smallest rendition, played back, and what goes with it."""

    facts: SourceFacts
    duration_ms: int
    rendition: MadeFile
    poster: MadeFile
    vector: ContentVector

    @property
    def further_rungs(self) -> tuple[int, ...]:
        """Short sides still to be made."""
        return rungs_for(Size(self.facts.width, self.facts.height))[1:]


class Workshop:
    """Makes files of one source; use `open_workshop`."""

    def __init__(self, folder: Path, limits: MediaLimits, child_limits: ChildLimits) -> None:
        self._folder = folder
        self._limits = limits
        self._child_limits = child_limits
        self.weak = False
        """True once a child could not confine itself fully."""

    def first_playable(
        self, title: str = "", hashtags: tuple[str, ...] = (), on_progress: Report | None = None
    ) -> FirstPlayable:
        """Probe, 480p, check, poster, vector.

        Raises:
            MediaRefused: the source cannot be used, or a child failed over it.
        """
        with self._child() as child:
            facts = child.ask(Probe(_SOURCE, self._limits), SourceFacts, wall_s=_PROBE_LIMIT_S)
            name, made = self._transcode(child, facts, rungs_for(Size(facts.width, facts.height))[0], on_progress)
        wall_s = wall_limit_s(made.duration_ms)
        with self._child() as child:
            child.ask(Check(name, made), Checked, wall_s=wall_s)
            still = child.ask(Poster(name, "poster.jpg", made.duration_ms), PosterFacts, wall_s=wall_s)
            vector = child.ask(Vectors(name, made.duration_ms, title, hashtags), ContentVector, wall_s=wall_s)
        return FirstPlayable(
            facts,
            made.duration_ms,
            self._video(name, made),
            self._file("poster.jpg", "poster", "image/jpeg", still.width, still.height),
            vector,
        )

    def rung(self, facts: SourceFacts, short_side: int, on_progress: Report | None = None) -> MadeFile:
        """One further rendition, checked.

        Raises:
            MediaRefused: as above.
        """
        with self._child() as child:
            name, made = self._transcode(child, facts, short_side, on_progress)
        with self._child() as child:
            child.ask(Check(name, made), Checked, wall_s=wall_limit_s(made.duration_ms))
        return self._video(name, made)

    def probe(self) -> SourceFacts:
        """What the source is.

        Raises:
            MediaRefused: as above.
        """
        with self._child() as child:
            return child.ask(Probe(_SOURCE, self._limits), SourceFacts, wall_s=_PROBE_LIMIT_S)

    @contextmanager
    def _child(self) -> Iterator[MediaChild]:
        with MediaChild(self._folder, self._child_limits) as child:
            self.weak = self.weak or (child.confined is not None and child.confined.weak)
            yield child

    def _transcode(
        self, child: MediaChild, facts: SourceFacts, short_side: int, on_progress: Report | None
    ) -> tuple[str, RenditionFacts]:
        name = f"{short_side}p.mp4"
        request = Transcode(_SOURCE, name, short_side, facts, self._limits)
        wall_s = wall_limit_s(facts.duration_ms)
        return name, child.ask(request, RenditionFacts, wall_s=wall_s, on_progress=on_progress)

    def _video(self, name: str, made: RenditionFacts) -> MadeFile:
        return self._file(name, name.removesuffix(".mp4"), "video/mp4", made.width, made.height)

    def _file(self, file_name: str, name: str, content_type: str, width: int, height: int) -> MadeFile:
        path = self._folder / file_name
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return MadeFile(path, name, content_type, path.stat().st_size, digest, width, height)


@contextmanager
def open_workshop(
    source: Path, root: Path, limits: MediaLimits | None = None, child_limits: ChildLimits | None = None
) -> Iterator[Workshop]:
    """A workshop for one source, in a new folder under `root` that is gone afterwards."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(dir=root))  # 0700
    try:
        _place(source, folder / _SOURCE)
        yield Workshop(folder, limits or MediaLimits(), child_limits or ChildLimits())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_workshops(root: Path, older_than_s: float, now_s: float) -> int:
    """Remove work folders that a killed worker left behind; returns how many."""
    swept = 0
    for folder in root.iterdir() if root.exists() else ():
        with suppress(FileNotFoundError):
            if folder.stat().st_mtime < now_s - older_than_s:
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
    return swept


def _place(source: Path, target: Path) -> None:
    try:
        os.link(source, target)  # no copy of half a gigabyte
    except OSError:
        shutil.copyfile(source, target)
