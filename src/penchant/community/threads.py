"""Comments as lists: what one viewer sees below a video, page by page."""

from collections.abc import Sequence
from typing import Any

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.catalog import access
from penchant.catalog.model import Video
from penchant.community import repository, thread_rows
from penchant.community.model import PAGE, Author, Comment, CommentState, Listed, Order
from penchant.community.thread_rows import Looking
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import NotFound
from penchant.core.ids import AccountId, CommentId, VideoId, created_ms, first_id_at, format_id, parse_id


class Threads:
    """Reads comments. Where a list goes on is a text that the next page is asked for with."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def page(self, viewer: Account | None, video_id: VideoId, order: Order, start: str | None) -> Listed:
        """Comments that stand under none: first the one that the creator pinned, then by `order`.

        By likes, those count that were there when the first page was made; so nothing is left out however many like
        something meanwhile.

        Raises:
            NotFound: as for the video, or `start` is none of ours.
        """
        with self._engine.connect() as connection:
            video = access.video_to_watch(connection, video_id, viewer)
            looking = looking_at(connection, video, viewer)
            first = thread_rows.pinned(connection, video_id, looking) if start is None else []
            if order == "likes":
                likes, before, as_of = _parse_place(start) if start else (0, 0, self._clock.now_ms())
                place = (likes, before) if start else None
                since = as_datetime(as_of) if start else None
                rows = thread_rows.most_liked(connection, video_id, looking, since, place, PAGE + 1)
                last = rows[PAGE - 1] if len(rows) > PAGE else None
                following = last and _place(last.liked, last.id, as_of)
            else:
                begins = CommentId(parse_id(start)) if start else None
                rows = thread_rows.newest(connection, video_id, looking, begins, PAGE + 1)
                following = format_id(rows[PAGE - 1].id) if len(rows) > PAGE else None
            shown = of_rows(connection, [*first, *rows[:PAGE]], looking)
        return Listed(shown, following, looking.creator)

    def replies(self, viewer: Account | None, under: CommentId, start: str | None) -> Listed:
        """What stands under a comment, the oldest first, whether or not the comment itself is seen.

        Raises:
            NotFound: there is no such comment, or as for its video.
        """
        with self._engine.connect() as connection:
            root = repository.comment(connection, under)
            if root is None:
                raise NotFound("there is no such comment")
            video = access.video_to_watch(connection, VideoId(root.video_id), viewer)
            looking = looking_at(connection, video, viewer)
            after = CommentId(parse_id(start)) if start else None
            rows = thread_rows.replies(connection, under, looking, after, PAGE + 1)
            following = format_id(rows[PAGE - 1].id) if len(rows) > PAGE else None
            return Listed(of_rows(connection, rows[:PAGE], looking), following, looking.creator)

    def held(self, creator: Account) -> list[Comment]:
        """What waits below a creator's videos for them to look, the oldest first."""
        with self._engine.connect() as connection:
            looking = Looking(creator.id, True, accounts.blocked_either_way(connection, creator.id))
            return of_rows(connection, thread_rows.held(connection, creator.id, looking, PAGE), looking)


def looking_at(connection: Connection, video: Video, viewer: Account | None) -> Looking:
    """Who looks at the comments of a video."""
    if viewer is None:
        return Looking(None, False, frozenset())
    hidden = accounts.blocked_either_way(connection, viewer.id)
    return Looking(viewer.id, viewer.id == video.creator.id, hidden)


def of_rows(connection: Connection, rows: Sequence[Any], looking: Looking) -> list[Comment]:
    """Comments from their rows, in the order given."""
    ids = [row.id for row in rows]
    liked, mentions = thread_rows.liked_of(connection, ids, looking), thread_rows.mentions_of(connection, ids, looking)
    under = thread_rows.count_replies(connection, ids, looking)
    return [
        Comment(
            id=CommentId(row.id),
            video=VideoId(row.video_id),
            text=row.text if row.shown else "",
            created_at=row.created_at,
            author=Author(AccountId(row.account_id), row.handle, row.name) if row.shown else None,
            state=_state(row),
            parent=None if row.parent_id is None else CommentId(row.parent_id),
            answers=row.answered if row.shown else None,
            mentions=mentions.get(row.id, {}) if row.shown else {},
            edited_at=row.edited_at if row.shown else None,
            pinned=row.pinned and bool(row.shown),
            like_count=row.like_count if row.shown else 0,
            liked=row.id in liked,
            reply_count=under.get(row.id, 0),
        )
        for row in rows
    ]


def _state(row: Any) -> CommentState:
    if not row.shown:
        return "deleted" if row.account_id is None else "unseen"
    if row.held_at is not None:
        return "held"
    return "hidden" if row.hidden_at is not None else "shown"


def _place(likes: int, id_: int, as_of_ms: int) -> str:
    """Where a list by likes goes on: three numbers, each written as an id is."""
    return "".join(format_id(number) for number in (likes, id_, first_id_at(as_of_ms)))


def _parse_place(text: str) -> tuple[int, int, int]:
    """The inverse of `_place`.

    Raises:
        NotFound: it is none of ours.
    """
    likes, id_, moment = (parse_id(text[at : at + 13]) for at in (0, 13, 26))
    if len(text) != 39:
        raise NotFound("there is no such place in a list")
    return likes, id_, created_ms(moment)
