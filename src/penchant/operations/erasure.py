"""Deleting an account: everything that is theirs goes, in one transaction."""

from collections.abc import Sequence
from typing import NamedTuple

from penchant.accounts import repository as accounts
from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Account
from penchant.catalog import repository as catalog
from penchant.catalog.model import VideoState
from penchant.catalog.service import CatalogService
from penchant.community.service import CommunityService
from penchant.core.clock import Clock
from penchant.core.database import Engine
from penchant.core.jobs import Jobs
from penchant.events.service import EventService
from penchant.feed import repository as feed
from penchant.ledger import leaves
from penchant.ledger.record import append
from penchant.markets.directory import RELEASE
from penchant.media.uploads import UploadService
from penchant.operations.figures import service as figures
from penchant.safety.model import TargetKind
from penchant.safety.notes import repository as notes
from penchant.safety.service import SafetyService


class Erased(NamedTuple):
    """What somebody who was erased takes with them."""

    entry: int
    """The number of the leaf that says so in the ledger."""
    salted: bytes
    """What that leaf commits to: 32 random bytes, and the number that stood for them in everything they did."""


class Erasure:
    """Erases people. Files of their videos are deleted by a job of the same transaction, of uploads right after it."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        events: EventService,
        keys: DataKeys,
        catalog_service: CatalogService,
        community: CommunityService,
        safety: SafetyService,
        uploads: UploadService,
        jobs: Jobs,
        *,
        in_directory: bool = False,
    ) -> None:
        """`in_directory`: handles are claimed in a directory, and have to be released there."""
        self._engine = engine
        self._clock = clock
        self._events = events
        self._keys = keys
        self._catalog = catalog_service
        self._community = community
        self._safety = safety
        self._uploads = uploads
        self._jobs = jobs
        self._in_directory = in_directory

    def erase(self, account: Account) -> Erased:
        """Delete an account with its videos, comments, likes, events and key; returns what proves it later."""
        commitment, salt = leaves.commit(account.subject.bytes)
        with self._engine.begin() as connection:
            keys: list[str] = []
            states: tuple[VideoState, ...] = ("uploaded", "processing", "ready", "failed", "removed")
            videos = catalog.videos_of(connection, account.id, states, None, 1_000_000)
            for video in videos:
                keys += catalog.object_keys(connection, video.id)
                if video.state == "ready":
                    self._catalog.remove(connection, video, "creator")
            comments = self._community.forget(connection, account.id)
            theirs: dict[TargetKind, Sequence[int]] = {
                "video": [video.id for video in videos],
                "comment": comments,
                "account": [account.id],
                "note": notes.ids_by(connection, account.id),
            }
            self._safety.forget(connection, account.subject, theirs)
            figures.reopen(connection, account.subject)
            feed.forget_pages(connection, account.subject)
            self._events.erase(connection, account.subject, [video.id for video in videos])
            files = self._uploads.files_of(connection, account.id)
            self._keys.destroy(connection, account.subject)
            accounts.remove_account(connection, account.id, account.subject)
            entry = append(connection, leaves.Erasure(self._clock.now_ms(), commitment))
            if keys:
                self._jobs.defer(connection, "media.delete_objects", keys=keys)
            if self._in_directory and not account.stands_in:
                self._jobs.defer(connection, RELEASE, handle=account.handle)
        self._uploads.remove_files(files)
        self._events.deliver()
        return Erased(entry, salt + account.subject.bytes)
