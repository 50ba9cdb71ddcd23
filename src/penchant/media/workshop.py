"""Files in, files out: renditions, poster and what is to be seen of one source, in a private work folder. No database.

A source is opened by one child and each rendition by another, so that what plays a rendition back has never
touched a foreign byte.
"""

import errno
import hashlib
import io
import math
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import structlog
from numpy.typing import NDArray

from penchant.catalog.provenance import Provenance
from penchant.media.cut import Cut
from penchant.media.encoder import FRAME_SIDE, VIEW_SIDE, Clip
from penchant.media.geometry import Size, rungs_for
from penchant.media.limits import ChildLimits, MediaLimits, wall_limit_s
from penchant.media.messages import (
    Check,
    Checked,
    Glimpses,
    GlimpsesFacts,
    Judge,
    Listen,
    Look,
    Poster,
    PosterFacts,
    Probe,
    RenditionFacts,
    Renditions,
    Samples,
    Seen,
    Sign,
    Signed,
    SourceFacts,
    Stills,
    StillsFacts,
    Target,
    Transcode,
    Verdict,
)
from penchant.media.sandbox import MediaChild, MediaRefused
from penchant.media.signing import Credentials
from penchant.media.transcriber import SPEECH_RATE

Report = Callable[[float], None]
Reached = Callable[[Literal["checked", "picture"]], None]

STILL_SIDE = 128
"""Pixels of the shorter side of a still: twice what a perceptual hash looks at."""
MOST_STILLS = 120
_LEAST_BETWEEN_STILLS_MS = 250

_SOURCE = "source"
_OWN = "own.mp4"
_SOUND = "sound.pcm"
_SEEN = "seen.raw"
_MOST_SEEN_BYTES = 16_000_000
"""A look takes 3 MB of the longest clip."""
_STILLS = "stills.raw"
_MOST_STILLS_BYTES = 48_000_000
"""120 pictures of a very wide clip are 40 MB."""
_ANCHORS = "anchors.pem"
_USED = "used.mp4"
_PROBE_LIMIT_S = 60.0
_JUDGE_LIMIT_S = 30.0
_SIGN_LIMIT_S = 60.0
_COVERS = tuple(f"cover-{number}.jpg" for number in range(1, 7))

_log = structlog.get_logger("media")


class MadeFile(NamedTuple):
    """A finished file in the work folder."""

    path: Path
    name: str
    content_type: str
    size_bytes: int
    sha256: str
    width: int
    height: int


class Pictures(NamedTuple):
    """Evenly sampled pictures of a clip."""

    frames: NDArray[np.uint8]
    """(F, H, W, 3) RGB."""
    times_ms: tuple[int, ...]
    """F times from the clip's start."""


class FirstPlayable(NamedTuple):
    """All that a video needs to be listed: its smallest rendition, played back, and what goes with it."""

    facts: SourceFacts
    duration_ms: int
    rendition: MadeFile
    covers: tuple[MadeFile, ...]
    """Stills that its creator may choose among, in the order of time."""
    best_cover: int
    """Which of them is the poster until then."""
    clip: Clip
    """What a content encoder needs."""
    pictures: Pictures
    """What detectors look at."""
    provenance: Provenance
    """The verdict on the source's content credentials."""

    @property
    def poster(self) -> MadeFile:
        return self.covers[self.best_cover]

    @property
    def further_rungs(self) -> tuple[int, ...]:
        """Short sides still to be made."""
        return rungs_for(Size(self.facts.width, self.facts.height))[1:]


class Workshop:
    """Makes files of one source; use `open_workshop`."""

    def __init__(
        self, folder: Path, limits: MediaLimits, child_limits: ChildLimits, cut: Cut, credentials: Credentials
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._cut = cut
        self._child_limits = child_limits
        self._credentials = credentials
        self._used = ""
        self.weak = False
        """True once a child could not confine itself fully."""

    def first_playable(self, on_progress: Report | None = None, on_step: Reached | None = None) -> FirstPlayable:
        """Probe, 480p, verdict on its credentials, signature, check, poster, and a look for the content encoder.

        on_step: told once the source is known to be a video we take, and once its first picture is made.

        Raises:
            MediaRefused: the source cannot be used, or a child failed over it.
        """
        with self._child() as child:
            facts = child.ask(Probe(_SOURCE, self._limits, self._cut), SourceFacts, wall_s=_PROBE_LIMIT_S)
            if on_step:
                on_step("checked")
            first = rungs_for(Size(facts.width, facts.height))[:1]
            (name, made), *_ = self._transcode(child, facts, first, on_progress)
            # Last: should the child die over them, the rendition is there.
            provenance = self._judge(child)
        wall_s = wall_limit_s(made.duration_ms)
        with self._child() as child:
            self._sign(child, name, provenance)
            child.ask(Check(name, made), Checked, wall_s=wall_s)
            still = child.ask(Poster(name, _COVERS, made.duration_ms), PosterFacts, wall_s=wall_s)
            if on_step:
                on_step("picture")
            clip = self._look(child, name, made.duration_ms)
            pictures = self._stills(child, name, made.duration_ms)
        return FirstPlayable(
            facts,
            made.duration_ms,
            self._video(name, made),
            tuple(
                self._file(file, file.removesuffix(".jpg"), "image/jpeg", still.width, still.height)
                for file, _ in zip(_COVERS, still.at_ms, strict=False)
            ),
            still.best,
            clip,
            pictures,
            provenance,
        )

    def use_sound(self, rendition: Iterable[bytes]) -> None:
        """From now on, make renditions with the sound of this one of ours, instead of the source's own."""
        with (self._folder / _USED).open("wb") as file:
            file.writelines(rendition)
        self._used = _USED

    def rungs(
        self,
        facts: SourceFacts,
        short_sides: tuple[int, ...],
        on_progress: Report | None = None,
        provenance: Provenance | None = None,
    ) -> list[MadeFile]:
        """Further renditions out of one decode, each signed and checked.

        provenance: the verdict that `first_playable` came to.

        Raises:
            MediaRefused: as above.
        """
        with self._child() as child:
            renditions = self._transcode(child, facts, short_sides, on_progress)
        with self._child() as child:
            for name, made in renditions:
                self._sign(child, name, provenance)
                child.ask(Check(name, made), Checked, wall_s=wall_limit_s(made.duration_ms))
        return [self._video(name, made) for name, made in renditions]

    def glimpses(self, rendition: Iterable[bytes], duration_ms: int) -> list[MadeFile]:
        """A strip of small frames and a silent preview, from the bytes of a rendition that was checked.

        Raises:
            MediaRefused: as above.
        """
        self._place_own(rendition)
        request = Glimpses(_OWN, "strip.jpg", "preview.mp4", duration_ms)
        with self._child() as child:
            made = child.ask(request, GlimpsesFacts, wall_s=wall_limit_s(duration_ms))
        return [
            self._file("strip.jpg", "strip", "image/jpeg", *made.strip),
            self._file("preview.mp4", "preview", "video/mp4", *made.preview),
        ]

    def listen(self, rendition: Iterable[bytes], duration_ms: int) -> NDArray[np.int16]:
        """What is heard, (N,) int16, mono, `SPEECH_RATE` a second; N = 0 where there is no sound.

        Raises:
            MediaRefused: as above.
        """
        self._place_own(rendition)
        with self._child() as child:
            made = child.ask(Listen(_OWN, _SOUND), Samples, wall_s=wall_limit_s(duration_ms))
        with self._open(_SOUND) as file:
            content = file.read(_most_sound_bytes(duration_ms) + 1)
        if len(content) != 2 * made.count:
            raise MediaRefused("crashed", f"{made.count} samples were told, there are {len(content)} bytes or more")
        return np.frombuffer(content, np.int16)

    def look(self, rendition: Iterable[bytes], duration_ms: int) -> Clip:
        """What a content encoder needs of a rendition, from its bytes.

        Raises:
            MediaRefused: as above.
        """
        self._place_own(rendition)
        with self._child() as child:
            return self._look(child, _OWN, duration_ms)

    def _look(self, child: MediaChild, name: str, duration_ms: int) -> Clip:
        seen = child.ask(Look(name, _SEEN, duration_ms), Seen, wall_s=wall_limit_s(duration_ms))
        shapes = (len(seen.times_s), FRAME_SIDE, FRAME_SIDE, 3), (seen.views, VIEW_SIDE, VIEW_SIDE, 3)
        sizes = [math.prod(shape) for shape in shapes] + [4 * seen.samples]
        if not seen.times_s or min(sizes) < 0 or sum(sizes) > _MOST_SEEN_BYTES:
            raise MediaRefused("crashed", f"the look at {name} told {sizes} bytes")
        with self._open(_SEEN) as file:
            parts = [file.read(size) for size in sizes]
        if [len(part) for part in parts] != sizes:
            raise MediaRefused("crashed", f"the look at {name} told {sizes} bytes and wrote fewer")
        frames, views = (
            np.frombuffer(part, np.uint8).reshape(shape) for part, shape in zip(parts[:2], shapes, strict=True)
        )
        return Clip(frames, np.array(seen.times_s), np.frombuffer(parts[2], np.float32), views)

    def stills(
        self,
        rendition: Iterable[bytes],
        duration_ms: int,
        short_side: int = STILL_SIDE,
        most: int = MOST_STILLS,
    ) -> Pictures:
        """Evenly sampled pictures of a rendition, from its bytes: four a second, of a longer clip `most`.

        Raises:
            MediaRefused: as above.
        """
        self._place_own(rendition)
        with self._child() as child:
            return self._stills(child, _OWN, duration_ms, short_side, most)

    def _stills(
        self,
        child: MediaChild,
        name: str,
        duration_ms: int,
        short_side: int = STILL_SIDE,
        most: int = MOST_STILLS,
    ) -> Pictures:
        every_ms = max(_LEAST_BETWEEN_STILLS_MS, math.ceil(duration_ms / most))
        request = Stills(name, _STILLS, every_ms, most, short_side)
        made = child.ask(request, StillsFacts, wall_s=wall_limit_s(duration_ms))
        shape = (len(made.times_ms), made.height, made.width, 3)
        if not 0 < math.prod(shape) <= _MOST_STILLS_BYTES or min(shape) < 1:
            raise MediaRefused("crashed", f"the pictures of {name} are told to be {shape}")
        with self._open(_STILLS) as file:
            content = file.read(math.prod(shape))
        if len(content) != math.prod(shape):
            raise MediaRefused("crashed", f"the pictures of {name} are told to be {shape}, there are fewer bytes")
        return Pictures(np.frombuffer(content, np.uint8).reshape(shape), made.times_ms)

    def probe(self) -> SourceFacts:
        """What the source is, and the wanted part of it.

        Raises:
            MediaRefused: as above.
        """
        with self._child() as child:
            return child.ask(Probe(_SOURCE, self._limits, self._cut), SourceFacts, wall_s=_PROBE_LIMIT_S)

    @contextmanager
    def _child(self) -> Iterator[MediaChild]:
        with MediaChild(self._folder, self._child_limits) as child:
            self.weak = self.weak or (child.confined is not None and child.confined.weak)
            yield child

    def _judge(self, child: MediaChild) -> Provenance:
        """The verdict on the source's credentials; whatever a child cannot stand counts as unreadable."""
        request = Judge(_SOURCE, _ANCHORS if self._credentials.anchors else None)
        try:
            return child.ask(request, Verdict, wall_s=_JUDGE_LIMIT_S).provenance
        except MediaRefused as refused:
            _log.warning("credentials_unreadable", code=refused.code, detail=refused.detail[-500:])
            return Provenance("broken", problem="unreadable")

    def _sign(self, child: MediaChild, name: str, provenance: Provenance | None) -> None:
        """Put credentials into a rendition; one that cannot be signed plays as well without them."""
        signer = self._credentials.signer
        if signer is None:
            return
        request = Sign(name, signer.chain_pem, provenance, self._cut)
        signed = child.ask(request, Signed, wall_s=_SIGN_LIMIT_S, on_sign=signer.sign)
        if not signed.size_bytes:
            _log.warning("rendition_not_signed", reason=signed.problem[-500:])

    def _transcode(
        self, child: MediaChild, facts: SourceFacts, short_sides: tuple[int, ...], on_progress: Report | None
    ) -> list[tuple[str, RenditionFacts]]:
        targets = tuple(Target(f"{side}p.mp4", side) for side in short_sides)
        request = Transcode(_SOURCE, targets, facts, self._limits, self._used)
        # What lies before the part is decoded as well where a file cannot be sought in.
        wall_s = len(targets) * wall_limit_s(facts.duration_ms) + facts.start_ms / 1000
        answer = child.ask(request, Renditions, wall_s=wall_s, on_progress=on_progress)
        return [(target.file, made) for target, made in zip(targets, answer.made, strict=True)]

    def _video(self, name: str, made: RenditionFacts) -> MadeFile:
        return self._file(name, name.removesuffix(".mp4"), "video/mp4", made.width, made.height)

    def _file(self, file_name: str, name: str, content_type: str, width: int, height: int) -> MadeFile:
        path = self._folder / file_name
        with self._open(file_name) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return MadeFile(path, name, content_type, path.stat().st_size, digest, width, height)

    @contextmanager
    def _open(self, file_name: str) -> Iterator[io.BufferedReader]:
        """What a child made: one that was taken over may have left something else than a file there."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with open(os.open(self._folder / file_name, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise MediaRefused("crashed", f"{file_name} is no file")
            yield file

    def _place_own(self, rendition: Iterable[bytes]) -> None:
        with (self._folder / _OWN).open("wb") as file:
            file.writelines(rendition)


@contextmanager
def open_workshop(
    source: Path | None,
    root: Path,
    limits: MediaLimits | None = None,
    child_limits: ChildLimits | None = None,
    cut: Cut | None = None,
    credentials: Credentials | None = None,
) -> Iterator[Workshop]:
    """A workshop for one source or the part of it that is wanted, or for renditions alone.

    Its new folder under `root` is gone afterwards.
    """
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(dir=root))  # 0700
    try:
        if source is not None:
            _place(source, folder / _SOURCE)
        credentials = credentials or Credentials()
        if credentials.anchors:
            _write(folder / _ANCHORS, credentials.anchors)
        yield Workshop(folder, limits or MediaLimits(), child_limits or ChildLimits(), cut or Cut(), credentials)
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


def _most_sound_bytes(duration_ms: int) -> int:
    """Sound may end a little after the picture, but not much."""
    return 2 * SPEECH_RATE * (duration_ms + 2_000) // 1000


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, "utf-8")
    except OSError as error:
        raise MediaRefused("no_space", repr(error)) from error


def _place(source: Path, target: Path) -> None:
    try:
        os.link(source, target)  # no copy of half a gigabyte
    except OSError:
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise MediaRefused("no_space", repr(error)) from error
            raise
