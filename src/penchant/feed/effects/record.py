"""The page record: everything from which the page can be made again, written before the page goes out."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import cbor2
import numpy as np

from penchant.feed.model import Candidates, Query
from penchant.feed.pipeline import Result
from penchant.feed.plans import Plan
from penchant.taste.fixed import Int64s
from penchant.taste.live import PageList
from penchant.taste.ranker import Features, order
from penchant.taste.recipe import SERVED

VERSION: Final = 7
_LISTS_SINCE: Final = 2
"""From this version on rows, order and slots are as they are now."""
_SCORES_UNTIL: Final = 6
FOLLOWING: Final = {"scores": "<i8", "worth": "<i4", "turned": "<i8"}
"""What follows from rows, context and weights: up to version 6 it was recorded, from then on it is told by digests."""
_DIGEST_BYTES: Final = 16


class Stood(NamedTuple):
    """Where a drawn candidate stood: for figures about what followed, which come when the epoch may be gone."""

    score: int
    worth: int | None
    """None in records that are older than that."""
    above: int
    """Candidates with a higher score."""
    below: int


def page_record(query: Query, plan: Plan, result: Result) -> bytes:
    """Canonical CBOR (RFC 8949, 4.2) of integers, text and bytes; no float anywhere.

    Rows are `(K, F)` little-endian int16 in 256ths, columns name the F; `order` is `(K,)` little-endian uint16, the
    candidates as the first stage orders them; pressure `(K,)` little-endian int64; `values` names the file of value
    weights by its SHA-256. Scores follow from those, so only `digests` of them are here, and `stood` of each slot.
    `sources` are [name, a bit for each candidate]. `reach` is [video, per cent of viewers] of candidates that may not
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
            "sources": _sources(plan, candidates),
            "rows": _in_256ths(candidates.features),
            "context": query.page_taste.context.tolist(),
            "order": _order(candidates).astype("<u2").tobytes(),
            "digests": {name: digest for name in FOLLOWING if (digest := digest_of(getattr(candidates, name)))},
            "stood": [list(stood_at(candidates, slot.index)) for slot in result.slots],
            "beliefs": candidates.beliefs.astype("<i4").tobytes(),
            "turns_to": query.page_taste.turns_to.tolist(),
            "turned_context": [] if query.page_taste.turn is None else query.page_taste.turn.context.tolist(),
            "turned_rows": _in_256ths(candidates.turned_features),
            "values": query.page_taste.values.digest,
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


def digest_of(numbers: Int64s) -> bytes:
    """Half a SHA-256 of (K,) numbers as little-endian int64; nothing of none."""
    return sha256(numbers.astype("<i8").tobytes()).digest()[:_DIGEST_BYTES] if len(numbers) else b""


def stood_at(candidates: Candidates, index: int) -> Stood:
    """Of the candidate at a place."""
    return _stood(candidates.scores, index, int(candidates.worth[index]))


def _stood(scores: Int64s, index: int, worth: int | None) -> Stood:
    own = scores[index]
    return Stood(int(own), worth, int((scores > own).sum()), int((scores < own).sum()))


def _sources(plan: Plan, candidates: Candidates) -> list[list[Any]]:
    """[name, a bit for each candidate, the highest of a byte first], in the recipe's order."""
    brought: dict[str, list[int]] = {source.name: [] for source in plan.recipe.sources}
    for place, names in enumerate(candidates.sources):
        for name in names:
            brought.setdefault(name, []).append(place)
    bits = np.zeros((len(brought), len(candidates)), dtype=np.bool_)
    for own, places in zip(bits, brought.values(), strict=True):
        own[places] = True
    packed = np.packbits(bits, axis=1)
    return [[name, own.tobytes()] for (name, places), own in zip(brought.items(), packed, strict=True) if places]


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
    """Raises ValueError where something would be lost, for then scores would not follow from what is recorded."""
    if rows is None:
        return b""
    recorded = (rows >> 8).astype("<i2")
    if not np.array_equal(recorded.astype(np.int32) << 8, rows):
        raise ValueError("these rows are not in whole 256ths of 16 bits")
    return recorded.tobytes()


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
    """The record's fields, of any version; `sources` as they were up to version 6, a text for each candidate."""
    fields: dict[str, Any] = cbor2.loads(record)
    if fields["version"] > _SCORES_UNTIL:
        fields["sources"] = _joined(fields["sources"], len(fields["candidates"]) // 8)
    return fields


def _joined(sources: Sequence[tuple[str, bytes]], count: int) -> list[str]:
    """Names of the sources that brought each candidate, by comma."""
    names: list[list[str]] = [[] for _ in range(count)]
    for name, bits in sources:
        for place in np.flatnonzero(np.unpackbits(np.frombuffer(bits, np.uint8), count=count)).tolist():
            names[place].append(name)
    return [",".join(own) for own in names]


def stood_of(fields: dict[str, Any]) -> list[Stood]:
    """Where each slot's candidate stood, of any version that has scores; none where nothing was scored."""
    if fields["version"] > _SCORES_UNTIL:
        return [Stood(*one) for one in fields["stood"]]
    scores, worth = np.frombuffer(fields["scores"], "<i8"), np.frombuffer(fields.get("worth", b""), "<i4")
    return [_stood(scores, index, int(worth[index]) if len(worth) else None) for index, *_ in fields["slots"]]


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
