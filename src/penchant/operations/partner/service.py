"""Who may look, until when; each look is in the ledger; and the switch that stops the use of profiles."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, DateTime, Index, LargeBinary, Table, Text, delete, insert, select, text, update

from penchant.accounts.tokens import hash_token
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import KEY, OPERATIONAL, PUBLIC, Connection, Engine, column, metadata
from penchant.core.errors import Conflict, Forbidden, Invalid, NotFound
from penchant.core.holdings import ForGood, Until, holding
from penchant.ledger.leaves import PartnerRead, Switch
from penchant.ledger.record import append
from penchant.operations.partner.views import VIEWS

MOST_DAYS: Final = 366
MOST_ROWS: Final = 1_000
REASON_CHARACTERS: Final = 300
_MOMENT = DateTime(timezone=True)

partners = Table(
    "partners",
    metadata,
    column("name", Text, PUBLIC, primary_key=True),
    column("token_hash", LargeBinary, KEY, nullable=False),
    column("began_at", _MOMENT, PUBLIC, nullable=False),
    column("ends_at", _MOMENT, PUBLIC, nullable=False),
    Index(None, "token_hash", unique=True),
    info=holding("organisations that may inspect the place", Until("ends_at")),
)
profile_stops = Table(
    "profile_stops",
    metadata,
    column("entry", BigInteger, OPERATIONAL, primary_key=True, autoincrement=False),
    column("by", Text, PUBLIC, nullable=False),
    column("at", _MOMENT, PUBLIC, nullable=False),
    column("reason", Text, PUBLIC, nullable=False),
    column("lifted_at", _MOMENT, PUBLIC),
    Index("ix_profile_stops_standing", "at", postgresql_where=text("lifted_at IS NULL")),
    info=holding("when a partner stopped the use of profiles, and why", ForGood("anybody may ask")),
)


class Partner(NamedTuple):
    """An organisation that may look."""

    name: str
    began_at: datetime
    ends_at: datetime


class Stop(NamedTuple):
    """The use of profiles is stopped."""

    entry: int
    by: str
    at: datetime
    reason: str
    lifted_at: datetime | None


class Rows(NamedTuple):
    """A part of a view."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool


class Partners:
    """Lets partners in, shows them views, stops and allows profiles."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, name: str, days: int) -> tuple[str, Partner]:
        """Let an organisation look for so many days; returns its token, which is not kept.

        Raises:
            Invalid: no name, or too long.
            Conflict: it may look already.
        """
        name = name.strip()
        if not 1 <= len(name) <= 80 or not 1 <= days <= MOST_DAYS:
            raise Invalid(f"a partner has a name and 1 to {MOST_DAYS} days")
        token, now = secrets.token_urlsafe(32), self._now()
        partner = Partner(name, now, now + timedelta(days=days))
        with self._engine.begin() as connection:
            connection.execute(delete(partners).where(partners.c.name == name, partners.c.ends_at <= now))
            if connection.execute(select(partners.c.name).where(partners.c.name == name)).first():
                raise Conflict(f"{name} may look already", code="partner_known")
            connection.execute(insert(partners).values(token_hash=hash_token(token), **partner._asdict()))
        return token, partner

    def all(self) -> list[Partner]:
        """Who may look now, or might."""
        with self._engine.connect() as connection:
            statement = select(partners.c.name, partners.c.began_at, partners.c.ends_at).order_by(partners.c.name)
            return [Partner(*row) for row in connection.execute(statement)]

    def end(self, name: str) -> None:
        """A partner may not look any more, and what it stopped goes on.

        Raises:
            NotFound: there is none of that name.
        """
        with self._engine.begin() as connection:
            gone = connection.execute(
                delete(partners).where(partners.c.name == name).returning(partners.c.name)
            ).first()
            if gone is None:
                raise NotFound(f"there is no partner {name}")
            for stop in self._standing(connection):
                if stop.by == name:
                    self._lift(connection, stop, "its term ended")

    def of(self, token: str) -> Partner:
        """Whose token it is.

        Raises:
            Forbidden: nobody's, or its time is over.
        """
        c = partners.c
        with self._engine.connect() as connection:
            own = select(c.name, c.began_at, c.ends_at).where(
                c.token_hash == hash_token(token), c.ends_at > self._now()
            )
            row = connection.execute(own).first()
        if row is None:
            raise Forbidden("this is no partner's token, or its time is over", code="not_partner")
        return Partner(*row)

    def read(self, partner: Partner, view: str, first: int, limit: int) -> Rows:
        """A part of a view, from row `first` on; told to the ledger before it is shown.

        Raises:
            NotFound: there is no such view.
        """
        if view not in VIEWS:
            raise NotFound(f"there is no view {view[:40]}; there are {', '.join(VIEWS)}")
        with self._engine.begin() as connection:
            # The name is one of ours; the first three columns name a row in every view.
            statement = text(f'SELECT * FROM partner."{view}" ORDER BY 1, 2, 3 LIMIT :most OFFSET :first')  # noqa: S608
            found = connection.execute(statement, {"most": limit + 1, "first": first})
            columns, rows = tuple(found.keys()), [tuple(row) for row in found]
            shown = rows[:limit]
            append(connection, PartnerRead(self._clock.now_ms(), f"{partner.name}: {view}".encode(), len(shown)))
        return Rows(columns, tuple(shown), len(rows) > limit)

    def stop(self, partner: Partner, reason: str) -> Stop:
        """From now on nobody's feed uses a profile.

        Raises:
            Invalid: no reason.
            Conflict: it is stopped already.
        """
        reason = reason.strip()
        if not 1 <= len(reason) <= REASON_CHARACTERS:
            raise Invalid(
                "this needs a reason: everybody reads it", fields={"reason": f"1 to {REASON_CHARACTERS} characters"}
            )
        with self._engine.begin() as connection:
            if any(one.by == partner.name for one in self._standing(connection)):
                raise Conflict("it is stopped already", code="stopped")
            entry = append(connection, Switch(self._clock.now_ms(), 1, partner.name.encode(), reason.encode()))
            stop = Stop(entry, partner.name, self._now(), reason, None)
            connection.execute(insert(profile_stops).values(**stop._asdict()))
        return stop

    def allow(self, partner: Partner) -> None:
        """What a partner stopped goes on.

        Raises:
            NotFound: it stopped nothing.
        """
        with self._engine.begin() as connection:
            own = [one for one in self._standing(connection) if one.by == partner.name]
            if not own:
                raise NotFound("you stopped nothing")
            self._lift(connection, own[0], "lifted by who stopped it")

    def lift_ended(self) -> int:
        """Say in the ledger that what partners stopped goes on whose time is over; returns how many."""
        with self._engine.begin() as connection:
            of_partner = (partners.c.name == profile_stops.c.by) & (partners.c.ends_at > self._now())
            ended = [one for one, ends_at in self._not_lifted(connection, of_partner) if ends_at is None]
            for stop in ended:
                self._lift(connection, stop, "its term ended")
        return len(ended)

    def standing(self) -> Stop | None:
        """Why profiles are not used now; None where they are."""
        with self._engine.connect() as connection:
            return next(iter(self._standing(connection)), None)

    def _standing(self, connection: Connection) -> list[Stop]:
        """By partners whose time is not over."""
        of_partner = (partners.c.name == profile_stops.c.by) & (partners.c.ends_at > self._now())
        return [one for one, ends_at in self._not_lifted(connection, of_partner) if ends_at is not None]

    def _not_lifted(self, connection: Connection, of_partner: Any) -> list[tuple[Stop, datetime | None]]:
        c = profile_stops.c
        statement = select(c.entry, c.by, c.at, c.reason, c.lifted_at, partners.c.ends_at)
        statement = statement.join_from(profile_stops, partners, of_partner, isouter=True)
        found = connection.execute(statement.where(c.lifted_at.is_(None)).order_by(c.at))
        return [(Stop(*row[:-1]), row[-1]) for row in found]

    def _lift(self, connection: Connection, stop: Stop, reason: str) -> None:
        append(connection, Switch(self._clock.now_ms(), 0, stop.by.encode(), reason.encode()))
        own = update(profile_stops).where(profile_stops.c.entry == stop.entry)
        connection.execute(own.values(lifted_at=self._now()))

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())
