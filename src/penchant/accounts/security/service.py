"""What somebody can see and do about the safety of their own account."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.accounts.security import repository
from penchant.accounts.security.second_factor import SecondFactor
from penchant.accounts.tokens import hash_token
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import NotFound

CHANGES_KEPT: Final = timedelta(days=180)
_SHOWN: Final = 20
_ID_BYTES: Final = 8


class Session(NamedTuple):
    """One place where somebody is signed in."""

    id: str
    """Names it to its owner; opens nothing."""
    here: bool
    since: datetime
    used_at: datetime
    """To the day: it is noted once in 24 hours."""
    agent: str
    """As "Firefox, Linux"; empty where it did not say."""


class Change(NamedTuple):
    what: str
    at: datetime


class Overview(NamedTuple):
    """Everything that the owner of an account should know of its safety."""

    has_password: bool
    second_factor: bool
    recovery_codes_left: int
    sessions: list[Session]
    changes: list[Change]


class Security:
    """Second factor, sessions, and what was changed lately."""

    def __init__(self, engine: Engine, clock: Clock, second_factor: SecondFactor) -> None:
        self._engine = engine
        self._clock = clock
        self._second_factor = second_factor

    def overview(self, me: Account, token: str) -> Overview:
        """token: of the session that asks."""
        with self._engine.connect() as connection:
            found = accounts.credentials(connection, me.handle)
            rows = repository.sessions_of(connection, me.id, self._now())
            return Overview(
                has_password=found is not None and found[1] is not None,
                second_factor=repository.has_factor(connection, me.id),
                recovery_codes_left=repository.count_codes(connection, me.id),
                sessions=[
                    Session(
                        _id(row.token_hash), row.token_hash == hash_token(token), row.created_at, row.used_at, row.agent
                    )
                    for row in rows
                ],
                changes=[Change(what, at) for what, at in repository.changes_of(connection, me.id, _SHOWN)],
            )

    def end_session(self, me: Account, id_: str) -> None:
        """Sign out somewhere else.

        Raises:
            NotFound: there is no such session of theirs.
        """
        if not self._end(me, lambda token_hash: _id(token_hash) == id_):
            raise NotFound("there is no such session")

    def end_others(self, me: Account, token: str) -> None:
        """Sign out everywhere but where this token is."""
        here = hash_token(token)
        self._end(me, lambda token_hash: token_hash != here)

    def begin_second_factor(self, me: Account) -> str:
        """As `SecondFactor.begin`."""
        with self._engine.begin() as connection:
            return self._second_factor.begin(connection, me)

    def confirm_second_factor(self, me: Account, code: str) -> list[str]:
        """As `SecondFactor.confirm`."""
        with self._engine.begin() as connection:
            codes = self._second_factor.confirm(connection, me, code)
            self.note(connection, me, "second_factor_on")
        return codes

    def turn_off_second_factor(self, me: Account, code: str) -> None:
        """As `SecondFactor.turn_off`."""
        with self._engine.begin() as connection:
            self._second_factor.turn_off(connection, me, code)
            self.note(connection, me, "second_factor_off")

    def forget_second_factor(self, account: Account) -> None:
        """Turn it off without a code: by the operator, for somebody who lost everything."""
        with self._engine.begin() as connection:
            self._second_factor.forget(connection, account)
            self.note(connection, account, "second_factor_off")

    def note(self, connection: Connection, account: Account, what: str) -> None:
        """Write down for the account's owner that something was changed."""
        now = self._now()
        repository.add_change(connection, account.id, what, now, now + CHANGES_KEPT)

    def _end(self, me: Account, goes: Callable[[bytes], bool]) -> int:
        """End those of their sessions; returns how many."""
        with self._engine.begin() as connection:
            own = [row.token_hash for row in repository.sessions_of(connection, me.id, self._now())]
            ended = repository.end_sessions(connection, me.id, [one for one in own if goes(one)])
            if ended:
                self.note(connection, me, "sessions_ended")
        return ended

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())


def _id(token_hash: bytes) -> str:
    return token_hash[:_ID_BYTES].hex()
