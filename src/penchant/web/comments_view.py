"""Comments as they go over the wire."""

from datetime import datetime, timedelta

import msgspec

from penchant.accounts.model import Account
from penchant.accounts.muting.model import NOTHING, Mutes
from penchant.community.model import EDIT_MINUTES, Author, Comment, Listed
from penchant.core.ids import format_id
from penchant.web.schemas import AuthorOut


class CommentOut(msgspec.Struct, frozen=True):
    id: str
    video: str
    text: str
    created_at: datetime
    author: AuthorOut | None
    """Null where only its place is shown."""
    mine: bool
    state: str
    """`shown`; to its author and the creator also `hidden` and `held`; a place alone is `deleted` or `unseen`."""
    parent: str | None
    """The comment that it stands under."""
    answers: str | None
    """The handle of whom it answers, where that is not who said what it stands under."""
    mentions: dict[str, str]
    """Whom it names: the handle as it is written, in lower case, and as it is now."""
    edited_at: datetime | None
    editable_until: datetime | None
    """Where it is one's own."""
    pinned: bool
    like_count: int
    liked: bool
    reply_count: int
    muted: bool
    """By somebody or with a word that whoever asks mutes: the page folds it away."""


class CommentsOut(msgspec.Struct, frozen=True):
    comments: list[CommentOut]
    next: str | None
    own: bool
    """Whether the viewer made the video: they may pin and hide."""


def comment_out(comment: Comment, viewer: Account | None, mutes: Mutes = NOTHING) -> CommentOut:
    author = comment.author
    mine = viewer is not None and author is not None and viewer.id == author.id
    return CommentOut(
        id=format_id(comment.id),
        video=format_id(comment.video),
        text=comment.text,
        created_at=comment.created_at,
        author=None if author is None else author_out(author),
        mine=mine,
        state=comment.state,
        parent=None if comment.parent is None else format_id(comment.parent),
        answers=comment.answers,
        mentions=dict(comment.mentions),
        edited_at=comment.edited_at,
        editable_until=comment.created_at + timedelta(minutes=EDIT_MINUTES) if mine else None,
        pinned=comment.pinned,
        like_count=comment.like_count,
        liked=comment.liked,
        reply_count=comment.reply_count,
        muted=author is not None and not mine and mutes.silence(creator=author.id, texts=[comment.text]),
    )


def comments_out(listed: Listed, viewer: Account | None, mutes: Mutes) -> CommentsOut:
    return CommentsOut([comment_out(one, viewer, mutes) for one in listed.comments], listed.following, listed.own)


def author_out(author: Author) -> AuthorOut:
    return AuthorOut(format_id(author.id), author.handle, author.name)
