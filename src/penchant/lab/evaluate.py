"""`penchant taste evaluate`: one folder, one protocol, one report. What each protocol measures stands in its module."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from penchant.lab import bench_report
from penchant.lab.cold import cold_start
from penchant.lab.dataset import (
    DataRefused,
    Dataset,
    Events,
    day_ms,
    read_dataset,
    read_events,
    read_pairs,
    with_videos,
)
from penchant.lab.encoded import Encoded, with_encoder
from penchant.lab.exposure import Exposure, shown_as_long, with_exposure
from penchant.lab.fresh_start import fresh_start
from penchant.lab.metrics import gain, hit, mean_with_error, paired_gain, rounded
from penchant.lab.outcomes import Outcomes
from penchant.lab.ranking import ranking
from penchant.lab.replay import Prices, Progress, Replay, Result, prepare, replay
from penchant.lab.temporal import temporal
from penchant.lab.topk import topk
from penchant.taste.engine import Ranker
from penchant.taste.parts import TABLE
from penchant.taste.recipe import Recipe


class Protocol(StrEnum):
    """How quality is measured."""

    REPLAY = "replay"
    TEMPORAL = "temporal"
    RANKING = "ranking"
    TOPK = "topk"
    COLD = "cold"
    FRESH = "fresh"


DEFAULT: Final = "penchant"
EXPOSURE: Final = "penchant-exposure"
ENCODER: Final = "penchant-encoder"
SPREADS: Final = (0.0, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6)
"""Prices of the frontier."""
_NEIGHBOURS: Final = tuple(column.name for column in TABLE if column.group in ("crowd", "players"))
_DAY_MS: Final = 86_400_000
_NEVER_MS: Final = 1 << 62
_POPULARITY: Final = tuple(column.name for column in TABLE if column.popularity)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to evaluate."""

    folder: Path
    protocol: Protocol
    names: Mapping[str, str] = field(default_factory=dict)
    """Our column names → the data's."""
    start: str | None = None
    """Date from which targets are measured; what lies before is learned from. None: the last third of the days."""
    end: str | None = None
    """Date from which events are cut off."""
    continue_with: Path | None = None
    """A later events file that follows on the same state; then only its targets are measured."""
    test: Path | None = None
    """`topk`: a file of pairs to score instead of the folder's test or validation."""
    without: Sequence[str] = ()
    """Columns to leave out of the default recipe."""
    spread: float | None = None
    seed: int = 1
    ablation: bool = False
    """One more model for each group of columns, with that one left out."""
    encoder: bool = False
    """Replay: one more model, with the sequence encoder; and what that is worth by itself. Needs the extra `deep`."""
    variants: bool = True
    """Also the models without popularity, and the default by scores in floats; in the replay also with co-exposure,
    and at several prices on being served often."""


def evaluate(wanted: Wanted, progress: Progress) -> dict[str, Any]:
    """Runs it and returns the report, ready for JSON.

    Raises:
        DataRefused: the folder, a file or a window does not hold what the protocol needs.
    """
    began = time.perf_counter()
    machine = bench_report.this_machine()
    progress("reading", 0, 1)
    data = read_dataset(wanted.folder, wanted.names)
    own = {Protocol.TOPK: _topk, Protocol.COLD: _cold, Protocol.FRESH: _fresh}
    found = own.get(wanted.protocol, _stream)(wanted, data, progress)
    return {
        "protocol": wanted.protocol,
        "data": data.name,
        "videos": len(data.videos.ids),
        **found,
        "seed": wanted.seed,
        "seconds": round(time.perf_counter() - began, 1),
        "machine": msgspec.to_builtins(machine),
        "versions": bench_report.versions(),
    }


def _fresh(wanted: Wanted, data: Dataset, progress: Progress) -> dict[str, Any]:
    events = data.events.between(None, day_ms(wanted.end) if wanted.end else None)
    start_ms = day_ms(wanted.start) if wanted.start else last_third(events) if len(events) else 0
    if not len(events.between(start_ms, None)):
        raise DataRefused(f"{wanted.folder}: the protocol fresh needs events (.csv or .csv.gz) from --from on")
    report: dict[str, Any] = msgspec.to_builtins(fresh_start(data, events, start_ms, progress, wanted.seed))
    return report


def _cold(wanted: Wanted, data: Dataset, progress: Progress) -> dict[str, Any]:
    if not len(data.train) or not data.features:
        raise DataRefused(f"{wanted.folder}: the protocol cold needs train and content features (.npy)")
    found = cold_start(data, progress, wanted.seed)
    if not found.targets:
        raise DataRefused(f"{wanted.folder}: nobody in train has watched enough videos")
    report: dict[str, Any] = msgspec.to_builtins(found)
    return report


def _topk(wanted: Wanted, data: Dataset, progress: Progress) -> dict[str, Any]:
    splits = {"validation": data.validation, "test": data.test}
    if wanted.test is not None:
        splits["test"] = read_pairs(wanted.test, wanted.names)
    splits = {name: pairs for name, pairs in splits.items() if len(pairs)}
    if not len(data.train) or not splits:
        raise DataRefused(f"{wanted.folder}: the protocol topk needs train, and validation or test (or --test FILE)")
    if len(unknown := np.setdiff1d(np.concatenate([pairs.videos for pairs in splits.values()]), data.videos.ids)):
        raise DataRefused(f"{wanted.folder}: video {int(unknown[0])} of the test is not in the catalogue")
    scored = topk(data, splits, progress, wanted.seed)
    last = list(scored)[-1]
    return {
        "measured_on": last,
        "targets": scored[last].targets,
        "models": scored[last].models,
        "splits": {name: found.models for name, found in scored.items()},
    }


def _stream(wanted: Wanted, data: Dataset, progress: Progress) -> dict[str, Any]:
    if not len(data.events):
        raise DataRefused(f"{wanted.folder}: the protocol {wanted.protocol} needs events (.csv or .csv.gz)")
    events = data.events.between(None, day_ms(wanted.end) if wanted.end else None)
    if not len(events):
        raise DataRefused(f"{wanted.folder}: there is no event before {wanted.end}")
    start_ms = day_ms(wanted.start) if wanted.start else last_third(events)
    if wanted.protocol is Protocol.RANKING:
        return _impressions(wanted, data, events, start_ms, progress)
    rankers = _rankers(wanted)
    # What an ablation leaves out is compared by long views alone.
    # Held against each other, models have to be weighed alike: not at all.
    outcomes = None if wanted.ablation or wanted.encoder else Outcomes(DEFAULT, rankers[DEFAULT])
    if wanted.protocol is Protocol.TEMPORAL:
        found = temporal(data, events, rankers, progress, split_ms=start_ms)
    else:
        data, events, found = _replay(wanted, data, events, rankers, start_ms, progress, outcomes)
    if not found.viewers:
        raise DataRefused(
            f"{wanted.folder}: no target lies in the window, e.g. no long view by a viewer with a profile"
        )
    return {
        "measured_from_ms": start_ms,
        "continued_with": wanted.continue_with.name if wanted.continue_with else None,
        "events": len(events),
        "targets": len(found.viewers),
        "models": {name: figures(result) for name, result in found.models.items()},
        "gains": _gains(found),
        "heads": outcomes.figures() if outcomes is not None else {},
        "learning": {name: [rounded(loss) for loss in losses] for name, losses in found.losses.items()},
    }


def _replay(
    wanted: Wanted,
    data: Dataset,
    events: Events,
    rankers: Mapping[str, Ranker],
    start_ms: int,
    progress: Progress,
    outcomes: Outcomes | None,
) -> tuple[Dataset, Events, Replay]:
    """The data as it was used, with what a later file adds, and what came of it."""
    later = None
    if wanted.continue_with is not None:
        later = read_events(wanted.continue_with, wanted.names)
        data, events, later = _with_later(data, events, later, wanted.continue_with)
    exposure = Exposure(prepare(shown_as_long(data))) if EXPOSURE in rankers else None
    prices = Prices.of(DEFAULT, SPREADS) if wanted.variants else None
    engine = prepare(data)
    if wanted.encoder:
        progress("the encoder goes through the history", 0, 1)
    run = partial(
        replay,
        rankers=rankers,
        progress=progress,
        engine=engine,
        exposure=exposure,
        encoded=Encoded(engine, wanted.seed) if wanted.encoder else None,
        prices=prices,
        outcomes=outcomes,
    )
    measured = partial(run, floats=_floats(wanted))
    if later is None:
        return data, events, measured(data, events, measure_from_ms=start_ms)
    run(data, events, measure_from_ms=_NEVER_MS, baselines=False)
    return data, events, measured(data, later)


def _impressions(wanted: Wanted, data: Dataset, events: Events, start_ms: int, progress: Progress) -> dict[str, Any]:
    if wanted.continue_with is not None:
        later = read_events(wanted.continue_with, wanted.names)
        data, events, later = _with_later(data, events, later, wanted.continue_with)
        start_ms = int(later.time_ms[0])
        events = events.followed_by(later)
    try:
        found = ranking(data, events, progress, start_ms=start_ms, seed=wanted.seed)
    except ValueError as error:
        raise DataRefused(f"{wanted.folder}: the protocol ranking has nothing to learn from: {error}") from None
    return {
        "measured_from_ms": start_ms,
        "continued_with": wanted.continue_with.name if wanted.continue_with else None,
        "targets": found.impressions,
        "viewers": found.viewers,
        "models": found.models,
    }


def last_third(events: Events) -> int:
    first, last = int(events.time_ms[0]) // _DAY_MS, int(events.time_ms[-1]) // _DAY_MS
    return (last + 1 - (last + 1 - first) // 3) * _DAY_MS


def _rankers(wanted: Wanted) -> dict[str, Ranker]:
    recipe = Recipe() if wanted.spread is None else Recipe(spread=wanted.spread)
    names = [column.name for column in recipe.columns]
    if unknown := set(wanted.without).difference(names):
        raise DataRefused(f"no such column: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    recipe = recipe.without(wanted.without)
    recipes = {DEFAULT: recipe}
    if wanted.variants:
        here = {column.name for column in recipe.columns}
        recipes["penchant-no-popularity"] = recipe.without(here.intersection(_POPULARITY))
        recipes["penchant-no-popularity-static"] = recipe.without(here.intersection((*_POPULARITY, *_NEIGHBOURS)))
        if wanted.protocol is Protocol.REPLAY and not wanted.ablation:
            recipes[EXPOSURE] = with_exposure(recipe)
    if wanted.encoder:
        if wanted.protocol is not Protocol.REPLAY:
            raise DataRefused(f"the encoder learns on a stream: --protocol {Protocol.REPLAY}, not {wanted.protocol}")
        recipes[ENCODER] = with_encoder(recipe)
    if wanted.ablation:
        for group in dict.fromkeys(column.group for column in recipe.columns):
            names = [column.name for column in recipe.columns if column.group == group]
            recipes[f"without {group}"] = recipe.without(names)
    return {name: Ranker(own, wanted.seed) for name, own in recipes.items()}


def _floats(wanted: Wanted) -> str | None:
    return DEFAULT if wanted.variants else None


def figures(result: Result) -> dict[str, float]:
    """What the report says of one model, with standard errors."""
    ranks = np.array(result.ranks)
    found = mean_with_error("hr_at_10", hit(ranks, 10)) | mean_with_error("ndcg_at_10", gain(ranks, 10))
    found |= mean_with_error("candidate_recall", np.array(result.inside, dtype=np.float64))
    lists = result.lists
    return found | {
        "coverage_at_10": rounded(lists.coverage),
        "top1_share": rounded(lists.top1_share),
        "diversity": rounded(lists.diversity),
    }


def _gains(found: Replay) -> dict[str, dict[str, float]]:
    """HR@10 of the default over every other model, with 95 % intervals by bootstrap over viewers."""
    viewers = np.array(found.viewers)
    ours = hit(np.array(found.models[DEFAULT].ranks), 10)
    gains = {}
    for name, result in found.models.items():
        if name != DEFAULT:
            mean, low, high = paired_gain(ours, hit(np.array(result.ranks), 10), viewers)
            gains[name] = {"hr_at_10": rounded(mean), "low": rounded(low), "high": rounded(high)}
    return gains


def _with_later(data: Dataset, events: Events, later: Events, path: Path) -> tuple[Dataset, Events, Events]:
    """The later file's videos have to be in the catalogue: those that are new to it are added without facts."""
    if not len(later):
        raise DataRefused(f"{path}: no events")
    if int(later.time_ms[0]) < int(events.time_ms[-1]):
        raise DataRefused(f"{path}: begins before the folder's events end; it has to follow on them")
    return with_videos(data, later), events, later
