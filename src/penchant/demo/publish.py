"""Brings what the demo made into the installation, through the rooms that hold it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from threading import Lock

from penchant.accounts.model import Account
from penchant.catalog import repository as catalog
from penchant.catalog.model import Rendition, RenditionName
from penchant.core.database import Connection
from penchant.core.errors import Conflict
from penchant.core.ids import AccountId, Ids, SoundId, VideoId, format_id
from penchant.demo.cell import Cell
from penchant.demo.messages import Made
from penchant.demo.plan import Clip, sound_owner

_RANDOM_BITS = 22


def video_id_of(clip: Clip) -> VideoId:
    """A clip's id, the same in every installation and run: so making it twice is seen, and never listed twice.

    Its time is in the first minutes of the epoch, before anything that a person uploaded.
    """
    digest = hashlib.sha256(f"penchant demo {clip.number}".encode()).digest()
    return VideoId((clip.number + 1) * 1000 << _RANDOM_BITS | int.from_bytes(digest[:4], "big") >> 32 - _RANDOM_BITS)


class Publisher:
    """Publishes clips one after the other, whoever made them."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._ids = Ids(cell.clock)
        self._turn = Lock()

    def publish(self, clip: Clip, made: Made, video: Path, poster: Path) -> None:
        """Store the files and list the clip: all of it or, after a kill, nothing that anybody sees."""
        cell, id_ = self._cell, video_id_of(clip)
        files = [
            self._store(id_, "480p", video, "video/mp4", made),
            self._store(id_, "poster", poster, "image/jpeg", made),
        ]
        with self._turn:
            creator = demo_account(cell, clip.handle, clip.name)
            owner = demo_account(cell, *sound_owner(clip.theme, clip.piece))
            with cell.engine.begin() as connection:
                if catalog.lock_video(connection, id_) is not None:
                    return
                sound = self._sound(connection, owner.id, clip.sound_title)
                cell.catalog.add(
                    connection,
                    creator.id,
                    clip.title,
                    clip.hashtags,
                    clip.language,
                    sound=sound,
                    id_=id_,
                )
                if creator.id == owner.id:
                    catalog.add_original_sound(connection, sound, id_, shared=True)
                cell.catalog.publish(
                    connection,
                    id_,
                    duration_ms=made.duration_ms,
                    width=made.width,
                    height=made.height,
                    files=files,
                    encoder=made.encoder,
                    vector=made.vector,
                )
            cell.events.deliver()

    def _sound(self, connection: Connection, owner: AccountId, title: str) -> SoundId:
        known = catalog.sound_by_title(connection, owner, title)
        if known is not None:
            return known
        sound = SoundId(self._ids.new())
        catalog.add_sound(connection, sound, title, owner)
        return sound

    def _store(self, id_: VideoId, name: RenditionName, path: Path, content_type: str, made: Made) -> Rendition:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        key = f"videos/{format_id(id_)}/{name}-{digest[:16]}{path.suffix}"
        size = self._cell.objects.put_file(key, path)
        return Rendition(name, key, content_type, size, digest, made.width, made.height)


def demo_account(cell: Cell, handle: str, name: str) -> Account:
    """The demo account of this handle, made where it is missing. Where a person has the handle, it is numbered.

    Raises:
        Conflict: people have all its numbers too.
    """
    for number in ("", "_2", "_3", "_4", "_5"):
        account = cell.accounts.make_account(handle[:22] + number if number else handle, name, is_demo=True)
        if account.is_demo:
            return account
    raise Conflict(f"the demo cannot have an account like @{handle}: all are taken", code="handle_taken")
