"""Uploads as the rest of the room sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, NewType
from uuid import UUID

import msgspec

from penchant.catalog.model import VideoState
from penchant.core.ids import AccountId, SoundId, VideoId
from penchant.media.cut import Cut

UploadId = NewType("UploadId", UUID)

Step = Literal["receiving", "received", "checked", "picture", "playable", "complete"]
"""How far a file has come: its bytes, all of them, probed, its first picture, listed, every size made."""


SpeechState = Literal["waiting", "written", "silent", "kept", "failed"]
"""What became of listening to a video: captions are written, nobody speaks, or somebody wrote captions before."""


SoundState = Literal["waiting", "own", "linked", "chosen", "silent", "failed"]
"""Whose the sound of a video is: its own, somebody's it was found to be, somebody's its creator chose, or none."""


class SoundCheck(NamedTuple):
    """What was decided about a video's sound, and the earlier sound that it is like, where there is one."""

    state: SoundState
    like: SoundId | None = None
    offset_ms: int | None = None
    """Where in that sound the video begins."""
    share: float | None = None
    """Of the seconds that are heard in the video."""
    hits: int | None = None


class UploadMetadata(msgspec.Struct, frozen=True):
    """What the creator said about the file; checked before the first byte is taken."""

    title: str = ""
    hashtags: tuple[str, ...] = ()
    language: str = ""
    alt_text: str = ""
    """What is to be seen, for people who cannot see it."""
    cut: Cut = Cut()
    sound: str = ""
    """The id of the sound that is heard instead of the file's own, as it is written."""


@dataclass(frozen=True)
class Upload:
    """A file on its way in. How much has arrived is not here: it is the size of the file on disk."""

    id: UploadId
    account: AccountId
    size_bytes: int
    metadata: UploadMetadata
    video: VideoId | None
    """Set once all bytes are there."""
    expires_at: datetime
    finished: bool
    sha256: str | None = None
    """Of the whole file, hexadecimal; set once all bytes are there."""
    tus_metadata: str = ""
    """The header `Upload-Metadata` as the client sent it; forgotten once the file is a video."""


@dataclass(frozen=True)
class UploadOnItsWay:
    """One upload with the state of its video, as the owner's news are made of it."""

    id: UploadId
    size_bytes: int
    step: Step
    share: float
    sha256: str | None
    title: str
    video: VideoId | None
    state: VideoState | None
    failure_code: str | None
    failure_text: str | None
