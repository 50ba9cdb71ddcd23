"""The eight themes, one file each. A theme is styles and palettes; it knows neither titles nor sounds."""

from penchant.demo.paint.stage import Stage, Style, Theme
from penchant.demo.themes import automata, clocks, colourfields, fractals, kinetic, mazes, particles, waves

THEMES: dict[str, Theme] = {
    room.THEME.name: room.THEME for room in (fractals, automata, waves, particles, kinetic, clocks, mazes, colourfields)
}

__all__ = ["THEMES", "Stage", "Style", "Theme"]
