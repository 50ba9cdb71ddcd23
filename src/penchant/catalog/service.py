"""What can be done with a video: add, follow its way to ready, list, remove, restore."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from penchant.accounts.telling import Tell, Telling, nobody
from penchant.catalog import captions, repository
from penchant.catalog.model import (
    ALT_TEXT_CHARACTERS,
    CAPTIONS,
    HASHTAGS,
    TITLE_CHARACTERS,
    Captions,
    Rendition,
    Restrictions,
    Video,
)
from penchant.catalog.provenance import Provenance
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection
from penchant.core.errors import Conflict, Invalid, NotFound
from penchant.core.ids import AccountId, Ids, SoundId, VideoId, id_at
from penchant.events.model import SYSTEM, Published, Withdrawn
from penchant.events.service import EventService


class CatalogService:
    """Videos of one market. Every verb works inside the caller's transaction; `events.deliver` follows its commit."""

    def __init__(self, clock: Clock, events: EventService, tell: Tell = nobody) -> None:
        self._clock = clock
        self._ids = Ids(clock)
        self._events = events
        self._tell = tell

    def add(
        self,
        connection: Connection,
        creator: AccountId,
        title: str,
        hashtags: Sequence[str],
        language: str,
        *,
        alt_text: str = "",
        sound: SoundId | None = None,
        id_: VideoId | None = None,
        created_at: datetime | None = None,
    ) -> VideoId:
        """A new video in the state *uploaded*; what a demo account makes is demo.

        created_at: when people saw it first, where that was elsewhere: its place among its creator's videos.

        Raises:
            Invalid: title or alt text is too long, or the hashtags are not right.
        """
        now_ms = self._clock.now_ms()
        moment = min(created_at or as_datetime(now_ms), as_datetime(now_ms))
        video_id = id_ or VideoId(self._ids.new() if created_at is None else id_at(round(moment.timestamp() * 1000)))
        repository.add_video(
            connection,
            id=video_id,
            creator_id=creator,
            title=clean_title(title),
            hashtags=clean_hashtags(hashtags),
            language=language,
            alt_text=clean_alt_text(alt_text),
            state="uploaded",
            sound_id=sound,
            created_at=moment,
        )
        return video_id

    def add_original_sound(self, connection: Connection, video: Video, *, shared: bool) -> SoundId:
        """Make the sound of a video a sound of its own, for others to use if `shared`."""
        sound = SoundId(self._ids.new())
        repository.add_sound(connection, sound, "", video.creator.id)
        repository.add_original_sound(connection, sound, video.id, shared=shared)
        repository.update_video(connection, video.id, sound_id=sound)
        return sound

    def now(self) -> datetime:
        """The moment, by the cell's clock."""
        return as_datetime(self._clock.now_ms())

    def start_processing(self, connection: Connection, id_: VideoId) -> bool:
        """uploaded | failed → processing; False where the video is removed or ready already."""
        row = repository.lock_video(connection, id_)
        if row is None or row.state not in ("uploaded", "processing", "failed"):
            return False
        repository.update_video(connection, id_, state="processing", failure_code=None, failure_text=None)
        return True

    def fail(self, connection: Connection, id_: VideoId, code: str, text: str) -> None:
        """→ failed, with a reason in words that its owner can act on. A removed or ready video stays as it is."""
        row = repository.lock_video(connection, id_)
        if row is not None and row.state in ("uploaded", "processing"):
            repository.update_video(connection, id_, state="failed", failure_code=code, failure_text=text)
            self._tell(connection, Telling(AccountId(row.creator_id), "video_failed", video=id_))

    def publish(
        self,
        connection: Connection,
        id_: VideoId,
        *,
        duration_ms: int,
        width: int,
        height: int,
        files: Sequence[Rendition],
        encoder: str,
        vector: bytes,
        provenance: Provenance | None = None,
    ) -> bool:
        """→ ready and listed, with its first files and its content vector; False where it was removed meanwhile.

        Doing it again adds files without listing twice.
        """
        row = repository.lock_video(connection, id_)
        if row is None or row.state == "removed":
            return False
        for file in files:
            repository.put_rendition(connection, id_, file)
        if row.state == "ready":
            return True
        now = as_datetime(self._clock.now_ms())
        repository.update_video(
            connection,
            id_,
            state="ready",
            failure_code=None,
            failure_text=None,
            duration_ms=duration_ms,
            width=width,
            height=height,
            encoder=encoder,
            vector=vector,
            provenance=None if provenance is None else msgspec.to_builtins(provenance),
            published_at=now,
        )
        self._tell_published(connection, repository.lock_video(connection, id_))
        self._tell(connection, Telling(AccountId(row.creator_id), "video_ready", video=id_, at=now))
        return True

    def set_vector(self, connection: Connection, id_: VideoId, encoder: str, vector: bytes) -> bool:
        """Give a ready video another content vector and tell the learner; False where it was removed meanwhile."""
        row = repository.lock_video(connection, id_)
        if row is None or row.state != "ready":
            return False
        repository.update_video(connection, id_, encoder=encoder, vector=vector)
        self._tell_published(connection, repository.lock_video(connection, id_))
        return True

    def add_rendition(self, connection: Connection, id_: VideoId, file: Rendition) -> bool:
        """Add a further size to a video that is ready; False where it was removed meanwhile."""
        row = repository.lock_video(connection, id_)
        if row is None or row.state != "ready":
            return False
        repository.put_rendition(connection, id_, file)
        return True

    def choose_cover(self, connection: Connection, video: Video, name: str) -> None:
        """Make one of a ready video's covers its poster.

        Raises:
            Conflict: the video is not ready.
            NotFound: it has no such cover.
        """
        if video.state != "ready":
            raise Conflict("this video is not ready yet")
        for cover in repository.covers(connection, [video.id]).get(video.id, []):
            if cover.name == name:
                repository.put_rendition(connection, video.id, replace(cover, name="poster"))
                return
        raise NotFound("there is no such cover")

    def describe(self, connection: Connection, video: Video, alt_text: str) -> None:
        """Say what is to be seen in a video, for people who cannot see it; empty takes it away.

        Raises:
            Invalid: it is too long.
        """
        repository.update_video(connection, video.id, alt_text=clean_alt_text(alt_text))

    def put_captions(self, connection: Connection, video: Video, language: str, text: str) -> Captions:
        """Captions from a WebVTT or SRT file, in the place of those in that language.

        Raises:
            Invalid: they cannot be read, the language is none, or there are captions in too many.
        """
        language, cues = captions.clean_language(language), captions.read(text)
        # Locked, so that two at once do not exceed the limit.
        repository.lock_video(connection, video.id)
        known = [entry.language for entry in video.captions]
        if language not in known and len(known) >= CAPTIONS:
            raise Invalid("there are captions in too many languages", fields={"language": f"at most {CAPTIONS}"})
        now = as_datetime(self._clock.now_ms())
        repository.put_captions(connection, video.id, language, len(cues), captions.write(cues), now)
        return Captions(language, len(cues), now)

    def put_automatic_captions(
        self, connection: Connection, id_: VideoId, language: str, cues: Sequence[captions.Cue]
    ) -> bool:
        """Captions that a program wrote, cleaned as those of a person are; never in the place of a person's.

        False where a person wrote captions in that language, or the video is not listed.

        Raises:
            Invalid: no words are left.
        """
        kept = captions.clean(cues)
        row = repository.lock_video(connection, id_)
        found = repository.video(connection, id_)
        if row is None or found is None or row.state != "ready" or found[0].has_words_of_a_person(language):
            return False
        now = as_datetime(self._clock.now_ms())
        text = captions.write(kept)
        repository.put_captions(connection, id_, language, len(kept), text, now, automatic=True)
        return True

    def delete_captions(self, connection: Connection, video: Video, language: str) -> None:
        """Take captions away.

        Raises:
            NotFound: there are none in that language.
        """
        if not repository.delete_captions(connection, video.id, language):
            raise NotFound("there are no captions in this language")

    def remove(self, connection: Connection, video: Video, by: str) -> None:
        """→ removed (by `creator` or `moderation`): it answers 410 from the commit on and leaves every feed."""
        deleted_at = as_datetime(self._clock.now_ms()) if by == "creator" else None
        repository.update_video(connection, video.id, state="removed", removed_by=by, deleted_at=deleted_at)
        if video.state == "ready":
            self._events.tell(connection, SYSTEM, Withdrawn(video=video.id))

    def restrict(self, connection: Connection, id_: VideoId, restrictions: Restrictions) -> None:
        """Let these restrictions, and no others, apply to a video."""
        repository.update_video(connection, id_, **restrictions._asdict())

    def restore(self, connection: Connection, id_: VideoId) -> None:
        """Undo a removal by moderation.

        Raises:
            Invalid: it was not removed by moderation, or had never been ready.
        """
        row = repository.lock_video(connection, id_)
        if row is None or row.state != "removed" or row.removed_by != "moderation" or row.published_at is None:
            raise Invalid("only what moderation removed can be restored")
        repository.update_video(connection, id_, state="ready", removed_by=None)
        self._tell_published(connection, row)

    def _tell_published(self, connection: Connection, row: Any) -> None:
        event = Published(
            video=row.id,
            creator=row.creator_id,
            sound=row.sound_id,
            duration_ms=row.duration_ms,
            language=row.language,
            encoder=row.encoder or "",
            vector=bytes(row.vector or b""),
        )
        self._events.tell(connection, SYSTEM, event)


def clean_title(title: str) -> str:
    """A title in one line.

    Raises:
        Invalid: it is too long.
    """
    words = _one_line(title)
    if len(words) > TITLE_CHARACTERS:
        raise Invalid("the title is too long", fields={"title": f"at most {TITLE_CHARACTERS} characters"})
    return words


def clean_alt_text(alt_text: str) -> str:
    """An alt text in one line, as screen readers read it.

    Raises:
        Invalid: it is too long.
    """
    words = _one_line(alt_text)
    if len(words) > ALT_TEXT_CHARACTERS:
        raise Invalid("the alt text is too long", fields={"alt_text": f"at most {ALT_TEXT_CHARACTERS} characters"})
    return words


def clean_hashtags(hashtags: Sequence[str]) -> list[str]:
    """Hashtags without #, lower case, each once, in the order given.

    Raises:
        Invalid: there are too many or one is not a word.
    """
    words = [tag.strip().lstrip("#").casefold() for tag in hashtags]
    words = list(dict.fromkeys(word for word in words if word))
    wrong = [word for word in words if not word.replace("_", "").isalnum() or len(word) > 40]
    if wrong or len(words) > HASHTAGS:
        raise Invalid(
            "the hashtags are not right",
            fields={"hashtags": f"at most {HASHTAGS} words of letters, digits and _, up to 40 characters each"},
        )
    return words


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
