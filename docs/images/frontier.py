"""Draws accuracy against concentration at each price on being served often, from the kept report of the replay.

.venv/bin/python docs/generate.py     draws it anew, with everything else that is generated
"""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_suffix(".svg")
REPORT = ROOT / "docs" / "reference" / "quality-replay.json"
PREFIX = "spread "

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 300, 70, 46, 34
_STYLE = (
    "text{font-family:system-ui,sans-serif;font-size:12px;fill:#1c1f24}.head{font-weight:600;font-size:13px}"
    ".small{font-size:11px;fill:#6b7280}circle{fill:#2f6fdb}line{stroke:#2f6fdb}.axis{stroke:#c3cbd8}"
    "@media(prefers-color-scheme:dark){text{fill:#e8eaee}.small{fill:#9aa3b2}circle{fill:#6a9cf0}"
    "line{stroke:#6a9cf0}.axis{stroke:#3d4552}}"
)


def draw() -> str:
    """The picture as SVG: each price a point with one standard error of HR@10 to either side."""
    models = json.loads(REPORT.read_text("utf-8"))["models"]
    priced = {name.removeprefix(PREFIX): own for name, own in models.items() if name.startswith(PREFIX)}
    shares = [own["top1_share"] for own in priced.values()]
    ends = [own["hr_at_10"] + side * own["hr_at_10_se"] for own in priced.values() for side in (-1, 1)]
    right, low = _WIDTH - 60, _HEIGHT - _BOTTOM
    across = (right - _LEFT) / (max(shares) - min(shares))
    up = (low - _TOP) / (max(ends) - min(ends))
    parts = [
        '<text class="head" x="0" y="16">HR@10 against the share of places taken by the 1 % most served videos</text>',
        f'<line class="axis" x1="{_LEFT - 20}" x2="{right + 20}" y1="{low + 8}" y2="{low + 8}"/>',
        f'<line class="axis" x1="{_LEFT - 20}" x2="{_LEFT - 20}" y1="{_TOP}" y2="{low + 8}"/>',
        f'<text class="small" x="0" y="{_TOP + 6}">{max(ends):.3f}</text>',
        f'<text class="small" x="0" y="{low}">{min(ends):.3f}</text>',
        f'<text class="small" x="{_LEFT - 20}" y="{low + 26}">{min(shares):.2f}</text>',
        f'<text class="small" x="{right - 4}" y="{low + 26}">{max(shares):.2f}</text>',
    ]
    for name, own in priced.items():
        x = _LEFT + across * (own["top1_share"] - min(shares))
        y, error = low - up * (own["hr_at_10"] - min(ends)), up * own["hr_at_10_se"]
        parts += [
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - error:.1f}" y2="{y + error:.1f}"/>',
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>',
            f'<text x="{x + 8:.1f}" y="{y - 6:.1f}">{name}</text>',
        ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="HR@10 against concentration at each price"><style>{_STYLE}</style>' + "".join(parts) + "</svg>\n"
    )
