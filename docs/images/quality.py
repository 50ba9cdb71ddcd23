"""Draws the replay's models as bars with their standard errors, and the prequential loss, from the kept report.

.venv/bin/python docs/generate.py     draws it anew, with everything else that is generated
"""

import json
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_suffix(".svg")
REPORT = ROOT / "docs" / "reference" / "quality-replay.json"

_WIDTH, _NAMES, _ROW, _TOP = 860, 240, 26, 34
_CURVE = 150
_STYLE = (
    "text{font-family:system-ui,sans-serif;font-size:13px;fill:#1c1f24}.head{font-weight:600}.small{font-size:11px;"
    "fill:#6b7280}rect{fill:#9db4d6}rect.ours{fill:#2f6fdb}line,polyline{stroke:#1c1f24;fill:none}"
    ".curve{stroke:#2f6fdb;stroke-width:1.5}.axis{stroke:#c3cbd8}"
    "@media(prefers-color-scheme:dark){text{fill:#e8eaee}.small{fill:#9aa3b2}line,polyline{stroke:#e8eaee}"
    "rect{fill:#4a5a75}rect.ours{fill:#6a9cf0}.curve{stroke:#6a9cf0}.axis{stroke:#3d4552}}"
)


def draw() -> str:
    """The picture as SVG."""
    report = json.loads(REPORT.read_text("utf-8"))
    models = {name: own for name, own in report["models"].items() if not name.startswith("spread ")}
    models = sorted(models.items(), key=lambda entry: -entry[1]["hr_at_10"])
    scale = (_WIDTH - _NAMES - 90) / max(figures["hr_at_10"] for _, figures in models)
    parts = [f'<text class="head" x="0" y="16">HR@10 on the replay, {report["targets"]:,} targets</text>']
    for number, (name, figures) in enumerate(models):
        y, value = _TOP + number * _ROW, figures["hr_at_10"]
        error = figures["hr_at_10_se"] * scale
        end, middle = _NAMES + value * scale, y + _ROW / 2 - 3
        ours = ' class="ours"' if name == "penchant" else ""
        parts += [
            f'<text x="{_NAMES - 8}" y="{middle + 5:.0f}" text-anchor="end">{escape(name)}</text>',
            f'<rect{ours} x="{_NAMES}" y="{y}" width="{value * scale:.1f}" height="{_ROW - 8}" rx="2"/>',
            f'<line x1="{end - error:.1f}" x2="{end + error:.1f}" y1="{middle:.1f}" y2="{middle:.1f}"/>',
            f'<text x="{end + error + 8:.0f}" y="{middle + 5:.0f}">{value:.4f}</text>',
        ]
    top = _TOP + len(models) * _ROW + 40
    losses = _smoothed(report["learning"]["penchant"])
    low, high = min(losses), max(losses)
    width = _WIDTH - _NAMES - 90
    points = " ".join(
        f"{_NAMES + width * at / max(len(losses) - 1, 1):.1f},{top + _CURVE * (high - loss) / (high - low):.1f}"
        for at, loss in enumerate(losses)
    )
    parts += [
        f'<text class="head" x="0" y="{top - 12}">Loss of each list before it was learned from</text>',
        f'<line class="axis" x1="{_NAMES}" x2="{_NAMES + width}" y1="{top + _CURVE}" y2="{top + _CURVE}"/>',
        f'<polyline class="curve" points="{points}"/>',
        f'<text class="small" x="{_NAMES - 8}" y="{top + 8}" text-anchor="end">{high:.2f} nats</text>',
        f'<text class="small" x="{_NAMES - 8}" y="{top + _CURVE}" text-anchor="end">{low:.2f}</text>',
        f'<text class="small" x="{_NAMES}" y="{top + _CURVE + 16}">first long view</text>',
        f'<text class="small" x="{_NAMES + width}" y="{top + _CURVE + 16}" text-anchor="end">last</text>',
    ]
    height = top + _CURVE + 26
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="HR@10 of each model on the replay, and the loss as it learns"><style>{_STYLE}</style>'
        + "".join(parts)
        + "</svg>\n"
    )


def _smoothed(losses: list[float], over: int = 20) -> list[float]:
    """Means over so many batches: single ones are noise."""
    return [sum(losses[start : start + over]) / over for start in range(0, len(losses) - over + 1, over // 2)]
