"""Liking and commenting."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.catalog import access
from penchant.catalog import repository as catalog
from penchant.community import repository
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Forbidden, Invalid, NotFound
from penchant.core.ids import AccountId, CommentId, Ids, VideoId
from penchant.events.model import Comment as CommentEvent
from penchant.events.model import Like, Uncomment, Unlike
from penchant.events.service import EventService

COMMENT_CHARACTERS = 500
PAGE = 30


@dataclass(frozen=True)
class Comment:
    """A comment with its author."""

    id: CommentId
    text: str
    created_at: datetime
    author_id: AccountId
    author_handle: str
    author_name: str


class CommunityService:
    """Likes and comments; each is in its table and in the event log, both or neither."""

    def __init__(self, engine: Engine, clock: Clock, events: EventService) -> None:
        self._engine = engine
        self._clock = clock
        self._ids = Ids(clock)
        self._events = events

    def like(self, me: Account, video_id: VideoId) -> int:
        """Like a video; twice changes nothing. Returns how many like it now."""
        with self._engine.begin() as connection:
            access.video_to_watch(connection, video_id, me)
            if repository.add_like(connection, me.id, video_id, as_datetime(self._clock.now_ms())):
                catalog.add_to_counts(connection, video_id, likes=1)
                self._events.tell(connection, me.subject, Like(video=video_id))
        self._events.deliver()
        return self._like_count(video_id, me)

    def unlike(self, me: Account, video_id: VideoId) -> int:
        """Take a like back. Returns how many like it now."""
        with self._engine.begin() as connection:
            access.video_to_watch(connection, video_id, me)
            if repository.remove_like(connection, me.id, video_id):
                catalog.add_to_counts(connection, video_id, likes=-1)
                self._events.tell(connection, me.subject, Unlike(video=video_id))
        self._events.deliver()
        return self._like_count(video_id, me)

    def comment(self, me: Account, video_id: VideoId, words: str) -> Comment:
        """Say something about a video.

        Raises:
            Invalid: nothing was said, or too much.
        """
        words = words.strip()
        if not words or len(words) > COMMENT_CHARACTERS:
            raise Invalid("the comment is not right", fields={"text": f"1 to {COMMENT_CHARACTERS} characters"})
        now = as_datetime(self._clock.now_ms())
        comment_id = CommentId(self._ids.new())
        with self._engine.begin() as connection:
            access.video_to_watch(connection, video_id, me)
            repository.add_comment(connection, comment_id, video_id, me.id, words, now)
            catalog.add_to_counts(connection, video_id, comments=1)
            self._events.tell(connection, me.subject, CommentEvent(video=video_id, comment=comment_id))
        self._events.deliver()
        return Comment(comment_id, words, now, me.id, me.handle, me.name)

    def delete_comment(self, me: Account, comment_id: CommentId) -> None:
        """Take one's own comment back; a creator may remove any from their own video.

        Raises:
            NotFound: there is no such comment.
            Forbidden: neither the comment nor the video is theirs.
        """
        with self._engine.begin() as connection:
            row = repository.comment(connection, comment_id)
            if row is None:
                raise NotFound("there is no such comment")
            found = catalog.video(connection, VideoId(row.video_id))
            if row.account_id != me.id and (found is None or found[0].creator.id != me.id):
                raise Forbidden("this comment belongs to somebody else")
            if repository.remove_comment(connection, comment_id) and row.removed_at is None:
                self._count(connection, row, -1)
        self._events.deliver()

    def set_removed(self, connection: Connection, comment_id: CommentId, removed: bool) -> None:
        """Take a comment out of sight inside the caller's transaction, as moderation does, or let it back in.

        Raises:
            NotFound: there is no such comment.
        """
        row = repository.comment(connection, comment_id)
        if row is None:
            raise NotFound("there is no such comment")
        moment = as_datetime(self._clock.now_ms()) if removed else None
        if repository.set_comment_removed(connection, comment_id, moment):
            self._count(connection, row, -1 if removed else 1)

    def _count(self, connection: Connection, row: Any, change: Literal[-1, 1]) -> None:
        """A comment is seen again (1) or no longer (-1)."""
        catalog.add_to_counts(connection, VideoId(row.video_id), comments=change)
        author = accounts.account_by_id(connection, AccountId(row.account_id))
        if author is not None:
            kind = CommentEvent if change == 1 else Uncomment
            self._events.tell(connection, author.subject, kind(video=row.video_id, comment=row.id))

    def comments(
        self, viewer: Account | None, video_id: VideoId, before: CommentId | None
    ) -> tuple[list[Comment], CommentId | None]:
        """A page of comments, newest first, and where the next page begins (None: that was all)."""
        with self._engine.connect() as connection:
            access.video_to_watch(connection, video_id, viewer)
            hidden = accounts.blocked_either_way(connection, viewer.id) if viewer else frozenset()
            rows = repository.comments_on(connection, video_id, before, hidden, PAGE + 1)
        page = [
            Comment(CommentId(r.id), r.text, r.created_at, AccountId(r.account_id), r.handle, r.name)
            for r in rows[:PAGE]
        ]
        return page, page[-1].id if len(rows) > PAGE else None

    def forget(self, connection: Connection, account: AccountId) -> list[CommentId]:
        """Take likes and comments out of the counts before they go with their account; returns which comments."""
        for video_id in repository.liked_by(connection, account):
            catalog.add_to_counts(connection, video_id, likes=-1)
        for row in repository.comments_by(connection, account):
            catalog.add_to_counts(connection, VideoId(row.video_id), comments=-row.count)
        return repository.comment_ids_by(connection, account)

    def _like_count(self, video_id: VideoId, me: Account) -> int:
        with self._engine.connect() as connection:
            return access.video_to_watch(connection, video_id, me).like_count
