"""The only ways to get at one video: who may see it, and who may change it."""

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.catalog import repository
from penchant.catalog.model import OriginalSound, Sound, Video
from penchant.catalog.repository import Whose
from penchant.core.database import Connection
from penchant.core.errors import Conflict, Forbidden, Gone, NotFound
from penchant.core.ids import AccountId, SoundId, VideoId


def video_to_watch(connection: Connection, id_: VideoId, viewer: Account | None) -> Video:
    """A listed video that this viewer may watch. Its creator and moderators may watch one that is held, too.

    Raises:
        NotFound: unknown, not listed yet, held, for followers only, or one of the two blocked the other.
        Gone: removed, or its creator is suspended.
        AdultsOnly: it is for adults, and nobody knows that the viewer is one.
    """
    found = repository.video(connection, id_)
    if found is None:
        raise NotFound("there is no such video")
    video, creator_suspended = found
    own = video.creator
    check_files(connection, Whose(own.id, video.state, creator_suspended, video.restrictions, own.private), viewer)
    return video


class AdultsOnly(Forbidden):
    """It is for adults, and nobody knows that this viewer is one."""

    code = "adults_only"


def check_files(connection: Connection, whose: Whose, viewer: Account | None) -> None:
    """Whether this viewer may have what belongs to a video: its page and each of its files.

    Raises:
        NotFound, Gone, AdultsOnly: as `video_to_watch`.
    """
    taken_away = whose.removed_by_moderation or (whose.creator_suspended and whose.state != "removed")
    if taken_away and viewer is not None and viewer.moderates:
        # Only where the caller says who removed it, so only files: an appeal is judged by looking.
        return
    if whose.state == "removed" or whose.creator_suspended:
        raise Gone("this video has been removed")
    if whose.state != "ready":
        raise NotFound("this video is not there yet")
    if viewer is not None and (viewer.id == whose.creator or viewer.moderates):
        return
    blocked = viewer is not None and accounts.has_block_between(connection, viewer.id, whose.creator)
    if blocked or (whose.private and not _may_see(connection, whose.creator, viewer)):
        # No word of who may: that there is something is nobody else's business.
        raise NotFound("there is no such video")
    if whose.restrictions.held:
        raise NotFound("this video waits for somebody to look at it", code="held")
    if whose.restrictions.adults_only and (viewer is None or not viewer.is_adult):
        raise AdultsOnly("this video is for adults: sign in with an account whose age is known")


def _may_see(connection: Connection, creator: AccountId, viewer: Account | None) -> bool:
    """Whether what a private account publishes is for this viewer."""
    if viewer is None:
        return False
    return viewer.id == creator or viewer.moderates or accounts.follows_them(connection, viewer.id, creator)


class SoundNotShared(Conflict):
    """Its creator does not let others use this sound, or its video is not there any more."""

    code = "sound_not_shared"


def sound_to_hear(connection: Connection, id_: SoundId, viewer: Account | None) -> Sound:
    """A sound whose page this viewer may see.

    Raises:
        NotFound: unknown, of somebody who publishes for followers only, or one of the two blocked the other.
        Gone: its creator is suspended.
    """
    found = repository.sound(connection, id_)
    if found is None:
        raise NotFound("there is no such sound")
    sound, creator_suspended = found
    if creator_suspended:
        raise Gone("this sound has been removed")
    if sound.creator.private and not _may_see(connection, sound.creator.id, viewer):
        raise NotFound("there is no such sound")
    if viewer is not None and accounts.has_block_between(connection, viewer.id, sound.creator.id):
        raise NotFound("there is no such sound")
    return sound


def sound_to_use(connection: Connection, id_: SoundId, user: AccountId) -> OriginalSound:
    """A sound that this account may use in a video of its own.

    Raises:
        NotFound: unknown, of somebody suspended, or one of the two blocked the other.
        SoundNotShared: switched off, of a private account, or the video that it came with is not listed.
    """
    found = repository.sound(connection, id_)
    if found is None or found[1] or accounts.has_block_between(connection, user, found[0].creator.id):
        raise NotFound("there is no such sound")
    original = repository.usable_original(connection, id_)
    if original is None:
        raise SoundNotShared("this sound is not shared")
    return original


def own_video(connection: Connection, id_: VideoId, owner: Account) -> Video:
    """A video that this account may change, in whatever state it is.

    Raises:
        NotFound: unknown, or somebody else's that is not listed.
        Forbidden: somebody else's.
        Gone: removed.
    """
    found = repository.video(connection, id_)
    if found is None:
        raise NotFound("there is no such video")
    video, _ = found
    if video.creator.id != owner.id:
        if video.state == "ready":
            raise Forbidden("this video belongs to somebody else")
        raise NotFound("there is no such video")
    if video.state == "removed":
        raise Gone("this video has been removed")
    return video
