"""The whole algorithm of a page, on one screen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from sqlalchemy.exc import DBAPIError

from penchant.catalog import repository as catalog
from penchant.catalog.model import Video
from penchant.core.database import Connection
from penchant.core.ids import VideoId
from penchant.feed.model import Candidates, Int64s, Query, Slot, Trace
from penchant.feed.ports import Filter, Source
from penchant.feed.recipe import FeedRecipe

_log = structlog.get_logger("feed")


@dataclass(frozen=True)
class Result:
    """What came out of one run."""

    candidates: Candidates
    slots: tuple[Slot, ...]
    videos: tuple[Video, ...]
    """The videos of the slots, in their order."""
    trace: Trace


def run(recipe: FeedRecipe, query: Query, connection: Connection, count_failure: Callable[[str], None]) -> Result:
    """Sources → first stage → hydrators → filters → scorer → selector → safety check.

    A source that fails yields nothing and is counted; taste degrades. Filters and the safety check are let fail:
    safety fails closed.
    """
    found, failed = _retrieve(recipe.sources, query, connection, count_failure)
    candidates = hydrated(recipe, query, recipe.cut.keep(query, _merge(found)), connection)
    reach = tuple((int(facts.id), facts.reach) for facts in candidates.facts if facts.reach < 100)
    candidates, removed = filtered(recipe.filters, query, candidates)
    candidates = recipe.scorer.score(query, candidates)
    slots, videos, refused = _select_safely(recipe, query, candidates, connection)
    return Result(candidates, slots, videos, Trace(removed, failed, reach, refused))


def hydrated(recipe: FeedRecipe, query: Query, candidates: Candidates, connection: Connection) -> Candidates:
    """The candidates with what every hydrator finds out."""
    for hydrator in recipe.hydrators:
        candidates = hydrator.hydrate(query, candidates, connection)
    return candidates


def filtered(
    filters: Sequence[Filter], query: Query, candidates: Candidates
) -> tuple[Candidates, dict[str, tuple[int, ...]]]:
    """What every filter leaves, and by the name of each which ids it took out."""
    removed: dict[str, tuple[int, ...]] = {}
    for filter_ in filters:
        kept = filter_.keep(query, candidates)
        removed[filter_.name] = tuple(candidates.ids[~kept].tolist())
        candidates = candidates.keep(kept)
    return candidates, removed


def _retrieve(
    sources: Sequence[Source], query: Query, connection: Connection, count_failure: Callable[[str], None]
) -> tuple[dict[str, Int64s], tuple[str, ...]]:
    """Ids by source. One after the other: each takes a millisecond, and none crosses the network but to PostgreSQL."""
    found: dict[str, Int64s] = {}
    failed = []
    for source in sources:
        try:
            found[source.name] = source.retrieve(query, connection)
        except DBAPIError:
            raise
        except Exception:
            _log.exception("source failed", source=source.name)
            count_failure(source.name)
            failed.append(source.name)
    return found, tuple(failed)


def _merge(found: dict[str, Int64s]) -> Candidates:
    ids = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *found.values()]))
    names: list[list[str]] = [[] for _ in range(len(ids))]
    for name, brought in found.items():
        for place in np.unique(np.searchsorted(ids, brought)):
            names[place].append(name)
    return Candidates(ids=ids, sources=tuple(tuple(entry) for entry in names))


def _select_safely(
    recipe: FeedRecipe, query: Query, candidates: Candidates, connection: Connection
) -> tuple[tuple[Slot, ...], tuple[Video, ...], tuple[int, ...]]:
    """Select, look at what was selected once more, and draw again by the same rule where something may not be shown.

    Returns slots, their videos, and the places of candidates that may not be shown.
    """
    allowed = np.ones(len(candidates), dtype=bool)
    while True:
        slots = recipe.selector.select(query, candidates, allowed, candidates.before)
        chosen = [VideoId(int(candidates.ids[slot.index])) for slot in slots]
        videos = catalog.ready_videos(connection, chosen)
        if len(videos) == len(chosen):
            return tuple(slots), tuple(videos[id_] for id_ in chosen), tuple(np.flatnonzero(~allowed).tolist())
        for slot, id_ in zip(slots, chosen, strict=True):
            allowed[slot.index] &= id_ in videos
