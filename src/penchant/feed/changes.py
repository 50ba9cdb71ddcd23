"""What an experiment may change of the recipe: a short list of knobs, each of which acts on real pages.

The uniform audit slot is not among them: what stands on it is compared over years.
"""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Changes of the recipe; what is not named stays as it is."""

    spread: Annotated[float, Meta(ge=0, le=2)] | None = None
    """Doublings of odds that a video pays for each doubling of how often it was served lately."""
    temperature: Annotated[float, Meta(ge=0.01, le=8)] | None = None
    """Doublings of odds that the draw takes as one: the larger, the more even."""
    explore_in_10: Annotated[int, Meta(ge=0, le=8)] | None = None
    """Slots of ten that buy knowledge."""
    followed_in_10: Annotated[int, Meta(ge=1, le=5)] | None = None
    """Most slots of ten that creators whom the viewer follows may have."""
    without_sources: tuple[str, ...] = ()
    """Sources that bring nothing."""
    blend: bool | None = None
    """False: the first stage orders what it keeps."""

    @property
    def knobs(self) -> frozenset[str]:
        """Names of what is changed."""
        return frozenset(msgspec.structs.asdict(self)) - {
            name for name, value in msgspec.structs.asdict(self).items() if value in (None, ())
        }

    def told(self) -> tuple[str, ...]:
        """As `name=value`, in the order of the names: what page records say."""
        values = msgspec.structs.asdict(self)
        return tuple(f"{name}={_text(values[name])}" for name in sorted(self.knobs))

    @classmethod
    def of(cls, told: Iterable[str]) -> "Changes":
        """The inverse of `told`.

        Raises:
            msgspec.ValidationError: they are none.
        """
        named = dict(one.split("=", 1) for one in told)
        values: dict[str, object] = {name: value for name, value in named.items() if name != "without_sources"}
        if "without_sources" in named:
            values["without_sources"] = tuple(named["without_sources"].split(","))
        if "blend" in named:
            values["blend"] = named["blend"] == "True"
        return msgspec.convert(values, cls, strict=False)

    def and_also(self, other: "Changes") -> "Changes":
        """Both; what both name is taken from `other`."""
        own = {name: value for name, value in msgspec.structs.asdict(other).items() if name in other.knobs}
        return msgspec.structs.replace(self, **own)


def _text(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


RANKING = frozenset({"spread", "temperature", "without_sources", "blend"})
"""Knobs that change an order of candidates: what the teams of an interleaving may differ in."""
