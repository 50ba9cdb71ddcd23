"""Orders: what an authority or a court demands of a market, and what became of it. A fold of what was noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple, get_args

from penchant.core.ids import AccountId

What = Literal["announced", "extended", "stayed", "resumed", "annulled", "executed"]
WHAT: Final = get_args(What)


class Act(NamedTuple):
    """Something that happened to an order. None is ever changed or taken back; a later one says what holds now."""

    what: What
    at: datetime
    new_date: datetime | None
    """announced and extended: by when it has to be done; stayed: until when it rests, None: until further notice."""
    note: str
    acted_by: AccountId | None
    """Who noted it; None where they have been erased."""


@dataclass(frozen=True)
class Order:
    """A record, public as it stands."""

    id: int
    issuer: str
    legal_basis: str
    text: str
    markets: tuple[str, ...]
    """Ids of the markets that it names."""
    acts: tuple[Act, ...]
    """In the order of time; the first is `announced`."""


class Force(NamedTuple):
    """What an order can do at a moment."""

    annulled: bool
    stayed: bool
    date: datetime | None
    """By when it has to be done, as last said."""
    free_from: datetime | None
    """When it last came back into force; None where it never rested."""


def force_at(acts: Sequence[Act], moment: datetime) -> Force:
    """What is left of an order, from what had happened to it until then.

    A stay suspends it until its own end, an act `resumed`, or an extension. An extension says a new date.
    """
    annulled, rests, ends, date, free_from = False, False, None, None, None
    for act in acts:
        if act.at > moment:
            break
        if rests and ends is not None and ends <= act.at:
            rests, free_from = False, ends
        match act.what:
            case "announced":
                date = act.new_date
            case "extended":
                rests, free_from, date = False, act.at if rests else free_from, act.new_date
            case "stayed":
                rests, ends = True, act.new_date
            case "resumed":
                rests, free_from = False, act.at if rests else free_from
            case "annulled":
                annulled = True
            case "executed":
                pass
    if rests and ends is not None and ends <= moment:
        rests, free_from = False, ends
    return Force(annulled, rests, date, free_from)


def what_is_wrong(acts: Sequence[Act], what: What, new_date: datetime | None, now: datetime) -> str:
    """Why something cannot be noted of an order now; empty where it can."""
    force = force_at(acts, now)
    if force.annulled:
        return "it is annulled: nothing can happen to it any more"
    match what:
        case "announced":
            return "it is announced already"
        case "extended" if new_date is None:
            return "say the new date"
        case "extended" | "stayed" if new_date is not None and new_date <= now:
            return "the date has to be later than now"
        case "extended" if force.date is not None and new_date is not None and new_date <= force.date:
            return "the new date has to be later than the one before"
        case "stayed" if force.stayed:
            return "it is stayed already"
        case "resumed" if not force.stayed:
            return "it is not stayed"
        case "resumed" | "annulled" | "executed" if new_date is not None:
            return "this has no date"
    return ""
