"""Draws the simulation: regret so far of each policy, and what contacts and watch events are worth over homophily.

.venv/bin/python docs/generate.py     draws it anew, with everything else that is generated
"""

import json
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_suffix(".svg")
REPORT = ROOT / "docs" / "reference" / "simulation.json"

DRAWN = (
    "penchant",
    "whole-list",
    "no-blend",
    "co-exposure-fits",
    "ease",
    "popularity",
    "contacts",
    "last-k",
    "uniform",
)
_WIDTH, _LEFT, _PLOT, _HEIGHT, _GAP = 860, 60, 600, 300, 70
_COLOURS = {
    "penchant": "#2f6fdb",
    "whole-list": "#e07b28",
    "no-blend": "#3c9d6a",
    "co-exposure-fits": "#c2366b",
    "both": "#2f6fdb",
    "watching": "#3c9d6a",
    "contacts": "#8a5fd0",
    "ease": "#1f9aa8",
    "popularity": "#a8801f",
}
_STYLE = (
    "text{font-family:system-ui,sans-serif;font-size:13px;fill:#1c1f24}.head{font-weight:600}.small{font-size:11px;"
    "fill:#6b7280}polyline{fill:none;stroke-width:2}.axis{stroke:#c3cbd8}"
    "@media(prefers-color-scheme:dark){text{fill:#e8eaee}.small{fill:#9aa3b2}.axis{stroke:#3d4552}}"
)
Points = list[tuple[float, float]]


def draw() -> str:
    """The picture as SVG."""
    report = json.loads(REPORT.read_text("utf-8"))
    by_day = {name: report["policies"][name]["regret_by_day"] for name in DRAWN if name in report["policies"]}
    days = {name: _so_far(own) for name, own in by_day.items()}
    curve = {
        name: [(row["homophily"], row[name]) for row in report["homophily"]]
        for name in ("both", "watching", "contacts", "neither")
    }
    parts = _plot(
        30,
        "Regret so far: long views per shown video behind the oracle, mean of the days up to then",
        days,
        (("first day", 1.0), (f"day {report['days']}", float(report["days"]))),
    )
    top = 30 + _HEIGHT + _GAP
    ends = (("homophily 0: contacts are anyone", 0.0), ("1: the most alike", 1.0))
    parts += _plot(top, "Long views per shown video in the first week, by homophily", curve, ends)
    height = top + _HEIGHT + 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="Regret so far of each policy; value by homophily"><style>{_STYLE}</style>'
        + "".join(parts)
        + "</svg>\n"
    )


def _so_far(by_day: list[float]) -> Points:
    """Running means: who has shown the best already has less of it left, so single days do not compare."""
    return [(day + 1.0, sum(by_day[: day + 1]) / (day + 1)) for day in range(len(by_day))]


def _plot(top: int, title: str, lines: dict[str, Points], ends: Any) -> list[str]:
    highest = max(y for points in lines.values() for _, y in points) * 1.05
    (_, first), (_, last) = ends

    def at(x: float, y: float) -> tuple[float, float]:
        return _LEFT + _PLOT * (x - first) / (last - first), top + _HEIGHT * (1 - y / highest)

    parts = [f'<text class="head" x="0" y="{top - 12}">{escape(title)}</text>']
    step = 0.05
    for number in range(int(highest / step) + 1):
        y = at(first, number * step)[1]
        parts += [
            f'<line class="axis" x1="{_LEFT}" x2="{_LEFT + _PLOT}" y1="{y:.1f}" y2="{y:.1f}"/>',
            f'<text class="small" x="{_LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{number * step:.2f}</text>',
        ]
    for (words, x), anchor in zip(ends, ("start", "end"), strict=True):
        left = at(x, 0)[0]
        parts.append(
            f'<text class="small" x="{left:.0f}" y="{top + _HEIGHT + 16}" text-anchor="{anchor}">{words}</text>'
        )
    labels = _apart({name: at(*points[-1])[1] for name, points in lines.items()})
    for name, points in lines.items():
        colour = _COLOURS.get(name, "#8b94a3")
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in points))
        parts += [
            f'<polyline stroke="{colour}" points="{drawn}"/>',
            f'<text x="{_LEFT + _PLOT + 10}" y="{labels[name] + 4:.0f}" style="fill:{colour}">{escape(name)}</text>',
        ]
    return parts


def _apart(wanted: dict[str, float], least: float = 16) -> dict[str, float]:
    """Heights of labels in the order that is wanted, none closer than `least` to the one above."""
    found: dict[str, float] = {}
    above = float("-inf")
    for name, height in sorted(wanted.items(), key=lambda entry: entry[1]):
        above = found[name] = max(height, above + least)
    return found
