"""What viewers did lately with each video: plays that decay, on every surface, and who it was that played.

`crowd` is the live user–user part. The sum of the taste vectors of a video's recent players, times a viewer's own
vector, is the sum of that viewer's likeness to each of them: every viewer of the log is a neighbour, at the cost of
one vector per video. Nothing here is changed by the mere fact that something was shown; what was shown counts only as
the denominator of long-view rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from penchant.taste.context import MOMENT
from penchant.taste.decay import Decayed, Floats
from penchant.taste.factors import Float32s
from penchant.taste.fixed import Int64s

PLAY_HALF_LIVES_H: Final = (2, 8, 24, 72)
SURFACE_HALF_LIVES_H: Final = (2, 8, 48)
CROWD_HALF_LIVES_H: Final = (8, 36, 96)
LONG_HALF_LIFE_H: Final = 72
RATE_HALF_LIFE_H: Final = 72
"""Of what the late rates of videos and creators are made of."""
SURFACE_RATE_HALF_LIFE_H: Final = 48
MOMENT_HALF_LIFE_H: Final = 36
"""Of who plays a video and when."""
SURFACES_AT_MOST: Final = 16
"""Further ones are counted with the last."""
LONG_COUNTS: Final = 2
"""A long view says twice as much of its player as a play."""
NEVER_MS: Final = -(1 << 50)


def _grown(array: Int64s, size: int, fill: int = 0) -> Int64s:
    if size <= len(array):
        return array
    more = np.full(max(size, 2 * len(array)) - len(array), fill, dtype=array.dtype)
    return np.concatenate([array, more])


class Surface:
    """What happened on one surface (a tab, a context). Rows are videos."""

    def __init__(self, dimensions: int) -> None:
        self.plays = Decayed(SURFACE_HALF_LIVES_H, precise=True)
        self.crowd = Decayed((CROWD_HALF_LIVES_H[1],), (dimensions,))
        self.rates = Decayed((SURFACE_RATE_HALF_LIFE_H,), (2,), precise=True)
        """Two sums per video: shown, and watched long."""
        self.last_ms = np.full(0, NEVER_MS, dtype=np.int64)


class Signals:
    """The live state of V videos, in the order of the log.

    `take` is told once what came of a showing, `play` step by step.
    """

    def __init__(self, dimensions: int) -> None:
        self.videos = 0
        self.dimensions = dimensions
        self.plays = Decayed(PLAY_HALF_LIVES_H, precise=True)
        self.crowd = Decayed(CROWD_HALF_LIVES_H, (dimensions,))
        self.long_crowd = Decayed((LONG_HALF_LIFE_H,), (dimensions,))
        self.rates = Decayed((RATE_HALF_LIFE_H,), (2,), precise=True)
        """Two sums per video: shown, and watched long."""
        self.moments = Decayed((MOMENT_HALF_LIFE_H,), (1 + MOMENT,), precise=True)
        """Plays per video, and the sums of their players' moments (`context.moment`)."""
        self.decayed = {
            "plays": self.plays,
            "crowd": self.crowd,
            "long_crowd": self.long_crowd,
            "rates": self.rates,
            "moments": self.moments,
        }
        """Everything that halves with time, by name; surfaces add theirs."""
        self.surfaces: dict[int, Surface] = {}
        self.shown = np.zeros(0, dtype=np.int64)
        self.played = np.zeros(0, dtype=np.int64)
        self.long = np.zeros(0, dtype=np.int64)
        self.liked = np.zeros(0, dtype=np.int64)
        self.last_ms = np.zeros(0, dtype=np.int64)
        self._lengths: Float32s | None = None

    def crowd_lengths(self, at: Int64s | slice) -> Float32s:
        """(K,) lengths of the crowds' middle sums at K places, as of their landmark."""
        if self._lengths is not None:
            return self._lengths[at]
        middle = self.crowd.sums[at, 1]
        lengths: Float32s = np.sqrt(np.einsum("vd,vd->v", middle, middle))
        return lengths

    def settle(self) -> Signals:
        """These stay as they are: what every page would work out again is kept."""
        self._lengths = self.crowd_lengths(slice(self.videos))
        self.crowd.settle((0, 1))
        for surface in self.surfaces.values():
            surface.crowd.settle((0,))
        return self

    def grow(self, videos: int) -> None:
        """Makes room for so many videos."""
        self.videos = max(self.videos, videos)
        for decayed in self.decayed.values():
            decayed.grow(videos)
        for surface in self.surfaces.values():
            surface.last_ms = _grown(surface.last_ms, videos, NEVER_MS)
        for name in ("shown", "played", "long", "liked"):
            setattr(self, name, _grown(getattr(self, name), videos))
        self.last_ms = _grown(self.last_ms, videos, NEVER_MS)

    def keep(self, places: Int64s) -> None:
        """Only these videos stay, in this order."""
        self.videos = len(places)
        for decayed in self.decayed.values():
            decayed.keep(places)
        for surface in self.surfaces.values():
            surface.last_ms = surface.last_ms[places]
        for name in ("shown", "played", "long", "liked", "last_ms"):
            setattr(self, name, getattr(self, name)[places])

    def surface(self, number: int) -> Surface | None:
        """The surface as far as anything happened there."""
        known = self.surfaces.get(number)
        if known is None and len(self.surfaces) >= SURFACES_AT_MOST:
            known = self.surfaces[next(reversed(self.surfaces))]
        return known

    def take(
        self,
        place: int,
        surface: int,
        at_ms: int,
        *,
        played: bool,
        long: bool,
        liked: bool,
        player: Float32s | None,
        moment: Floats,
    ) -> None:
        """One viewer and one video, when all is known that came of it.

        Args:
            player: (D,) the viewer's direction before this event; None for one of whom nothing is known.
            moment: (`MOMENT`,) who they are and when (`context.moment`).
        """
        self.shown[place] += 1
        self.liked[place] += liked
        if played or long:
            self.played[place] += 1
            self.long[place] += long
        looked = played or long
        self.play(place, surface, at_ms, shown=True, looked=looked, long=long, player=player, moment=moment)

    def play(
        self,
        place: int,
        surface: int | None,
        at_ms: int,
        *,
        shown: bool,
        looked: bool,
        long: bool,
        player: Float32s | None,
        moment: Floats,
    ) -> None:
        """What one viewer did with one video, as it becomes known: that it was shown, looked at, watched long.

        Args:
            surface: None where none is kept.
            shown, looked, long: what became known now; each is told once.
            player, moment: as for `take`.
        """
        own = None if surface is None else self.surface(surface) or self._add_surface(surface)
        if shown or long:
            outcome = np.array([float(shown), float(long)])
            self.rates.add(place, outcome, at_ms)
            if own is not None:
                own.rates.add(place, outcome, at_ms)
        if not (looked or long):
            return
        self.last_ms[place] = max(self.last_ms[place], at_ms)
        crowds = [self.crowd]
        plays = [self.plays]
        if own is not None:
            own.last_ms[place] = max(own.last_ms[place], at_ms)
            crowds.append(own.crowd)
            plays.append(own.plays)
        if looked:
            for decayed in plays:
                decayed.add(place, 1.0, at_ms)
            self.moments.add(place, np.concatenate([[1.0], moment]), at_ms)
        if player is None:
            return
        weighed = np.float32(int(looked) + (LONG_COUNTS - 1) * int(long)) * player
        for decayed in crowds:
            decayed.add(place, weighed, at_ms)
        if long:
            self.long_crowd.add(place, player, at_ms)

    def arrays(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, int]]:
        """Everything as named arrays, a row for each of the V videos, and the landmarks of what decays."""
        arrays: dict[str, npt.NDArray[Any]] = {
            name: getattr(self, name)[: self.videos] for name in ("shown", "played", "long", "liked", "last_ms")
        }
        landmarks = {}
        for name, decayed in self.decayed.items():
            arrays[name], landmarks[name] = decayed.state(self.videos)
        arrays |= {f"last_ms_{number}": own.last_ms[: self.videos] for number, own in self.surfaces.items()}
        return arrays, landmarks

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]], landmarks: Mapping[str, int]) -> Signals:
        """The inverse of `arrays`; the arrays are used as they are."""
        signals = cls(arrays["crowd"].shape[2])
        for name in ("shown", "played", "long", "liked", "last_ms"):
            setattr(signals, name, arrays[name])
        for number in sorted(int(name.removeprefix("last_ms_")) for name in arrays if name.startswith("last_ms_")):
            signals._add_surface(number).last_ms = arrays[f"last_ms_{number}"]
        for name, decayed in signals.decayed.items():
            decayed.restore(arrays[name], landmarks[name])
        # Last: until then surfaces need no room of their own.
        signals.videos = len(arrays["shown"])
        return signals

    def turn(self, moved: Float32s) -> None:
        """New factors: what was collected under the old ones is carried into their space by (D, D')."""
        self.dimensions = moved.shape[1]
        for decayed in (self.crowd, self.long_crowd, *(own.crowd for own in self.surfaces.values())):
            decayed.turn(moved)

    def _add_surface(self, number: int) -> Surface:
        added = self.surfaces[number] = Surface(self.dimensions)
        self.decayed |= {f"plays_{number}": added.plays, f"crowd_{number}": added.crowd, f"rates_{number}": added.rates}
        self.grow(self.videos)
        return added
