"""`penchant taste simulate`: how Penchant does where the truth is known."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from penchant.cli.configuration import console, plain_errors, print_json
from penchant.cli.progress import progress
from penchant.lab import marginals
from penchant.lab.policies import POLICIES
from penchant.lab.simulate import Part, Wanted
from penchant.lab.simulate import simulate as run_simulation
from penchant.lab.world import DEFAULT, read_world, shipped


def simulate(
    world: Annotated[str, typer.Option(help=f"a file, or one of {', '.join(shipped())}")] = DEFAULT,
    seed: Annotated[list[int] | None, typer.Option(help="of world and policies; several: the mean of all")] = None,
    part: Annotated[list[Part] | None, typer.Option(help="only this one; may be given several times")] = None,
    policies: Annotated[str, typer.Option(help=f"by comma, of {', '.join(POLICIES)}; all if not given")] = "",
    days: Annotated[int | None, typer.Option(min=1, help="instead of the world's, to be done sooner")] = None,
    fit: Annotated[
        Path | None, typer.Option(help="a folder of data: print its marginals beside the world's, and nothing else")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON on standard output")] = False,
) -> None:
    """Run the taste engine and baselines through worlds whose truth is known; 20 minutes for everything."""
    with plain_errors(), progress() as tell:
        if fit is not None:
            report: dict[str, Any] = {"data": marginals.of_data(fit), "world": marginals.of_world(read_world(world))}
        else:
            names = tuple(name for name in policies.split(",") if name) or tuple(POLICIES)
            wanted = Wanted(world, tuple(seed or ()), tuple(part or Part), names, days)
            report = run_simulation(wanted, tell)
    if as_json:
        print_json(report)
    elif fit is not None:
        _table("marginal", _turned(report), [(name, name) for name in report])
    else:
        _print(report)


def _print(report: dict[str, Any]) -> None:
    seeds = ", ".join(map(str, report["seeds"]))
    console.print(
        f"{report['world']} ({report['sha256'][:12]}), seed {seeds}: {report['viewers']:,} viewers, "
        f"{report['videos']:,} videos, {report['days']} days; {report['seconds']} s"
    )
    if "policies" in report:
        _table("policy", report["policies"], _POLICY_HEADS)
        console.print(
            "regret: behind the oracle, in long views per shown video; adapt: videos until a taste that switched is "
            "served half as well as the old one was; found: the best of what is new"
        )
    if "homophily" in report:
        rows = {f"{row['homophily']:.2f}": row for row in report["homophily"]}
        _table("homophily", rows, [(name, name) for name in ("neither", "contacts", "watching", "both", "oracle")])
    if "worlds" in report:
        worlds = {name: {**found["values"], "best": found["best"]} for name, found in report["worlds"].items()}
        _table("policy", _turned(worlds), [(name, name) for name in worlds])
    if "stories" in report:
        rows = {
            f"looked at after {row['looked_at_after_h']} h, {'slowed' if row['slowed'] else 'not slowed'}": row
            for row in report["stories"]["moderated"]
        }
        console.print("showings as a share of those where nobody looks, and the feed's value")
        heads = ("false", "honest", "false_tripped", "honest_tripped", "value")
        _table("stories", rows, [(name, name.replace("_", " ")) for name in heads])
    for name, found in report.get("off_policy", {}).get("logs", {}).items():
        rows = {
            f"{target}, {estimator}": {"true": entry["true"], **entry[estimator]}
            for target, entry in found["targets"].items()
            for estimator in ("ips", "snips", "dr")
        }
        console.print(f"off-policy, how the log was drawn: {name}")
        _table("target", rows, [(key, key) for key in ("true", "bias", "rmse", "covered")])


_POLICY_HEADS = (
    ("value", "value"),
    ("regret", "regret"),
    ("adapted_videos", "adapt"),
    ("discovered_hours", "found h"),
    ("creator_gini", "Gini"),
    ("topic_entropy", "topics"),
    ("top1_share", "top 1 %"),
)


def _turned(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The same with rows and columns exchanged."""
    return {key: {name: found[key] for name, found in rows.items()} for key in next(iter(rows.values()))}


def _table(first: str, rows: dict[str, dict[str, Any]], heads: Sequence[tuple[str, str]]) -> None:
    """Rows by name; of each what the keys of the heads say."""
    table = Table(first, *(head for _, head in heads), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name, found in rows.items():
        table.add_row(name, *(_cell(found[key]) for key, _ in heads))
    console.print(table)


def _cell(value: float | str | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.0f}"
