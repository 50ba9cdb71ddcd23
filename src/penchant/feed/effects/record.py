"""The page record: everything from which the page can be made again, written before the page goes out."""

from collections.abc import Iterable
from typing import Any

import cbor2
import numpy as np

from penchant.feed.model import Candidates, Query
from penchant.feed.pipeline import Result
from penchant.feed.plans import Plan
from penchant.taste.fixed import Int64s
from penchant.taste.live import PageList
from penchant.taste.ranker import Features, order
from penchant.taste.recipe import SERVED

VERSION = 6
_LISTS_SINCE = 2
"""From this version on rows, order and slots are as they are now."""


def page_record(query: Query, plan: Plan, result: Result) -> bytes:
    """Canonical CBOR (RFC 8949, 4.2) of integers, text and bytes; no float anywhere.

    Rows are `(K, F)` little-endian int16 in 256ths, columns name the F; `order` is `(K,)` little-endian uint16, the
    candidates as the first stage orders them; scores and pressure `(K,)` little-endian int64, worth int32; `values`
    names the file of value weights by its SHA-256. `reach` is [video, per cent of viewers] of candidates that may not
    reach everybody; whether a viewer is among them is a function of `reach_key` (`filters.restricted`). Slots are
    [candidate, arm, propensity in Q30, spacing relaxed]. Where teams filled the page their scores are `(T, K)`.

    `lent` is [candidate, Q16] of what the operator lent, which is in the scores.

    What spacing looks at, without saying who: `creators` and `sounds` are `(K,)` little-endian uint16, numbers that are
    the same for the same one, 0 for no sound; `before` has those of the videos just before the page, `followed` the
    numbers of creators whom the viewer follows. `refused` are candidates that the safety check took out.
    """
    candidates = result.candidates
    return cbor2.dumps(
        {
            "version": VERSION,
            "recipe": plan.recipe.name,
            "budget": plan.recipe.budget.told(),
            "changes": list(plan.recipe.changes.told()),
            "experiments": dict(plan.arms),
            "teams": _teams(plan, result),
            "mode": query.mode,
            "as_of_ms": query.as_of_ms,
            "seed": query.seed,
            "count": query.count,
            "epoch": query.epoch.digest,
            "epoch_position": query.epoch.position,
            "history_offset": query.history.offset,
            "left_out": sorted(query.left_out),
            "tail": list(query.tail),
            "columns": list(SERVED.names),
            "candidates": candidates.ids.astype("<i8").tobytes(),
            "sources": [",".join(names) for names in candidates.sources],
            "rows": _in_256ths(candidates.features),
            "context": query.page_taste.context.tolist(),
            "order": _order(candidates).astype("<u2").tobytes(),
            "scores": candidates.scores.astype("<i8").tobytes(),
            "beliefs": candidates.beliefs.astype("<i4").tobytes(),
            "turns_to": query.page_taste.turns_to.tolist(),
            "turned": candidates.turned.astype("<i8").tobytes(),
            "turned_context": [] if query.page_taste.turn is None else query.page_taste.turn.context.tolist(),
            "turned_rows": _in_256ths(candidates.turned_features),
            "values": query.page_taste.values.digest,
            "worth": candidates.worth.astype("<i4").tobytes(),
            "pressure": candidates.pressure.astype("<i8").tobytes(),
            "removed": _removed(query, result),
            "reach_key": query.reach_key,
            "reach": [list(entry) for entry in result.trace.reach],
            "lent": [[int(place), int(candidates.lent[place])] for place in np.flatnonzero(candidates.lent)],
            "failed": list(result.trace.failed),
            "refused": list(result.trace.refused),
            **_spacing(query, candidates),
            "slots": [[slot.index, slot.arm, slot.propensity_q30, slot.relaxed] for slot in result.slots],
        },
        canonical=True,
    )


def _spacing(query: Query, candidates: Candidates) -> dict[str, Any]:
    everything = [*candidates.facts, *candidates.before]
    creator, sound = _numbers(facts.creator for facts in everything), _numbers(facts.sound for facts in everything)
    return {
        "creators": np.array([creator[facts.creator] for facts in candidates.facts], dtype="<u2").tobytes(),
        "sounds": np.array([sound[facts.sound] for facts in candidates.facts], dtype="<u2").tobytes(),
        "before": [[creator[facts.creator], sound[facts.sound]] for facts in candidates.before],
        "followed": sorted(creator[one] for one in query.followed if one in creator),
    }


def _numbers(ids: Iterable[int | None]) -> dict[int | None, int]:
    """Numbers from 1 on in the order of appearance; 0 for none."""
    found: dict[int | None, int] = {None: 0}
    for id_ in ids:
        found.setdefault(id_, len(found))
    return found


def _removed(query: Query, result: Result) -> dict[str, list[int]]:
    """Without a profile it stays unsaid: what was seen, blocked or one's own would tell whose page it is."""
    return {name: list(ids) if query.mode == "taste" else [] for name, ids in result.trace.removed.items()}


def _in_256ths(rows: Features | None) -> bytes:
    return b"" if rows is None else (rows >> 8).astype("<i2").tobytes()


def _teams(plan: Plan, result: Result) -> dict[str, Any]:
    """Of an interleaved page: names, changes and scores of the teams, and which drafted each slot (-1: neither)."""
    if not plan.recipe.teams:
        return {}
    return {
        "names": [team.name for team in plan.recipe.teams],
        "changes": [list(team.change.told()) for team in plan.recipe.teams],
        "scores": result.candidates.team_scores.astype("<i8").tobytes(),
        "slots": [-1 if slot.team is None else slot.team for slot in result.slots],
    }


def _order(candidates: Candidates) -> Int64s:
    """(K,) the best of the first stage first, equal ones by id."""
    if candidates.first is None:
        return np.zeros(0, dtype=np.int64)
    return order(candidates.first, candidates.ids).astype(np.int64)


def read_record(record: bytes) -> dict[str, Any]:
    """The record's fields."""
    fields: dict[str, Any] = cbor2.loads(record)
    return fields


def rows_of(fields: dict[str, Any]) -> Features:
    """(K, F) int32 Q16 of a record's fields, in the order of the candidates."""
    rows = np.frombuffer(fields["rows"], dtype="<i2").astype(np.int32) << 8
    return rows.reshape(-1, max(len(fields["columns"]), 1))


def list_of(record: bytes) -> PageList | None:
    """What the blend learns from a page; None where the record is an older version's, or there was no list."""
    fields = read_record(record)
    if fields["version"] < _LISTS_SINCE or not fields["order"]:
        return None
    best_first = np.frombuffer(fields["order"], dtype="<u2").astype(np.int64)
    place_in_list = np.empty(len(best_first), dtype=np.int64)
    place_in_list[best_first] = np.arange(len(best_first))
    return PageList(
        video_ids=np.frombuffer(fields["candidates"], dtype="<i8").astype(np.int64)[best_first],
        rows=rows_of(fields)[best_first],
        context=np.array(fields["context"], dtype=np.int64),
        columns=tuple(fields["columns"]),
        slots=tuple(int(place_in_list[index]) for index, *_ in fields["slots"]),
    )
