"""Links between a minor and an adult who looks after them: how long they may be here, never what they watch."""

import secrets
from datetime import datetime, timedelta

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.accounts.protection import repository
from penchant.accounts.protection.model import (
    LEAST_LIMIT_MINUTES,
    MOST_LIMIT_MINUTES,
    Standing,
    Ward,
    protections_of,
)
from penchant.accounts.tokens import hash_token
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.core.errors import Conflict, Forbidden, Invalid, NotFound
from penchant.core.ids import AccountId
from penchant.markets.model import Market

_CODE_LIFE = timedelta(hours=24)


class Guardians:
    """Made by a code that the minor hands over, ended by either of them, and by the minor's coming of age."""

    def __init__(self, engine: Engine, clock: Clock, market: Market) -> None:
        self._engine = engine
        self._clock = clock
        self._market = market

    def standing(self, me: Account) -> Standing:
        """What holds for somebody, and why."""
        with self._engine.connect() as connection:
            row = repository.standing(connection, me.id, self._now())
        chosen = row.daily_limit_minutes if row.guardian is not None else None
        protections = protections_of(
            row.age_band,
            wants_private=row.wants_private,
            market_limit_minutes=self._market.minor_daily_minutes,
            guardian_limit_minutes=chosen,
        )
        minor = row.age_band == "minor"
        return Standing(
            protections=protections,
            age_band=row.age_band,
            wants_private=row.wants_private,
            used_minutes=row.used_ms // 60_000 if minor else 0,
            guardian=row.guardian if minor else None,
            proved_adult=row.proved_adult,
        )

    def make_code(self, me: Account) -> tuple[str, datetime]:
        """A code that lets one adult look after this minor, and when it runs out (24 h).

        Raises:
            Forbidden: they are an adult.
        """
        if me.is_adult:
            raise Forbidden("adults have no guardian", code="not_minor")
        code = secrets.token_urlsafe(9)
        expires_at = self._now() + _CODE_LIFE
        with self._engine.begin() as connection:
            accounts.add_link(connection, hash_token(code), "guardian", me.id, expires_at)
        return code, expires_at

    def take(self, me: Account, code: str) -> Ward:
        """Look after the minor whose code this is.

        Raises:
            Forbidden: no adult, or the code is unknown, was used, or is too old.
            Conflict: they have a guardian.
        """
        if not me.is_adult:
            raise Forbidden("only an adult can look after somebody", code="not_adult")
        now = self._now()
        with self._engine.begin() as connection:
            id_ = accounts.use_link(connection, hash_token(code.strip()), "guardian", now)
            ward = accounts.account_by_id(connection, id_) if id_ is not None else None
            if ward is None or ward.suspended or ward.is_adult:
                raise Forbidden("this code has been used or is too old; ask for a new one", code="link_used")
            if not repository.add_guardianship(connection, ward.id, me.id, now):
                raise Conflict(f"@{ward.handle} has a guardian already", code="has_guardian")
        return self._ward(me, ward.handle)[1]

    def wards(self, me: Account) -> list[Ward]:
        """Whom somebody looks after; nobody any more who came of age."""
        return [ward for _, ward in self._wards(me)]

    def set_limit(self, me: Account, handle: str, minutes: int) -> Ward:
        """Say how long the feed goes on for a ward in a day.

        Raises:
            Invalid: fewer minutes than 15 or more than 120.
            NotFound: they do not look after anybody of that handle.
        """
        if not LEAST_LIMIT_MINUTES <= minutes <= MOST_LIMIT_MINUTES:
            right = f"{LEAST_LIMIT_MINUTES} to {MOST_LIMIT_MINUTES}"
            raise Invalid("that limit is not right", fields={"daily_limit_minutes": right})
        id_, _ = self._ward(me, handle)
        with self._engine.begin() as connection:
            repository.set_limit(connection, id_, me.id, minutes)
        return self._ward(me, handle)[1]

    def end(self, me: Account, handle: str) -> None:
        """Look after somebody no longer.

        Raises:
            NotFound: they do not look after anybody of that handle.
        """
        id_, _ = self._ward(me, handle)
        with self._engine.begin() as connection:
            repository.remove_guardianship(connection, id_, me.id)

    def leave(self, me: Account) -> None:
        """Have no guardian any more: what holds for every minor holds, and nothing less."""
        with self._engine.begin() as connection:
            repository.remove_guardianship(connection, me.id)

    def _ward(self, me: Account, handle: str) -> tuple[AccountId, Ward]:
        wanted = handle.lower().removeprefix("@")
        for id_, ward in self._wards(me):
            if ward.handle == wanted:
                return id_, ward
        raise NotFound(f"you do not look after @{handle[:24]}")

    def _wards(self, me: Account) -> list[tuple[AccountId, Ward]]:
        with self._engine.connect() as connection:
            rows = repository.wards_of(connection, me.id, self._now())
        limit = self._market.minor_daily_minutes
        return [
            (AccountId(id_), Ward(handle, name, limit if chosen is None else chosen, used_ms // 60_000, since))
            for id_, handle, name, chosen, used_ms, since in rows
        ]

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())
