"""Liking videos, and what somebody takes with them when they go."""

from penchant.accounts.model import Account
from penchant.accounts.telling import Tell, Telling, nobody
from penchant.catalog import access
from penchant.catalog import repository as catalog
from penchant.community import repository
from penchant.community.comments import CommentService
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.ids import AccountId, CommentId, VideoId
from penchant.events.model import Like, Unlike
from penchant.events.service import EventService


class CommunityService:
    """Likes; each is in its table and in the event log, both or neither."""

    def __init__(
        self, engine: Engine, clock: Clock, events: EventService, comments: CommentService, tell: Tell = nobody
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._events = events
        self._comments = comments
        self._tell = tell

    def like(self, me: Account, video_id: VideoId) -> int:
        """Like a video; twice changes nothing. Returns how many like it now."""
        with self._engine.begin() as connection:
            video = access.video_to_watch(connection, video_id, me)
            now = as_datetime(self._clock.now_ms())
            if repository.add_like(connection, me.id, video_id, now):
                catalog.add_to_counts(connection, video_id, likes=1)
                self._events.tell(connection, me.subject, Like(video=video_id))
                self._tell(connection, Telling(video.creator.id, "like", me.id, video_id, at=now))
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

    def forget(self, connection: Connection, account: AccountId) -> list[CommentId]:
        """Take likes and comments out of the counts before they go with their account; returns which comments."""
        for video_id in repository.liked_by(connection, account):
            catalog.add_to_counts(connection, video_id, likes=-1)
        return self._comments.forget(connection, account)

    def _like_count(self, video_id: VideoId, me: Account) -> int:
        with self._engine.connect() as connection:
            return access.video_to_watch(connection, video_id, me).like_count
