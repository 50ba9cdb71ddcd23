"""Appeals: by whom a decision concerns or who had reported it, decided by somebody who had no part in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Account
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from penchant.core.ids import AccountId, Ids
from penchant.events.service import EventService
from penchant.safety import repository as safety
from penchant.safety.casework import repository
from penchant.safety.decisions import Decisions, checked_reason, find
from penchant.safety.model import RESTRICTIONS, Action, Decision
from penchant.safety.targets import About, Targets

Side = Literal["affected", "reporter"]
Verdict = Literal["upheld", "reversed"]
WORDS = 2000
FULL: tuple[Action, ...] = ("remove", "suspend")
"""There is no more to ask for: whoever reported does not appeal against it."""


@dataclass(frozen=True)
class Appeal:
    """One that waits, as moderators see it."""

    id: int
    side: Side
    words: str
    made_at: datetime
    decision: Decision
    about: About | None
    mine: bool
    """This moderator had a part in the decision, so somebody else decides."""


class Appeals:
    """Takes appeals and lets them be decided."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        keys: DataKeys,
        events: EventService,
        decisions: Decisions,
        targets: Targets,
        days: int,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._ids = Ids(clock)
        self._keys = keys
        self._events = events
        self._decisions = decisions
        self._targets = targets
        self._days = timedelta(days=days)

    def make(self, by: Account, decision: int, words: str) -> int:
        """Appeal against a decision; returns the appeal's id.

        Raises:
            NotFound: there is no such decision, or it neither concerns this account nor answers a report of it.
            Gone: the time for appeals is over.
            Conflict: it does not stand any more, it takes nothing from anybody, or there was an appeal before.
            Invalid: no words, or too many.
        """
        words = words.strip()
        if not 1 <= len(words) <= WORDS:
            raise Invalid("say why the decision is wrong", fields={"words": f"1 to {WORDS} characters"})
        now = self._now()
        with self._engine.begin() as connection:
            side = self._side(connection, by, decision)
            found = find(connection, decision)
            if found.decided_at + self._days < now:
                raise Gone("the time for an appeal is over", code="too_late")
            if found.reversed_by is not None:
                raise Conflict("this decision does not stand any more")
            if side == "affected" and found.action not in RESTRICTIONS:
                raise Conflict("this decision takes nothing from you")
            if side == "reporter" and found.action in FULL:
                raise Conflict("what you reported is gone already")
            id_ = self._ids.new()
            if not repository.add_appeal(
                connection,
                id=id_,
                decision_id=decision,
                account_id=by.id,
                side=side,
                words_sealed=self._keys.seal(connection, by.subject, words.encode()),
                made_at=now,
            ):
                raise Conflict("you have appealed against this before")
        return id_

    def waiting(self, by: Account, limit: int = 100) -> list[Appeal]:
        """Appeals that nobody has decided, the oldest first.

        Raises:
            Forbidden: not a moderator.
        """
        if not by.moderates:
            raise Forbidden("only moderators see appeals")
        found = []
        with self._engine.connect() as connection:
            for row in repository.open_appeals(connection, limit):
                decision = find(connection, row.decision_id)
                subject = repository.subject_of(connection, AccountId(row.account_id))
                found.append(
                    Appeal(
                        id=row.id,
                        side=row.side,
                        words=self._keys.open(connection, subject, row.words_sealed).decode(),
                        made_at=row.made_at,
                        decision=decision,
                        about=self._targets.about(connection, decision.kind, decision.target),
                        mine=self._had_a_part(connection, by, row),
                    )
                )
        return found

    def decide(
        self,
        by: Account,
        appeal: int,
        verdict: Verdict,
        reason: str,
        *,
        action: Action | None = None,
        rule: str | None = None,
    ) -> None:
        """Uphold or reverse. What is reversed for whom it concerned ends at once, its strike with it; what is reversed
        for a reporter becomes `action`.

        Raises:
            Forbidden: not a moderator, or one who had a part in the decision or the appeal.
            NotFound: no such appeal waits.
            Invalid: no reason, or no action where one is needed.
        """
        if not by.moderates:
            raise Forbidden("only moderators decide appeals")
        reason = checked_reason(reason)
        with self._engine.begin() as connection:
            row = repository.lock_appeal(connection, appeal)
            if row is None or row.outcome is not None:
                raise NotFound("this appeal does not wait any more")
            if self._had_a_part(connection, by, row):
                raise Forbidden("an appeal is decided by somebody who had no part in it", code="had_a_part")
            if verdict == "reversed":
                self._reverse(
                    connection,
                    by,
                    find(connection, row.decision_id),
                    row.side,
                    reason,
                    action,
                    rule,
                )
            repository.settle_appeal(
                connection, appeal, outcome=verdict, answer=reason, decided_by=by.id, decided_at=self._now()
            )
        self._events.deliver()

    def _reverse(
        self,
        connection: Connection,
        by: Account,
        found: Decision,
        side: Side,
        reason: str,
        action: Action | None,
        rule: str | None,
    ) -> None:
        if side == "affected":
            standing = [entry.id for entry in self._decisions.standing(connection, found.kind, found.target)]
            # One that has ended meanwhile needs no reversal; that it was wrong is said all the same.
            if found.id in standing:
                self._decisions.reverse(connection, [found.id], found.kind, found.target, reason, by)
            return
        if action not in RESTRICTIONS:
            raise Invalid("say what is done instead", fields={"action": "a restriction"})
        self._decisions.by_person(connection, by, found.kind, found.target, action, reason, rule=rule)

    def _side(self, connection: Connection, by: Account, decision: int) -> Side:
        if repository.decision_on(connection, decision, by.id) is not None:
            return "affected"
        if repository.reported_and_settled(connection, by.subject, decision):
            return "reporter"
        raise NotFound("there is no such decision that concerns you")

    def _had_a_part(self, connection: Connection, by: Account, row: object) -> bool:
        decision, account = row.decision_id, row.account_id  # type: ignore[attr-defined]
        concerned = safety.decision(connection, decision).account_id
        return by.id in (account, concerned) or by.id in repository.judges_of(connection, decision)

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())
