"""What helps to decide a case: labels with their evidence, reports and what they say, what was decided before."""

from datetime import datetime
from typing import Any

import msgspec

from penchant.accounts.keys import DataKeys
from penchant.core.database import Connection
from penchant.core.errors import NotFound
from penchant.core.ids import SubjectId
from penchant.safety import repository as safety
from penchant.safety.casework import repository, strikes
from penchant.safety.casework.model import Context, Entry, Note, Opinion
from penchant.safety.decisions import decision_from
from penchant.safety.policy import Policy

_NOTES = 30


def context(
    connection: Connection,
    row: Any,
    entry: Entry,
    keys: DataKeys,
    policy: Policy,
    now: datetime,
    *,
    needs_second: bool,
) -> Context:
    """Everything about the case of a row; of one that is judged blindly, nothing of what others made of it."""
    kind, target, blind = row.kind, row.target_id, entry.blind
    decided = [decision_from(one) for one in safety.decisions_about(connection, kind, target)]
    account = entry.about.account if entry.about is not None else 0
    own = safety.labels_of(connection, kind, target)
    return Context(
        entry=entry,
        labels=tuple(label for label in own if not (blind and label.source == "moderator")),
        notes=_notes(connection, row, keys),
        claims=tuple(claims(connection, kind, target, row.decision_id, keys)),
        history=tuple(one for one in decided if not blind or one.decided_at < row.opened_at),
        standing=strikes.standing(connection, policy, account, now),
        other_cases=repository.open_cases_of(connection, account, row.id),
        opinions=() if blind else tuple(_opinions(connection, row.id)),
        needs_second=needs_second,
    )


def proposal(connection: Connection, case: int) -> Any:
    """The proposal on an open case that waits for a second person; None where there is none."""
    said = [one for one in repository.judgements_of(connection, case) if one.stage == "proposed"]
    return said[-1] if said else None


def claims(
    connection: Connection, kind: str, target: int, decision: int | None, keys: DataKeys
) -> list[dict[str, Any]]:
    """Copyright claims about a target, opened; those of people who are gone are gone."""
    found = []
    for row in repository.claims_about(connection, kind, target, decision):
        opened = _opened(connection, keys, row.reporter_subject_id, row.claim_sealed)
        if opened:
            found.append(msgspec.json.decode(opened, type=dict[str, Any]))
    return found


def _notes(connection: Connection, row: Any, keys: DataKeys) -> tuple[Note, ...]:
    notes = []
    for report in repository.reports_on(connection, row.kind, row.target_id, row.decision_id, _NOTES):
        words = _opened(connection, keys, report.reporter_subject_id, report.note_sealed).decode()
        if words:
            notes.append(Note(report.reason, words, report.trusted, report.weight > 0, report.created_at))
    return tuple(notes)


def _opinions(connection: Connection, case: int) -> list[Opinion]:
    return [
        Opinion(one.handle, one.stage, one.action, one.rule, one.hours, one.reason, one.made_at)
        for one in repository.judgements_of(connection, case)
    ]


def _opened(connection: Connection, keys: DataKeys, subject: Any, sealed: bytes | None) -> bytes:
    """What somebody wrote; nothing where they are gone or wrote nothing."""
    if sealed is None:
        return b""
    try:
        return keys.open(connection, SubjectId(subject), sealed)
    except NotFound:
        return b""
