"""What a world and real data say of the same few numbers, so that the world's constants can be fitted and checked."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from penchant.lab.dataset import Dataset, Events, read_dataset
from penchant.lab.metrics import Floats
from penchant.lab.reality import START_MS, Reality
from penchant.lab.replay import places_of, tag_numbers
from penchant.lab.world import World
from penchant.taste.fixed import Int64s
from penchant.taste.labels import Outcome, looked_at, outcome

VIEWERS: Final = 2_000
EACH: Final = 50
"""Impressions drawn from a world for its marginals: of more viewers than it has, as its constants are those of all."""
LENGTHS_S: Final = (0, 18, 60, 120, 100_000)
_ENOUGH: Final = 20
"""Impressions from which a viewer or a video has a rate of its own."""
_PAIRS_FROM: Final = 10
_DAY_MS: Final = 86_400_000
_UTC8_MS: Final = 8 * 3_600_000


def of_data(folder: Path) -> dict[str, float]:
    """Marginals of a folder in the format of `penchant taste evaluate`; hours are those of UTC+8.

    Raises:
        DataRefused: the folder does not hold events.
    """
    data = read_dataset(folder)
    tags = tag_numbers(data)
    kinds = {kind: (pairs.viewers, places_of(data, pairs.videos)) for kind, pairs in data.history.items()}
    places = places_of(data, data.events.videos)
    return _marginals(data.events, places, tags, kinds, _log_lengths(data), _UTC8_MS)


def of_world(world: World) -> dict[str, float]:
    """Marginals of a world under a feed that leans to what is good and to what fits, by `feed_quality`, `feed_taste`.

    The data was collected under such a feed; to compare with a uniform one would make the world too good.
    """
    reality = Reality(msgspec.structs.replace(world, viewers=VIEWERS))
    rng = np.random.default_rng((world.seed, 9))
    at_ms = START_MS
    everyone = np.arange(VIEWERS)
    shown, seen = [], []
    for viewer in everyone.tolist():
        odds = np.exp(world.feed_quality * reality.quality + world.feed_taste * reality.affinity(viewer, at_ms))
        shown.append(rng.choice(world.videos, min(EACH, world.videos), replace=False, p=odds / odds.sum()))
        seen.append(reality.watch(viewer, shown[-1], at_ms))
    viewers, places = np.repeat(everyone, [len(own) for own in shown]), np.concatenate(shown)
    long = np.concatenate([own.long for own in seen])
    none = np.zeros(len(places), dtype=np.int64)
    events = Events(
        np.resize(reality.visit_ms, len(places)),
        viewers,
        places,
        np.concatenate([own.watch_ms for own in seen]),
        reality.durations_ms[places],
        long,
        np.concatenate([own.liked for own in seen]),
        none.astype(bool),
        none.astype(bool),
        none.astype(bool),
        none,
    )
    kinds = {"shown": (viewers, places), "long_view": (viewers[long], places[long])}
    return _marginals(events, places, reality.tags, kinds, np.log(reality.durations_ms), 0)


def _log_lengths(data: Dataset) -> Floats:
    known = data.videos.durations_ms[data.videos.durations_ms > 0]
    return np.log(known)


def _marginals(
    events: Events,
    places: Int64s,
    tags: Int64s,
    kinds: dict[str, tuple[Int64s, Int64s]],
    log_lengths: Floats,
    clock_ms: int,
) -> dict[str, float]:
    pairs = list(zip(events.watch_ms.tolist(), events.duration_ms.tolist(), strict=True))
    outcomes = np.array([outcome(*pair) for pair in pairs])
    looked = np.array([looked_at(*pair) for pair in pairs])
    long = outcomes == Outcome.LONG
    counts = np.sort(np.bincount(places, minlength=len(tags)))[::-1]
    shares = np.bincount(tags[tags >= 0]) / max(int((tags >= 0).sum()), 1)
    found = {
        "looked": looked.mean(),
        "played": (outcomes >= Outcome.PLAYED).mean(),
        "long": long.mean(),
        "liked_of_long": events.likes.mean() / max(long.mean(), 1e-9),
        "not_watched_at_all": (events.watch_ms == 0).mean(),
        "log_length_mean": log_lengths.mean(),
        "log_length_spread": log_lengths.std(),
        "looked_viewer_spread": _spread(events.viewers, looked),
        "looked_video_spread": _spread(places, looked),
        "long_viewer_spread": _spread(events.viewers, long),
        "long_video_spread": _spread(places, long),
        "top1_share": counts[: max(len(tags) // 100, 1)].sum() / counts.sum(),
        "tag_entropy": -(shares[shares > 0] * np.log2(shares[shares > 0])).sum(),
    }
    for kind in ("shown", "long_view"):
        found[f"same_tag_{kind}"] = _same_tag(*kinds[kind], tags)
    for low, high in pairwise(LENGTHS_S):
        inside = (events.duration_ms > low * 1000) & (events.duration_ms <= high * 1000)
        name = f"{low}_to_{high}_s" if high < LENGTHS_S[-1] else f"from_{low}_s"
        found[f"long_{name}"] = long[inside].mean()
        found[f"watched_s_90_percent_{name}"] = np.quantile(events.watch_ms[inside], 0.9) / 1000
    hours = ((events.time_ms + clock_ms) % _DAY_MS) // (_DAY_MS // 24)
    found["evening_share"] = float(np.isin(hours, range(18, 24)).mean())
    return {name: round(float(value), 4) for name, value in found.items()}


def _spread(owners: Int64s, happened: npt.NDArray[np.bool_]) -> float:
    """Standard deviation of the owners' own rates in logits, what chance makes of few impressions taken off.

    The variance of the rates less their mean binomial variance, divided by the slope of the logistic function there.
    """
    counts = np.bincount(owners)
    enough = counts >= _ENOUGH
    if not enough.any():
        return 0.0
    rates = np.bincount(owners, happened)[enough] / counts[enough]
    by_chance = (rates * (1 - rates) / (counts[enough] - 1)).mean()
    middle = rates.mean()
    return float(np.sqrt(max(rates.var() - by_chance, 0)) / max(middle * (1 - middle), 1e-9))


def _same_tag(viewers: Int64s, places: Int64s, tags: Int64s) -> float:
    """How much more often two videos of one viewer share their tag than two of different viewers."""
    kinds = int(tags.max(initial=0)) + 1
    number = np.unique(viewers, return_inverse=True)[1]
    table = np.bincount(number * kinds + tags[places], minlength=(number.max() + 1) * kinds).reshape(-1, kinds)
    totals = table.sum(axis=1)
    kept = table[totals >= _PAIRS_FROM]
    if not len(kept):
        return 1.0
    own = ((kept * (kept - 1)).sum(axis=1) / (kept.sum(axis=1) * (kept.sum(axis=1) - 1))).mean()
    everywhere = table.sum(axis=0) / table.sum()
    return float(own / (everywhere * everywhere).sum())
