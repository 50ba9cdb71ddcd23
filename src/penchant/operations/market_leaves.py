"""What the market's orders, steps and certificates are in the ledger."""

from collections.abc import Callable, Mapping

from penchant.core.database import Connection
from penchant.ledger.leaves import Certificate, Leaf, Order, Step
from penchant.ledger.record import append

Said = Mapping[str, int | bytes]


def to_ledger(connection: Connection, kind: str, said: Said) -> None:
    """Append what the room `markets` did, in its own transaction; it does not know the ledger."""
    append(connection, _LEAVES[kind](said))


def _order(said: Said) -> Leaf:
    return Order(
        at_ms=_number(said, "at_ms"),
        order=_number(said, "order"),
        act=_words(said, "act"),
        until_ms=_number(said, "new_date_ms"),
        issuer=_words(said, "issuer"),
        basis=_words(said, "legal_basis"),
        text=_words(said, "text"),
        markets=_words(said, "markets"),
    )


def _step(said: Said) -> Leaf:
    return Step(
        at_ms=_number(said, "at_ms"),
        step=_number(said, "step"),
        act=_words(said, "act"),
        state=_words(said, "to_state"),
        takes_effect_ms=_number(said, "takes_effect_ms"),
        order=_number(said, "order"),
    )


def _certificate(said: Said) -> Leaf:
    names = sorted(name for name in said if name.startswith("destroyed_"))
    told = "\n".join(f"{name.removeprefix('destroyed_')} {_number(said, name)}" for name in names)
    return Certificate(_number(said, "at_ms"), _number(said, "step"), told.encode())


_LEAVES: Mapping[str, Callable[[Said], Leaf]] = {"order": _order, "step": _step, "certificate": _certificate}


def _number(said: Said, name: str) -> int:
    value = said.get(name, 0)
    assert isinstance(value, int)
    return value


def _words(said: Said, name: str) -> bytes:
    value = said.get(name, b"")
    assert isinstance(value, bytes)
    return value
