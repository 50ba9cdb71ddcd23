"""Captions: read with a listed video, written by its creator."""

from typing import Any

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT

from penchant.accounts.limits import SOCIAL
from penchant.catalog import access, captions
from penchant.catalog import repository as catalog
from penchant.core.errors import Conflict, Gone, NotFound
from penchant.core.ids import VideoId, parse_id
from penchant.web.auth import signed_in
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import ACTING, WATCHING, refusals
from penchant.web.ranges import CACHE_CONTROL
from penchant.web.schemas import CaptionsOut, captions_out
from penchant.web.threads import in_thread

Ask = Request[Any, Any, Any]


class NewCaptions(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    """A WebVTT or SRT file."""


class CaptionsText(msgspec.Struct, frozen=True):
    language: str
    text: str


class SpeechOut(msgspec.Struct, frozen=True):
    speech: str
    """`waiting`."""


@get("/media/{video:str}/captions/{language:str}", tags=["media"], responses=refusals(*WATCHING))
@in_thread
def serve_captions(penchant: Cell, viewer: Asking, video: FromPath[str], language: FromPath[str]) -> Response[bytes]:
    """Captions of a listed video as WebVTT. 404 `not_found`, 410 `removed`."""
    account = viewer.account if viewer else None
    with penchant.engine.connect() as connection:
        found = access.video_to_watch(connection, VideoId(parse_id(video)), account)
        text = catalog.captions_text(connection, found.id, language)
    if text is None:
        raise NotFound("there are no captions in this language")
    return Response(text.encode(), media_type="text/vtt", headers={"Cache-Control": CACHE_CONTROL})


@get("/api/videos/{video:str}/captions/{language:str}", tags=["videos"], responses=refusals(*ACTING, Gone))
@in_thread
def show_captions(penchant: Cell, viewer: Asking, video: FromPath[str], language: FromPath[str]) -> CaptionsText:
    """Captions of one's own video, to edit them."""
    with penchant.engine.connect() as connection:
        found = access.own_video(connection, VideoId(parse_id(video)), signed_in(viewer))
        text = catalog.captions_text(connection, found.id, language)
    if text is None:
        raise NotFound("there are no captions in this language")
    return CaptionsText(language, text)


@put(
    "/api/videos/{video:str}/captions/{language:str}",
    status_code=HTTP_200_OK,
    tags=["videos"],
    responses=refusals(*ACTING, Gone),
)
@in_thread
def put_captions(
    penchant: Cell, viewer: Asking, video: FromPath[str], language: FromPath[str], data: JSONBody[NewCaptions]
) -> CaptionsOut:
    """Captions for one's own video from a WebVTT or SRT file; only times and words are kept. 422 with fields."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    with penchant.engine.begin() as connection:
        found = access.own_video(connection, VideoId(parse_id(video)), me)
        penchant.detection.examiner.read(connection, "video", found.id, {"caption": data.text}, language, me.id)
        return captions_out(found.id, penchant.catalog.put_captions(connection, found, language, data.text))


@delete(
    "/api/videos/{video:str}/captions/{language:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["videos"],
    responses=refusals(*ACTING, Gone),
)
@in_thread
def delete_captions(penchant: Cell, viewer: Asking, video: FromPath[str], language: FromPath[str]) -> None:
    """Take captions of one's own video away."""
    with penchant.engine.begin() as connection:
        found = access.own_video(connection, VideoId(parse_id(video)), signed_in(viewer))
        penchant.catalog.delete_captions(connection, found, captions.clean_language(language))


@post(
    "/api/videos/{video:str}/transcribe",
    status_code=HTTP_202_ACCEPTED,
    tags=["videos"],
    responses=refusals(*ACTING, Gone, Conflict),
)
@in_thread
def transcribe(penchant: Cell, viewer: Asking, video: FromPath[str]) -> SpeechOut:
    """Have one's own video listened to for captions. 404 where its language is not known, 409 waiting or not needed."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    with penchant.engine.begin() as connection:
        found = access.own_video(connection, VideoId(parse_id(video)), me)
        penchant.media.speech.again(connection, found)
        return SpeechOut(penchant.media.speech.states(connection, [found])[found.id])


ROUTES = [serve_captions, show_captions, put_captions, delete_captions, transcribe]
