"""The queue: what waits for a person, by harm, reach and confidence; claims, second opinions, double looks."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from penchant.accounts import repository as accounts
from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Account
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Forbidden, NotFound, PenchantError
from penchant.core.ids import AccountId, Ids
from penchant.events.service import EventService
from penchant.safety import repository as safety
from penchant.safety.casework import context, repository, wellbeing
from penchant.safety.casework.model import Context, Entry, Outcome, Ruling, Stage, Waiting
from penchant.safety.model import TargetKind
from penchant.safety.service import SafetyService

T = TypeVar("T")
ReachOf = Callable[[Connection, Sequence[tuple[TargetKind, int]]], Mapping[tuple[TargetKind, int], int]]
"""To how many people each target was shown; what it does not name was shown to nobody."""

CLAIM = timedelta(minutes=15)
_HELD_HOURS = 72
"""So long what a second person is asked to remove is held meanwhile."""
_LOOKED_AT = 2000
_DOUBLE_LOOK = timedelta(days=30)


@dataclass(frozen=True)
class Habits:
    """How an installation works its queue."""

    limits: wellbeing.Limits
    double_look_percent: int
    """Of decided cases that somebody else judges once more, blindly."""


class Claimed(Conflict):
    """Another moderator is at this case."""

    code = "claimed"


class SecondOpinionNeeded(Conflict):
    """The policy wants two people for this: propose it."""

    code = "second_opinion_needed"


def priority(harm: int, reach: int, confidence: int) -> float:
    """Harm × reach × confidence: how much is lost by letting a case wait. Reach counts by its order of magnitude."""
    return harm * (1 + math.log10(1 + reach)) * confidence / 1000


class Queue:
    """What moderators do with cases."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        keys: DataKeys,
        events: EventService,
        safety_service: SafetyService,
        reach_of: ReachOf,
        habits: Habits,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._ids = Ids(clock)
        self._keys = keys
        self._events = events
        self._safety = safety_service
        self._reach_of = reach_of
        self._habits = habits

    def waiting(self, by: Account, limit: int = 50) -> Waiting:
        """What a moderator may take, the most urgent first; nothing hard while it is time to rest.

        Raises:
            Forbidden: not a moderator.
        """
        _moderates(by)
        now = self._now()
        with self._engine.connect() as connection:
            rest = wellbeing.rest(connection, by.id, self._habits.limits, now)
            rows = [row for row in repository.waiting_cases(connection, _LOOKED_AT) if self._may_see(row, rest)]
            blind = repository.cases_for_double_look(connection, by.id, now - _DOUBLE_LOOK, limit)
            rows += [row for row in blind if self._may_see(row, rest)]
            reach = self._reach_of(connection, [(row.kind, row.target_id) for row in rows])
            urgent = sorted(rows, key=lambda row: _urgency(row, reach), reverse=True)[:limit]
            entries = tuple(self._entry(connection, row, reach, by, now) for row in urgent)
        return Waiting(entries, rest)

    def claim(self, by: Account, case: int) -> Context:
        """Take a case for a quarter of an hour, and see everything about it.

        Raises:
            Forbidden: not a moderator, or it is about oneself.
            NotFound: it does not wait.
            Claimed: somebody else is at it.
            NeedsRest: it is hard, and it is time to rest.
        """
        with self._engine.begin() as connection:
            row = self._case(connection, by, case)
            wellbeing.allow(connection, by.id, row.harm, self._habits.limits, self._now())
            repository.set_claim(connection, case, by.id, self._now() + CLAIM)
            return self._context(connection, row, by)

    def look(self, by: Account, case: int) -> Context:
        """Everything about a case that waits, without taking it.

        Raises:
            Forbidden, NotFound: as `claim`.
        """
        with self._engine.begin() as connection:
            return self._context(connection, self._case(connection, by, case, may_be_claimed=True), by)

    def release(self, by: Account, case: int) -> None:
        """Let others take a case that one has claimed; twice changes nothing."""
        _moderates(by)
        with self._engine.begin() as connection:
            row = repository.lock_case(connection, case)
            if row is not None and row.claimed_by == by.id:
                repository.set_claim(connection, case, None, None)

    def decide(self, by: Account, case: int, ruling: Ruling) -> Outcome:
        """Decide a case, propose a decision, answer a proposal, or judge blindly: whichever the case waits for.

        Raises:
            Forbidden, NotFound, Claimed, NeedsRest: as `claim`.
            SecondOpinionNeeded: the policy wants two people for it, and there is a second one.
            Conflict: it is one's own proposal.
            Invalid: as `Decisions.by_person`.
        """
        with self._engine.begin() as connection:
            outcome = self._decide(connection, by, case, ruling)
        self._events.deliver()
        return outcome

    def decide_many(self, by: Account, cases: Sequence[int], ruling: Ruling) -> list[Outcome | PenchantError]:
        """The same for several cases, each a decision of its own: one that is refused does not hold up the others."""
        outcomes: list[Outcome | PenchantError] = []
        for case in cases:
            try:
                outcomes.append(self.decide(by, case, ruling))
            except PenchantError as refused:
                outcomes.append(refused)
        return outcomes

    def _decide(self, connection: Connection, by: Account, case: int, ruling: Ruling) -> Outcome:
        row, now = self._case(connection, by, case), self._now()
        wellbeing.allow(connection, by.id, row.harm, self._habits.limits, now)
        if row.decision_id is not None:
            self._safety.decisions.check(by, row.kind, ruling.action, ruling.reason, ruling.rule, ruling.hours)
            repository.set_double_look(connection, case, False)
            return self._judged(connection, by, row, ruling, "blind", None)
        proposal = context.proposal(connection, case)
        if proposal is not None and proposal.moderator_id == by.id:
            raise Conflict("your proposal waits for somebody else")
        if proposal is None and (ruling.propose or self._needs_second(connection, row, ruling)):
            if not ruling.propose:
                raise SecondOpinionNeeded("a removal of this kind needs two people: propose it")
            return self._propose(connection, by, row, ruling)
        stage: Stage = "decided"
        if proposal is not None:
            same = (proposal.action, proposal.rule) == (ruling.action, ruling.rule)
            stage = "confirmed" if same else "overturned"
            self._end_hold(connection, by, row, proposal.hold_id)
        decision = self._safety.decisions.by_person(
            connection, by, row.kind, row.target_id, ruling.action, ruling.reason, rule=ruling.rule, hours=ruling.hours
        )
        repository.set_claim(connection, case, None, None)
        if stage == "decided" and _drawn(case, self._habits.double_look_percent):
            repository.set_double_look(connection, case, True)
        return self._judged(connection, by, row, ruling, stage, decision)

    def _propose(self, connection: Connection, by: Account, row: Any, ruling: Ruling) -> Outcome:
        """Keep a proposal; a video that should go is held until somebody else has looked."""
        self._safety.decisions.check(by, row.kind, ruling.action, ruling.reason, ruling.rule, ruling.hours)
        hold = None
        if row.kind == "video" and ruling.action == "remove":
            hold = self._safety.decisions.by_person(
                connection,
                by,
                "video",
                row.target_id,
                "hold",
                ruling.reason,
                rule=ruling.rule,
                hours=_HELD_HOURS,
                settles=False,
            )
        repository.set_claim(connection, row.id, None, None)
        return self._judged(connection, by, row, ruling, "proposed", None, hold)

    def _end_hold(self, connection: Connection, by: Account, row: Any, hold: int | None) -> None:
        standing = self._safety.decisions.standing(connection, row.kind, row.target_id)
        if hold is not None and hold in [entry.id for entry in standing]:
            self._safety.decisions.reverse(
                connection, [hold], row.kind, row.target_id, "a second person has looked", by, settles=False
            )

    def _judged(
        self,
        connection: Connection,
        by: Account,
        row: Any,
        ruling: Ruling,
        stage: Stage,
        decision: int | None,
        hold: int | None = None,
    ) -> Outcome:
        repository.add_judgement(
            connection,
            id=self._ids.new(),
            case_id=row.id,
            moderator_id=by.id,
            stage=stage,
            action=ruling.action,
            rule=ruling.rule,
            hours=ruling.hours,
            reason=ruling.reason.strip(),
            harm=row.harm,
            made_at=self._now(),
            hold_id=hold,
        )
        return Outcome(row.id, stage, decision)

    def _needs_second(self, connection: Connection, row: Any, ruling: Ruling) -> bool:
        """Whether the policy wants two people for this, and there are two."""
        followed = self._safety.policy.rule(ruling.rule) if ruling.rule is not None else None
        harm = followed.harm if followed is not None else row.harm
        grave = ruling.action in ("remove", "suspend") and harm >= self._safety.policy.second_opinion_from
        return grave and accounts.count_moderators(connection) > 1

    def _case(self, connection: Connection, by: Account, case: int, *, may_be_claimed: bool = False) -> Any:
        """The row of a case that waits for this moderator, locked."""
        _moderates(by)
        found, now = repository.case(connection, case), self._now()
        if found is not None:
            # The target first, as reports and rules do: two that wait for each other would never end.
            safety.lock_target(connection, found.kind, found.target_id)
        row = repository.lock_case(connection, case)
        if row is None or (row.decision_id is not None and not self._is_blind(connection, row, by)):
            raise NotFound("this case does not wait any more")
        about = self._safety.targets.about(connection, row.kind, row.target_id)
        if about is not None and about.account == by.id:
            raise Forbidden("nobody decides about themselves")
        if not may_be_claimed and row.claimed_by not in (None, by.id) and row.claimed_until > now:
            raise Claimed("another moderator is at this case", retry_after_s=(row.claimed_until - now).total_seconds())
        return row

    def _is_blind(self, connection: Connection, row: Any, by: Account) -> bool:
        judged = {judgement.moderator_id for judgement in repository.judgements_of(connection, row.id)}
        return bool(row.double_look) and by.id not in judged

    def _may_see(self, row: Any, rest: wellbeing.Rest) -> bool:
        return rest.until is None or row.harm < wellbeing.HARD

    def _entry(
        self, connection: Connection, row: Any, reach: Mapping[tuple[TargetKind, int], int], by: Account, now: datetime
    ) -> Entry:
        shown = reach.get((row.kind, row.target_id), 0)
        claimer = None
        if row.claimed_by not in (None, by.id) and row.claimed_until > now:
            account = accounts.account_by_id(connection, AccountId(row.claimed_by))
            claimer = account.handle if account is not None else None
        blind = row.decision_id is not None
        labels = safety.labels_of(connection, row.kind, row.target_id)
        return Entry(
            id=row.id,
            kind=row.kind,
            target=row.target_id,
            harm=row.harm,
            reach=shown,
            confidence=row.confidence,
            priority=priority(row.harm, shown, row.confidence),
            trusted=row.trusted,
            opened_at=row.opened_at,
            claimed_by=claimer,
            blind=blind,
            proposed=not blind and context.proposal(connection, row.id) is not None,
            reasons=tuple(safety.reasons_of(connection, row.kind, row.target_id, row.decision_id)),
            # What a moderator said before would tell who judges blindly what the first one thought.
            labels=tuple(entry.label for entry in labels if not (blind and entry.source == "moderator")),
            about=self._safety.targets.about(connection, row.kind, row.target_id),
        )

    def _context(self, connection: Connection, row: Any, by: Account) -> Context:
        reach = self._reach_of(connection, [(row.kind, row.target_id)])
        entry = self._entry(connection, row, reach, by, self._now())
        grave = row.harm >= self._safety.policy.second_opinion_from and accounts.count_moderators(connection) > 1
        return context.context(connection, row, entry, self._keys, self._safety.policy, self._now(), needs_second=grave)

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())


def _urgency(row: Any, reach: Mapping[tuple[TargetKind, int], int]) -> tuple[bool, float]:
    return row.trusted, priority(row.harm, reach.get((row.kind, row.target_id), 0), row.confidence)


def _drawn(case: int, percent: int) -> bool:
    """A draw that depends on nothing but the case: nobody can wish it away."""
    digest = hashlib.sha256(f"double look {case}".encode()).digest()
    return int.from_bytes(digest[:4]) % 100 < percent


def _moderates(by: Account) -> None:
    if not by.moderates:
        raise Forbidden("only moderators work on cases")
