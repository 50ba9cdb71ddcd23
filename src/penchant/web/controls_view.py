"""Names and pictures of what a viewer said no to, muted or watched, as far as they may still come across it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from penchant.accounts import repository as accounts
from penchant.accounts.model import Viewer
from penchant.catalog import access
from penchant.catalog import repository as catalog
from penchant.catalog.model import Video
from penchant.core.database import Connection
from penchant.core.errors import Forbidden, Gone, NotFound
from penchant.core.ids import AccountId, SoundId, VideoId, format_id
from penchant.web.schemas import media_url


class NamedOut(msgspec.Struct, frozen=True):
    target: str
    """`video`, `creator`, `sound`, `hashtag`, `word` or `language`."""
    id: str
    """Of a hashtag, a word or a language itself."""
    name: str | None
    """A title, a person's name, a sound's title; none where it is not there any more, or not for whoever asks."""
    handle: str | None
    """Of the creator; a sound's is whom to credit."""
    poster_url: str | None


class Named(NamedTuple):
    """What may be named for one viewer."""

    videos: Mapping[VideoId, Video]
    people: Mapping[int, Any]
    sounds: Mapping[int, tuple[str, str]]
    """(title, handle)."""

    def out(self, target: str, name: str) -> NamedOut:
        """One thing by its target and name: an id in digits, a hashtag or a word."""
        match target:
            case "video":
                video = self.videos.get(VideoId(int(name)))
                if video is None:
                    return NamedOut(target, format_id(VideoId(int(name))), None, None, None)
                return NamedOut(target, format_id(video.id), video.title, video.creator.handle, poster_url(video))
            case "creator":
                person = self.people.get(int(name))
                id_ = format_id(AccountId(int(name)))
                if person is None:
                    return NamedOut(target, id_, None, None, None)
                return NamedOut(target, id_, person.name or person.handle, person.handle, None)
            case "sound":
                title, handle = self.sounds.get(int(name), (None, None))
                return NamedOut(target, format_id(SoundId(int(name))), title, handle, None)
        return NamedOut(target, name, name, None, None)


def named(connection: Connection, viewer: Viewer, wanted: Iterable[tuple[str, str]]) -> Named:
    """Looks up (target, name) pairs."""
    ids: dict[str, list[int]] = {"video": [], "creator": [], "sound": []}
    for target, name in wanted:
        if target in ids:
            ids[target].append(int(name))
    return Named(
        videos_for(connection, viewer, ids["video"]),
        accounts.people_for(connection, ids["creator"], viewer.account_id),
        {id_: found for id_ in ids["sound"] if (found := _sound(connection, viewer, SoundId(id_))) is not None},
    )


def videos_for(connection: Connection, viewer: Viewer, ids: Iterable[int]) -> dict[VideoId, Video]:
    """Those of the given videos that this viewer may come across, and that no block hides."""
    account = viewer.account
    hidden = accounts.blocked_either_way(connection, account.id) if account else frozenset()
    listed = catalog.listed_for(connection, list(ids), account)
    return {id_: video for id_, video in listed.items() if video.creator.id not in hidden}


def poster_url(video: Video) -> str | None:
    return media_url(video.id, "poster.jpg", video.poster.sha256) if video.poster else None


def _sound(connection: Connection, viewer: Viewer, id_: SoundId) -> tuple[str, str] | None:
    try:
        sound = access.sound_to_hear(connection, id_, viewer.account)
    except (NotFound, Gone, Forbidden):
        return None
    return sound.title, sound.creator.handle
