"""What is allowed in which state: one table, of kinds of requests."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, get_args

from penchant.core.errors import Forbidden, Gone, PenchantError
from penchant.markets.lifecycle import STATES, Standing, State

Kind = Literal["watch", "write", "sign_up", "account", "legal", "sign_in", "export", "market"]
KINDS: Final = get_args(Kind)
IN_WORDS: Final[Mapping[Kind, str]] = {
    "watch": "watch, search, look at anything",
    "write": "upload, comment, like, follow, send events",
    "sign_up": "sign up",
    "account": "change a password, end sessions, erase the account",
    "legal": "report, appeal, moderate",
    "sign_in": "sign in and out",
    "export": "take one's data along",
    "market": "see the state of this place and plan its steps",
}
"""`write` is whatever has no kind of its own; `market` has the files of the page and health too."""

_UNTIL_CLOSED: Final = frozenset({"watch", "account", "legal", "sign_in", "export", "market"})
_WITHOUT_SIGN_UP: Final = _UNTIL_CLOSED | {"write"}
_AFTER: Final = frozenset({"sign_in", "export", "market"})
ALLOWED: Final[Mapping[State, frozenset[str]]] = {
    "open": frozenset(KINDS),
    "no_signups": _WITHOUT_SIGN_UP,
    "winding_down": _WITHOUT_SIGN_UP,
    "read_only": _UNTIL_CLOSED,
    "closed": _AFTER,
    "handed_over": _AFTER,
}
_ENDED: Final = frozenset({"market"})
"""Once the keys are destroyed: there is nothing left to hand out."""
assert ALLOWED.keys() == set(STATES)


class NoSignups(Forbidden):
    """This market takes nobody new any more."""

    code = "no_signups"


class ReadOnly(Forbidden):
    """This market can be watched and left, and nothing can be added any more."""

    code = "read_only"


class Closed(Gone):
    """This market has ended by the operator's own decision."""

    code = "closed"


class ClosedByLaw(PenchantError):
    """This market has ended because an order demands it."""

    code = "closed_by_law"


def allows(standing: Standing, kind: Kind) -> bool:
    return kind in (_ENDED if standing.keys_destroyed_at is not None else ALLOWED[standing.state])


def check(standing: Standing, kind: Kind) -> None:
    """Let a request through, or say why not.

    Raises:
        NoSignups, ReadOnly, Closed, ClosedByLaw: as the state is.
    """
    if allows(standing, kind):
        return
    if standing.state in ("closed", "handed_over"):
        raise (ClosedByLaw if standing.order is not None else Closed)(why_closed(standing))
    if kind == "sign_up":
        raise NoSignups("nobody can sign up here any more: this place is coming to its end")
    raise ReadOnly("this place can only be watched now; your data is still there to take along")


def why_closed(standing: Standing) -> str:
    """The end of a market in words: since when, why, where it went, what is left to take along."""
    moved_to = standing.step.moved_to if standing.step is not None else ""
    words = f"this place was handed over to {moved_to}" if moved_to else "this place is closed"
    words += f" since {_moment(standing.since)}" if standing.since is not None else ""
    if standing.order is not None:
        words += f", as {standing.order.issuer} orders: {standing.order.legal_basis}"
    if standing.keys_destroyed_at is not None:
        return f"{words}; its keys were destroyed at {_moment(standing.keys_destroyed_at)}"
    return f"{words}; who has an account can still take their data along"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
