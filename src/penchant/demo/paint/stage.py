"""The stage on which a style draws: size, time, beat, palette, chance and words of one clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from penchant.demo.paint import field
from penchant.demo.paint.colour import Field, Frame, Ramp, ramp, shaded


@dataclass(frozen=True)
class Stage:
    """All that a style may know; the same stage draws the same frames."""

    height: int
    width: int
    frames: int
    fps: int
    tempo: float
    """Beats per minute of the sound."""
    palette: tuple[str, ...]
    """`#rrggbb`, from ground to light."""
    rng: np.random.Generator
    words: str
    """What kinetic type spells."""

    @property
    def seconds(self) -> float:
        return self.frames / self.fps

    @property
    def beats(self) -> int:
        """Whole beats in the clip, at least one."""
        return max(1, round(self.seconds * self.tempo / 60))

    @property
    def scale(self) -> float:
        """Pixels of this stage for one pixel of a 480 wide picture."""
        return self.width / 480

    def loop(self) -> Iterator[float]:
        """The part of the clip that has passed, per frame, in [0, 1): whole turns of it close the loop."""
        return (frame / self.frames for frame in range(self.frames))

    def kick(self, part: float, sharpness: float = 4.0) -> float:
        """1 on each beat, fading to 0 before the next one."""
        return float(np.exp(-sharpness * ((part * self.beats) % 1)))

    def turns(self, every_beats: float) -> int:
        """How many whole turns of about `every_beats` beats the clip holds, at least one."""
        return max(1, round(self.beats / every_beats))

    def grid(self) -> tuple[Field, Field]:
        return field.grid(self.height, self.width)

    def ramp(self, size: int = 1024, cyclic: bool = False) -> Ramp:
        return ramp(self.palette, size, cyclic)

    def shaded(self, hues: int = 256, shades: int = 64, cyclic: bool = False) -> Ramp:
        return shaded(self.palette, hues, shades, cyclic)


Draw = Callable[[Stage], Iterator[Frame]]


@dataclass(frozen=True)
class Style:
    """One way of drawing a theme."""

    draw: Draw
    scale: float = 0.5
    """Share of the final size at which it draws; the encoder enlarges the rest of the way."""


@dataclass(frozen=True)
class Theme:
    """A kind of picture, with its ways of being drawn and its palettes."""

    name: str
    styles: Mapping[str, Style]
    palettes: Mapping[str, tuple[str, ...]]

    def draw(
        self,
        style: str,
        palette: str,
        tempo: float,
        rng: np.random.Generator,
        size: tuple[int, int],
        frames: int,
        fps: int = 24,
        words: str = "",
    ) -> Iterator[Frame]:
        """Frames (h, w, 3) uint8; `size` is the final (height, width), h and w are the style's share of it.

        `tempo` in beats per minute. The last frame leads back to the first where the style allows it.
        """
        way = self.styles[style]
        stage = Stage(
            height=round(size[0] * way.scale),
            width=round(size[1] * way.scale),
            frames=frames,
            fps=fps,
            tempo=tempo,
            palette=self.palettes[palette],
            rng=rng,
            words=words,
        )
        return way.draw(stage)
