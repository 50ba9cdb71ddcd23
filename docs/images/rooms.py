"""Draws the picture of the rooms from the layers that import-linter checks, so that it cannot say anything else.

.venv/bin/python docs/generate.py     draws it anew, with everything else that is generated
"""

import ast
import textwrap
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURE = Path(__file__).with_suffix(".svg")

_WIDTH, _LEFT, _GAP = 980, 44, 10
_LINE, _TOP = 16, 30
_CHARACTER = 6.3

_STYLE = (
    "text{font-family:system-ui,sans-serif;fill:#1c1f24}.name{font-size:15px;font-weight:600}.words{font-size:12px}"
    ".row{font-size:12px;fill:#6b7280}rect{fill:#f1f4f9;stroke:#c3cbd8}"
    "@media(prefers-color-scheme:dark){text{fill:#e8eaee}.row{fill:#9aa3b2}rect{fill:#20242c;stroke:#3d4552}}"
)


def layers() -> list[list[str]]:
    """The rows of rooms, highest first, as import-linter's contract has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (rows,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [row.split(" | ") for row in rows]


def place(room: str) -> Path:
    """A room's folder, or its file where one is enough."""
    folder = ROOT / "src" / "penchant" / room
    return folder if folder.is_dir() else folder.with_suffix(".py")


def words(room: str) -> str:
    """The first line of a room's own docstring."""
    path = place(room)
    source = (path / "__init__.py" if path.is_dir() else path).read_text("utf-8")
    first = (ast.get_docstring(ast.parse(source)) or "").splitlines()[0]
    return first.partition(" Row ")[0].replace("`", "")


def draw() -> str:
    """The picture as SVG."""
    rows = layers()
    parts, y = [], 8
    for number, row in zip(range(len(rows) - 1, -1, -1), rows, strict=True):
        width = (_WIDTH - _LEFT - _GAP * len(row)) / len(row)
        wrapped = {room: textwrap.wrap(words(room), int((width - 20) / _CHARACTER)) for room in row}
        height = _TOP + _LINE * max(len(lines) for lines in wrapped.values()) + 6
        parts.append(f'<text class="row" x="14" y="{y + 21}">{number}</text>')
        for index, room in enumerate(row):
            x = round(_LEFT + index * (width + _GAP), 1)
            parts.append(f'<rect x="{x}" y="{y}" width="{round(width, 1)}" height="{height}" rx="8"/>')
            parts.append(f'<text class="name" x="{x + 10}" y="{y + 21}">{escape(room)}</text>')
            for line, text in enumerate(wrapped[room]):
                parts.append(
                    f'<text class="words" x="{x + 10}" y="{y + _TOP + 9 + line * _LINE}">{escape(text)}</text>'
                )
        y += height + _GAP
    title = "<title>The rooms of Penchant: each row may import only from rows below it</title>"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img">{title}<style>{_STYLE}</style>'
    )
    return "\n".join([head, *parts, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(draw(), "utf-8")
