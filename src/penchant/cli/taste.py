"""`penchant taste`: the process that learns from the event log, and how good what it learns is."""

import os
import signal
import threading
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from rich import box
from rich.table import Column, Table

from penchant.app import build
from penchant.cli.configuration import console, plain_errors, print_json, read_settings
from penchant.cli.progress import progress
from penchant.cli.running import running_cell
from penchant.core.ids import format_id
from penchant.core.logs import configure_logs
from penchant.lab.dataset import DataRefused
from penchant.lab.evaluate import Protocol, Wanted
from penchant.lab.evaluate import evaluate as run_evaluation
from penchant.operations.processes import watch_lifeline
from penchant.taste.run import Progress

taste = typer.Typer(help="The taste engine.", invoke_without_command=True)


@taste.callback()
def follow(context: typer.Context) -> None:
    """Without a command: follow the event log, learn, publish."""
    if context.invoked_subcommand is not None:
        return
    with plain_errors():
        settings = read_settings()
        configure_logs(settings.log_level, "taste")
        watch_lifeline(os.environ)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        log = structlog.get_logger("taste")

        def report(progress: Progress) -> None:
            log.debug("epoch", position=progress.position, epoch=progress.epoch, rebuild_due=progress.rebuild_due)

        cell = build(settings, application="penchant-taste")
        try:
            cell.learner().run(stop, report)
        finally:
            cell.close()


@taste.command()
def rebuild(
    quiet: Annotated[bool, typer.Option(help="say nothing when it worked")] = False,
) -> None:
    """Fold the whole log again: forgets what was erased from it. Stop the running one first."""
    with plain_errors():
        settings = read_settings()
        configure_logs(settings.log_level, "taste")
        cell = build(settings, application="penchant-taste")
        try:
            with console.status("folding the log …"):
                learner = cell.learner()
                learner.rebuild()
            if not quiet:
                console.print(f"rebuilt up to event {learner.progress.position}, epoch {learner.progress.epoch[:12]}")
        finally:
            cell.close()


@taste.command()
def vectors(
    data: Annotated[Path | None, typer.Option(help="folder of the installation")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say how many, and make none")] = False,
) -> None:
    """Make content vectors anew where an encoder of another version made them; go on after an interruption."""
    with plain_errors(), running_cell(read_settings(data=data), "penchant-vectors") as cell:
        describer = cell.media.describer
        if dry_run:
            console.print(f"{len(describer.outstanding()):,} videos have no vector of {describer.encoder.name}")
            return
        with progress() as tell:
            done = describer.describe(lambda made, wanted: tell(f"vectors of {describer.encoder.name}", made, wanted))
    console.print(f"{done.made:,} vectors made by {describer.encoder.name}; all others were its own already")
    for video, why in done.refused.items():
        console.print(f"  [yellow]![/] {format_id(video)} keeps what it had: {why}", soft_wrap=True)
    if done.refused:
        raise typer.Exit(1)


@taste.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="events, history, videos as .csv or .csv.gz")],
    protocol: Annotated[
        Protocol,
        typer.Option(
            help="replay: a stream; temporal: up to --from, then ranked; ranking: of what was shown; topk: pairs; "
            "cold: pairs, of videos made new; fresh: what a market loses that begins again without what was learned"
        ),
    ] = (Protocol.REPLAY),
    names: Annotated[str, typer.Option("--map", help="other column names: watch_ms=playtime,video_id=item")] = "",
    start: Annotated[str | None, typer.Option("--from", help="date from which targets are measured")] = None,
    end: Annotated[str | None, typer.Option("--until", help="date from which events are cut off")] = None,
    continue_with: Annotated[
        Path | None, typer.Option(help="a later events file that follows on the same state, and is measured")
    ] = None,
    test: Annotated[Path | None, typer.Option(help="topk: a file of pairs to score")] = None,
    without: Annotated[str, typer.Option(help="columns to leave out, by comma")] = "",
    spread: Annotated[float | None, typer.Option(help="doublings of odds that twice as many servings cost")] = None,
    ablation: Annotated[bool, typer.Option(help="one more model for each group of columns, without it")] = False,
    with_encoder: Annotated[
        bool,
        typer.Option(
            "--with-encoder", help="replay: the default with and without the sequence encoder (the extra deep)"
        ),
    ] = False,
    seed: Annotated[int, typer.Option(help="of the blend")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
) -> None:
    """Measure the taste engine on a folder of data, beside baselines on the same targets."""
    with plain_errors(), progress() as tell:
        wanted = Wanted(
            folder,
            protocol,
            names=_names(names),
            start=start,
            end=end,
            continue_with=continue_with,
            test=test,
            without=[name for name in without.split(",") if name],
            spread=spread,
            seed=seed,
            ablation=ablation,
            encoder=with_encoder,
            variants=not (ablation or with_encoder),
        )
        report = run_evaluation(wanted, tell)
    if as_json:
        print_json(report)
        return
    _print(report)


def _names(given: str) -> dict[str, str]:
    pairs = [pair.split("=") for pair in given.split(",") if pair]
    if wrong := ["=".join(pair) for pair in pairs if len(pair) != 2 or not all(pair)]:
        raise DataRefused(f"--map {wrong[0]}: it has to be ours=theirs, e.g. watch_ms=playtime")
    return {ours: theirs for ours, theirs in pairs}


_STREAM = (("hr_at_10", "ndcg_at_10"), ("candidate_recall", "coverage_at_10", "top1_share"))
_MEASURES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Protocol.REPLAY: _STREAM,
    Protocol.TEMPORAL: _STREAM,
    Protocol.RANKING: (("primary", "gauc", "ndcg_at_5"), ()),
    Protocol.TOPK: (("recall_at_20", "ndcg_at_20"), ()),
    Protocol.COLD: (("recall_at_20", "ndcg_at_20"), ()),
}
"""What a protocol's table shows: first with its error, and what has three digits."""
_HEADS = {
    "hr_at_10": "HR@10",
    "ndcg_at_10": "NDCG@10",
    "candidate_recall": "inside",
    "coverage_at_10": "cover",
    "top1_share": "top 1 %",
    "gauc": "GAUC",
    "ndcg_at_5": "nDCG@5",
    "recall_at_20": "Recall@20",
    "ndcg_at_20": "NDCG@20",
}


def _print(report: dict[str, Any]) -> None:
    console.print(
        f"{report['data']}, {report['protocol']}: {report['targets']:,} targets, {report['videos']:,} videos, "
        f"{report['seconds']} s"
    )
    if report["protocol"] == Protocol.FRESH:
        _print_fresh(report)
        return
    measures, further = _MEASURES[report["protocol"]]
    heads = [_HEADS.get(name, name) for name in (*measures, *further)] + (["behind by"] if "gains" in report else [])
    table = Table(Column("model", overflow="fold"), *heads, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name, found in report["models"].items():
        behind = report.get("gains", {}).get(name)
        table.add_row(
            name,
            f"{found[measures[0]]:.4f} ±{found[f'{measures[0]}_se']:.4f}",
            *(f"{found[name]:.4f}" for name in measures[1:]),
            *(f"{found[key]:.3f}" for key in further),
            *([_behind(behind)] if "gains" in report else []),
        )
    console.print(table)
    if "gains" in report:
        console.print("?: the 95 % interval of the difference, by bootstrap over viewers, holds 0", style="dim")


def _print_fresh(report: dict[str, Any]) -> None:
    names = list(report["hr_at_10"])
    table = Table("hours after", "targets", *names, "±", "has a profile of", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for one in report["stretches"]:
        hits = (f"{one['hr_at_10'][name]:.4f}" for name in names)
        error, known = f"{one['standard_error']:.4f}", f"{100 * one['known_to_own_log']:.0f} %"
        table.add_row(str(one["from_hours"]), f"{one['targets']:,}", *hits, error, known)
    console.print(table)
    lost = ", ".join(f"{name} {100 * share:.0f} %" for name, share in report["lost"].items())
    console.print(f"lost of HR@10 over all of it: {lost}")


def _behind(gain: dict[str, float] | None) -> str:
    if gain is None:
        return ""
    return f"{gain['hr_at_10']:.4f}{'' if gain['low'] > 0 else ' ?'}"
