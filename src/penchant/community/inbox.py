"""The inbox: what somebody is told of, many deeds of one kind as one entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.accounts.muting.service import Muting
from penchant.accounts.telling import KINDS, Telling, TellingKind
from penchant.catalog import access
from penchant.catalog import repository as catalog
from penchant.catalog.model import Video
from penchant.community import inbox_rows
from penchant.community.model import Author
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Invalid, NotFound, PenchantError
from penchant.core.ids import AccountId, CommentId, DecisionId, Ids, VideoId

PAGE: Final = 30
NAMED: Final = 2
"""People whom an entry names; of the others it says how many."""
MOST_UNREAD: Final = 99
ALWAYS: Final[frozenset[TellingKind]] = frozenset({"decision"})
"""What nobody can do without: what was decided about them is owed to them."""


@dataclass(frozen=True)
class Entry:
    """Deeds of one kind about one thing, since the entry before was read."""

    id: int
    kind: TellingKind
    people: tuple[Author, ...]
    """The latest of them, `NAMED` at most."""
    count: int
    """How many people, or videos that are ready; counted to `inbox_rows.MOST`."""
    video: Video | None
    comment: CommentId | None
    """The latest comment, or the one that is liked."""
    said: str
    decision: DecisionId | None
    action: str | None
    """What was decided."""
    changed_at: datetime
    unread: bool


class Inbox:
    """Keeps what is told, and reads it: nothing of who is blocked or muted, about what one may not see, or undone."""

    def __init__(self, engine: Engine, clock: Clock, muting: Muting) -> None:
        self._engine = engine
        self._clock = clock
        self._muting = muting
        self._ids = Ids(clock)

    def tell(self, connection: Connection, telling: Telling) -> None:
        """Keep what somebody is told of, inside the caller's transaction: a `Tell`.

        Nothing is kept for who does it themselves, does not want that kind, is blocked by or blocked who did it, or
        never signs in.
        """
        to = accounts.account_by_id(connection, telling.to)
        if to is None or to.is_demo or to.stands_in or telling.by == telling.to:
            return
        if telling.kind in inbox_rows.kinds_off(connection, to.id):
            return
        if telling.by is not None and accounts.has_block_between(connection, to.id, telling.by):
            return
        now = as_datetime(self._clock.now_ms())
        inbox_rows.add(
            connection,
            id=self._ids.new(),
            account_id=to.id,
            kind=telling.kind,
            about=_about(telling),
            by_id=telling.by if telling.kind == "accepted" else None,
            video_id=None if telling.kind == "video_ready" else telling.video,
            comment_id=telling.comment,
            decision_id=telling.decision,
            first_at=telling.at or now,
            last_at=telling.at or now,
            changed_at=now,
            read_at=None,
        )

    def page(self, me: Account, before: int | None) -> tuple[list[Entry], int | None]:
        """A page of entries, the last changed first, and where the next page begins (None: that was all).

        Raises:
            NotFound: `before` is no entry of theirs.
        """
        with self._engine.connect() as connection:
            place = inbox_rows.place_of(connection, me.id, before) if before is not None else None
            if before is not None and place is None:
                raise NotFound("there is no such place in the list")
            rows = inbox_rows.rows_of(connection, me.id, place, PAGE + 1)
            entries = self._entries(connection, me, rows[:PAGE])
        return entries, rows[PAGE - 1].id if len(rows) > PAGE else None

    def unread(self, me: Account) -> int:
        """How many entries are unread; counted to `MOST_UNREAD`."""
        with self._engine.connect() as connection:
            rows = inbox_rows.rows_of(connection, me.id, None, MOST_UNREAD, unread=True)
            return len(self._entries(connection, me, rows)) if rows else 0

    def mark(self, me: Account) -> tuple[int, datetime | None]:
        """What changes when there is something new: cheaper to ask for than `unread`."""
        with self._engine.connect() as connection:
            return inbox_rows.unread_mark(connection, me.id)

    def read(self, me: Account, one: int | None = None, until: datetime | None = None) -> None:
        """Mark one entry as read, or all that told of nothing after `until`, which was on the screen."""
        with self._engine.begin() as connection:
            inbox_rows.read(connection, me.id, as_datetime(self._clock.now_ms()), one=one, until=until)

    def settings(self, me: Account) -> dict[TellingKind, bool]:
        """Every kind, and whether they want to be told of it in the app."""
        with self._engine.connect() as connection:
            off = inbox_rows.kinds_off(connection, me.id)
        return {kind: kind not in off for kind in KINDS if kind not in ALWAYS}

    def choose(self, me: Account, kind: TellingKind, wanted: bool) -> None:
        """Be told of a kind, or not, from now on.

        Raises:
            Invalid: that kind is always told.
        """
        if kind in ALWAYS:
            raise Invalid("what was decided about you is always told", fields={"kind": "another one"})
        with self._engine.begin() as connection:
            inbox_rows.choose(connection, me.id, kind, wanted)

    def _entries(self, connection: Connection, me: Account, rows: Sequence[Any]) -> list[Entry]:
        # Of whom nothing is told: whom they blocked or mute, and who blocked them.
        unwanted = sorted(accounts.blocked_either_way(connection, me.id) | self._muting.people(connection, me.subject))
        told = inbox_rows.deeds(connection, [row.id for row in rows], unwanted)
        latest = {id_: list(dict.fromkeys(filter(None, deed.people)))[:NAMED] for id_, deed in told.items()}
        people = _people(connection, [id_ for named in latest.values() for id_ in named])
        watched = {
            row.video_id: _video(connection, row, me) for row in rows if row.id in told and row.video_id is not None
        }
        entries = []
        for row in rows:
            deed, video = told.get(row.id), watched.get(row.video_id)
            if deed is None or (row.video_id is not None and video is None):
                continue
            if row.kind == "video_ready" and deed.count == 1:
                video = _own(connection, VideoId(deed.of_videos))
            entries.append(
                Entry(
                    id=row.id,
                    kind=row.kind,
                    people=tuple(people[id_] for id_ in latest[row.id] if id_ in people),
                    count=deed.count,
                    video=video,
                    comment=None if deed.comment_id is None else CommentId(deed.comment_id),
                    said=deed.said or "",
                    decision=None if row.decision_id is None else DecisionId(row.decision_id),
                    action=deed.action,
                    changed_at=row.changed_at,
                    unread=row.read_at is None,
                )
            )
        return entries


def _about(telling: Telling) -> int:
    """What deeds have in common that are told together."""
    match telling.kind:
        case "follow" | "follow_request" | "video_ready":
            return 0
        case "accepted":
            return telling.by or 0
        case "decision":
            return telling.decision or 0
        case "reply" | "mention" | "comment_like":
            return telling.comment or 0
        case _:
            return telling.video or 0


def _people(connection: Connection, ids: Sequence[int]) -> dict[int, Author]:
    return {
        id_: Author(AccountId(id_), handle, name)
        for id_, (handle, name) in accounts.names(connection, [AccountId(id_) for id_ in ids]).items()
    }


def _video(connection: Connection, row: Any, me: Account) -> Video | None:
    """The video of an entry, where they may see it now."""
    id_ = VideoId(row.video_id)
    if row.kind == "video_failed":
        return _own(connection, id_)
    try:
        return access.video_to_watch(connection, id_, me)
    except PenchantError:
        return None


def _own(connection: Connection, id_: VideoId) -> Video | None:
    found = catalog.video(connection, id_)
    return found[0] if found is not None else None
