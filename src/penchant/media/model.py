"""Uploads as the rest of the room sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

import msgspec

from penchant.core.ids import AccountId, VideoId

UploadId = NewType("UploadId", UUID)


class UploadMetadata(msgspec.Struct, frozen=True):
    """What the creator said about the file; checked before the first byte is taken."""

    title: str = ""
    hashtags: tuple[str, ...] = ()
    language: str = ""


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
