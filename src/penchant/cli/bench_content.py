"""`penchant bench content`: how well new clips are ranked before anybody has played them."""

import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import typer
from rich.table import Table

from penchant.cli.configuration import console, plain_errors, print_json
from penchant.cli.progress import Bar, progress
from penchant.demo.plan import plan
from penchant.demo.studio import Studio
from penchant.demo.themes import THEMES
from penchant.lab import bench_content, bench_report
from penchant.media.encoder import ClipEncoder


class ContentReport(msgspec.Struct, frozen=True):
    """What `bench content` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    seed: int
    encoder: str
    found: bench_content.Report


def content(
    clips: Annotated[int, typer.Option("--clips", help="clips of the demo, of all themes", min=64, max=240)] = 96,
    seed: Annotated[int, typer.Option(help="of the people, not of the clips")] = 2026,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
) -> None:
    """New clips of the demo ranked by what they show and sound like, for people who like one of its themes."""
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        vectors, kinds = _draw(clips, tell)
        found = bench_content.measure(vectors, kinds, seed, tell)
        report = ContentReport(
            "content",
            machine,
            bench_report.load_average(),
            bench_report.versions(),
            seed,
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
