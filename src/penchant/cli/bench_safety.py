"""`penchant bench safety`: what detectors find and what they find wrongly."""

import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from penchant.adapters import nsfw, ocr
from penchant.adapters.nsfw.detector import NudityDetector, nudity_scores
from penchant.adapters.ocr.reader import read_lines
from penchant.cli.configuration import console, plain_errors, print_json
from penchant.cli.one_thread import have_one_thread
from penchant.cli.progress import Bar, progress
from penchant.demo.plan import plan
from penchant.demo.studio import Studio
from penchant.demo.themes import THEMES
from penchant.lab import bench_report, bench_safety
from penchant.lab.bench_on_screen import OnScreen
from penchant.lab.bench_safety import Drawn


class SafetyReport(msgspec.Struct, frozen=True):
    """What `bench safety` found."""

    benchmark: str
    machine: bench_report.Machine
    load_average_at_end: float
    versions: dict[str, str]
    seed: int
    found: bench_safety.Report


def safety(
    clips: Annotated[int, typer.Option("--clips", help="clips of the demo, half of them known", min=4, max=96)] = 16,
    seed: Annotated[int, typer.Option(help="of the million hashes that are looked among")] = 2026,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
) -> None:
    """Known clips after cropping, mirroring, coding, captions …: how many are known again, and how many wrongly."""
    have_one_thread()
    with plain_errors(), progress() as tell, tempfile.TemporaryDirectory(prefix="penchant-bench-safety-") as name:
        machine = bench_report.this_machine()
        folder = Path(name)
        nudity = bench_safety.Nudity(nudity_scores, NudityDetector()) if nsfw.is_installed() else None
        read = read_lines if ocr.is_installed() else None
        found = bench_safety.measure(_draw(clips // 2 * 2, folder, tell), folder, seed, tell, nudity, read)
        report = SafetyReport("safety", machine, bench_report.load_average(), bench_report.versions(), seed, found)
    if as_json:
        print_json(report)
    else:
        _print(found)


def _draw(count: int, folder: Path, tell: Bar) -> list[Drawn]:
    """From the end of the plan, because the parts were chosen on its beginning; in pairs of a theme."""
    last = plan()[-(count + 2 * len(THEMES)) :]
    by_theme = {theme: [clip for clip in last if clip.theme == theme] for theme in THEMES}
    pairs = [by_theme[theme][at : at + 2] for at in range(0, count, 2) for theme in THEMES]
    wanted = [clip for pair in pairs if len(pair) == 2 for clip in pair][:count]
    drawn = []
    with Studio(folder) as studio:
        for number, clip in enumerate(wanted):
            tell("drawing", number, len(wanted))
            _, video, poster = studio.make(clip)
            poster.unlink()
            drawn.append(Drawn(clip.theme, video, clip.duration_ms))
    return drawn


def _print(found: bench_safety.Report) -> None:
    table = Table("bank", "changed", "asked", "queued", "stopped", "as another", "strangers", "queued", "share")
    for row in found.hashes:
        numbers = (row.asked, row.queued, row.stopped, row.wrong_entry, row.strangers, row.strangers_queued)
        table.add_row(row.bank, row.alteration, *map(str, numbers), f"{row.median_share / 1000:.2f}")
    console.print(table)
    table = Table("detector", "language", "label", "found", "of", "harmless", "found wrongly")
    for text in found.texts:
        counts = (text.found, text.of, text.harmless, text.false_positives)
        table.add_row(text.detector, text.language, text.label, *map(str, counts))
    console.print(table)
    console.print(
        f"{found.costs.hash_ms:.0f} ms to hash a clip, {found.costs.look_up_ms:.0f} ms to look it up among a million "
        f"hashes, {found.costs.stored_bytes / 1000:.0f} KB stored"
    )
    if found.nudity is not None:
        console.print(
            f"nudity: {found.nudity.clips_found} of {found.nudity.clips} harmless clips found wrongly, the highest "
            f"score of {found.nudity.pictures} pictures is {found.nudity.highest:.2f}; recall is not measured"
        )
    if found.on_screen is not None:
        _print_on_screen(found.on_screen)


def _print_on_screen(found: OnScreen) -> None:
    table = Table("text in pictures", "outlined", "letters read", "found", "of")
    for row in found.rows:
        outlined = "yes" if row.outlined else "no"
        table.add_row(f"{row.size_px} px", outlined, f"{row.letters_read / 10:.0f} %", str(row.found), str(row.texts))
    console.print(table)
    console.print(
        f"{found.clips_found} of {found.clips} clips without words found wrongly; lines read in "
        f"{found.pictures_with_lines} of {found.pictures} of their pictures; {found.picture_s:.1f} s a picture"
    )
