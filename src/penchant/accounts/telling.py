"""What somebody is to be told of, as the room that did it says it; `community.inbox` keeps it, through a port.

Every room may tell: whoever does, does it in the transaction of the deed, so that there is both or neither.
"""

from datetime import datetime
from typing import Final, Literal, NamedTuple, Protocol, get_args

from penchant.core.database import Connection
from penchant.core.ids import AccountId, CommentId, DecisionId, VideoId

TellingKind = Literal[
    "follow",
    "follow_request",
    "accepted",
    "like",
    "comment",
    "reply",
    "mention",
    "comment_like",
    "video_ready",
    "video_failed",
    "decision",
]
KINDS: Final[tuple[TellingKind, ...]] = get_args(TellingKind)


class Telling(NamedTuple):
    """One deed that one account is told of. Whose it was and what it was about is looked up again when it is read, so
    that nothing is told that is not so any more, or that they may not see any more."""

    to: AccountId
    kind: TellingKind
    by: AccountId | None = None
    """Who did it; None where no person did."""
    video: VideoId | None = None
    comment: CommentId | None = None
    """The comment that somebody is named in, or that was liked; for a reply, the one that it stands under."""
    decision: DecisionId | None = None
    at: datetime | None = None
    """The moment that stands in the deed's own row, where there is one: by it the row is found again."""


class Tell(Protocol):
    """Keeps what somebody is told of, inside the caller's transaction."""

    def __call__(self, connection: Connection, telling: Telling) -> None: ...


def nobody(connection: Connection, telling: Telling) -> None:
    """Where nobody reads what is told: tools that use a room by itself."""
