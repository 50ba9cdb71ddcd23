"""Deciding: by a person or by a rule, for a time or for good, and taking it back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from penchant.accounts.model import Account
from penchant.accounts.telling import Tell, Telling, nobody
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection
from penchant.core.errors import Forbidden, Invalid, NotFound
from penchant.core.ids import AccountId, DecisionId, Ids
from penchant.safety import committed, repository
from penchant.safety.casework import strikes
from penchant.safety.categories import OF_REASON
from penchant.safety.effects import Effects
from penchant.safety.model import (
    ALLOWED,
    DISTURBING,
    REASON_CHARACTERS,
    RESTRICTIONS,
    Action,
    Decision,
    Reason,
    TargetKind,
)
from penchant.safety.policy import CLEARED, Match, Policy, Rule
from penchant.safety.targets import Targets

_LIMIT = 25
"""Per cent of viewers, where a moderator limits and no rule says how far."""


class Decisions:
    """Writes decisions and makes them so, inside the caller's transaction."""

    def __init__(self, clock: Clock, effects: Effects, policy: Policy, targets: Targets, tell: Tell = nobody) -> None:
        self._clock = clock
        self._tell = tell
        self._ids = Ids(clock)
        self._effects = effects
        self._policy = policy
        self._targets = targets

    def by_person(
        self,
        connection: Connection,
        by: Account,
        kind: TargetKind,
        target: int,
        action: Action,
        reason: str,
        *,
        rule: str | None = None,
        hours: int | None = None,
        settles: bool = True,
    ) -> DecisionId:
        """A moderator decides, by a rule of the policy or without one; returns the decision's id.

        Args:
            hours: how long it lasts, where not for good.
            settles: whether it is the last word, and closes what is open about the target.

        Raises:
            Forbidden: not a moderator.
            Invalid: no reason, the action does not fit the target, or there is no such rule.
            NotFound: there is no such target.
        """
        followed = self.check(by, kind, action, reason, rule, hours)
        reason = reason.strip()
        repository.lock_target(connection, kind, target)
        cited = [entry.cited() for entry in repository.labels_of(connection, kind, target)]
        if action == "warn":
            # What detectors said of it as well may be something else: the rule's label comes first.
            label = followed.when[0] if followed else DISTURBING
            cited.insert(0, {"label": label, "source": "moderator", "confidence": 1000, "evidence": {}})
        decision = self._write(
            connection,
            kind,
            target,
            action,
            reason,
            decided_by=by.id,
            rule=followed,
            evidence=[*cited, *_reports(connection, kind, target)],
            hours=hours,
            category=_category(connection, kind, target),
            settles=settles,
        )
        if action in ("restore", "unsuspend", "dismiss"):
            self._clear(connection, kind, target)
        return decision

    def check(
        self, by: Account, kind: TargetKind, action: Action, reason: str, rule: str | None, hours: int | None
    ) -> Rule | None:
        """Whether somebody may decide this; returns the rule that it follows.

        Raises:
            Forbidden, Invalid: as `by_person`.
        """
        if not by.moderates:
            raise Forbidden("only moderators decide")
        checked_reason(reason)
        if action not in ALLOWED[kind]:
            raise Invalid(f"a {kind} can only be: {', '.join(ALLOWED[kind])}", fields={"action": "does not fit"})
        if hours is not None and (hours < 1 or action not in RESTRICTIONS):
            raise Invalid("only a restriction ends, after at least an hour", fields={"hours": "1 or more"})
        followed = self._policy.rule(rule) if rule is not None else None
        if rule is not None and followed is None:
            raise Invalid("there is no such rule in the policy", fields={"rule": "no rule of the policy"})
        return followed

    def by_rule(self, connection: Connection, kind: TargetKind, target: int, match: Match) -> DecisionId:
        """A rule that may act alone does so."""
        words = match.rule.words["en"]
        evidence = [label.cited() for label in match.labels]
        hours = match.rule.hours
        return self._write(
            connection, kind, target, match.rule.do, words, rule=match.rule, evidence=evidence, hours=hours
        )

    def reverse(
        self,
        connection: Connection,
        ids: Sequence[int],
        kind: TargetKind,
        target: int,
        reason: str,
        by: Account | None,
        *,
        settles: bool = True,
    ) -> DecisionId:
        """Take single restrictions of a target back; what else stands on it goes on standing."""
        repository.lock_target(connection, kind, target)
        action: Action = "unsuspend" if kind == "account" else "restore"
        decided_by = by.id if by else None
        return self._write(
            connection, kind, target, action, reason, decided_by=decided_by, reverses=ids, settles=settles
        )

    def standing(self, connection: Connection, kind: TargetKind, target: int) -> list[Decision]:
        """The restrictions on a target, oldest first."""
        return [decision_from(row) for row in repository.standing(connection, kind, target, self._now())]

    def release_ended(self, connection: Connection, limit: int = 100) -> int:
        """Take back restrictions whose time is over; returns how many."""
        ended = repository.ended(connection, self._now(), limit)
        for row in ended:
            self.reverse(connection, [row.id], row.kind, row.target_id, "its time was over", None)
        return len(ended)

    def _write(
        self,
        connection: Connection,
        kind: TargetKind,
        target: int,
        action: str,
        reason: str,
        *,
        decided_by: AccountId | None = None,
        rule: Rule | None = None,
        evidence: Sequence[dict[str, Any]] = (),
        hours: int | None = None,
        category: str | None = None,
        reverses: Sequence[int] | None = None,
        settles: bool = True,
    ) -> DecisionId:
        """Keep a decision, reverse what it reverses, make it so and close what was open about its target."""
        now, id_ = self._now(), DecisionId(self._ids.new())
        about = self._targets.about(connection, kind, target)
        open_case = repository.open_harm(connection, kind, target)
        repository.note_policy(connection, self._policy.version, self._policy.text, now)
        decision = {
            "id": id_,
            "kind": kind,
            "target_id": target,
            "action": action,
            "reason": reason,
            "decided_by": decided_by,
            "decided_at": now,
            "rule": rule.name if rule else None,
            "policy": self._policy.version,
            "automated": decided_by is None,
            "evidence": list(evidence),
            "reach": (rule.reach if rule else _LIMIT) if action == "limit" else None,
            "ends_at": None if hours is None else now + timedelta(hours=hours),
            "ground": rule.ground if rule else "terms",
            "basis": rule.basis if rule else None,
            "category": rule.category if rule else category,
            "account_id": about.account if about else None,
            "harm": rule.harm if rule else open_case[0] if open_case else 1,
            "source": _source(evidence, rule, trusted=open_case is not None and open_case[1]),
            "content_date": about.created_at.date() if about else None,
            "content_language": about.language if about else None,
        }
        repository.add_decision(connection, **decision, **committed.tell(connection, decision))
        before = repository.standing(connection, kind, target, now)
        if action in ("restore", "unsuspend"):
            taken_back = [row.id for row in before] if reverses is None else list(reverses)
            if not taken_back:
                raise Invalid("there is nothing to take back: no decision stands", fields={"action": "does not fit"})
            repository.mark_reversed(connection, taken_back, id_)
        if action != "dismiss":
            try:
                self._effects.apply(connection, kind, target, repository.standing(connection, kind, target, now))
            except NotFound:
                # What is taken back by itself may be about somebody or something that is gone by now.
                if decided_by is not None or reverses is None:
                    raise
        # Reports wait for a person, unless there is nothing left to decide about.
        if settles and (decided_by is not None or action in ("remove", "suspend")):
            repository.settle(connection, kind, target, id_)
        if about is not None and kind != "account" and action in ("remove", "restore"):
            strikes.ask(connection, self._policy, about.account, self._ids, now, more=action == "remove")
        if about is not None and action != "dismiss":
            self._tell(connection, Telling(about.account, "decision", decision=id_))
        return id_

    def _clear(self, connection: Connection, kind: TargetKind, target: int) -> None:
        """A person has looked: rules below the policy's `allow` leave the target alone from now on."""
        repository.put_label(
            connection,
            id=self._ids.new(),
            kind=kind,
            target_id=target,
            label=CLEARED,
            source="moderator",
            confidence=1000,
            evidence={},
            made_at=self._now(),
        )

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())


def checked_reason(reason: str) -> str:
    """Why a person decides, without space around it.

    Raises:
        Invalid: there is none, or too much.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_CHARACTERS:
        raise Invalid("a decision needs a reason", fields={"reason": f"1 to {REASON_CHARACTERS} characters"})
    return reason


def decision_from(row: Any) -> Decision:
    return Decision(
        id=row.id,
        kind=row.kind,
        target=row.target_id,
        action=row.action,
        reason=row.reason,
        decided_by=row.by,
        decided_at=row.decided_at,
        rule=row.rule,
        policy=row.policy,
        automated=row.automated,
        evidence=tuple(row.evidence),
        ends_at=row.ends_at,
        reversed_by=row.reversed_by,
    )


def find(connection: Connection, id_: int) -> Decision:
    """One decision.

    Raises:
        NotFound: there is none.
    """
    row = repository.decision(connection, id_)
    if row is None:
        raise NotFound("there is no such decision")
    return decision_from(row)


def _reports(connection: Connection, kind: TargetKind, target: int) -> list[dict[str, Any]]:
    """Open reports as evidence: how many say what, not who said it."""
    counts = repository.open_reasons(connection, kind, target)
    return [{"reports": count, "reason": reason} for reason, count in counts]


def _source(evidence: Sequence[dict[str, Any]], rule: Rule | None, *, trusted: bool) -> str:
    """What brought it up, in the words of the transparency database: a notice of article 16 says that it is illegal."""
    reasons = {entry["reason"] for entry in evidence if "reports" in entry}
    if not reasons:
        return "SOURCE_VOLUNTARY"
    if trusted:
        return "SOURCE_TRUSTED_FLAGGER"
    illegal = reasons & {"illegal", "copyright"} or (rule is not None and rule.ground == "illegal")
    return "SOURCE_ARTICLE_16" if illegal else "SOURCE_TYPE_OTHER_NOTIFICATION"


def _category(connection: Connection, kind: TargetKind, target: int) -> str:
    """In the words of the transparency database, by what most reports say."""
    counts = repository.open_reasons(connection, kind, target)
    reason: Reason = counts[0][0] if counts else "other"
    return OF_REASON[reason]
