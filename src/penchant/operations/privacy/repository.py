"""SQL about tables as they describe themselves, whichever room they belong to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, RowMapping, Table, delete, exists, literal_column, or_, select

from penchant.accounts.model import Viewer
from penchant.accounts.repository import accounts, sessions, subjects
from penchant.catalog.repository import sounds, videos
from penchant.community.repository import comments
from penchant.core.database import Connection
from penchant.core.holdings import Owner
from penchant.core.ids import AccountId, SubjectId
from penchant.events import repository as events
from penchant.safety.notes.repository import notes
from penchant.safety.repository import decisions, reports

BATCH: Final = 500
"""Rows of one transaction that deletes, for others wait for those locks; and of one piece that is read."""


def delete_due(connection: Connection, table: Table, column: str, last: datetime | int, limit: int) -> int:
    """Delete rows whose moment, or id, is `last` or before; at most `limit`. Returns how many."""
    row: ColumnElement[str] = literal_column("ctid")
    due = select(row).select_from(table).where(table.c[column] <= last).limit(limit)
    return connection.execute(delete(table).where(row.in_(due))).rowcount


def forget_viewers(connection: Connection, limit: int) -> int:
    """Forget viewers whom nobody can be any more: no account, no session. Returns how many.

    Those who made a report stay until it is decided: what they wrote is sealed under their key.
    """
    s = subjects.c
    gone = (
        select(s.id)
        .where(
            ~exists().where(sessions.c.subject_id == s.id),
            ~exists().where(accounts.c.subject_id == s.id),
            ~exists().where(reports.c.reporter_subject_id == s.id, reports.c.decision_id.is_(None)),
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found: Sequence[SubjectId] = connection.execute(gone).scalars().all()
    for subject in found:
        events.forget(connection, subject)
    connection.execute(delete(subjects).where(s.id.in_(found)))
    return len(found)


def rows_of(connection: Connection, table: Table, whose: Mapping[str, Owner], viewer: Viewer) -> Iterator[RowMapping]:
    """The rows of a table that are this person's, by its own account of whose they are."""
    mine = [_is_theirs(table.c[column], owner, viewer) for column, owner in whose.items()]
    yield from connection.execute(select(table).where(or_(*mine)), execution_options={"yield_per": BATCH}).mappings()


def decisions_about(connection: Connection, account: AccountId) -> Iterator[RowMapping]:
    """What moderators decided about somebody, their videos, comments and notes; not who decided."""
    c = decisions.c
    theirs = {
        "account": select(accounts.c.id).where(accounts.c.id == account),
        "video": select(videos.c.id).where(videos.c.creator_id == account),
        "comment": select(comments.c.id).where(comments.c.account_id == account),
        "note": select(notes.c.id).where(notes.c.author_id == account),
    }
    about = or_(*((c.kind == kind) & c.target_id.in_(own) for kind, own in theirs.items()))
    statement = select(c.id, c.kind, c.target_id, c.action, c.reason, c.decided_at).where(about)
    yield from connection.execute(statement).mappings()


def _is_theirs(column: ColumnElement[Any], owner: Owner, viewer: Viewer) -> ColumnElement[bool]:
    me = viewer.account_id
    match owner:
        case "subject":
            return column == viewer.subject
        case "account":
            return column == me
        case "video":
            return column.in_(select(videos.c.id).where(videos.c.creator_id == me))
        case "report":
            return column.in_(select(reports.c.id).where(reports.c.reporter_subject_id == viewer.subject))
        case "sound":
            return column.in_(select(sounds.c.id).where(sounds.c.creator_id == me))
