"""`penchant bench content`: how well new clips are ranked before anybody has played them."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
import typer
from rich.table import Table

from penchant.cli.configuration import console, plain_errors, print_json
from penchant.cli.one_thread import have_one_thread
from penchant.cli.progress import Bar, progress
from penchant.core.errors import Invalid
from penchant.demo.plan import plan
from penchant.demo.studio import Studio
from penchant.demo.themes import THEMES
from penchant.lab import bench_content, bench_report
from penchant.media.encoder import FRAME_SIDE, VIEW_SIDE, Clip, ClipEncoder

LEAST_OF_A_KIND: Final = 8
MOST_OF_A_KIND: Final = 40
_PICTURES: Final = (".png", ".jpg", ".jpeg")


class ContentReport(msgspec.Struct, frozen=True):
    """What `bench content` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    seed: int
    of: str
    """"demo", or the name of the folder of pictures."""
    encoder: str
    found: bench_content.Report


def content(
    clips: Annotated[int, typer.Option("--clips", help="clips of the demo, of all themes", min=64, max=240)] = 96,
    pictures: Annotated[
        Path | None, typer.Option(help="instead of the demo: a folder with a folder of PNG or JPEG for each kind")
    ] = None,
    seed: Annotated[int, typer.Option(help="of the people, not of the clips")] = 2026,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
) -> None:
    """New clips of the demo ranked by what they show and sound like, for people who like one of its themes."""
    have_one_thread()
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        vectors, kinds = _draw(clips, tell) if pictures is None else _look(pictures, tell)
        found = bench_content.measure(vectors, kinds, seed, tell)
        report = ContentReport(
            "content",
            machine,
            bench_report.load_average(),
            bench_report.versions(),
            seed,
            "demo" if pictures is None else pictures.name,
            ClipEncoder.name,
            found,
        )
    if as_json:
        print_json(report)
    else:
        _print(found)


def _draw(clips: int, tell: Bar) -> tuple[np.ndarray, list[str]]:
    wanted = plan()[: clips // len(THEMES) * len(THEMES)]
    vectors = []
    with tempfile.TemporaryDirectory(prefix="penchant-bench-content-") as folder, Studio(Path(folder)) as studio:
        for number, clip in enumerate(wanted):
            tell("drawing", number, len(wanted))
            made, video, poster = studio.make(clip)
            video.unlink()
            poster.unlink()
            vectors.append(np.frombuffer(made.vector, np.int8))
    return np.stack(vectors), [clip.theme for clip in wanted]


def _look(folder: Path, tell: Bar) -> tuple[np.ndarray, list[str]]:
    """Each picture as a clip that stands still."""
    found = {
        kind.relative_to(folder).as_posix(): pictures[:MOST_OF_A_KIND]
        for kind in sorted(path for path in folder.rglob("*") if path.is_dir())
        if len(pictures := sorted(one for one in kind.iterdir() if one.suffix.lower() in _PICTURES)) >= LEAST_OF_A_KIND
    }
    if len(found) < 2:
        raise Invalid(f"{folder} needs two folders or more with at least {LEAST_OF_A_KIND} pictures each")
    wanted = [(kind, picture) for kind, pictures in found.items() for picture in pictures]
    encoder, vectors = ClipEncoder(), []
    command = [sys.executable, "-m", "penchant.lab.child.pictures", str(FRAME_SIDE), str(VIEW_SIDE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for number, (_, picture) in enumerate(wanted):
            tell("looking", number, len(wanted))
            child.stdin.write(f"{picture}\n".encode())
            child.stdin.flush()
            frame, view = (
                np.frombuffer(child.stdout.read(3 * side * side), np.uint8).reshape(1, side, side, 3)
                for side in (FRAME_SIDE, VIEW_SIDE)
            )
            vectors.append(encoder.encode(Clip(frame, np.zeros(1), np.zeros(0, np.float32), view)))
        child.stdin.close()
    return np.stack(vectors), [kind for kind, _ in wanted]


def _print(found: bench_content.Report) -> None:
    console.print(
        f"{found.clips} clips of {found.kinds} themes, {found.people} people; of what is new "
        f"{found.chance:.3f} is of their theme"
    )
    table = Table("ranked by", "before others", f"of the first {bench_content.FIRST}")
    for row in found.rankings:
        table.add_row(row.by, f"{row.auc:.3f} ±{row.auc_se:.3f}", f"{row.first:.3f} ±{row.first_se:.3f}")
    console.print(table)
    console.print(
        f"a clip is encoded in {found.encode_ms:.0f} ms of processor time, "
        f"{found.encode_without_network_ms:.0f} of them without the network"
    )
