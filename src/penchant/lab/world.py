"""The constants of a world whose truth is known: read from a TOML file, named by its hash.

A file may stand on another one (`based_on`) and then says only what is different there. The shipped ones are in
`lab/worlds`; `penchant taste simulate --world FILE` reads any other.
"""

from __future__ import annotations

import hashlib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from penchant.core.errors import PenchantError

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]

DEFAULT: Final = "kuairand-1"


class WorldRefused(PenchantError):
    """The file is not a world; says which line or constant."""

    code = "world_refused"


class World(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every constant of a world. Weights are in natural logits; those of a spread are standard deviations."""

    name: str
    seed: int = 1

    viewers: Annotated[int, msgspec.Meta(ge=8)]
    videos: Annotated[int, msgspec.Meta(ge=100)]
    days: AtLeastOne
    pages_a_day: Positive
    """Mean of a viewer; viewers differ by `activity_spread`."""
    activity_spread: NotNegative
    hours: Annotated[tuple[float, ...], msgspec.Meta(min_length=24, max_length=24)]
    """How visits and publications lie over the day, from midnight on."""
    at_start: Share
    """Share of the videos that are there before the first day; the others come out evenly over the days."""

    topics: AtLeastOne
    topic_power: NotNegative
    """The k-th topic is made and liked k^-power as much as the first."""
    tastes_alike: Share
    """How much of every viewer's taste is the same for all: 1 is a world in which everybody likes the same."""
    taste_topics: Positive
    """About so many topics a viewer likes: the concentration of their mixture."""
    video_topics: Positive
    """The same for a video."""
    tag_true: Share
    """Chance that the tag of a video is its main topic; otherwise it is any."""
    drift: Share
    """Share of each viewer's taste that has moved elsewhere at the end, little by little."""
    switching: Share
    """Share of viewers whose taste is another one from `switch_day` on, all at once."""
    switch_day: Annotated[int, msgspec.Meta(ge=0)]

    content: NotNegative = 0.0
    """How much of what a video looks and sounds like tells its topics, against noise of 1; 0: there is none."""

    creators: Share
    """Share of viewers who publish."""
    creator_spread: NotNegative
    contacts: Annotated[int, msgspec.Meta(ge=0)]
    """How many others each viewer follows; half of them publish."""
    homophily: Share
    """Chance that a contact is one of those most alike in taste instead of anyone."""

    duration_log_mean: float
    """Of milliseconds, natural."""
    duration_log_spread: NotNegative
    quality_spread: NotNegative
    """How much videos differ in what everybody thinks of them."""
    clickbait: Share
    """Share of videos that are looked at more and watched long less."""
    clickbait_look: NotNegative
    clickbait_long: NotNegative

    look: float
    """Logit of staying beyond the first glance, for a middling viewer and video."""
    look_taste: float
    look_quality: float
    look_spread: NotNegative
    """How much viewers differ."""
    long: float
    """Logit of watching long what was looked at."""
    long_taste: float
    long_quality: float
    long_spread: NotNegative
    long_short_video: NotNegative
    """How much harder a video of up to 18 s is to watch long: it takes 90 % of it."""
    long_long_video: NotNegative
    """How much is lost for each doubling beyond two minutes."""
    none_at_all: Share
    """Share of those who do not look who do not watch a millisecond."""
    beyond: NotNegative
    """How far a long watch goes on beyond the threshold, in natural logarithms, for a video of 15 s."""
    beyond_per_length: float
    """The same for each natural logarithm of length more."""
    likes: Share
    """Chance that what was watched long is liked."""

    feed_quality: NotNegative
    """The feed that the constants were fitted under: how much more it shows what is good …"""
    feed_taste: NotNegative
    """… and what fits the viewer. Nothing but the fit uses these two."""


def shipped() -> list[str]:
    """Names of the worlds in the package."""
    folder = resources.files("penchant.lab").joinpath("worlds")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def read_world(which: str | Path) -> World:
    """A world by the name of a shipped one or by its file.

    Raises:
        WorldRefused: there is none, it is not TOML, a constant is missing, unknown or out of its range.
    """
    try:
        return msgspec.convert(_constants(which, ()), World)
    except msgspec.ValidationError as error:
        raise WorldRefused(f"{which}: {error}") from None


def sha256_of(which: str | Path) -> str:
    """Of the bytes of the file, hexadecimal: what a report names its constants by."""
    return hashlib.sha256(_bytes(which)).hexdigest()


def _constants(which: str | Path, above: tuple[str, ...]) -> dict[str, Any]:
    try:
        found = tomllib.loads(_bytes(which).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorldRefused(f"{which}: {error}") from None
    base = found.pop("based_on", None)
    if base is None:
        return found
    if base in above:
        raise WorldRefused(f"{which}: stands on itself")
    return _constants(base, (*above, base)) | found


def _bytes(which: str | Path) -> bytes:
    if isinstance(which, str) and which in shipped():
        return resources.files("penchant.lab").joinpath("worlds", f"{which}.toml").read_bytes()
    path = Path(which)
    if not path.is_file():
        raise WorldRefused(f"{which} is neither a file nor one of {', '.join(shipped())}")
    return path.read_bytes()
