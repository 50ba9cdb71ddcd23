"""The tables of notes, ratings and runs and the SQL about them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    and_,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.accounts.repository import accounts
from penchant.core.database import OPERATIONAL, PERSONAL, PUBLIC, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import AsLongAs, ForGood, holding
from penchant.core.ids import AccountId, NoteId, VideoId

_MOMENT = DateTime(timezone=True)
_LOCK = 7_226_440

notes = Table(
    "notes",
    metadata,
    column("id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="CASCADE"), nullable=False),
    # Readers get an alias: whose it is stays in the cell.
    column("author_id", BigInteger, SENSITIVE, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("kind", Text, PUBLIC, nullable=False),
    column("text", Text, PUBLIC, nullable=False),
    column("created_at", _MOMENT, PUBLIC, nullable=False),
    column("status", Text, PUBLIC, nullable=False),
    column("status_since", _MOMENT, PUBLIC, nullable=False),
    column("shown", Boolean, PUBLIC, nullable=False, server_default="false"),
    column("locked", Boolean, PUBLIC, nullable=False, server_default="false"),
    column("intercept_e6", BigInteger, PUBLIC, nullable=False, server_default="0"),
    column("removed", Boolean, PUBLIC, nullable=False, server_default="false"),
    CheckConstraint("status IN ('needs_more', 'helpful', 'not_helpful')", name="status"),
    UniqueConstraint("video_id", "author_id"),
    Index(None, "author_id"),
    Index("ix_notes_shown", "video_id", postgresql_where=text("shown AND NOT removed")),
    info=holding("context that viewers add to videos", AsLongAs("the account and the video"), author_id="account"),
)
note_ratings = Table(
    "note_ratings",
    metadata,
    column("note_id", BigInteger, PUBLIC, ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    column("account_id", BigInteger, SENSITIVE, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("value", Text, PUBLIC, nullable=False),
    column("reasons", ARRAY(Text), PUBLIC, nullable=False),
    column("position", BigInteger, OPERATIONAL, nullable=False),
    column("rated_at", _MOMENT, PERSONAL, nullable=False),
    CheckConstraint("value IN ('helpful', 'somewhat', 'not_helpful')", name="value"),
    Index(None, "account_id"),
    Index(None, "position"),
    info=holding("what people think of notes", AsLongAs("the account and the note"), account_id="account"),
)
note_runs = Table(
    "note_runs",
    metadata,
    column("id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("made_at", _MOMENT, PUBLIC, nullable=False),
    column("position", BigInteger, PUBLIC, nullable=False),
    column("notes", Integer, PUBLIC, nullable=False),
    column("ratings", Integer, PUBLIC, nullable=False),
    column("version", Text, PUBLIC, nullable=False),
    column("input_digest", Text, PUBLIC, nullable=False),
    column("result_digest", Text, PUBLIC, nullable=False),
    column("file", LargeBinary, PUBLIC, nullable=True),
    column("result", LargeBinary, PUBLIC, nullable=True),
    info=holding(
        "how notes were judged, for who judges them again", ForGood("digests; the last one's file, without accounts")
    ),
)

_RATED = select(func.count()).where(note_ratings.c.note_id == notes.c.id).correlate(notes).scalar_subquery()
# Suspended people neither speak nor judge: a crowd that moderators found does not count.
_IN_GOOD_STANDING = accounts.c.suspended_at.is_(None)


def add_note(connection: Connection, **values: Any) -> bool:
    """False where this author has one on this video."""
    statement = upsert(notes).values(**values).on_conflict_do_nothing().returning(notes.c.id)
    return connection.execute(statement).first() is not None


def note(connection: Connection, id_: NoteId) -> Any:
    """A note that was not removed, with `ratings`, how many it has."""
    statement = select(notes, _RATED.label("ratings")).where(notes.c.id == id_, ~notes.c.removed)
    return connection.execute(statement).first()


def note_or_removed(connection: Connection, id_: NoteId) -> Any:
    """For moderation, which decides about what it removed as well."""
    return connection.execute(select(notes).where(notes.c.id == id_)).first()


def hold_note(connection: Connection, id_: NoteId) -> None:
    """Until the end of the transaction nobody else changes or rates this note."""
    connection.execute(select(notes.c.id).where(notes.c.id == id_).with_for_update())


def change_note(connection: Connection, id_: NoteId, kind: str, words: str) -> None:
    connection.execute(update(notes).where(notes.c.id == id_).values(kind=kind, text=words))


def delete_note(connection: Connection, id_: NoteId) -> None:
    forget_file(connection)
    connection.execute(delete(notes).where(notes.c.id == id_))


def set_removed(connection: Connection, id_: NoteId, removed: bool) -> bool:
    """By moderation; False where there is no such note. A removed one stays as a row, so that its author writes no
    other on the same video; one that is let back in is shown once it has been judged again.
    """
    forget_file(connection)
    changed = update(notes).where(notes.c.id == id_, notes.c.removed != removed).values(removed=removed, shown=False)
    known = select(notes.c.id).where(notes.c.id == id_)
    return connection.execute(changed).rowcount == 1 or connection.execute(known).first() is not None


def notes_on(connection: Connection, video: VideoId, reader: AccountId | None) -> list[Any]:
    """Notes on a video with `ratings` and the reader's own rating `mine`: shown ones first, the most bridging first."""
    own = and_(note_ratings.c.note_id == notes.c.id, note_ratings.c.account_id == reader)
    statement = (
        select(notes, _RATED.label("ratings"), note_ratings.c.value.label("mine"))
        .join(accounts, accounts.c.id == notes.c.author_id)
        .outerjoin(note_ratings, own)
        .where(notes.c.video_id == video, ~notes.c.removed, _IN_GOOD_STANDING)
        .order_by(notes.c.shown.desc(), notes.c.intercept_e6.desc(), notes.c.id)
    )
    return list(connection.execute(statement))


def ids_by(connection: Connection, author: AccountId) -> list[NoteId]:
    return [NoteId(id_) for id_ in connection.execute(select(notes.c.id).where(notes.c.author_id == author)).scalars()]


def shown_on(connection: Connection, videos: Sequence[VideoId]) -> dict[VideoId, str]:
    """The words of the most bridging shown note of each video that has one."""
    statement = (
        select(notes.c.video_id, notes.c.text)
        .join(accounts, accounts.c.id == notes.c.author_id)
        .where(notes.c.video_id.in_(videos), notes.c.shown, ~notes.c.removed, _IN_GOOD_STANDING)
        .order_by(notes.c.intercept_e6, notes.c.id.desc())
    )
    # The last of a video is the most bridging, and stays.
    return {VideoId(row.video_id): row.text for row in connection.execute(statement)}


def put_rating(connection: Connection, **values: Any) -> None:
    """A rating, or another one instead of the same person's earlier one."""
    statement = upsert(note_ratings).values(**values)
    changed = {name: statement.excluded[name] for name in ("value", "reasons", "position", "rated_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["note_id", "account_id"], set_=changed))


def ratings(connection: Connection) -> list[Any]:
    """Every rating that counts: (note_id, account_id, value, reasons)."""
    r = note_ratings.c
    statement = (
        select(r.note_id, r.account_id, r.value, r.reasons)
        .join(accounts, and_(accounts.c.id == r.account_id, _IN_GOOD_STANDING))
        .order_by(r.note_id, r.account_id)
    )
    return list(connection.execute(statement))


def all_notes(connection: Connection) -> list[Any]:
    return list(connection.execute(select(notes).order_by(notes.c.id)))


def last_position(connection: Connection) -> int:
    """Of the newest rating; 0 where there is none."""
    return int(connection.execute(select(func.coalesce(func.max(note_ratings.c.position), 0))).scalar_one())


def extent(connection: Connection) -> tuple[int, int, int]:
    """The newest rating's position, and how many notes and ratings count."""
    counting = (
        select(func.count())
        .select_from(note_ratings)
        .join(accounts, and_(accounts.c.id == note_ratings.c.account_id, _IN_GOOD_STANDING))
    )
    noted = connection.execute(select(func.count()).select_from(notes)).scalar_one()
    return last_position(connection), int(noted), int(connection.execute(counting).scalar_one())


def set_standing(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Status, since when, shown, locked and intercept of many notes, each row with its `note`."""
    if rows:
        found = text(
            "UPDATE notes SET status = :status, status_since = :status_since, shown = :shown AND NOT removed, "
            "locked = :locked, intercept_e6 = :intercept_e6 WHERE id = :note"
        )
        connection.execute(found, list(rows))


def alone(connection: Connection) -> bool:
    """Whether no other process scores; until the end of the transaction."""
    return bool(connection.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one())


def wait_until_alone(connection: Connection) -> None:
    """As `alone`, but waits for who is at it."""
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def forget_file(connection: Connection) -> None:
    """Before words or people go: the public file is made anew by the next run."""
    connection.execute(update(note_runs).where(note_runs.c.file.is_not(None)).values(file=None, result=None))


def add_run(connection: Connection, **values: Any) -> None:
    """Keep a run; only the newest keeps its file and its result."""
    forget_file(connection)
    connection.execute(insert(note_runs).values(**values))


def runs(connection: Connection, limit: int) -> list[Any]:
    """The newest runs first, without their files; `filed` says whether that is kept."""
    r = note_runs.c
    told = (r.id, r.made_at, r.position, r.notes, r.ratings, r.version, r.input_digest, r.result_digest)
    filed = r.file.is_not(None).label("filed")
    return list(connection.execute(select(*told, filed).order_by(r.id.desc()).limit(limit)))


def last_file(connection: Connection) -> Any:
    """`file` and `result` of the newest run."""
    r = note_runs.c
    return connection.execute(select(r.file, r.result).order_by(r.id.desc()).limit(1)).first()
