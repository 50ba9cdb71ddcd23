"""People as the rest of Penchant sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from penchant.core.ids import AccountId, SubjectId

Role = Literal["member", "moderator", "admin"]
AgeBand = Literal["minor", "adult"]
SignUp = Literal["open", "invited", "closed"]
LinkPurpose = Literal["sign_in", "reset", "guardian"]


@dataclass(frozen=True)
class Account:
    """Someone who signed up."""

    id: AccountId
    handle: str
    name: str
    role: Role
    age_band: AgeBand
    home_market: str
    subject: SubjectId
    is_demo: bool
    suspended: bool
    private: bool = False
    """Only followers whom they accepted see what they publish: as they wish, and always while they are a minor."""

    @property
    def is_adult(self) -> bool:
        return self.age_band == "adult"

    @property
    def stands_in(self) -> bool:
        """Whether it stands for somebody in another market, as `ada.us`: nobody can sign in to it."""
        return self.handle.endswith(f".{self.home_market}")

    @property
    def moderates(self) -> bool:
        return self.role in ("moderator", "admin")


@dataclass(frozen=True)
class Viewer:
    """Whoever watches: always a subject, an account only where someone signed in."""

    subject: SubjectId
    account: Account | None
    age_band: AgeBand

    @property
    def is_adult(self) -> bool:
        return self.age_band == "adult"

    @property
    def account_id(self) -> AccountId | None:
        return self.account.id if self.account else None


@dataclass(frozen=True)
class Profile:
    """An account's public page, as one viewer sees it."""

    account: Account
    follower_count: int
    following_count: int
    following: bool
    requested: bool
    """The viewer asked to follow, and was not answered yet."""
    blocked: bool
    is_self: bool


class FollowRequest(NamedTuple):
    """Somebody who asked to follow."""

    handle: str
    name: str
    asked_at: datetime


def age_band_of(
    birth_year: int | None,
    year_now: int,
    adult_age: int,
    *,
    proved_adult: bool | None = None,
    needs_proof: bool = False,
) -> AgeBand:
    """Adult only when certain: a birth year leaves the age open by one, an unknown one leaves it open altogether.

    Args:
        proved_adult: what a proof of age said, which goes before what was declared; None where there is none.
        needs_proof: where nobody's word is enough.
    """
    if proved_adult is not None:
        return "adult" if proved_adult else "minor"
    if needs_proof or birth_year is None or youngest_age(birth_year, year_now) < adult_age:
        return "minor"
    return "adult"


def youngest_age(birth_year: int, year_now: int) -> int:
    """The least age in years that someone born in `birth_year` can have in `year_now`."""
    return year_now - birth_year - 1
