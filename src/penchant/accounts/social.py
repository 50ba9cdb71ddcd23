"""What is between two accounts: follows and blocks."""

from datetime import datetime

from penchant.accounts import repository
from penchant.accounts.model import Account, FollowRequest, Profile
from penchant.accounts.telling import Tell, Telling, nobody
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Forbidden, Invalid, NotFound
from penchant.events.model import Block, Follow, Unblock, Unfollow
from penchant.events.service import EventService


class MinorPrivate(Forbidden):
    """The account of a minor stays private."""

    code = "minor_private"


class SocialService:
    """Follows, blocks and profiles. A block works both ways and at once."""

    def __init__(self, engine: Engine, clock: Clock, events: EventService, tell: Tell = nobody) -> None:
        self._engine = engine
        self._clock = clock
        self._events = events
        self._tell = tell

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
            requested=row.requested,
            blocked=row.blocked,
            is_self=viewer is not None and viewer.id == theirs.id,
        )

    def follow(self, me: Account, handle: str) -> Profile:
        """Follow someone, or ask to where their account is private; doing it twice changes nothing."""
        theirs = self._other(me, handle)
        now = as_datetime(self._clock.now_ms())
        with self._engine.begin() as connection:
            if theirs.private and not repository.follows_them(connection, me.id, theirs.id):
                if repository.add_request(connection, me.id, theirs.id, now):
                    self._tell(connection, Telling(theirs.id, "follow_request", me.id, at=now))
            elif self._add(connection, me, theirs, now):
                self._tell(connection, Telling(theirs.id, "follow", me.id, at=now))
        return self._after(me, handle)

    def unfollow(self, me: Account, handle: str) -> Profile:
        """Take a follow back, or the question whether one may."""
        theirs = self._other(me, handle)
        with self._engine.begin() as connection:
            repository.remove_request(connection, me.id, theirs.id)
            self._remove(connection, me, theirs)
        return self._after(me, handle)

    def requests(self, me: Account) -> list[FollowRequest]:
        """Who asks to follow, the first to ask first."""
        with self._engine.connect() as connection:
            asking = repository.requests_to(connection, me.id)
        return [FollowRequest(person.handle, person.name, asked_at) for person, asked_at in asking]

    def answer(self, me: Account, handle: str, *, accept: bool) -> None:
        """Let somebody follow who asked to, or not.

        Raises:
            NotFound: nobody of that handle asks.
        """
        with self._engine.begin() as connection:
            asking = repository.account_by_handle(connection, handle.lower().removeprefix("@"))
            if asking is None or not repository.remove_request(connection, asking.id, me.id):
                raise NotFound(f"@{handle[:24]} does not ask to follow")
            if accept:
                self._accept(connection, asking, me)
        self._events.deliver()

    def remove_follower(self, me: Account, handle: str) -> None:
        """Let somebody follow no longer; nobody tells them."""
        with self._engine.begin() as connection:
            follower = repository.account_by_handle(connection, handle.lower().removeprefix("@"))
            if follower is not None:
                self._remove(connection, follower, me)
        self._events.deliver()

    def set_private(self, me: Account, private: bool) -> None:
        """Publish for followers only, or for everybody; who asked to follow an account that opens, follows.

        Raises:
            MinorPrivate: a minor's account does not open.
        """
        if not private and not me.is_adult:
            raise MinorPrivate("an account of somebody under age stays private")
        with self._engine.begin() as connection:
            repository.set_wants_private(connection, me.id, private)
            if not private:
                for asking, _ in repository.requests_to(connection, me.id):
                    repository.remove_request(connection, asking.id, me.id)
                    self._accept(connection, asking, me)
        self._events.deliver()

    def block(self, me: Account, handle: str) -> Profile:
        """Block someone: neither sees the other from now on, and follows between them end."""
        theirs = self._other(me, handle)
        with self._engine.begin() as connection:
            if repository.add_block(connection, me.id, theirs.id, as_datetime(self._clock.now_ms())):
                self._events.tell(connection, me.subject, Block(creator=theirs.id))
            for one, other in ((me, theirs), (theirs, me)):
                repository.remove_request(connection, one.id, other.id)
                self._remove(connection, one, other)
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

    def _accept(self, connection: Connection, asking: Account, me: Account) -> None:
        if self._add(connection, asking, me, as_datetime(self._clock.now_ms())):
            self._tell(connection, Telling(asking.id, "accepted", me.id))

    def _add(self, connection: Connection, follower: Account, followed: Account, now: datetime) -> bool:
        """Whether the follow is new."""
        added = repository.add_follow(connection, follower.id, followed.id, now)
        if added:
            self._events.tell(connection, follower.subject, Follow(creator=followed.id))
        return added

    def _remove(self, connection: Connection, follower: Account, followed: Account) -> None:
        if repository.remove_follow(connection, follower.id, followed.id):
            self._events.tell(connection, follower.subject, Unfollow(creator=followed.id))

    def _other(self, me: Account, handle: str) -> Account:
        profile = self.profile(handle, me)
        if profile.is_self:
            raise Invalid("that is yourself")
        return profile.account

    def _after(self, me: Account, handle: str) -> Profile:
        self._events.deliver()
        return self.profile(handle, me)
