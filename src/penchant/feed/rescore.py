"""A page made again from its record: every score and every slot from the recorded integers, to the byte.

What it takes beside the record is what the record names by digest: the epoch's blend (`taste.archive`) and the file of
value weights. Nothing here looks at a database or a clock, so an auditor's machine gives the same bytes.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from penchant.catalog.model import VideoFacts
from penchant.core.errors import PenchantError
from penchant.core.ids import AccountId, SoundId, VideoId
from penchant.feed.changes import Changes
from penchant.feed.effects.record import FOLLOWING, digest_of, rows_of, stood_at
from penchant.feed.experiments import Arm
from penchant.feed.model import Candidates, Int64s, Slot
from penchant.feed.recipe import Budget, FeedRecipe, for_you
from penchant.feed.scorers.lent import add
from penchant.taste.blend import Stages
from penchant.taste.heads import Heads
from penchant.taste.ranker import Features, order
from penchant.taste.service import scores_of
from penchant.taste.turn import LEAN
from penchant.taste.values import Values

SINCE: Final = 6
"""Records of this version on name all that slots depend on."""
DIGESTS_SINCE: Final = 7
"""Records of this version on have digests of scores; those before it have the scores."""


class CannotRescore(PenchantError):
    """A page cannot be made again: its record is of another version, or names a recipe that this version has not."""

    code = "cannot_rescore"


@dataclass(frozen=True)
class Drawn:
    """What slots were drawn by (`model.Drawing`)."""

    count: int
    seed: int
    turns_to: int
    followed: frozenset[AccountId]


@dataclass(frozen=True)
class Difference:
    """Something that the record says and the numbers do not."""

    what: str
    recorded: Any
    found: Any


def differences(fields: dict[str, Any], stages: Stages, heads: Heads | None, values: Values) -> list[Difference]:
    """What of a page record does not follow from its own rows; none where everything does.

    Args:
        fields: of the record (`read_record`).
        stages, heads: what the epoch that the record names ranks with.
        values: the weights that the record names.

    Raises:
        CannotRescore: see there.
    """
    recipe = _recipe(fields)
    ids, rows = _longs(fields["candidates"]), rows_of(fields)
    if not len(rows):
        return _seen_again(fields, len(ids))
    found = _scored(fields, ids, rows, recipe, stages, heads, values)
    wrong = [one for name in FOLLOWING if (one := _apart(name, fields, getattr(found, name))) is not None]
    if fields["version"] >= DIGESTS_SINCE:
        stood = [list(stood_at(found, index)) for index, *_ in fields["slots"]]
        if stood != fields["stood"]:
            wrong.append(Difference("stood", fields["stood"], stood))
    best_first = np.frombuffer(fields["order"], "<u2").tolist()
    if best_first != (again := order(stages.first(rows), ids).tolist()):
        wrong.append(Difference("order", best_first, again))
    if (slots := _slots(fields, recipe, found)) != fields["slots"]:
        wrong.append(Difference("slots", fields["slots"], slots))
    return wrong


def scored(fields: dict[str, Any], stages: Stages, heads: Heads | None, values: Values) -> Candidates:
    """The candidates with the scores that slots were drawn by; arguments and errors as of `differences`."""
    return _scored(fields, _longs(fields["candidates"]), rows_of(fields), _recipe(fields), stages, heads, values)


def _apart(name: str, fields: dict[str, Any], found: Int64s) -> Difference | None:
    """What is recorded of scores, as numbers or as their digest, against what follows."""
    if fields["version"] < DIGESTS_SINCE:
        recorded = np.frombuffer(fields[name], FOLLOWING[name]).astype(np.int64)
        return None if np.array_equal(recorded, found) else Difference(name, recorded.tolist(), found.tolist())
    digest, again = fields["digests"].get(name, b""), digest_of(found)
    return None if digest == again else Difference(name, digest.hex(), again.hex())


def _recipe(fields: dict[str, Any]) -> FeedRecipe:
    if fields["version"] < SINCE:
        raise CannotRescore(f"its record is of version {fields['version']}; from {SINCE} on a page can be made again")
    teams = fields["teams"]
    arms = [
        Arm(name, Changes.of(told)) for name, told in zip(teams.get("names", ()), teams.get("changes", ()), strict=True)
    ]
    recipe = for_you(Changes.of(fields["changes"]), teams=arms, budget=Budget.of(fields["budget"]))
    if recipe.name != fields["recipe"]:
        raise CannotRescore(f"it was made by {fields['recipe']}, and this version has {recipe.name}")
    return recipe


def _scored(
    fields: dict[str, Any],
    ids: Int64s,
    rows: Features,
    recipe: FeedRecipe,
    stages: Stages,
    heads: Heads | None,
    values: Values,
) -> Candidates:
    """The candidates as they were before slots were drawn."""
    pressure, first = _longs(fields["pressure"]), stages.first(rows)
    scores, worth = scores_of(stages, heads, values, ids, rows, first, _list(fields["context"]))
    scores = scores + worth
    if recipe.changes.blend is False:
        scores, worth = first, np.zeros_like(worth)
    turned = np.zeros(0, dtype=np.int64)
    if fields["turned_rows"]:
        of_turn = (np.frombuffer(fields["turned_rows"], "<i2").astype(np.int32) << 8).reshape(rows.shape)
        context = _list(fields["turned_context"])
        own, other = scores_of(stages, heads, values, ids, of_turn, stages.first(of_turn), context)
        content = of_turn[:, fields["columns"].index("content")].astype(np.int64)
        turned = own + other - pressure + LEAN * content
    teams = fields["teams"]
    lent = np.zeros(len(ids), dtype=np.int64)
    for place, amount in fields["lent"]:
        lent[place] = amount
    scored = Candidates(
        ids=ids,
        sources=tuple(tuple(names.split(",")) for names in fields["sources"]),
        facts=_facts(ids, fields["creators"], fields["sounds"]),
        before=tuple(_fact(0, *one) for one in fields["before"]),
        features=rows,
        first=first,
        scores=scores - pressure,
        turned=turned,
        beliefs=np.frombuffer(fields["beliefs"], "<i4").astype(np.int64).reshape(-1, 2),
        worth=worth,
        pressure=pressure,
        # Each team's own price is not in the record: its scores are taken as they are, without what is lent.
        team_scores=_longs(teams["scores"]).reshape(-1, len(ids)) - lent if teams else np.zeros((0, 0), dtype=np.int64),
        lent=lent,
    )
    return add(scored)


def _slots(fields: dict[str, Any], recipe: FeedRecipe, candidates: Candidates) -> list[list[Any]]:
    followed = frozenset(AccountId(number) for number in fields["followed"])
    drawn = Drawn(fields["count"], fields["seed"], len(fields["turns_to"]), followed)
    allowed = np.ones(len(candidates), dtype=bool)
    allowed[fields["refused"]] = False
    return [_told(slot) for slot in recipe.selector.select(drawn, candidates, allowed, candidates.before)]


def _told(slot: Slot) -> list[Any]:
    return [slot.index, slot.arm, slot.propensity_q30, slot.relaxed]


def _seen_again(fields: dict[str, Any], count: int) -> list[Difference]:
    """Nothing was scored: what had been seen longest ago came, in the order of the list."""
    wanted = [[place, "again", 1 << 30, True] for place in range(count)]
    return [] if fields["slots"] == wanted else [Difference("slots", fields["slots"], wanted)]


def _facts(ids: Int64s, creators: bytes, sounds: bytes) -> tuple[VideoFacts, ...]:
    numbers = (np.frombuffer(one, "<u2").tolist() for one in (creators, sounds))
    return tuple(_fact(*one) for one in zip(ids.tolist(), *numbers, strict=True))


def _fact(video: int, creator: int, sound: int) -> VideoFacts:
    """Numbers of the record stand for creators and sounds: spacing only asks whether they are the same."""
    return VideoFacts(VideoId(video), AccountId(creator), SoundId(sound) if sound else None, "", ())


def _longs(content: bytes) -> Int64s:
    return np.frombuffer(content, "<i8").astype(np.int64)


def _list(numbers: list[int]) -> Int64s:
    return np.array(numbers, dtype=np.int64)
