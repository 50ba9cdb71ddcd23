"""Licences for recommendation technology: which class of what was learned may cross where, at a moment.

A licence is dated text by an issuer. Another one by the same issuer that `replaces` it takes its place from its own
effective date on, whether it allows more, less or nothing: the answer for every moment follows from the texts alone.
"""

import hashlib
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, get_args

from penchant.core.errors import PenchantError

Class = Literal["epochs"]
CLASSES: Final = get_args(Class)
"""`epochs`: parameters that the learner publishes, the state that it goes on from, and what pages were ranked with."""
_TEXT, _LIST, _MOMENT = "text", "list of texts", "moment with its zone, as 2027-01-01T00:00:00Z"
_KEYS: Final = {
    "issuer": _TEXT,
    "class": _TEXT,
    "from": _LIST,
    "to": _LIST,
    "effective_from": _MOMENT,
    "valid_until": _MOMENT,
    "replaces": _TEXT,
}


class LicenceWrong(PenchantError):
    """A licence cannot be read, nobody who counts signed it, or it does not fit the ones before."""

    code = "licence_wrong"


class Licence(NamedTuple):
    """One licence as its issuer wrote it."""

    digest: str
    """SHA-256 of the text."""
    issuer: str
    of: Class
    markets: tuple[str, ...]
    """From where."""
    to: tuple[str, ...]
    """Receivers, by their age recipients."""
    effective_from: datetime
    valid_until: datetime
    replaces: str
    """Digest of the one whose place it takes; empty: of none."""


def read_licence(text: str) -> Licence:
    """What a licence's text says.

    Raises:
        LicenceWrong: something is missing, of another kind, or nothing that a licence has.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LicenceWrong(f"the licence is no TOML ({error})") from error
    if strange := said.keys() - _KEYS.keys():
        raise LicenceWrong(f"no licence has {', '.join(sorted(strange))}")
    for key, kind in _KEYS.items():
        if not (_is(kind, said.get(key)) or (key == "replaces" and key not in said)):
            raise LicenceWrong(f"a licence says {key}: a {kind}")
    if said["class"] not in CLASSES:
        raise LicenceWrong(f"there is no class {said['class']!r}; there is {', '.join(CLASSES)}")
    return Licence(
        digest=hashlib.sha256(text.encode()).hexdigest(),
        issuer=said["issuer"],
        of=said["class"],
        markets=tuple(said["from"]),
        to=tuple(said["to"]),
        effective_from=said["effective_from"].astimezone(UTC),
        valid_until=said["valid_until"].astimezone(UTC),
        replaces=said.get("replaces", ""),
    )


def what_allows(
    licences: Iterable[Licence], moment: datetime, of: Class, market: str, to: Iterable[str]
) -> Licence | None:
    """The licence by which a class may go from a market to all of some receivers at a moment; None: it may not."""
    known = list(licences)
    effective = {(one.issuer, one.replaces) for one in known if one.effective_from <= moment}
    receivers = set(to)
    for one in known:
        in_force = one.effective_from <= moment < one.valid_until and (one.issuer, one.digest) not in effective
        if in_force and one.of == of and market in one.markets and receivers and receivers <= set(one.to):
            return one
    return None


def _is(kind: str, value: object) -> bool:
    if kind is _TEXT:
        return isinstance(value, str) and bool(value)
    if kind is _LIST:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, datetime) and value.tzinfo is not None
