"""Copyright: a claim in good faith, a counter-notice, and a waiting time after which the video comes back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Account
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Forbidden, Invalid, NotFound
from penchant.core.ids import AccountId
from penchant.events.service import EventService
from penchant.safety.casework import repository
from penchant.safety.decisions import Decisions, checked_reason, find

CATEGORY = "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS"
CLAIM_CHARACTERS = 300
COUNTER_CHARACTERS = 2000


@dataclass(frozen=True)
class Claim:
    """Who says that which work of theirs was used without their leave."""

    name: str
    contact: str
    work: str
    good_faith: bool
    """They declare that they believe it, and that what they say is accurate."""

    def encoded(self) -> bytes:
        """As it is sealed."""
        return msgspec.json.encode(
            {"name": self.name.strip(), "contact": self.contact.strip(), "work": self.work.strip()}
        )


@dataclass(frozen=True)
class Counter:
    """A counter-notice that waits, as moderators see it."""

    decision: int
    video: int
    words: str
    made_at: datetime
    restore_at: datetime


def check_claim(claim: Claim | None) -> None:
    """Raises: Invalid where a claim is missing or not whole."""
    said = {"name": "", "contact": "", "work": ""}
    if claim is not None:
        said = {"name": claim.name, "contact": claim.contact, "work": claim.work}
    wrong = {
        field: f"1 to {CLAIM_CHARACTERS} characters"
        for field, text in said.items()
        if not 1 <= len(text.strip()) <= CLAIM_CHARACTERS
    }
    if claim is None or not claim.good_faith:
        wrong["good_faith"] = "declare that you believe this use to be unlawful, and that what you say is accurate"
    if wrong:
        raise Invalid("a copyright claim says who claims which work, in good faith", fields=wrong)


class CounterNotices:
    """What a creator can say against a removal for copyright."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        keys: DataKeys,
        events: EventService,
        decisions: Decisions,
        waiting_days: int,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = keys
        self._events = events
        self._decisions = decisions
        self._waiting = timedelta(days=waiting_days)

    def send(self, creator: Account, decision: int, words: str) -> datetime:
        """Contradict a removal; returns when the video comes back unless a moderator says otherwise.

        Raises:
            NotFound: no such decision about this account.
            Conflict: it is no removal for copyright that stands, or was contradicted before.
            Invalid: no words, or too many.
        """
        words = words.strip()
        if not 1 <= len(words) <= COUNTER_CHARACTERS:
            raise Invalid("say why the video may stay", fields={"words": f"1 to {COUNTER_CHARACTERS} characters"})
        now = self._now()
        with self._engine.begin() as connection:
            row = repository.decision_on(connection, decision, creator.id)
            if row is None:
                raise NotFound("there is no such decision about you")
            if row.action != "remove" or row.category != CATEGORY or row.reversed_by is not None:
                raise Conflict("this is no removal for copyright that stands")
            restore_at = now + self._waiting
            sealed = self._keys.seal(connection, creator.subject, words.encode())
            if not repository.add_counter_notice(
                connection,
                decision_id=decision,
                account_id=creator.id,
                words_sealed=sealed,
                made_at=now,
                restore_at=restore_at,
            ):
                raise Conflict("you have contradicted this before")
        return restore_at

    def waiting(self, by: Account) -> list[Counter]:
        """Counter-notices that wait, the first to be restored first.

        Raises:
            Forbidden: not a moderator.
        """
        if not by.moderates:
            raise Forbidden("only moderators see counter-notices")
        with self._engine.connect() as connection:
            return [
                Counter(
                    decision=row.decision_id,
                    video=find(connection, row.decision_id).target,
                    words=self._words(connection, row.account_id, row.words_sealed),
                    made_at=row.made_at,
                    restore_at=row.restore_at,
                )
                for row in repository.open_counter_notices(connection)
            ]

    def keep_removed(self, by: Account, decision: int, reason: str) -> None:
        """A moderator says otherwise: the video stays away, because the claimant went to court, say.

        Raises:
            Forbidden: not a moderator.
            NotFound: no counter-notice waits there.
            Invalid: no reason.
        """
        if not by.moderates:
            raise Forbidden("only moderators decide about counter-notices")
        reason = checked_reason(reason)
        with self._engine.begin() as connection:
            row = repository.lock_counter_notice(connection, decision)
            if row is None or row.settled_at is not None:
                raise NotFound("no counter-notice waits there")
            repository.settle_counter_notice(
                connection, decision, settled_at=self._now(), kept_by=by.id, kept_reason=reason
            )

    def sweep(self) -> int:
        """Restore videos whose waiting time is over; returns how many."""
        restored = 0
        with self._engine.begin() as connection:
            for row in repository.open_counter_notices(connection, self._now()):
                repository.settle_counter_notice(connection, row.decision_id, settled_at=self._now())
                found = find(connection, row.decision_id)
                if found.reversed_by is None:
                    reason = "the waiting time of the counter-notice is over"
                    self._decisions.reverse(connection, [found.id], found.kind, found.target, reason, None)
                    restored += 1
        if restored:
            self._events.deliver()
        return restored

    def _words(self, connection: Connection, account: int, sealed: bytes) -> str:
        subject = repository.subject_of(connection, AccountId(account))
        return self._keys.open(connection, subject, sealed).decode()

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())
