"""What a report, a case or a decision is about: whose it is, and of when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from penchant.accounts import repository as accounts
from penchant.catalog import repository as catalog
from penchant.core.database import Connection
from penchant.core.ids import AccountId, CommentId, NoteId, VideoId
from penchant.safety.model import TargetKind
from penchant.safety.notes import repository as notes

FindComment = Callable[[Connection, CommentId], Any]
"""The row of a comment, None where there is none; comments belong to a room above."""


@dataclass(frozen=True)
class About:
    """One target."""

    account: AccountId
    """Whom a decision about it concerns."""
    handle: str
    words: str
    """A video's title, a comment's or a note's text, an account's name."""
    video: VideoId | None
    """The video itself, or that which the comment or the note is on."""
    created_at: datetime
    language: str | None


class Targets:
    """Looks targets up."""

    def __init__(self, find_comment: FindComment) -> None:
        self._find_comment = find_comment

    def about(self, connection: Connection, kind: TargetKind, target: int) -> About | None:
        """What a target is; None where it is gone."""
        if kind == "video":
            found = catalog.video(connection, VideoId(target))
            if found is None:
                return None
            video = found[0]
            by = video.creator
            return About(by.id, by.handle, video.title, video.id, video.created_at, video.language)
        if kind == "comment":
            row = self._find_comment(connection, CommentId(target))
            return _written(connection, row, row.account_id) if row is not None else None
        if kind == "note":
            row = notes.note_or_removed(connection, NoteId(target))
            return _written(connection, row, row.author_id) if row is not None else None
        account = accounts.account_by_id(connection, AccountId(target))
        if account is None:
            return None
        joined_at = accounts.joined_at(connection, account.id)
        return About(account.id, account.handle, account.name, None, joined_at, None)


def _written(connection: Connection, row: Any, by: int) -> About | None:
    """Words under a video; None where whose they are is gone."""
    author = accounts.account_by_id(connection, AccountId(by))
    if author is None:
        return None
    return About(author.id, author.handle, row.text, VideoId(row.video_id), row.created_at, None)
