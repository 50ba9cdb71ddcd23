"""The events: what viewers did and what happened to videos, as written in the log for ever.

Kinds are only added, never changed: a log outlives the code that wrote it. Ids are integers here; the page
writes them as text (`core.ids`). Watch is a cumulative value: of all watches of one (session, play) the last counts.
"""

from typing import Literal
from uuid import UUID

import msgspec

from penchant.core.ids import SubjectId

Context = Literal["feed", "following", "link", "profile", "search", "sound"]
"""The surface on which it happened."""

DislikeTarget = Literal["video", "creator", "sound", "hashtag"]


class _Event(msgspec.Struct, frozen=True, tag_field="kind", kw_only=True):
    """What all kinds share: a tag named `kind`."""


class _Viewed(_Event, frozen=True, kw_only=True):
    video: int
    context: Context
    page: int | None = None
    """The page record that it came from, where the page's token was right."""
    slot: int | None = None


class Shown(_Viewed, frozen=True, kw_only=True, tag="shown"):
    """It was the current video for at least 250 ms (the client's word; `served` is the page record's)."""


class Watch(_Viewed, frozen=True, kw_only=True, tag="watch"):
    """How far a play has come; sent again and again while it runs."""

    play: int
    """Number of the play within the session."""
    watched_ms: int
    """Milliseconds played in this play so far, loops included."""
    duration_ms: int
    loops: int = 0
    foreground_ms: int = 0


class Share(_Viewed, frozen=True, kw_only=True, tag="share"):
    """The link was copied or handed to the system."""

    via: Literal["copy", "system"]


class ProfileOpen(_Event, frozen=True, kw_only=True, tag="profile_open"):
    """Someone's page was opened."""

    creator: int
    context: Context


class NotInterested(_Event, frozen=True, kw_only=True, tag="not_interested"):
    """Less of this, please. For a hashtag `name` holds it, else `target_id`."""

    target: DislikeTarget
    target_id: int = 0
    name: str = ""


class InterestedAgain(_Event, frozen=True, kw_only=True, tag="interested_again"):
    """The undo of `NotInterested`."""

    target: DislikeTarget
    target_id: int = 0
    name: str = ""


class HistoryRemoved(_Event, frozen=True, kw_only=True, tag="history_removed"):
    """What this viewer did with a video up to here is no input of their feed any more; that they saw it stays."""

    video: int


class TasteReset(_Event, frozen=True, kw_only=True, tag="taste_reset"):
    """The same of everything that this viewer did: their taste begins again."""


class Like(_Event, frozen=True, kw_only=True, tag="like"):
    video: int


class Unlike(_Event, frozen=True, kw_only=True, tag="unlike"):
    video: int


class Comment(_Event, frozen=True, kw_only=True, tag="comment"):
    video: int
    comment: int


class Uncomment(_Event, frozen=True, kw_only=True, tag="uncomment"):
    video: int
    comment: int


class Follow(_Event, frozen=True, kw_only=True, tag="follow"):
    creator: int


class Unfollow(_Event, frozen=True, kw_only=True, tag="unfollow"):
    creator: int


class Block(_Event, frozen=True, kw_only=True, tag="block"):
    creator: int


class Unblock(_Event, frozen=True, kw_only=True, tag="unblock"):
    creator: int


class Report(_Event, frozen=True, kw_only=True, tag="report"):
    """What was reported; why stays in `safety`."""

    target: Literal["video", "comment", "account", "note"]
    target_id: int


class Published(_Event, frozen=True, kw_only=True, tag="published"):
    """A video became listed, with the content vector that the learner knows it by until it is watched."""

    video: int
    creator: int
    sound: int | None
    duration_ms: int
    language: str
    encoder: str
    """Name and version of the `ContentEncoder` that made the vector."""
    vector: bytes
    """int8 values, one byte each."""


class Withdrawn(_Event, frozen=True, kw_only=True, tag="withdrawn"):
    """A video is no longer listed: deleted, removed, or its creator is gone."""

    video: int


class Erased(_Event, frozen=True, kw_only=True, tag="erased"):
    """A person asked to be forgotten: their events are deleted, and what their videos were published with, and a
    rebuild is due."""

    subject: UUID
    videos: tuple[int, ...] = ()
    """Theirs; each was withdrawn before."""


Event = (
    Shown
    | Watch
    | Share
    | ProfileOpen
    | NotInterested
    | InterestedAgain
    | HistoryRemoved
    | TasteReset
    | Like
    | Unlike
    | Comment
    | Uncomment
    | Follow
    | Unfollow
    | Block
    | Unblock
    | Report
    | Published
    | Withdrawn
    | Erased
)

SYSTEM = SubjectId(UUID(int=0))
"""The subject of events that are about no person: `published`, `withdrawn`, `erased`."""


class NewEvent(msgspec.Struct, frozen=True):
    """An event before the log has it. (session, sequence) names it once and for ever."""

    subject: SubjectId
    session: UUID
    sequence: int
    occurred_at_ms: int
    event: Event


class StoredEvent(msgspec.Struct, frozen=True):
    """An event as the log holds it, at its place."""

    offset: int
    subject: SubjectId
    session: UUID
    sequence: int
    occurred_at_ms: int
    received_at_ms: int
    event: Event


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def kind_of(event: Event) -> str:
    """The event's kind as the log names it."""
    return str(type(event).__struct_config__.tag)


def encode_event(event: Event) -> bytes:
    """The event as JSON with its kind."""
    return _encoder.encode(event)


def decode_event(text: bytes | str) -> Event:
    """The inverse of `encode_event`.

    Raises:
        msgspec.ValidationError: not an event that this version knows.
    """
    return _decoder.decode(text)
