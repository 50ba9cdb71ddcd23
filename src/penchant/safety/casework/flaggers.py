"""Trusted flaggers (article 22): accounts whose reports come first, each for its area."""

from dataclasses import dataclass
from datetime import datetime

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.core.errors import Forbidden, Invalid, NotFound
from penchant.safety.casework import repository

AREA_CHARACTERS = 100


@dataclass(frozen=True)
class Flagger:
    """A trusted flagger, and what they know about."""

    handle: str
    area: str
    named_at: datetime


class Flaggers:
    """Names trusted flaggers; only admins do."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def name(self, by: Account, handle: str, area: str) -> None:
        """Trust an account's reports.

        Raises:
            Forbidden: not an admin.
            NotFound: no such account.
            Invalid: no area, or too long a one.
        """
        _admin(by)
        area = area.strip()
        if not 1 <= len(area) <= AREA_CHARACTERS:
            raise Invalid("say what they know about", fields={"area": f"1 to {AREA_CHARACTERS} characters"})
        with self._engine.begin() as connection:
            account = accounts.account_by_handle(connection, handle)
            if account is None:
                raise NotFound("there is no such account")
            repository.put_flagger(connection, account.id, area, as_datetime(self._clock.now_ms()))

    def forget(self, by: Account, handle: str) -> None:
        """Take the trust back; what was reported until then stays as it was.

        Raises:
            Forbidden: not an admin.
            NotFound: this account is no trusted flagger.
        """
        _admin(by)
        with self._engine.begin() as connection:
            account = accounts.account_by_handle(connection, handle)
            if account is None or not repository.remove_flagger(connection, account.id):
                raise NotFound("this account is no trusted flagger")

    def all(self) -> list[Flagger]:
        """By handle."""
        with self._engine.connect() as connection:
            return [Flagger(row.handle, row.area, row.named_at) for row in repository.flaggers(connection)]


def _admin(by: Account) -> None:
    if by.role != "admin":
        raise Forbidden("only admins name trusted flaggers")
