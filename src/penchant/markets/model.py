"""What a market is: a name, its languages and its rules for accounts and uploads."""

from dataclasses import dataclass
from typing import Literal

from penchant.core.settings import Settings


@dataclass(frozen=True)
class Market:
    """The rules of one cell."""

    id: str
    name: str
    languages: tuple[str, ...]
    signup: Literal["open", "invited", "closed"]
    minimum_age: int
    """Years; younger people may watch but not have an account."""
    adult_age: int
    """Years from which the minors' profile no longer applies."""
    upload_bytes: int
    upload_seconds: int


def market_from(settings: Settings) -> Market:
    """The market that an installation's settings describe."""
    return Market(
        id=settings.market,
        name=settings.market_name,
        languages=tuple(code.strip() for code in settings.languages.split(",") if code.strip()),
        signup=settings.signup,
        minimum_age=settings.minimum_age,
        adult_age=settings.adult_age,
        upload_bytes=settings.upload_bytes,
        upload_seconds=settings.upload_seconds,
    )
