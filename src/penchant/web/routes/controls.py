"""What a viewer has a say in: what they said no to, what they mute, what they watched, and beginning anew."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, put
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from penchant.accounts.limits import CONTROL
from penchant.accounts.model import Viewer
from penchant.accounts.muting.model import MuteTarget
from penchant.app import Penchant
from penchant.core.clock import as_datetime
from penchant.core.errors import Conflict, Invalid, NotFound, RateLimited, SignInNeeded
from penchant.core.ids import VideoId, format_id, parse_id
from penchant.events import repository as history
from penchant.web.auth import known_viewer
from penchant.web.controls_view import NamedOut, named, poster_url, videos_for
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.threads import in_thread

_PAGE = 30
_Before = Annotated[str | None, QueryParameter(description="the `next` of the page before")]


class DislikesOut(msgspec.Struct, frozen=True):
    dislikes: list[NamedOut]
    next: str | None


class MuteOut(msgspec.Struct, frozen=True):
    mute: str
    """Its id, to take it back by."""
    since: datetime
    what: NamedOut


class MutesOut(msgspec.Struct, frozen=True):
    mutes: list[MuteOut]


class NewMute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    target: MuteTarget
    id: str
    """Of a creator or a sound; a hashtag, a word or the code of a language itself."""


class WatchedOut(msgspec.Struct, frozen=True):
    video: str
    at: datetime
    watched_ms: int
    """The most in one play, loops included."""
    duration_ms: int
    """0 where it was only seen."""
    title: str | None
    """None where the video is not there any more, or not for whoever asks."""
    handle: str | None
    poster_url: str | None


class HistoryOut(msgspec.Struct, frozen=True):
    watched: list[WatchedOut]
    next: str | None


@get("/api/me/dislikes", tags=["controls"], responses=refusals(SignInNeeded))
@in_thread
def show_dislikes(penchant: Cell, viewer: Asking, before: _Before = None) -> DislikesOut:
    """What I said "not interested" to and did not take back, newest first. The event `interested_again` takes back."""
    asking = known_viewer(viewer)
    with penchant.engine.connect() as connection:
        rows = history.dislikes_page(connection, asking.subject, _number(before), _PAGE + 1)
        page = rows[:_PAGE]
        names = named(connection, asking, [(row.target, row.name) for row in page])
        shown = [names.out(row.target, row.name) for row in page]
    return DislikesOut(shown, str(page[-1].offset) if len(rows) > _PAGE else None)


@get("/api/me/mutes", tags=["controls"], responses=refusals(SignInNeeded))
@in_thread
def show_mutes(penchant: Cell, viewer: Asking) -> MutesOut:
    """The words, creators, sounds, hashtags and languages that I mute, newest first."""
    asking = known_viewer(viewer)
    entries = penchant.muting.entries(asking)
    with penchant.engine.connect() as connection:
        names = named(connection, asking, [(entry.target, entry.name) for entry in entries])
    return MutesOut(
        [
            MuteOut(format_id(entry.id), as_datetime(entry.since_ms), names.out(entry.target, entry.name))
            for entry in entries
        ]
    )


@put("/api/me/mutes", tags=["controls"], responses=refusals(SignInNeeded, NotFound, Conflict, RateLimited))
@in_thread
def mute(penchant: Cell, viewer: Asking, data: JSONBody[NewMute]) -> MuteOut:
    """Never show me this again, in no feed: `{"target": "word", "id": "spoiler"}`. 409 `too_many_mutes`."""
    asking = _acting(penchant, viewer)
    by_id = data.target in ("creator", "sound")
    name = str(parse_id(data.id)) if by_id else data.id
    with penchant.engine.connect() as connection:
        what = named(connection, asking, [(data.target, name)]).out(data.target, name)
    if by_id and what.name is None:
        raise NotFound(f"there is no such {data.target}")
    entry = penchant.muting.mute(asking, data.target, name)
    if not by_id:
        what = NamedOut(entry.target, entry.name, entry.name, None, None)
    return MuteOut(format_id(entry.id), as_datetime(entry.since_ms), what)


@delete(
    "/api/me/mutes/{mute_id:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["controls"],
    responses=refusals(SignInNeeded, NotFound, RateLimited),
)
@in_thread
def unmute(penchant: Cell, viewer: Asking, mute_id: FromPath[str]) -> None:
    """Take a mute back."""
    penchant.muting.unmute(_acting(penchant, viewer), parse_id(mute_id))


@get("/api/me/history", tags=["controls"], responses=refusals(SignInNeeded))
@in_thread
def show_history(penchant: Cell, viewer: Asking, before: _Before = None) -> HistoryOut:
    """What I saw, newest first, and how far I watched it; without what I took out."""
    asking = known_viewer(viewer)
    with penchant.engine.connect() as connection:
        rows = history.watched_page(connection, asking.subject, _moment(before), _PAGE + 1)
        page = rows[:_PAGE]
        videos = videos_for(connection, asking, [row.video_id for row in page])
    shown = []
    for row in page:
        video = videos.get(VideoId(row.video_id))
        known = (None, None, None) if video is None else (video.title, video.creator.handle, poster_url(video))
        at = as_datetime(row.last_at_ms)
        shown.append(WatchedOut(format_id(VideoId(row.video_id)), at, row.watched_ms, row.duration_ms, *known))
    last = page[-1] if len(rows) > _PAGE else None
    return HistoryOut(shown, None if last is None else f"{last.last_at_ms}-{format_id(VideoId(last.video_id))}")


@delete(
    "/api/me/history",
    status_code=HTTP_204_NO_CONTENT,
    tags=["controls"],
    responses=refusals(SignInNeeded, RateLimited),
)
@in_thread
def reset_taste(penchant: Cell, viewer: Asking) -> None:
    """Begin anew: nothing that I watched until now counts any more. What I have seen does not come again all the same;
    what I said no to, mute or block stays.
    """
    penchant.events.reset_taste(_acting(penchant, viewer).subject)


@delete(
    "/api/me/history/{video:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["controls"],
    responses=refusals(SignInNeeded, NotFound, RateLimited),
)
@in_thread
def take_out(penchant: Cell, viewer: Asking, video: FromPath[str]) -> None:
    """Take one video out of my history: that I watched it does not count any more. It does not come again either."""
    penchant.events.take_out(_acting(penchant, viewer).subject, parse_id(video))


def _acting(penchant: Penchant, viewer: Viewer | None) -> Viewer:
    asking = known_viewer(viewer)
    penchant.limits.spend(CONTROL, str(asking.subject))
    return asking


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Invalid("this is the `next` of no page", fields={"before": "the `next` of the page before"})
    return int(text)


def _moment(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    at_ms, _, video = text.partition("-")
    moment = _number(at_ms)
    try:
        return None if moment is None else (moment, parse_id(video))
    except NotFound as error:
        raise Invalid("this is the `next` of no page", fields={"before": "the `next` of the page before"}) from error


ROUTES = [show_dislikes, show_mutes, mute, unmute, show_history, reset_taste, take_out]
