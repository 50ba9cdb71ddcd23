"""The files of listed videos. Every request asks the database: what is removed answers 410 at once."""

from typing import Any, get_args
from urllib.parse import quote

from litestar import Request, Response, route
from litestar.enums import HttpMethod
from litestar.params import FromPath
from litestar.response import Stream
from litestar.status_codes import HTTP_200_OK

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.catalog import access
from penchant.catalog import repository as catalog
from penchant.catalog.model import Rendition, RenditionName
from penchant.core.errors import Forbidden, Gone, NotFound
from penchant.core.ids import VideoId, parse_id
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.errors import error_response
from penchant.web.ranges import CACHE_CONTROL, GONE_CACHE_CONTROL, Conditions, body, choose_part
from penchant.web.schemas import media_file
from penchant.web.threads import in_thread

Ask = Request[Any, Any, Any]

_FILES = {media_file(name): name for name in get_args(RenditionName)}


@route(
    "/media/{video:str}/{file:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    status_code=HTTP_200_OK,
    tags=["media"],
    responses=refusals(NotFound, Gone, Forbidden),
)
@in_thread
def serve_file(
    penchant: Cell, viewer: Asking, request: Ask, video: FromPath[str], file: FromPath[str]
) -> Response[Any]:
    """A rendition or the poster: 200, 206, 304 or 416; 404 unknown or not listed, 410 removed, 403 for adults only."""
    try:
        found = _file_for(penchant, VideoId(parse_id(video)), file, viewer.account if viewer else None)
    except (NotFound, Gone, Forbidden) as error:
        response = error_response(error)
        response.headers["Cache-Control"] = GONE_CACHE_CONTROL
        return response
    etag = f'"{found.sha256[:32]}"'
    if penchant.settings.accel_prefix:
        # The proxy sends the bytes and does the ranges; it asks us each time, because nothing may be cached unasked.
        where = f"{penchant.settings.accel_prefix.rstrip('/')}/{quote(found.object_key)}"
        headers = {"X-Accel-Redirect": where, "ETag": etag, "Cache-Control": CACHE_CONTROL}
        return Response(b"", media_type=found.content_type, headers=headers)
    conditions = Conditions(
        range=request.headers.get("Range"),
        if_range=request.headers.get("If-Range"),
        if_none_match=request.headers.get("If-None-Match"),
    )
    part = choose_part(request.method, found.size_bytes, etag, found.content_type, conditions)
    if request.method == "HEAD" or not part.length:
        # Bytes, because `None` would be encoded as JSON, which a media type of video/mp4 cannot.
        return Response(b"", status_code=part.status, headers=part.headers, media_type=found.content_type)
    pieces = body(penchant.objects, found.object_key, part)
    return Stream(pieces, status_code=part.status, headers=part.headers, media_type=found.content_type)


def _file_for(penchant: Penchant, video: VideoId, file: str, viewer: Account | None) -> Rendition:
    with penchant.engine.connect() as connection:
        found = catalog.rendition(connection, video, _FILES.get(file, ""))
        if found is None:
            raise NotFound("there is no such file")
        rendition, whose = found
        access.check_files(connection, whose, viewer)
    return rendition


ROUTES = [serve_file]
