"""No reachable state has a minor with less than the profile: whatever people do, in whatever order, on a real cell."""

import itertools
from contextlib import AbstractContextManager, suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account, Role, Viewer
from penchant.accounts.protection import repository
from penchant.accounts.protection.daily_use import DailyLimitReached
from penchant.accounts.protection.model import may_message, may_push
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.core.clock import ManualClock, as_datetime
from penchant.core.errors import PenchantError

pytestmark = pytest.mark.service
_numbers = itertools.count()
DAY_MS = 86_400_000
PASSWORD = "correct horse"


class Town(RuleBasedStateMachine):
    """People of all ages, who wish, prove, link, leave and grow older; refusals are theirs to get."""

    people = Bundle("people")
    links = Bundle("links")
    """Ward and guardian, as far as they were let."""

    def __init__(self, cell: Penchant, clock: ManualClock) -> None:
        super().__init__()
        self.cell, self.clock = cell, clock
        self.handles: list[str] = []

    @initialize(target=people)
    def a_minor(self) -> str:
        return self.arrive(15)

    @initialize(target=people)
    def an_adult(self) -> str:
        return self.arrive(40)

    @rule(target=people, age=st.none() | st.integers(14, 40))
    def arrive(self, age: int | None) -> str:
        handle = f"p{next(_numbers)}_"
        year = as_datetime(self.clock.now_ms()).year
        self.cell.accounts.sign_up(None, handle, PASSWORD, None if age is None else year - age)
        self.handles.append(handle)
        with self.cell.engine.begin() as connection:
            video = self.cell.catalog.add(connection, self.account(handle).id, handle, [], "en")
            self.cell.catalog.publish(
                connection, video, duration_ms=6_000, width=480, height=854, files=[], encoder="t-1", vector=bytes(64)
            )
        return handle

    @rule(who=people, private=st.booleans())
    def wish(self, who: str, private: bool) -> None:
        with self.allowed():
            self.cell.social.set_private(self.account(who), private)

    @rule(who=people, adult=st.booleans())
    def prove(self, who: str, adult: bool) -> None:
        account = self.account(who)
        with self.cell.engine.begin() as connection:
            repository.set_age(connection, account.id, account.subject, "adult" if adult else "minor", adult)

    @rule(target=links, ward=people, guardian=people, minutes=st.integers(1, 150))
    def look_after(self, ward: str, guardian: str, minutes: int) -> tuple[str, str]:
        with self.allowed():
            code, _ = self.cell.guardians.make_code(self.account(ward))
            self.cell.guardians.take(self.account(guardian), code)
        with self.allowed():
            self.cell.guardians.set_limit(self.account(guardian), ward, minutes)
        return ward, guardian

    @rule(link=links, of=st.integers(0, 1), adult=st.booleans())
    def prove_of_a_link(self, link: tuple[str, str], of: int, adult: bool) -> None:
        self.prove(link[of], adult)

    @rule(link=links)
    def end(self, link: tuple[str, str]) -> None:
        ward, guardian = link
        with self.allowed():
            self.cell.guardians.end(self.account(guardian), ward)

    @rule(who=people)
    def leave(self, who: str) -> None:
        self.cell.guardians.leave(self.account(who))

    @rule(who=people, suspended=st.booleans())
    def suspend(self, who: str, suspended: bool) -> None:
        with self.cell.engine.begin() as connection:
            self.cell.accounts.set_suspended(connection, self.account(who), suspended)

    @rule(who=people, role=st.sampled_from(["member", "moderator", "admin"]))
    def make(self, who: str, role: Role) -> None:
        with self.cell.engine.begin() as connection:
            accounts.set_role(connection, self.account(who).id, role)

    @rule(who=people)
    def sign_in(self, who: str) -> None:
        with self.allowed():
            self.cell.accounts.sign_in(who, PASSWORD)

    @rule(who=people, minutes=st.integers(1, 300))
    def watch(self, who: str, minutes: int) -> None:
        account = self.account(who)
        viewer = Viewer(account.subject, account, account.age_band)
        try:
            for _ in range(minutes):
                self.clock.advance(60_000)
                self.cell.daily_use.spend(viewer)
        except DailyLimitReached:
            assert not account.is_adult
        else:
            # In one sitting nobody under age gets further than two hours, over midnight four.
            assert account.is_adult or minutes <= 241

    @rule(days=st.sampled_from([1, 30, 366, 3 * 366]))
    def grow_older(self, days: int) -> None:
        self.clock.advance(days * DAY_MS)

    @invariant()
    def every_minor_has_the_profile(self) -> None:
        night = as_datetime(self.clock.now_ms()).replace(hour=22)
        everybody = [self.account(handle) for handle in self.handles]
        adult = next((account for account in everybody if account.is_adult), None)
        for account in everybody:
            standing = self.cell.guardians.standing(account)
            holds = standing.protections
            assert standing.age_band == account.age_band
            assert holds.private == account.private
            if account.is_adult:
                assert standing.guardian is None
                continue
            assert account.private
            assert not account.moderates
            assert holds.daily_limit_minutes is not None
            assert 15 <= holds.daily_limit_minutes <= 120
            assert not may_push(holds, night)
            assert holds.theme_cap
            assert not holds.profiled_on_themes
            if adult is not None:
                assert not may_message(self.cell.guardians.standing(adult).protections, holds, mutual=False)
            if standing.guardian is not None:
                assert self.account(standing.guardian).is_adult
            with self.cell.engine.connect() as connection:
                for stranger in (None, adult if adult is None or not adult.moderates else None):
                    assert not catalog.listed_videos_of(connection, account.id, None, 9, stranger)

    def account(self, handle: str) -> Account:
        return self.cell.accounts.by_handle(handle)

    @staticmethod
    def allowed() -> AbstractContextManager[None]:
        """What is refused is refused: it is the state that is looked at."""
        return suppress(PenchantError)


def test_no_reachable_state_has_a_minor_with_less(cell: Penchant, clock: ManualClock):
    run_state_machine_as_test(
        lambda: Town(cell, clock),
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            suppress_health_check=list(HealthCheck),
        ),
    )
