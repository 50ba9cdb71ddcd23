"""What leaves this place on purpose: Atom feeds of what is public, and the address of a video as a picture."""

import hashlib
import io
from typing import Any
from urllib.parse import quote

import segno
from litestar import Request, Response, get
from litestar.params import FromPath

from penchant.app import Penchant
from penchant.catalog import access
from penchant.catalog import repository as catalog
from penchant.core.errors import Gone, NotFound
from penchant.core.ids import VideoId, format_id, parse_id
from penchant.web import atom
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import WATCHING, refusals
from penchant.web.ranges import matches_any
from penchant.web.schemas import path_of
from penchant.web.threads import in_thread
from penchant.web.videos_view import base_url

Ask = Request[Any, Any, Any]

ENTRIES = 30
_CACHE = "public, max-age=300"
"""The same for everybody, so a proxy may keep it; what was removed is gone from feeds after five minutes."""


@get("/{profile:str}/feed.xml", tags=["sharing"], media_type=atom.MEDIA_TYPE, responses=refusals(NotFound, Gone))
@in_thread
def show_profile_feed(penchant: Cell, request: Ask, profile: FromPath[str]) -> Response[bytes]:
    """`/@handle/feed.xml`: what an account published for everybody, as Atom. 404 for private accounts."""
    if not profile.startswith("@"):
        raise NotFound("there is no such page")
    account = penchant.social.profile(profile, None).account
    if account.private:
        raise NotFound("this account publishes for followers only")
    with penchant.engine.connect() as connection:
        videos = catalog.listed_videos_of(connection, account.id, None, ENTRIES, None)
    title = f"{account.name or account.handle} (@{account.handle})"
    return _answer(request, atom.feed(videos, title, path_of(account.handle), base_url(penchant, request)))


@get("/t/{tag:str}/feed.xml", tags=["sharing"], media_type=atom.MEDIA_TYPE, responses=refusals())
@in_thread
def show_hashtag_feed(penchant: Cell, request: Ask, tag: FromPath[str]) -> Response[bytes]:
    """What was published for everybody with a hashtag, as Atom; without entries where nothing was."""
    tag = tag.casefold()
    videos = penchant.search.in_public(tag, ENTRIES)
    title = f"#{tag} · {penchant.market.name}"
    return _answer(request, atom.feed(videos, title, f"/t/{quote(tag, safe='')}", base_url(penchant, request)))


@get("/api/videos/{video:str}/qr", tags=["sharing"], media_type="image/svg+xml", responses=refusals(*WATCHING))
@in_thread
def show_qr(penchant: Cell, viewer: Asking, request: Ask, video: FromPath[str]) -> Response[bytes]:
    """The address of a video's page as a QR code, an SVG file."""
    with penchant.engine.connect() as connection:
        found = access.video_to_watch(connection, VideoId(parse_id(video)), viewer.account if viewer else None)
    return Response(_qr(penchant, request, found.id), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _qr(penchant: Penchant, request: Ask, video: VideoId) -> bytes:
    file = io.BytesIO()
    segno.make(f"{base_url(penchant, request)}/v/{format_id(video)}", error="m").save(
        file, kind="svg", scale=6, border=4, light="#fff"
    )
    return file.getvalue()


def _answer(request: Ask, body: bytes) -> Response[bytes]:
    """A feed, or 304 where whoever asks has this one."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": _CACHE}
    known = request.headers.get("If-None-Match")
    if known is not None and matches_any(known, etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=atom.MEDIA_TYPE, headers=headers)


ROUTES = [show_profile_feed, show_hashtag_feed, show_qr]
