"""Ranked lists in SQL: scores that are the same on the next page, and where a list goes on."""

import math
from typing import Any, Final

from sqlalchemy import BigInteger, Double, and_, cast, func, or_

SCALE: Final = 1_000_000_000


def prefix(word: str) -> str:
    """A pattern of LIKE for what begins with a word."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%"


def prior(count: Any, most: int) -> Any:
    """From 1, where nobody used or liked it, to 2, where `most` or more did: 1 + log(1 + count) / log(1 + most)."""
    return 1 + func.ln(cast(1 + func.least(count, most), Double)) / math.log(1 + most)


def as_score(value: Any) -> Any:
    """As an integer, so that it is the same on the next page."""
    return cast(func.floor(value * SCALE), BigInteger)


def behind(score: Any, id_: Any, place: tuple[int, int | str]) -> Any:
    """A condition: what comes after a (score, id) where the highest come first."""
    return or_(score < place[0], and_(score == place[0], id_ < place[1]))
