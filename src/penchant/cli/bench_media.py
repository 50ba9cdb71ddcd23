"""`penchant bench media`: what it costs to make an upload playable."""

from importlib.metadata import version
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from penchant.cli.configuration import console, plain_errors, print_json
from penchant.cli.progress import progress
from penchant.lab import bench_media, bench_report
from penchant.lab.vmaf import vmaf_program


class MediaReport(msgspec.Struct, frozen=True):
    """What `bench media` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    seed: int
    clips: list[bench_media.Clip]


def media(
    kinds: Annotated[list[str] | None, typer.Argument(help="ordinary, hard, hdr; all without")] = None,
    seconds: Annotated[float, typer.Option(help="length of each clip", min=1, max=180)] = 20,
    seed: Annotated[int, typer.Option(help="of the clips")] = 2026,
    vmaf_by: Annotated[str, typer.Option("--vmaf", help="a program ffmpeg that was built with libvmaf")] = "ffmpeg",
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
) -> None:
    """From a file to playable and to all sizes: seconds, processor time, bytes, likeness to the source."""
    wrong = sorted(set(kinds or ()) - set(bench_media.KINDS))
    if wrong:
        raise typer.BadParameter(f"there is no clip called {', '.join(wrong)}")
    with plain_errors(), progress() as tell:
        machine = bench_report.this_machine()
        measured = bench_media.MediaBench(seconds, seed, vmaf_program(vmaf_by))
        clips = [measured.run(kind, tell) for kind in kinds or bench_media.KINDS]
        report = MediaReport(
            "media",
            machine,
            bench_report.load_average(),
            bench_report.versions() | {"av": version("av")},
            seed,
            clips,
        )
    if as_json:
        print_json(report)
    else:
        _print_media(report)


def _print_media(report: MediaReport) -> None:
    console.print(f"load {report.machine.load_average_at_start} before, {report.load_average_at_end} after")
    table = Table("clip", "playable s (cpu)", "all sizes s", "rest cpu s", "apart cpu s", "sizes: Mbit/s, SSIM, VMAF")
    for clip in report.clips:
        table.add_row(
            f"{clip.kind}, {clip.seconds:.0f} s",
            f"{clip.playable.wall_s} ({clip.playable.cpu_s})",
            f"{clip.complete_s}",
            f"{clip.rest.cpu_s}",
            f"{sum(cost.cpu_s for cost in clip.apart.values()):.2f}",
            ", ".join(f"{rung.name} {rung.mbit_per_s} {rung.ssim} {rung.vmaf or '–'}" for rung in clip.rungs),
        )
    console.print(table)
