"""What the page on the simulation says, from its kept report and the worlds in the package."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from columns import table

from penchant.lab.policies import POLICIES
from penchant.lab.world import read_world, sha256_of, shipped

REPORT = Path(__file__).resolve().parent / "reference" / "simulation.json"
STORIES = REPORT.with_name("simulation-stories.json")


def _simulation() -> dict[str, Any]:
    return dict(json.loads(REPORT.read_text("utf-8")))


def worlds() -> str:
    """The worlds in the package, with the hashes of their constants."""
    found = [("world", "viewers", "videos", "days", "pages a day", "SHA-256 of its file")]
    for name in shipped():
        own = read_world(name)
        sizes = (f"{own.viewers}", f"{own.videos:,}", f"{own.days}", f"{own.pages_a_day:g}")
        found.append((f"`{name}`", *sizes, f"`{sha256_of(name)}`"))
    return table(*found)


def simulated_policies() -> str:
    """Every policy in the first world."""
    report = _simulation()
    heads = ("value", "regret", "behind `penchant` by (95 %)", "way", "old taste", "new taste", "adapted: videos", "s")
    found = [("policy", *heads, "best new found after h", "of them")]
    for name, own in report["policies"].items():
        behind = own.get("behind")
        found.append(
            (
                f"`{name}`",
                f"{own['value']:.4f}",
                f"{own['regret']:.4f}",
                f"{behind['value']:.4f} ({behind['low']:.4f} to {behind['high']:.4f})" if behind else "",
                f"{own['way']:.2f}",
                _or_none(own["served_before"], digits=2),
                _or_none(own["served_after"], digits=2),
                _or_none(own["adapted_videos"]),
                _or_none(own["adapted_ms"], 1 / 1000),
                _or_none(own["discovered_hours"]),
                f"{own['discovered_share']:.2f}",
            )
        )
    machine, versions = report["machine"], report["versions"]
    size = f"{report['viewers']} viewers, {report['videos']:,} videos, {report['days']} days, seeds {report['seeds']}"
    where = f"{machine['processor']}, {machine['cores']} cores, load {machine['load_average_at_start']}"
    with_versions = f"Python {versions['python']}, NumPy {versions['numpy']}, SciPy {versions['scipy']}"
    return f"{size}; {report['seconds']:.0f} s for this page, {where}; {with_versions}.\n\n{table(*found)}"


def simulated_stories() -> str:
    """False stories and honest ones under each way of moderation."""
    report = json.loads(STORIES.read_text("utf-8"))
    own, plain = report["stories"], report["stories"]["untouched"]
    heads = ("false stories, showings", "honest ones", "rose too fast: false", "honest", "value of the feed")
    found = [("somebody looks after", *heads), ("never", "1.00", "1.00", "", "", f"{plain['value']:.4f}")]
    for row in own["moderated"]:
        way = f"{row['looked_at_after_h']} h" + (f", slowed to {own['reach']} % until then" if row["slowed"] else "")
        rates = (f"{row[name]:.2f}" for name in ("false", "honest", "false_tripped", "honest_tripped"))
        found.append((way, *rates, f"{row['value']:.4f}"))
    size = f"{report['viewers']} viewers, {report['videos']:,} videos, {report['days']} days, seed {report['seeds'][0]}"
    counts = f"{plain['false']:,} showings of false stories and {plain['honest']:,} of honest ones where nobody looks"
    return f"{size}; {own['stories']} stories, half of them false; {counts}.\n\n{table(*found)}"


def _or_none(value: float | None, scale: float = 1, digits: int = 0) -> str:
    return "–" if value is None else f"{value * scale:.{digits}f}"


def simulated_names() -> str:
    """What each policy is, in words."""
    return table(("policy", "what it is"), *((f"`{name}`", says) for name, (says, _) in POLICIES.items()))


def simulated_shares() -> str:
    """What each policy shows, and how it is spread."""
    names = ("exploit", "turn", "explore", "trial", "followed", "audit", "by_contacts", "of_today", "clickbait")
    found = [
        ("policy", *(name.replace("_", " ") for name in names), "creator Gini", "topics, bits", "covered", "top 1 %")
    ]
    for name, own in _simulation()["policies"].items():
        spread = (f"{own[key]:.3f}" for key in ("creator_gini", "topic_entropy", "coverage", "top1_share"))
        found.append((f"`{name}`", *(f"{own['shares'].get(share, 0):.3f}" for share in names), *spread))
    return table(*found)


def simulated_weeks() -> str:
    """What becomes of regret and variety when a policy is fed with its own log."""
    report = _simulation()["policies"]
    names = ("penchant", "whole-list", "co-exposure", "co-exposure-fits", "no-blend", "uniform")
    weeks = range(len(report["oracle"]["weeks"]))
    measures = (
        ("regret", "regret"),
        ("topic_entropy", "topics, bits"),
        ("creator_gini", "Gini"),
        ("top1_share", "top 1 %"),
    )
    found = [("policy", *(f"{words}, week {week + 1}" for _, words in measures for week in weeks))]
    for name in names:
        own = report[name]["weeks"]
        found.append((f"`{name}`", *(f"{own[week][key]:.3f}" for key, _ in measures for week in weeks)))
    return table(*found)


def simulated_homophily() -> str:
    """What contacts and watch events are worth."""
    found = [
        ("homophily", "neither", "contacts alone", "watch events alone", "both", "contacts add", "events add", "oracle")
    ]
    for row in _simulation()["homophily"]:
        values = [row[name] for name in ("neither", "contacts", "watching", "both")]
        added = (row["both"] - row["watching"], row["both"] - row["contacts"])
        cells = [f"{value:.4f}" for value in values] + [f"{value:+.4f}" for value in added]
        found.append((f"{row['homophily']:.2f}", *cells, f"{row['oracle']:.4f}"))
    return table(*found)


def simulated_worlds() -> str:
    """Other worlds, with the best policy of each."""
    report = _simulation()["worlds"]
    names = list(next(iter(report.values()))["values"])
    found = [("world", *(f"`{name}`" for name in names), "`penchant` over the best (95 %)")]
    for name, own in report.items():
        gain = own["ours_over_best"]
        cells = [
            f"**{own['values'][each]:.4f}**" if each == own["best"] else f"{own['values'][each]:.4f}" for each in names
        ]
        ahead = (
            f"{gain['value']:+.4f} ({gain['low']:+.4f} to {gain['high']:+.4f})" if own["best"] != "penchant" else "best"
        )
        found.append((f"`{name}`", *cells, ahead))
    return table(*found)


def simulated_turn() -> str:
    """What a page is made of after the videos of a turn."""
    report = _simulation()["turn"]
    words = {"share": "of the new taste", "new": "way to the new", "old": "way to the old"}
    found = [("world", "slots that follow", "viewers", "", *(f"{step}" for step in range(11)))]
    for world, own in report.items():
        if world in ("listener", "seeds"):
            continue
        for name, curves in own.items():
            follows = "no" if name == "no-turn" else "yes"
            for measure, says in words.items():
                cells = [f"{value:.2f}" for value in curves[measure]]
                if measure == "share":
                    cells = [f"{cell} ± {error:.2f}" for cell, error in zip(cells, curves["error"], strict=True)]
                found.append((f"`{world}`", follows, f"{curves['viewers']}", says, *cells))
    return table(*found)


def simulated_listener() -> str:
    """How soon a listener who knows all but the taste serves the new one."""
    way = _simulation()["turn"]["listener"]
    ends = (5, 10, 15, 20, 25, 30, 35, 40)
    found = [("videos", *(f"{end - 4}–{end}" for end in ends))]
    found.append(("way to the new taste", *(f"{sum(way[end - 5 : end]) / 5:.2f}" for end in ends)))
    return table(*found)


def simulated_off_policy() -> str:
    """Estimators against the truth."""
    report = _simulation()["off_policy"]
    found = [
        (
            "log drawn at",
            "target",
            "true value",
            "log in effect",
            "estimator",
            "bias",
            "RMSE",
            "95 % intervals that cover",
        )
    ]
    for log, own in report["logs"].items():
        for target, entry in own["targets"].items():
            for estimator in ("ips", "snips", "dr"):
                held = entry[estimator]
                figures = (f"{held['bias']:+.4f}", f"{held['rmse']:.4f}", f"{held['covered']:.2f}")
                truth = (f"{entry['true']:.4f}", f"{entry['effective']:.3f}")
                found.append((log, target, *truth, estimator.upper(), *figures))
    return f"{report['moments']:,} first draws, each log drawn {report['redrawn']} times.\n\n{table(*found)}"


BLOCKS: dict[str, Callable[[], str]] = {
    "worlds": worlds,
    "simulatedpolicies": simulated_policies,
    "simulatednames": simulated_names,
    "simulatedshares": simulated_shares,
    "simulatedweeks": simulated_weeks,
    "simulatedhomophily": simulated_homophily,
    "simulatedworlds": simulated_worlds,
    "simulatedturn": simulated_turn,
    "simulatedlistener": simulated_listener,
    "simulatedoffpolicy": simulated_off_policy,
    "simulatedstories": simulated_stories,
}
