"""What a market is: a name, its languages and its rules for accounts and uploads."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from penchant.core.errors import SettingWrong
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
    needs_age_proof: bool
    """Whether nobody is an adult by their word alone."""
    minor_daily_minutes: int
    """So long the feed goes on for a minor in a day."""
    zone: tzinfo
    """Where its days begin and its nights are."""
    upload_bytes: int
    upload_seconds: int


def market_from(settings: Settings) -> Market:
    """The market that an installation's settings describe.

    Raises:
        SettingWrong: there is no such time zone.
    """
    try:
        zone = ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingWrong(
            f"PENCHANT_TIME_ZONE is {settings.time_zone!r}; it has to be the name of a time zone, as Europe/Berlin"
        ) from None
    return Market(
        id=settings.market,
        name=settings.market_name,
        languages=tuple(code.strip() for code in settings.languages.split(",") if code.strip()),
        signup=settings.signup,
        minimum_age=settings.minimum_age,
        adult_age=settings.adult_age,
        needs_age_proof=settings.adults_prove,
        minor_daily_minutes=settings.minor_daily_minutes,
        zone=zone,
        upload_bytes=settings.upload_bytes,
        upload_seconds=settings.upload_seconds,
    )
