"""How long an upload takes to be playable and complete, what it costs, and how like its source it is.

Through the real children, without database and network. Clips are drawn by `lab.child.reference_clip`.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from penchant.lab.vmaf import vmaf
from penchant.media.encoder import ClipEncoder
from penchant.media.messages import SourceFacts
from penchant.media.workshop import FirstPlayable, MadeFile, Workshop, open_workshop

KINDS = ("ordinary", "hard", "hdr")
ASKED_PLAYABLE_S = {"ordinary": 8.0, "hard": 15.0}
ASKED_COMPLETE_S = 25.0
_SAME_LADDER = "scale={side}:-2:flags=bicubic"
_CEILINGS = {480: "1200k", 720: "2400k", 1080: "4800k"}

Tell = Callable[[str, int, int], None]


class Cost(msgspec.Struct, frozen=True):
    """Of one step, over all its processes and threads."""

    wall_s: float
    cpu_s: float


class Rung(msgspec.Struct, frozen=True):
    """One rendition."""

    name: str
    width: int
    height: int
    size_bytes: int
    mbit_per_s: float
    ssim: float
    """Against the source scaled to the same size, every tenth frame; for a source of high dynamic range it compares
    other tones and means little."""
    vmaf: float | None
    """Against the source scaled to the same size; None where no program has it, and for high dynamic range."""
    vmaf_enlarged: float | None
    """Against the source at its own size, as a screen of that size shows both."""


class Clip(msgspec.Struct, frozen=True):
    """What one clip took."""

    kind: str
    seconds: float
    source_bytes: int
    playable: Cost
    """From the file to 480p, played back, with poster and vector."""
    asked_playable_s: float | None
    rest: Cost
    """The further sizes in one decode, played back."""
    complete_s: float
    """Wall time of both."""
    asked_complete_s: float
    apart: dict[str, Cost]
    """Each further size in a decode of its own, as a comparison."""
    real_time_480p: float
    """Seconds of clip in a second of wall time, with everything that makes it playable."""
    real_time_rest: float
    clips_per_hour_and_core: float
    """By processor time, with all sizes."""
    rungs: list[Rung]
    ffmpeg_program: Cost | None
    """All sizes by a program `ffmpeg` in one decode, without check, poster, vector, loudness; None if not there."""
    ffmpeg_rungs: list[Rung]
    """What that program made."""


class MediaBench:
    """Clips of one seed and length, converted one after the other."""

    def __init__(self, seconds: float, seed: int, vmaf_program: str | None = None) -> None:
        self._seconds = seconds
        self._vmaf = vmaf_program
        self._seed = seed
        self._encoder = ClipEncoder()

    def run(self, kind: str, tell: Tell) -> Clip:
        """Draw a clip of this kind and convert it."""
        with tempfile.TemporaryDirectory(prefix="penchant-bench-media-") as name:
            folder = Path(name)
            source = folder / "source.mov"
            tell(f"{kind}: drawing", 0, 3)
            _program("reference_clip", kind, str(source), str(self._seconds), str(self._seed))
            with open_workshop(source, folder / "work") as workshop:
                return self._convert(kind, source, workshop, tell)

    def _convert(self, kind: str, source: Path, workshop: Workshop, tell: Tell) -> Clip:
        tell(f"{kind}: first playable", 1, 3)
        with _cost() as playable:
            first = workshop.first_playable()
            self._encoder.encode(first.clip)
        tell(f"{kind}: further sizes", 2, 3)
        with _cost() as rest:
            further = workshop.rungs(first.facts, first.further_rungs)
        rungs = [self._rung(kind, source, made, first) for made in (first.rendition, *further)]
        apart = {f"{side}p": _alone(workshop, first.facts, side) for side in first.further_rungs}
        tell(f"{kind}: further sizes", 3, 3)
        program, theirs = _ffmpeg(source, (480, *first.further_rungs))
        both = playable[0].cpu_s + rest[0].cpu_s
        return Clip(
            kind=kind,
            seconds=self._seconds,
            source_bytes=source.stat().st_size,
            playable=playable[0],
            asked_playable_s=ASKED_PLAYABLE_S.get(kind),
            rest=rest[0],
            complete_s=round(playable[0].wall_s + rest[0].wall_s, 2),
            asked_complete_s=ASKED_COMPLETE_S,
            apart=apart,
            real_time_480p=round(self._seconds / playable[0].wall_s, 2),
            real_time_rest=round(self._seconds / rest[0].wall_s, 2),
            clips_per_hour_and_core=round(3600 / both, 1),
            rungs=rungs,
            ffmpeg_program=program,
            ffmpeg_rungs=[
                self._rung(kind, source, made._replace(path=path), first)
                for made, path in zip((first.rendition, *further), theirs, strict=False)
            ],
        )

    def _rung(self, kind: str, source: Path, made: MadeFile, first: FirstPlayable) -> Rung:
        size = made.path.stat().st_size
        mbit = round(size * 8 / first.duration_ms / 1000, 2)
        likeness = float(_program("likeness", str(source), str(made.path)))
        looks: list[float | None] = [None, None]
        if self._vmaf is not None and kind != "hdr":
            sizes = (made.width, made.height), (first.facts.width, first.facts.height)
            looks = [vmaf(self._vmaf, source, made.path, width, height) for width, height in sizes]
        return Rung(made.name, made.width, made.height, size, mbit, likeness, *looks)


def _alone(workshop: Workshop, facts: SourceFacts, side: int) -> Cost:
    with _cost() as alone:
        workshop.rungs(facts, (side,))
    return alone[0]


def _ffmpeg(source: Path, sides: tuple[int, ...]) -> tuple[Cost | None, list[Path]]:
    """What it took, and the files; nothing where there is no such program."""
    program = shutil.which("ffmpeg")
    if program is None:
        return None, []
    made = [source.with_name(f"ffmpeg-{side}.mp4") for side in sides]
    command = [program, "-v", "error", "-y", "-i", str(source)]
    for side, path in zip(sides, made, strict=True):
        command += ["-map", "0:v", "-map", "0:a?", "-vf", _SAME_LADDER.format(side=side), "-pix_fmt", "yuv420p"]
        command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-bf", "0", "-g", "60"]
        command += ["-maxrate", _CEILINGS[side], "-bufsize", _CEILINGS[side], "-c:a", "aac", "-b:a", "128k"]
        command += ["-movflags", "+faststart", str(path)]
    with _cost() as taken:
        subprocess.run(command, check=True)
    return taken[0], made


def _program(name: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"penchant.lab.child.{name}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def _cost() -> Iterator[list[Cost]]:
    """The list has the block's cost once it is left; children count when they have ended."""
    taken: list[Cost] = []
    began, used = time.monotonic(), _children_cpu_s()
    yield taken
    taken.append(Cost(round(time.monotonic() - began, 2), round(_children_cpu_s() - used, 2)))


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
