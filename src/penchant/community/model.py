"""What comments are, as one viewer sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from penchant.core.ids import AccountId, CommentId, VideoId

COMMENT_CHARACTERS: Final = 500
PAGE: Final = 30
EDIT_MINUTES: Final = 15
"""So long its author may say it otherwise; then others have answered what it says."""
MENTIONS: Final = 10
"""Whom one comment may name: more is a crowd that did not ask to be called."""
WORDS: Final = 200
"""Words that one creator may have comments held back by."""
WORDS_CHARACTERS: Final = 60

CommentState = Literal["shown", "hidden", "held", "deleted", "unseen"]
"""`hidden` by the creator and `held` until they have looked: only they and the author see those. `deleted`: nothing
is left but its place, because it was answered. `unseen`: this viewer does not see it, and others answered it."""
Order = Literal["newest", "likes"]


@dataclass(frozen=True)
class Author:
    """Who said something."""

    id: AccountId
    handle: str
    name: str


@dataclass(frozen=True)
class Comment:
    """A comment with its author."""

    id: CommentId
    video: VideoId
    text: str
    created_at: datetime
    author: Author | None
    """None where only its place is shown."""
    state: CommentState = "shown"
    parent: CommentId | None = None
    """Under which it stands."""
    answers: str | None = None
    """The handle of whom it answers, where that is not who said what it stands under."""
    mentions: Mapping[str, str] = field(default_factory=dict)
    """Whom it names: the handle as it is written, in lower case, and as it is now."""
    edited_at: datetime | None = None
    pinned: bool = False
    like_count: int = 0
    liked: bool = False
    reply_count: int = 0


@dataclass(frozen=True)
class Listed:
    """A page of comments."""

    comments: list[Comment]
    following: str | None
    """Where the next page begins; None: that was all."""
    own: bool
    """Whether the viewer made the video: they may pin and hide."""
