"""Reports from people and decisions by moderators."""

from typing import Any

from penchant.accounts import repository as accounts
from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Account, Viewer
from penchant.accounts.service import AccountService
from penchant.catalog import repository as catalog
from penchant.catalog.service import CatalogService
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Forbidden, Invalid, NotFound
from penchant.core.ids import AccountId, DecisionId, Ids, ReportId, SubjectId, VideoId
from penchant.events.model import Report
from penchant.events.service import EventService
from penchant.safety import repository
from penchant.safety.model import (
    NOTE_CHARACTERS,
    REASON_CHARACTERS,
    REASONS,
    Action,
    Case,
    Decision,
    Reason,
    TargetKind,
)

_ALLOWED: dict[TargetKind, tuple[Action, ...]] = {
    "video": ("remove", "restore", "dismiss"),
    "comment": ("remove", "dismiss"),
    "account": ("suspend", "unsuspend", "dismiss"),
}


class SafetyService:
    """A report is a durable row; a decision acts at once and keeps its reason."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        events: EventService,
        keys: DataKeys,
        catalog_service: CatalogService,
        account_service: AccountService,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._ids = Ids(clock)
        self._events = events
        self._keys = keys
        self._catalog = catalog_service
        self._accounts = account_service

    def report(self, viewer: Viewer, kind: TargetKind, target: int, reason: Reason, note: str) -> ReportId:
        """Keep a report; the reported video leaves this viewer's feed at once.

        Raises:
            Invalid: the reason is none of ours, or the note is too long.
        """
        if reason not in REASONS or len(note) > NOTE_CHARACTERS:
            fields = {"reason": f"one of {', '.join(REASONS)}", "note": f"at most {NOTE_CHARACTERS} characters"}
            raise Invalid("the report is not right", fields=fields)
        report_id = ReportId(self._ids.new())
        with self._engine.begin() as connection:
            sealed = self._keys.seal(connection, viewer.subject, note.strip().encode()) if note.strip() else None
            repository.add_report(
                connection,
                id=report_id,
                reporter_subject_id=viewer.subject,
                kind=kind,
                target_id=target,
                reason=reason,
                note_sealed=sealed,
                created_at=as_datetime(self._clock.now_ms()),
                decision_id=None,
            )
            self._events.tell(connection, viewer.subject, Report(target=kind, target_id=target))
        self._events.deliver()
        return report_id

    def cases(self, state: str, limit: int = 100) -> list[Case]:
        """What was reported, the most reported first."""
        with self._engine.connect() as connection:
            return [self._case(connection, row) for row in repository.grouped_reports(connection, state, limit)]

    def decide(
        self, connection: Connection, by: Account, kind: TargetKind, target: int, action: Action, reason: str
    ) -> DecisionId:
        """Act on a target inside the caller's transaction and close its reports; returns the decision's id.

        Comments are removed by the caller: they belong to the room above.

        Raises:
            Forbidden: not a moderator.
            Invalid: no reason, or the action does not fit the target.
            NotFound: there is no such target.
        """
        if by.role not in ("moderator", "admin"):
            raise Forbidden("only moderators decide")
        reason = reason.strip()
        if not reason or len(reason) > REASON_CHARACTERS:
            raise Invalid("a decision needs a reason", fields={"reason": f"1 to {REASON_CHARACTERS} characters"})
        if action not in _ALLOWED[kind]:
            raise Invalid(f"a {kind} can only be: {', '.join(_ALLOWED[kind])}", fields={"action": "does not fit"})
        self._act(connection, kind, target, action)
        decision_id = DecisionId(self._ids.new())
        repository.add_decision(
            connection,
            id=decision_id,
            kind=kind,
            target_id=target,
            action=action,
            reason=reason,
            decided_by=by.id,
            decided_at=as_datetime(self._clock.now_ms()),
        )
        repository.settle(connection, kind, target, decision_id)
        return decision_id

    def forget(self, connection: Connection, subject: SubjectId) -> None:
        """A person's reports stay without their name and words."""
        repository.forget_reporter(connection, subject)

    def _act(self, connection: Connection, kind: TargetKind, target: int, action: Action) -> None:
        if action == "remove" and kind == "video":
            found = catalog.video(connection, VideoId(target))
            if found is None:
                raise NotFound("there is no such video")
            self._catalog.remove(connection, found[0], "moderation")
        elif action == "restore":
            self._catalog.restore(connection, VideoId(target))
        elif action in ("suspend", "unsuspend"):
            account = accounts.account_by_id(connection, AccountId(target))
            if account is None:
                raise NotFound("there is no such account")
            if account.role == "admin":
                raise Forbidden("an admin cannot be suspended")
            self._accounts.set_suspended(connection, account, action == "suspend")

    def _case(self, connection: Connection, row: Any) -> Case:
        notes = []
        for note in repository.notes_of(connection, row.kind, row.target_id):
            try:
                notes.append(
                    self._keys.open(connection, SubjectId(note.reporter_subject_id), note.note_sealed).decode()
                )
            except NotFound:
                continue
        decided = repository.decision(connection, row.decision_id) if row.decision_id else None
        decision = None
        if decided is not None:
            by = accounts.account_by_id(connection, AccountId(decided.decided_by)) if decided.decided_by else None
            decision = Decision(decided.action, decided.reason, by.handle if by else None, decided.decided_at)
        return Case(
            id=row.latest,
            kind=row.kind,
            target=row.target_id,
            count=row.count,
            reasons=tuple(dict.fromkeys(row.reasons)),
            notes=tuple(notes),
            created_at=row.created_at,
            decision=decision,
        )
