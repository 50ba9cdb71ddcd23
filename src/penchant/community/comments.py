"""Comments: said, answered, edited, liked, pinned, hidden, held back, deleted."""

from datetime import timedelta
from typing import Any

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.accounts.telling import Tell, Telling, TellingKind, nobody
from penchant.catalog import access
from penchant.catalog import repository as catalog
from penchant.catalog.model import Video
from penchant.community import repository, thread_rows, words
from penchant.community.model import EDIT_MINUTES, Comment
from penchant.community.threads import looking_at, of_rows
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Forbidden, Gone, NotFound
from penchant.core.ids import AccountId, CommentId, Ids, VideoId
from penchant.events.model import Comment as CommentEvent
from penchant.events.model import Uncomment
from penchant.events.service import EventService


class TooLate(Conflict):
    """What was said so long ago is not said otherwise any more."""

    code = "too_late"


class CommentService:
    """Each comment that is seen is in its table and in the event log, both or neither; what is not seen any more is
    taken back there.
    """

    def __init__(self, engine: Engine, clock: Clock, events: EventService, tell: Tell = nobody) -> None:
        self._engine = engine
        self._clock = clock
        self._ids = Ids(clock)
        self._events = events
        self._tell = tell

    def write(self, me: Account, video_id: VideoId, said: str, answers: CommentId | None = None) -> Comment:
        """Say something about a video, or answer what somebody said.

        What answers an answer stands beside it, and says whom it answers.

        Raises:
            Invalid: nothing was said, or too much, or it names too many.
            NotFound: what is answered is not there to see.
        """
        said = words.clean_words(said)
        now = as_datetime(self._clock.now_ms())
        id_ = CommentId(self._ids.new())
        with self._engine.begin() as connection:
            video = access.video_to_watch(connection, video_id, me)
            under, answered = (None, None) if answers is None else self._answered(connection, video, me, answers)
            held = self._is_held(connection, video, me, said)
            repository.add_comment(
                connection,
                id=id_,
                video_id=video_id,
                account_id=me.id,
                text=said,
                created_at=now,
                parent_id=under,
                answered_id=answered,
                held_at=now if held else None,
            )
            repository.set_mentions(connection, id_, words.named(connection, said, me))
            row = repository.comment(connection, id_)
            self._recount(connection, None, row)
            if repository.is_seen(row):
                self._tell_all(connection, video, row)
            found = self._as_seen(connection, video, me, id_)
        self._events.deliver()
        return found

    def edit(self, me: Account, id_: CommentId, said: str) -> Comment:
        """Say one's own comment otherwise. What it said before is kept for moderators, for reports are about that.

        Raises:
            Invalid: as `write`.
            NotFound: there is no such comment.
            Forbidden: it is somebody else's.
            Gone: moderators have removed it.
            TooLate: it is older than `EDIT_MINUTES`.
        """
        said = words.clean_words(said)
        now = as_datetime(self._clock.now_ms())
        with self._engine.begin() as connection:
            before = self._mine(connection, me, id_)
            video = access.video_to_watch(connection, VideoId(before.video_id), me)
            if before.removed_at is not None:
                raise Gone("this comment has been removed")
            if now > before.created_at + timedelta(minutes=EDIT_MINUTES):
                raise TooLate(f"a comment can be edited for {EDIT_MINUTES} minutes")
            if said != before.text:
                repository.keep_text(connection, self._ids.new(), before, now)
                held = {"held_at": now, "pinned": False} if self._is_held(connection, video, me, said) else {}
                repository.update_comment(connection, id_, text=said, edited_at=now, **held)
                new = repository.set_mentions(connection, id_, words.named(connection, said, me))
                row = repository.comment(connection, id_)
                self._recount(connection, before, row)
                if repository.is_seen(row):
                    self._tell_mentioned(connection, row, new)
            found = self._as_seen(connection, video, me, id_)
        self._events.deliver()
        return found

    def delete(self, me: Account, id_: CommentId) -> None:
        """Take one's own comment back; a creator may delete any from their own video. What was answered keeps its
        place, with nothing in it.

        Raises:
            NotFound: there is no such comment.
            Forbidden: neither the comment nor the video is theirs.
        """
        with self._engine.begin() as connection:
            row = self._found(connection, id_)
            if row.account_id != me.id and not self._is_creator(connection, me, row):
                raise Forbidden("this comment belongs to somebody else")
            self._recount(connection, row, None)
            repository.remove_comment(connection, id_)
            if row.parent_id is not None:
                repository.remove_empty(connection, [row.parent_id])
        self._events.deliver()

    def like(self, me: Account, id_: CommentId, liked: bool) -> int:
        """Like a comment, or take that back; twice changes nothing. Returns how many like it now. It is not taste.

        Raises:
            NotFound: there is no such comment to see.
        """
        now = as_datetime(self._clock.now_ms())
        with self._engine.begin() as connection:
            row = self._found(connection, id_)
            video = access.video_to_watch(connection, VideoId(row.video_id), me)
            self._shown(connection, video, me, id_)
            if liked:
                if repository.add_comment_like(connection, me.id, id_, now):
                    told = Telling(AccountId(row.account_id), "comment_like", me.id, video.id, id_, at=now)
                    self._tell(connection, told)
            else:
                repository.remove_comment_like(connection, me.id, id_)
            return int(repository.comment(connection, id_).like_count)

    def pin(self, me: Account, id_: CommentId, pinned: bool) -> None:
        """Put one comment before all others on one's own video; the one that was there before goes back to its place.

        Raises:
            NotFound, Forbidden: as `hide`.
            Conflict: it stands under another one, or is not to be seen.
        """
        with self._engine.begin() as connection:
            row = self._on_my_video(connection, me, id_)
            if pinned and (row.parent_id is not None or not repository.is_seen(row)):
                raise Conflict("only what everybody sees, and what answers nobody, is put first")
            if pinned:
                # One after the other, so that two at once do not both become the one.
                catalog.lock_video(connection, VideoId(row.video_id))
                repository.unpin(connection, VideoId(row.video_id))
            repository.update_comment(connection, id_, pinned=pinned)

    def hide(self, me: Account, id_: CommentId, hidden: bool) -> None:
        """Take a comment on one's own video out of sight, or let it be seen again. Its author sees that it is hidden.

        Raises:
            NotFound: there is no such comment.
            Forbidden: the video is somebody else's.
        """
        moment = as_datetime(self._clock.now_ms()) if hidden else None
        with self._engine.begin() as connection:
            row = self._on_my_video(connection, me, id_)
            if (row.hidden_at is None) is (moment is None):
                return
            self._change(connection, row, hidden_at=moment, **({"pinned": False} if hidden else {}))
        self._events.deliver()

    def let_in(self, me: Account, id_: CommentId) -> None:
        """Let everybody see a comment that one's words held back; one that is seen already stays so.

        Raises:
            NotFound, Forbidden: as `hide`.
        """
        with self._engine.begin() as connection:
            row = self._on_my_video(connection, me, id_)
            if row.held_at is None:
                return
            found = catalog.video(connection, VideoId(row.video_id))
            after = self._change(connection, row, held_at=None)
            if found is not None and repository.is_seen(after):
                self._tell_all(connection, found[0], after, creator=False)
        self._events.deliver()

    def set_removed(self, connection: Connection, id_: CommentId, removed: bool) -> None:
        """Take a comment out of sight inside the caller's transaction, as moderation does, or let it back in.

        Raises:
            NotFound: there is no such comment.
        """
        row = self._found(connection, id_)
        if (row.removed_at is not None) is not removed:
            moment = as_datetime(self._clock.now_ms()) if removed else None
            self._change(connection, row, removed_at=moment, **({"pinned": False} if removed else {}))

    def held_words(self, me: Account) -> list[str]:
        """The words that hold comments on one's videos back."""
        with self._engine.connect() as connection:
            return repository.held_words(connection, me.id)

    def set_held_words(self, me: Account, held: list[str]) -> list[str]:
        """Hold comments on one's videos back that have one of these words, from now on.

        Raises:
            Invalid: as `words.clean_held_words`.
        """
        clean = words.clean_held_words(held)
        with self._engine.begin() as connection:
            repository.set_held_words(connection, me.id, clean)
            return repository.held_words(connection, me.id)

    def forget(self, connection: Connection, account: AccountId) -> list[CommentId]:
        """Take away what somebody said before their account goes; returns which comments it was."""
        ids = repository.comment_ids_by(connection, account)
        for row in repository.seen_by_video(connection, account):
            catalog.add_to_counts(connection, VideoId(row.video_id), comments=-row.count)
        repository.forget_comments(connection, account)
        return ids

    def _answered(
        self, connection: Connection, video: Video, me: Account, answers: CommentId
    ) -> tuple[CommentId, AccountId | None]:
        """Under which comment an answer stands, and whose answer it answers, where that is not that one."""
        row = self._found(connection, answers)
        if row.video_id != video.id:
            raise NotFound("there is no such comment")
        self._shown(connection, video, me, answers)
        if row.parent_id is None:
            return answers, None
        return CommentId(row.parent_id), None if row.account_id == me.id else AccountId(row.account_id)

    def _shown(self, connection: Connection, video: Video, me: Account, id_: CommentId) -> None:
        """Raises NotFound where a comment is not there for everybody, or not for this viewer."""
        found = thread_rows.one(connection, id_, looking_at(connection, video, me))
        if found is None or not repository.is_seen(found):
            raise NotFound("there is no such comment")

    def _is_held(self, connection: Connection, video: Video, me: Account, said: str) -> bool:
        if video.creator.id == me.id:
            return False
        return words.holds(repository.held_words(connection, video.creator.id), said)

    def _found(self, connection: Connection, id_: CommentId) -> Any:
        """The row of a comment, locked after the one that it stands under, so that neither goes meanwhile."""
        row = repository.comment(connection, id_)
        if row is not None and row.parent_id is not None:
            repository.comment(connection, CommentId(row.parent_id), lock=True)
        row = repository.comment(connection, id_, lock=True)
        if row is None or row.account_id is None:
            raise NotFound("there is no such comment")
        return row

    def _mine(self, connection: Connection, me: Account, id_: CommentId) -> Any:
        row = self._found(connection, id_)
        if row.account_id != me.id:
            raise Forbidden("this comment belongs to somebody else")
        return row

    def _on_my_video(self, connection: Connection, me: Account, id_: CommentId) -> Any:
        row = self._found(connection, id_)
        if not self._is_creator(connection, me, row):
            raise Forbidden("this video belongs to somebody else")
        return row

    def _is_creator(self, connection: Connection, me: Account, row: Any) -> bool:
        found = catalog.video(connection, VideoId(row.video_id))
        return found is not None and found[0].creator.id == me.id

    def _as_seen(self, connection: Connection, video: Video, me: Account, id_: CommentId) -> Comment:
        looking = looking_at(connection, video, me)
        row = thread_rows.one(connection, id_, looking)
        return of_rows(connection, [row], looking)[0]

    def _change(self, connection: Connection, row: Any, **values: Any) -> Any:
        repository.update_comment(connection, CommentId(row.id), **values)
        after = repository.comment(connection, CommentId(row.id))
        self._recount(connection, row, after)
        return after

    def _recount(self, connection: Connection, before: Any, after: Any) -> None:
        """Count and tell the log that a comment is seen now, or no longer is. `before`, `after`: None where none is."""
        was, is_now = (row is not None and repository.is_seen(row) for row in (before, after))
        if was == is_now:
            return
        row = after if is_now else before
        catalog.add_to_counts(connection, VideoId(row.video_id), comments=1 if is_now else -1)
        author = accounts.account_by_id(connection, AccountId(row.account_id))
        if author is not None:
            kind = CommentEvent if is_now else Uncomment
            self._events.tell(connection, author.subject, kind(video=row.video_id, comment=row.id))

    def _tell_all(self, connection: Connection, video: Video, row: Any, *, creator: bool = True) -> None:
        """Tell whose video it is, or whom it answers, and then whom it names: each of them once.

        creator: whether the creator has not looked at it already.
        """
        to: AccountId | None = video.creator.id
        if row.parent_id is None:
            if creator:
                self._tell_one(connection, row, video.creator.id, "comment", None)
        else:
            root = repository.comment(connection, CommentId(row.parent_id))
            to = row.answered_id or (root.account_id if root is not None else None)
            if to is not None:
                self._tell_one(connection, row, to, "reply", CommentId(row.parent_id))
        named = repository.named_by(connection, CommentId(row.id))
        self._tell_mentioned(connection, row, {account for account in named if account != to})

    def _tell_mentioned(self, connection: Connection, row: Any, named: set[AccountId]) -> None:
        for account in sorted(named):
            self._tell_one(connection, row, account, "mention", CommentId(row.id))

    def _tell_one(
        self, connection: Connection, row: Any, to: AccountId, kind: TellingKind, about: CommentId | None
    ) -> None:
        video, by = VideoId(row.video_id), AccountId(row.account_id)
        self._tell(connection, Telling(to, kind, by, video, about, at=row.created_at))
