"""Sounds: who made one, where it is heard, and whether others may use it."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, put
from litestar.params import FromPath, JSONBody, QueryParameter

from penchant.accounts import repository as accounts
from penchant.accounts.limits import SOCIAL
from penchant.catalog import access
from penchant.catalog import repository as catalog
from penchant.core.errors import Conflict, Gone
from penchant.core.ids import SoundId, VideoId, format_id, parse_id
from penchant.web.auth import signed_in
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import ACTING, WATCHING, refusals
from penchant.web.schemas import SoundOut, VideoOut, sound_out
from penchant.web.threads import in_thread
from penchant.web.videos_view import videos_out

_PAGE = 24

Ask = Request[Any, Any, Any]


class SoundPageOut(msgspec.Struct, frozen=True):
    sound: SoundOut
    usable: bool
    """Whether it may be used now: shared, and its video is listed."""
    original: str | None
    """The video that it came with, if it is listed; on the first page it is the first of `videos`."""
    video_count: int
    videos: list[VideoOut]
    next: str | None


class Sharing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shared: bool


@get("/api/sounds/{sound:str}", tags=["sounds"], responses=refusals(*WATCHING))
@in_thread
def show_sound(
    penchant: Cell,
    viewer: Asking,
    request: Ask,
    sound: FromPath[str],
    before: Annotated[str | None, QueryParameter(description="the `next` of the page before")] = None,
) -> SoundPageOut:
    """A sound, whom to credit, and the listed videos with it: the original first, then the newest. 404, 410."""
    account = viewer.account if viewer else None
    id_ = SoundId(parse_id(sound))
    with penchant.engine.connect() as connection:
        found = access.sound_to_hear(connection, id_, account)
        hidden = accounts.blocked_either_way(connection, account.id) if account else frozenset()
        original = catalog.original_of(connection, id_)
        listed = catalog.listed_for(connection, [original] if original is not None else [], account)
        start = parse_id(before) if before else None
        videos = catalog.videos_with(connection, id_, original, start, _PAGE + 1, hidden, account)
        shown = [*(listed.values() if before is None else ()), *videos[:_PAGE]]
        return SoundPageOut(
            sound_out(found),
            catalog.usable_original(connection, id_) is not None,
            format_id(original) if original in listed and original is not None else None,
            catalog.count_with(connection, id_),
            videos_out(penchant, request, connection, shown, account),
            format_id(videos[_PAGE - 1].id) if len(videos) > _PAGE else None,
        )


@put("/api/videos/{video:str}/sound", tags=["sounds"], responses=refusals(*ACTING, Gone, Conflict))
@in_thread
def share_sound(penchant: Cell, viewer: Asking, video: FromPath[str], data: JSONBody[Sharing]) -> Sharing:
    """Let others use the sound of one's own video, or no longer; videos that use it keep it.

    404 where it has none of its own, 409 `sound_not_shared` where it is like a sound that somebody does not share.
    """
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    with penchant.engine.begin() as connection:
        found = access.own_video(connection, VideoId(parse_id(video)), me)
        penchant.media.sounds.share(connection, found.id, shared=data.shared)
    return data


ROUTES = [show_sound, share_sound]
