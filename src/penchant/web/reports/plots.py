"""Plots as plain SVG. Colours are classes of the style sheet, so that they follow dark and light; each plot has a name
for those who do not see it, and its numbers stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 680, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 26


@dataclass(frozen=True)
class Line:
    """One line: its class of colour, its name, and (x, y) from left to right."""

    colour: str
    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """One direction of a plot: what its ends are, and what is written where."""

    low: float
    high: float
    marks: Sequence[tuple[float, str]]

    def at(self, value: float, start: float, end: float) -> float:
        """Where a value lies between two places of the plot."""
        part = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return start + min(max(part, 0), 1) * (end - start)


def squares(parts: Sequence[tuple[str, int]], name: str) -> str:
    """A hundred small screens, so many of each colour."""
    colours = [colour for colour, count in parts for _ in range(count)][:100]
    drawn = []
    for place, colour in enumerate(colours):
        column, row = place % 20, place // 20
        drawn.append(f'<rect class="{colour}" x="{column * 17}" y="{row * 28}" width="13" height="23" rx="3.5"/>')
    return _svg(337, 135, name, "".join(drawn), "screens")


def columns(days: Sequence[tuple[str, Sequence[tuple[str, str, float]]]], name: str) -> str:
    """One column for each day, (label, (colour, name, share) from the bottom up)."""
    step = min((WIDTH - _LEFT - _RIGHT) / max(len(days), 1), 60)
    axis = Axis(0, 1, [(0, "0"), (0.5, "50 %"), (1, "100 %")])
    drawn = [_grid(axis)]
    every = max(len(days) // 6, 1)
    for number, (label, shares) in enumerate(days):
        x, bottom = _LEFT + number * step + step * 0.1, float(HEIGHT - _BOTTOM)
        for colour, what, share in shares:
            height = share * (HEIGHT - _BOTTOM - _TOP)
            bottom -= height
            title = f"<title>{escape(f'{label}: {what} {100 * share:.1f} %')}</title>"
            drawn.append(
                f'<rect class="{colour}" x="{x:.1f}" y="{bottom:.1f}" width="{step * 0.8:.1f}" '
                f'height="{max(height - 0.8, 0):.1f}" rx="1.5">{title}</rect>'
            )
        if number % every == 0:
            drawn.append(_text(x, HEIGHT - 8, label, "start"))
    return _svg(WIDTH, HEIGHT, name, "".join(drawn))


def lines(drawn: Sequence[Line], x: Axis, y: Axis, name: str, level: tuple[float, str] | None = None) -> str:
    """Lines over a common axis; single points are dots. `level`: a value to compare with, and its name."""
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    parts = [_grid(y)]
    for value, label in x.marks:
        anchor = "start" if value == x.low else "end" if value == x.high else "middle"
        parts.append(_text(x.at(value, _LEFT, right), HEIGHT - 8, label, anchor))
    if level is not None:
        at = y.at(level[0], bottom, _TOP)
        parts.append(f'<line class="level" x1="{_LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(_text(right, at - 5, level[1], "end"))
    for line in drawn:
        places = [(x.at(one, _LEFT, right), y.at(other, bottom, _TOP)) for one, other in line.points]
        path = " ".join(f"{one:.1f},{other:.1f}" for one, other in places)
        parts.append(
            f'<polyline class="line {line.colour}" points="{path}"><title>{escape(line.name)}</title></polyline>'
        )
        if len(places) < 40:
            parts += [f'<circle class="{line.colour}" cx="{one:.1f}" cy="{other:.1f}" r="3"/>' for one, other in places]
    return _svg(WIDTH, HEIGHT, name, "".join(parts))


_ENDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def promises(dots: Sequence[tuple[float, float, float]], name: str) -> str:
    """Chances that were told against what happened: (told, happened, weight from 0 to 1), up to the next round end."""
    size = 220
    largest = max((max(told, happened) for told, happened, _ in dots), default=1.0)
    end = next(end for end in _ENDS if end >= min(largest, 1.0))
    axis = Axis(0, end, [(0, "0"), (end, f"{100 * end:g} %")])
    left, right, bottom = _LEFT, size - _RIGHT, size - _BOTTOM
    parts = [f'<line class="level" x1="{left}" y1="{bottom}" x2="{right}" y2="{_TOP}"/>']
    for value, label in axis.marks:
        parts.append(_text(axis.at(value, left, right), size - 8, label, "end" if value else "start"))
        parts.append(_text(left - 8, axis.at(value, bottom, _TOP) + 4, label, "end"))
    for told, happened, weight in dots:
        x, y = axis.at(told, left, right), axis.at(happened, bottom, _TOP)
        title = f"<title>{100 * told:.3g} % → {100 * happened:.3g} %</title>"
        parts.append(
            f'<circle class="dot arm-exploit" cx="{x:.1f}" cy="{y:.1f}" r="{3 + 7 * weight**0.5:.1f}">{title}</circle>'
        )
    return _svg(size, size, name, "".join(parts), "square")


def _grid(y: Axis) -> str:
    parts = []
    for value, label in y.marks:
        at = y.at(value, HEIGHT - _BOTTOM, _TOP)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(_text(_LEFT - 8, at + 4, label, "end"))
    return "".join(parts)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(width: int, height: int, name: str, inside: str, kind: str = "plot") -> str:
    label = escape(name, quote=True)
    return f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{inside}</svg>'
