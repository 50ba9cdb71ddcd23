"""What is between two accounts: follows and blocks."""

from penchant.accounts import repository
from penchant.accounts.model import Account, Profile
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.core.errors import Invalid, NotFound
from penchant.events.model import Block, Follow, Unblock, Unfollow
from penchant.events.service import EventService


class SocialService:
    """Follows, blocks and profiles. A block works both ways and at once."""

    def __init__(self, engine: Engine, clock: Clock, events: EventService) -> None:
        self._engine = engine
        self._clock = clock
        self._events = events

    def profile(self, handle: str, viewer: Account | None) -> Profile:
        """Someone's page as this viewer sees it.

        Raises:
            NotFound: there is nobody of that handle, or they blocked the viewer.
        """
        with self._engine.connect() as connection:
            theirs = repository.account_by_handle(connection, handle.lower().removeprefix("@"))
            if theirs is None or theirs.suspended:
                raise NotFound(f"nobody here is called @{handle[:24]}")
            row = repository.relation(connection, viewer.id if viewer else None, theirs.id)
        if row.blocked_by:
            raise NotFound(f"nobody here is called @{handle[:24]}")
        return Profile(
            account=theirs,
            follower_count=row.follower_count,
            following_count=row.following_count,
            following=row.following,
            blocked=row.blocked,
            is_self=viewer is not None and viewer.id == theirs.id,
        )

    def follow(self, me: Account, handle: str) -> Profile:
        """Follow someone; doing it twice changes nothing."""
        theirs = self._other(me, handle)
        with self._engine.begin() as connection:
            if repository.add_follow(connection, me.id, theirs.id, as_datetime(self._clock.now_ms())):
                self._events.tell(connection, me.subject, Follow(creator=theirs.id))
        return self._after(me, handle)

    def unfollow(self, me: Account, handle: str) -> Profile:
        """Take a follow back."""
        theirs = self._other(me, handle)
        with self._engine.begin() as connection:
            if repository.remove_follow(connection, me.id, theirs.id):
                self._events.tell(connection, me.subject, Unfollow(creator=theirs.id))
        return self._after(me, handle)

    def block(self, me: Account, handle: str) -> Profile:
        """Block someone: neither sees the other from now on, and follows between them end."""
        theirs = self._other(me, handle)
        with self._engine.begin() as connection:
            if repository.add_block(connection, me.id, theirs.id, as_datetime(self._clock.now_ms())):
                self._events.tell(connection, me.subject, Block(creator=theirs.id))
            if repository.remove_follow(connection, me.id, theirs.id):
                self._events.tell(connection, me.subject, Unfollow(creator=theirs.id))
            if repository.remove_follow(connection, theirs.id, me.id):
                self._events.tell(connection, theirs.subject, Unfollow(creator=me.id))
        return self._after(me, handle)

    def unblock(self, me: Account, handle: str) -> Profile:
        """Take a block back; follows do not return by themselves."""
        with self._engine.begin() as connection:
            theirs = repository.account_by_handle(connection, handle.lower().removeprefix("@"))
            if theirs is None:
                raise NotFound(f"nobody here is called @{handle[:24]}")
            if repository.remove_block(connection, me.id, theirs.id):
                self._events.tell(connection, me.subject, Unblock(creator=theirs.id))
        return self._after(me, handle)

    def _other(self, me: Account, handle: str) -> Account:
        profile = self.profile(handle, me)
        if profile.is_self:
            raise Invalid("that is yourself")
        return profile.account

    def _after(self, me: Account, handle: str) -> Profile:
        self._events.deliver()
        return self.profile(handle, me)
