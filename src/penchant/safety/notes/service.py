"""Writing, rating and reading notes."""

import re
from typing import Any, Final

from penchant.accounts.model import Account
from penchant.catalog import access
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Forbidden, Invalid, NotFound
from penchant.core.ids import AccountId, Ids, NoteId, VideoId, created_ms
from penchant.safety.notes import repository
from penchant.safety.notes.aliases import alias_of
from penchant.safety.notes.model import (
    KINDS,
    NOTE_CHARACTERS,
    RATING_REASONS,
    REASONS_AT_MOST,
    VALUES,
    Note,
    NoteKind,
    RatingReason,
    Value,
)
from penchant.safety.notes.standing import fresh

_DAY_MS: Final = 86_400_000
_LINK: Final = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]»”’]")


class NotesService:
    """What people do with notes. Whoever writes or rates is known to readers by an alias only."""

    def __init__(self, engine: Engine, clock: Clock, alias_key: bytes, account_days: int) -> None:
        self._engine = engine
        self._clock = clock
        self._ids = Ids(clock)
        self._alias_key = alias_key
        self._account_days = account_days

    def write(self, me: Account, video_id: VideoId, kind: NoteKind, words: str) -> Note:
        """Write the one note that an account may have on a video.

        Raises:
            Invalid: nothing was written, or too much, or the kind is none of ours.
            Forbidden: the account is too new.
            Conflict: there is one already; a note that a moderator removed counts.
        """
        words = _checked(kind, words)
        self._check_age(me)
        now_ms = self._clock.now_ms()
        note_id, now = NoteId(self._ids.new()), as_datetime(now_ms)
        with self._engine.begin() as connection:
            access.video_to_watch(connection, video_id, me)
            added = repository.add_note(
                connection,
                id=note_id,
                video_id=video_id,
                author_id=me.id,
                kind=kind,
                text=words,
                created_at=now,
                status=fresh(now_ms).status,
                status_since=now,
            )
            if not added:
                raise Conflict("you have written a note on this video already", code="note_exists")
            return self._note(repository.note(connection, note_id), me.id)

    def change(self, me: Account, note_id: NoteId, kind: NoteKind, words: str) -> Note:
        """Say it otherwise, as long as nobody has rated it.

        Raises:
            Invalid: as for `write`.
            NotFound: there is no such note.
            Forbidden: somebody else's.
            Conflict: it was rated: what people judged stays as they read it.
        """
        words = _checked(kind, words)
        with self._engine.begin() as connection:
            repository.hold_note(connection, note_id)
            row = self._own(connection, me, note_id)
            if row.ratings:
                raise Conflict("this note has been rated and stays as it was read", code="note_rated")
            repository.change_note(connection, note_id, kind, words)
            return self._note(repository.note(connection, note_id), me.id)

    def delete(self, me: Account, note_id: NoteId) -> None:
        """Take one's own note back, with its ratings.

        Raises:
            NotFound: there is no such note.
            Forbidden: somebody else's.
        """
        with self._engine.begin() as connection:
            self._own(connection, me, note_id)
            repository.delete_note(connection, note_id)

    def rate(self, me: Account, note_id: NoteId, value: Value, reasons: tuple[RatingReason, ...]) -> Note:
        """Judge somebody else's note; a second judgement takes the place of the first.

        Raises:
            Invalid: value or reasons are none of ours, or there are too many reasons.
            NotFound: there is no such note, or its video is not to be seen.
            Forbidden: one's own, or the account is too new.
        """
        if value not in VALUES or len(reasons) > REASONS_AT_MOST or not set(reasons) <= set(RATING_REASONS):
            fields = {"value": f"one of {', '.join(VALUES)}", "reasons": f"at most {REASONS_AT_MOST} of the known"}
            raise Invalid("the rating is not right", fields=fields)
        self._check_age(me)
        with self._engine.begin() as connection:
            repository.hold_note(connection, note_id)
            row = repository.note(connection, note_id)
            if row is None:
                raise NotFound("there is no such note")
            access.video_to_watch(connection, VideoId(row.video_id), me)
            if row.author_id == me.id:
                raise Forbidden("one's own note is for others to rate", code="own_note")
            repository.put_rating(
                connection,
                note_id=note_id,
                account_id=me.id,
                value=value,
                reasons=sorted(set(reasons)),
                position=self._ids.new(),
                rated_at=as_datetime(self._clock.now_ms()),
            )
            return next(note for note in self._on(connection, VideoId(row.video_id), me.id) if note.id == note_id)

    def on_video(self, reader: Account | None, video_id: VideoId) -> list[Note]:
        """The notes on a video: shown ones first, the most bridging first.

        Raises:
            NotFound, Gone: the video is not to be seen.
        """
        with self._engine.connect() as connection:
            access.video_to_watch(connection, video_id, reader)
            return self._on(connection, video_id, reader.id if reader else None)

    def _on(self, connection: Connection, video_id: VideoId, reader: AccountId | None) -> list[Note]:
        return [self._note(row, reader, row.mine) for row in repository.notes_on(connection, video_id, reader)]

    def _own(self, connection: Connection, me: Account, note_id: NoteId) -> Any:
        row = repository.note(connection, note_id)
        if row is None:
            raise NotFound("there is no such note")
        if row.author_id != me.id:
            raise Forbidden("this note belongs to somebody else")
        return row

    def _check_age(self, me: Account) -> None:
        # An id may lie some milliseconds ahead of the clock.
        if self._account_days and self._clock.now_ms() - created_ms(me.id) < self._account_days * _DAY_MS:
            raise Forbidden(
                f"notes are for accounts of {self._account_days} days and more; reading them is for everyone",
                code="account_too_new",
            )

    def _note(self, row: Any, reader: AccountId | None, rated: Value | None = None) -> Note:
        return Note(
            id=NoteId(row.id),
            video=VideoId(row.video_id),
            alias=alias_of(self._alias_key, AccountId(row.author_id)),
            kind=row.kind,
            text=row.text,
            links=tuple(_LINK.findall(row.text)),
            created_at=row.created_at,
            status=row.status,
            shown=row.shown,
            locked=row.locked,
            ratings=row.ratings,
            mine=row.author_id == reader,
            my_rating=rated,
        )


def _checked(kind: NoteKind, words: str) -> str:
    words = words.strip()
    fields = {}
    if kind not in KINDS:
        fields["kind"] = f"one of {', '.join(KINDS)}"
    if not words or len(words) > NOTE_CHARACTERS:
        fields["text"] = f"1 to {NOTE_CHARACTERS} characters"
    if fields:
        raise Invalid("the note is not right", fields=fields)
    return words
