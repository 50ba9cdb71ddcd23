"""What people report and detectors find, and what the policy makes of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from penchant.accounts import repository as accounts
from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Account, Viewer
from penchant.accounts.telling import Tell, nobody
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Invalid, NotFound
from penchant.core.ids import DecisionId, Ids, ReportId, SubjectId
from penchant.events.model import Report
from penchant.events.service import EventService
from penchant.safety import repository
from penchant.safety.casework import repository as casework
from penchant.safety.casework import weights
from penchant.safety.casework.copyright import Claim, check_claim
from penchant.safety.categories import HARM_OF_REASON
from penchant.safety.decisions import Decisions, checked_reason, decision_from, find
from penchant.safety.effects import Effects
from penchant.safety.model import (
    NOTE_CHARACTERS,
    REASONS,
    Action,
    Case,
    Decision,
    Reason,
    TargetKind,
)
from penchant.safety.notes import repository as notes
from penchant.safety.policy import Policy
from penchant.safety.ports import Finding
from penchant.safety.spread import repository as spread
from penchant.safety.targets import Targets

_BATCH = 200


class SafetyService:
    """A report is a durable row; a finding a label. The policy acts on labels, people on cases."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        events: EventService,
        keys: DataKeys,
        effects: Effects,
        policy: Policy,
        targets: Targets,
        tell: Tell = nobody,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._ids = Ids(clock)
        self._events = events
        self._keys = keys
        self.policy = policy
        self.targets = targets
        self.decisions = Decisions(clock, effects, policy, targets, tell)

    def report(
        self, viewer: Viewer, kind: TargetKind, target: int, reason: Reason, note: str, claim: Claim | None = None
    ) -> ReportId:
        """Keep a report; the reported video leaves this viewer's feed at once.

        Args:
            claim: what a report of copyright says; needed there.

        Raises:
            Invalid: the reason is none of ours, the note is too long, or the claim is not whole.
        """
        if reason not in REASONS or len(note) > NOTE_CHARACTERS:
            fields = {"reason": f"one of {', '.join(REASONS)}", "note": f"at most {NOTE_CHARACTERS} characters"}
            raise Invalid("the report is not right", fields=fields)
        if reason == "copyright":
            check_claim(claim)
        report_id = ReportId(self._ids.new())
        now = as_datetime(self._clock.now_ms())
        with self._engine.begin() as connection:
            repository.lock_target(connection, kind, target)
            weight, trusted = self._weight(connection, viewer)
            sealed = self._keys.seal(connection, viewer.subject, note.strip().encode()) if note.strip() else None
            repository.add_report(
                connection,
                id=report_id,
                reporter_subject_id=viewer.subject,
                kind=kind,
                target_id=target,
                reason=reason,
                note_sealed=sealed,
                created_at=now,
                decision_id=None,
                weight=weight,
                trusted=trusted,
            )
            if reason == "copyright" and claim is not None:
                casework.add_claim(connection, report_id, self._keys.seal(connection, viewer.subject, claim.encoded()))
            sure = weights.confidence(repository.open_weights(connection, kind, target), trusted=trusted)
            repository.open_case(
                connection, self._ids.new(), kind, target, HARM_OF_REASON[reason], sure, now, trusted=trusted
            )
            self._events.tell(connection, viewer.subject, Report(target=kind, target_id=target))
        self._events.deliver()
        return report_id

    def found(self, connection: Connection, kind: TargetKind, target: int, findings: Sequence[Finding]) -> None:
        """Keep what detectors found as labels, and let the policy act, inside the caller's transaction."""
        repository.lock_target(connection, kind, target)
        for finding in findings:
            repository.put_label(
                connection,
                id=self._ids.new(),
                kind=kind,
                target_id=target,
                label=finding.label,
                source=finding.source,
                confidence=finding.confidence,
                evidence=dict(finding.evidence),
                made_at=as_datetime(self._clock.now_ms()),
            )
        self.review(connection, kind, target)

    def review(self, connection: Connection, kind: TargetKind, target: int) -> None:
        """Let the policy act on what is known of a target; what needs a person opens a case.

        A rule acts on a target once: what a person took back is not done again by the rule that did it.
        """
        repository.lock_target(connection, kind, target)
        acted = {row.rule for row in repository.decisions_about(connection, kind, target)}
        for match in self.policy.judge(kind, repository.labels_of(connection, kind, target)):
            if match.rule.name in acted:
                continue
            ends = match.rule.hours is not None or match.rule.do == "hold"
            if match.rule.alone:
                self.decisions.by_rule(connection, kind, target, match)
            if not match.rule.alone or ends:
                now = as_datetime(self._clock.now_ms())
                harm, confidence = match.rule.harm, match.confidence
                repository.open_case(connection, self._ids.new(), kind, target, harm, confidence, now)

    def reconcile(self, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
        """Bring every labelled target under the policy in force: rules that are new act, and what rules did that are
        gone, or that no longer follow, is taken back. Returns how many targets changed.
        """
        with self._engine.connect() as connection:
            of = repository.count_labelled(connection)
        changed = 0
        for done, (kind, target) in enumerate(self.labelled(), start=1):
            with self._engine.begin() as connection:
                before = self.decisions.standing(connection, kind, target)
                self._take_back(connection, kind, target)
                self.review(connection, kind, target)
                changed += before != self.decisions.standing(connection, kind, target)
            progress(done, of)
        self._events.deliver()
        return changed

    def labelled(self) -> Iterator[tuple[TargetKind, int]]:
        """Every target of which something is said."""
        after: tuple[TargetKind, int] | None = None
        while True:
            with self._engine.connect() as connection:
                batch = repository.labelled(connection, after, _BATCH)
            yield from batch
            if len(batch) < _BATCH:
                return
            after = batch[-1]

    def cases(self, state: str, limit: int = 100) -> list[Case]:
        """What was reported, the most reported first."""
        with self._engine.connect() as connection:
            return [self._case(connection, row) for row in repository.grouped_reports(connection, state, limit)]

    def decide(
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
    ) -> DecisionId:
        """Act on a target inside the caller's transaction and close its reports; returns the decision's id.

        Raises:
            Forbidden, Invalid, NotFound: as `Decisions.by_person`.
        """
        decision = self.decisions.by_person(connection, by, kind, target, action, reason, rule=rule, hours=hours)
        if action == "dismiss":
            # Nothing is wrong: what rules did by themselves goes, but for those above `cleared`.
            self._take_back(connection, kind, target, "a person has looked at it")
        return decision

    def reverse(self, connection: Connection, by: Account, decision: int, reason: str) -> DecisionId:
        """Take one decision back inside the caller's transaction.

        Raises:
            NotFound: there is no such decision.
            Invalid: no reason, or it does not stand any more.
        """
        found = find(connection, decision)
        reason = checked_reason(reason)
        if decision not in [entry.id for entry in self.decisions.standing(connection, found.kind, found.target)]:
            raise Invalid("this decision does not stand any more")
        return self.decisions.reverse(connection, [decision], found.kind, found.target, reason, by)

    def lift(
        self, connection: Connection, kind: TargetKind, target: int, reason: str, by: Account | None
    ) -> DecisionId:
        """Take back everything that stands on a target, inside the caller's transaction.

        Raises:
            Invalid: nothing stands.
        """
        standing = [entry.id for entry in self.decisions.standing(connection, kind, target)]
        return self.decisions.reverse(connection, standing, kind, target, reason, by)

    def history(self, connection: Connection, kind: TargetKind, target: int) -> list[Decision]:
        """Every decision about a target, oldest first."""
        return [decision_from(row) for row in repository.decisions_about(connection, kind, target)]

    def sweep(self) -> int:
        """Take back restrictions whose time is over; returns how many."""
        with self._engine.begin() as connection:
            released = self.decisions.release_ended(connection)
        if released:
            self._events.deliver()
        return released

    def forget(self, connection: Connection, subject: SubjectId, theirs: Mapping[TargetKind, Sequence[int]]) -> None:
        """A person's reports stay without their name and words; their notes and ratings go with the account, and what
        is said of what is `theirs`: ids by kind.
        """
        notes.forget_file(connection)
        casework.forget_claims(connection, subject)
        repository.forget_reporter(connection, subject)
        for kind, targets in theirs.items():
            repository.forget_targets(connection, kind, targets)
        spread.forget(connection, theirs.get("video", ()))

    def _weight(self, connection: Connection, viewer: Viewer) -> tuple[int, bool]:
        """What this viewer's report weighs, and whether they are a trusted flagger; nothing without an account."""
        if viewer.account is None:
            return 0, False
        if casework.is_flagger(connection, viewer.account.id):
            return weights.TRUSTED, True
        age = as_datetime(self._clock.now_ms()) - accounts.joined_at(connection, viewer.account.id)
        return weights.standing(age, *repository.outcomes_of_reporter(connection, viewer.subject)), False

    def _take_back(
        self, connection: Connection, kind: TargetKind, target: int, why: str = "the policy has changed"
    ) -> None:
        """What rules did by themselves that do not follow from the policy in force."""
        repository.lock_target(connection, kind, target)
        follow = {
            (match.rule.name, match.rule.do)
            for match in self.policy.judge(kind, repository.labels_of(connection, kind, target))
            if match.rule.alone
        }
        stale = [
            entry.id
            for entry in self.decisions.standing(connection, kind, target)
            if entry.automated and (entry.rule, entry.action) not in follow
        ]
        if stale:
            self.decisions.reverse(connection, stale, kind, target, why, None)

    def _case(self, connection: Connection, row: Any) -> Case:
        told = []
        for note in repository.notes_of(connection, row.kind, row.target_id):
            try:
                told.append(self._keys.open(connection, SubjectId(note.reporter_subject_id), note.note_sealed).decode())
            except NotFound:
                continue
        return Case(
            id=row.latest,
            kind=row.kind,
            target=row.target_id,
            count=row.count,
            reasons=tuple(dict.fromkeys(row.reasons)),
            notes=tuple(told),
            created_at=row.created_at,
            decision=find(connection, row.decision_id) if row.decision_id else None,
        )
