"""One video: watching, liking, deleting; and one's own videos."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, delete, get, put
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from penchant.accounts.limits import SOCIAL
from penchant.app import Penchant
from penchant.catalog import access
from penchant.catalog import repository as catalog
from penchant.catalog.model import Video, VideoState
from penchant.core.database import Connection
from penchant.core.errors import Conflict, Forbidden, Gone, NotFound, SignInNeeded
from penchant.core.ids import VideoId, parse_id
from penchant.markets import gateway_rows
from penchant.markets.messages import LEAST_VIEWERS
from penchant.media import repository as media
from penchant.web.auth import signed_in
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import ACTING, WATCHING, refusals
from penchant.web.schemas import (
    LikeOut,
    OwnVideoOut,
    VideoOut,
    own_video_out,
)
from penchant.web.threads import in_thread
from penchant.web.videos_view import videos_out

Ask = Request[Any, Any, Any]


class ChosenCover(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class AltText(msgspec.Struct, forbid_unknown_fields=True):
    text: str


class ElsewhereOut(msgspec.Struct, frozen=True):
    market: str
    least: int
    """Numbers of people are rounded down to multiples of it; where fewer watched, all are 0."""
    viewers: int = 0
    finished: int = 0
    liked: int = 0


class OwnVideosOut(msgspec.Struct, frozen=True):
    videos: list[OwnVideoOut]


@get("/api/videos/{video:str}", tags=["videos"], responses=refusals(*WATCHING))
@in_thread
def show_video(penchant: Cell, viewer: Asking, request: Ask, video: FromPath[str]) -> VideoOut:
    """One listed video. 404 `not_found`, 410 `removed`."""
    account = viewer.account if viewer else None
    with penchant.engine.connect() as connection:
        found = access.video_to_watch(connection, VideoId(parse_id(video)), account)
        return videos_out(penchant, request, connection, [found], account)[0]


@get("/api/videos/{video:str}/elsewhere", tags=["videos"], responses=refusals(*WATCHING))
@in_thread
def show_elsewhere(penchant: Cell, viewer: Asking, video: FromPath[str]) -> ElsewhereOut:
    """The market that a video comes from, and how many watched it there. 404 `from_here` for any other video."""
    with penchant.engine.connect() as connection:
        found = access.video_to_watch(connection, VideoId(parse_id(video)), viewer.account if viewer else None)
        source = gateway_rows.from_elsewhere(connection, found.id)
    if source is None:
        raise NotFound("this video comes from here", code="from_here")
    market, counted = source
    return ElsewhereOut(market, LEAST_VIEWERS, **counted)


@delete("/api/videos/{video:str}", status_code=HTTP_204_NO_CONTENT, tags=["videos"], responses=refusals(*ACTING, Gone))
@in_thread
def delete_video(penchant: Cell, viewer: Asking, video: FromPath[str]) -> None:
    """Delete one's own video: it answers 410 from now on, and its files are deleted."""
    me = signed_in(viewer)
    with penchant.engine.begin() as connection:
        found = access.own_video(connection, VideoId(parse_id(video)), me)
        penchant.catalog.remove(connection, found, "creator")
        keys = catalog.object_keys(connection, found.id)
        if keys:
            penchant.jobs.defer(connection, "media.delete_objects", keys=keys)
    penchant.events.deliver()


@put("/api/videos/{video:str}/like", tags=["videos"], responses=refusals(*ACTING, Gone))
@in_thread
def like(penchant: Cell, viewer: Asking, video: FromPath[str]) -> LikeOut:
    """Like a video. 401 `sign_in_needed`."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    return LikeOut(True, penchant.community.like(me, VideoId(parse_id(video))))


@delete("/api/videos/{video:str}/like", status_code=HTTP_200_OK, tags=["videos"], responses=refusals(*ACTING, Gone))
@in_thread
def unlike(penchant: Cell, viewer: Asking, video: FromPath[str]) -> LikeOut:
    """Take a like back."""
    return LikeOut(False, penchant.community.unlike(signed_in(viewer), VideoId(parse_id(video))))


@get("/api/me/videos", tags=["videos"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_own_videos(penchant: Cell, viewer: Asking) -> OwnVideosOut:
    """One's own videos in every state, newest first, with the reason where one failed."""
    me = signed_in(viewer)
    states: tuple[VideoState, ...] = ("uploaded", "processing", "ready", "failed")
    with penchant.engine.connect() as connection:
        videos = catalog.videos_of(connection, me.id, states, None, 200)
        return OwnVideosOut(_own_out(penchant, connection, videos))


def _own_out(penchant: Penchant, connection: Connection, videos: Sequence[Video]) -> list[OwnVideoOut]:
    """One's own videos with everything that only their creator is shown."""
    ids = [video.id for video in videos]
    covers, ways = catalog.covers(connection, ids), media.steps_of(connection, ids)
    speech, shared = penchant.media.speech.states(connection, videos), catalog.sharing_of(connection, ids)
    return [
        own_video_out(video, ways.get(video.id), covers.get(video.id, ()), speech.get(video.id), shared.get(video.id))
        for video in videos
    ]


@put("/api/videos/{video:str}/cover", tags=["videos"], responses=refusals(*ACTING, Gone, Conflict))
@in_thread
def choose_cover(penchant: Cell, viewer: Asking, video: FromPath[str], data: JSONBody[ChosenCover]) -> OwnVideoOut:
    """Make one of the `covers` of one's own video its poster. 404 without such a cover, 409 not ready."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    id_ = VideoId(parse_id(video))
    with penchant.engine.begin() as connection:
        penchant.catalog.choose_cover(connection, access.own_video(connection, id_, me), data.name)
        return _own_out(penchant, connection, [access.own_video(connection, id_, me)])[0]


@put("/api/videos/{video:str}/alt-text", tags=["videos"], responses=refusals(*ACTING, Gone))
@in_thread
def describe(penchant: Cell, viewer: Asking, video: FromPath[str], data: JSONBody[AltText]) -> OwnVideoOut:
    """Say what is to be seen in one's own video, for people who cannot see it; empty takes it away. 422 with fields."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    id_ = VideoId(parse_id(video))
    with penchant.engine.begin() as connection:
        found = access.own_video(connection, id_, me)
        penchant.catalog.describe(connection, found, data.text)
        penchant.detection.examiner.read(connection, "video", id_, {"alt_text": data.text}, found.language, me.id)
        return _own_out(penchant, connection, [access.own_video(connection, id_, me)])[0]


ROUTES = [
    show_video,
    show_elsewhere,
    delete_video,
    like,
    unlike,
    show_own_videos,
    choose_cover,
    describe,
]
