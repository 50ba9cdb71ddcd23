"""Notices to both sides: what was decided about somebody and why, and what became of what somebody reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Account
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.safety import repository as safety
from penchant.safety.casework import context, copyright, repository, strikes
from penchant.safety.casework.appeals import FULL
from penchant.safety.casework.strikes import Standing
from penchant.safety.model import Action, Reason, TargetKind
from penchant.safety.policy import Policy, parse_policy
from penchant.safety.targets import Targets


@dataclass(frozen=True)
class AppealState:
    """An appeal as whoever made it sees it."""

    made_at: datetime
    outcome: str | None
    answer: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class CounterState:
    """A counter-notice as whoever made it sees it."""

    made_at: datetime
    restore_at: datetime
    settled: bool
    kept_reason: str | None


@dataclass(frozen=True)
class Notice:
    """One decision, to whom it concerns: a statement of reasons in words."""

    decision: int
    kind: TargetKind
    target: int
    words_of_target: str
    action: Action
    reach: int | None
    words: Mapping[str, str]
    """What the rule says, by language; empty where none was followed."""
    reason: str
    """What the moderator wrote; a rule that acted alone repeats its words."""
    basis: str | None
    illegal: bool
    automated: bool
    labels: tuple[tuple[str, str], ...]
    """(label, source) that it stands on."""
    reported_for: tuple[Reason, ...]
    claims: tuple[tuple[str, str], ...]
    """(name, work) of copyright claims: whoever is to answer must know who claims what."""
    decided_at: datetime
    ends_at: datetime | None
    reversed: bool
    appeal_until: datetime | None
    """None: it cannot be appealed against (any more)."""
    appeal: AppealState | None
    counter: CounterState | None
    may_counter: bool
    strike: int
    """Points that it counts; 0 where none."""


@dataclass(frozen=True)
class Answer:
    """What became of one report, to whoever made it."""

    report: int
    kind: TargetKind
    target: int
    reason: Reason
    made_at: datetime
    decision: int | None
    """None: nobody has looked yet."""
    action: Action | None
    decided_at: datetime | None
    reversed: bool
    appeal_until: datetime | None
    appeal: AppealState | None


class Notices:
    """Tells people what was decided."""

    def __init__(
        self, engine: Engine, clock: Clock, keys: DataKeys, policy: Policy, targets: Targets, appeal_days: int
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = keys
        self._policy = policy
        self._targets = targets
        self._appeal = timedelta(days=appeal_days)

    def about(self, account: Account) -> tuple[list[Notice], Standing]:
        """Every restriction that concerns an account, the newest first, and how it stands."""
        now = as_datetime(self._clock.now_ms())
        with self._engine.connect() as connection:
            stands = strikes.standing(connection, self._policy, account.id, now)
            points = {strike.decision: strike.points for strike in stands.strikes}
            made = repository.appeals_by(connection, account.id)
            countered = repository.counter_notices_by(connection, account.id)
            notices = [
                self._notice(connection, row, made.get(row.id), countered.get(row.id), points.get(row.id, 0), now)
                for row in repository.decisions_on_account(connection, account.id)
            ]
        return notices, stands

    def answers(self, account: Account) -> list[Answer]:
        """What became of somebody's reports, the newest first."""
        now = as_datetime(self._clock.now_ms())
        with self._engine.connect() as connection:
            made = repository.appeals_by(connection, account.id)
            return [
                Answer(
                    report=row.id,
                    kind=row.kind,
                    target=row.target_id,
                    reason=row.reason,
                    made_at=row.created_at,
                    decision=row.decision_id,
                    action=row.action,
                    decided_at=row.decided_at,
                    reversed=row.reversed_by is not None,
                    appeal_until=None
                    if row.action in FULL
                    else self._until(row.decided_at, now, row.reversed_by, made.get(row.decision_id)),
                    appeal=_appeal(made.get(row.decision_id)),
                )
                for row in repository.reports_by(connection, account.subject)
            ]

    def _notice(
        self, connection: Connection, row: Any, appeal: Any, counter: Any, points: int, now: datetime
    ) -> Notice:
        about = self._targets.about(connection, row.kind, row.target_id)
        is_copyright = row.category == copyright.CATEGORY
        claims = context.claims(connection, row.kind, row.target_id, row.id, self._keys) if is_copyright else []
        return Notice(
            decision=row.id,
            kind=row.kind,
            target=row.target_id,
            words_of_target=about.words if about is not None else "",
            action=row.action,
            reach=row.reach,
            words=self._words(connection, row.rule, row.policy),
            reason=row.reason,
            basis=row.basis,
            illegal=row.ground == "illegal",
            automated=row.automated,
            labels=tuple((one["label"], one["source"]) for one in row.evidence if "label" in one),
            reported_for=tuple(one["reason"] for one in row.evidence if "reports" in one),
            claims=tuple((one["name"], one["work"]) for one in claims),
            decided_at=row.decided_at,
            ends_at=row.ends_at,
            reversed=row.reversed_by is not None,
            appeal_until=self._until(row.decided_at, now, row.reversed_by, appeal),
            appeal=_appeal(appeal),
            counter=_counter(counter),
            may_counter=is_copyright and row.action == "remove" and row.reversed_by is None and counter is None,
            strike=points,
        )

    def _words(self, connection: Connection, rule: str | None, version: str | None) -> Mapping[str, str]:
        """What the rule said in the version of the policy that it was followed in."""
        if rule is None:
            return {}
        policy = self._policy
        if version is not None and version != policy.version:
            text = safety.policy_text(connection, version)
            policy = parse_policy(text, version) if text is not None else policy
        found = policy.rule(rule)
        return found.words if found is not None else {}

    def _until(
        self, decided_at: datetime | None, now: datetime, reversed_by: int | None, appeal: Any
    ) -> datetime | None:
        if decided_at is None or reversed_by is not None or appeal is not None:
            return None
        until = decided_at + self._appeal
        return until if until > now else None


def _appeal(row: Any) -> AppealState | None:
    return None if row is None else AppealState(row.made_at, row.outcome, row.answer, row.decided_at)


def _counter(row: Any) -> CounterState | None:
    if row is None:
        return None
    return CounterState(row.made_at, row.restore_at, row.settled_at is not None, row.kept_reason)
