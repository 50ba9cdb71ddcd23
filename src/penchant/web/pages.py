"""The built page: its shell with Open Graph tags, its files, embedding and oEmbed."""

import html
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import File

from penchant.catalog import access
from penchant.catalog.model import Video
from penchant.core.errors import NotFound, PenchantError
from penchant.core.ids import VideoId, format_id, parse_id
from penchant.web import STATIC
from penchant.web.dependencies import Cell
from penchant.web.documentation import WATCHING, refusals
from penchant.web.errors import error_response
from penchant.web.schemas import media_url, path_of
from penchant.web.threads import in_thread
from penchant.web.videos_view import base_url

_PLACE = "<!--head-->"
_NOT_BUILT = (
    "<!doctype html><meta charset=utf-8><title>Penchant</title>"
    "<p>The page has not been built. Run <code>./dev up</code>, which builds it, or install the wheel.</p>"
)

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; font-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors {ancestors}"
)

# Spelled out: what the system's own table knows differs from machine to machine.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_NOINDEX = '<meta name="robots" content="noindex">'

Ask = Request[Any, Any, Any]


class Shell:
    """index.html, read once and filled for each page."""

    def __init__(self, folder: Path = STATIC) -> None:
        path = folder / "index.html"
        self._text = path.read_text("utf-8") if path.exists() else _NOT_BUILT

    def page(self, head: str = "", *, status: int = 200, embeddable: bool = False) -> Response[str]:
        """The shell with tags for its head."""
        headers = {
            "Content-Security-Policy": _POLICY.format(ancestors="*" if embeddable else "'none'"),
            "Cache-Control": "no-cache",
        }
        content = self._text.replace(_PLACE, head, 1)
        return Response(content, status_code=status, media_type=MediaType.HTML, headers=headers)

    def lost(self, request: Ask) -> Response[Any]:
        """Where there is nothing: a page with a way out for people, an error for programs."""
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return self.page(_NOINDEX, status=404)
        return error_response(NotFound("there is no such page"))


Served: TypeAlias = NamedDependency[Shell]
"""`shell`: the built page of this process."""


@get(
    [
        "/",
        "/upload",
        "/inbox",
        "/me",
        "/me/feed",
        "/me/history",
        "/sign-in",
        "/sign-up",
        "/reset",
        "/admin",
        "/market",
        "/search",
    ],
    include_in_schema=False,
    sync_to_thread=False,
)
def show_shell(shell: Served) -> Response[str]:
    """Every page that the app draws by itself."""
    return shell.page()


@get("/{profile:str}", include_in_schema=False, sync_to_thread=False)
def show_profile_page(shell: Served, request: Ask, profile: FromPath[str]) -> Response[Any]:
    """`/@handle`; no other word is an address here."""
    if not profile.startswith("@"):
        return shell.lost(request)
    where = html.escape(f"{path_of(profile[1:])}/feed.xml", quote=True)
    return shell.page(f'<link rel="alternate" type="application/atom+xml" href="{where}">')


@get("/check/{page:str}", include_in_schema=False, sync_to_thread=False)
def show_check_page(shell: Served, page: FromPath[str]) -> Response[str]:
    """The check of a page of the feed, which the app draws and does."""
    return shell.page()


@get("/s/{sound:str}", include_in_schema=False, sync_to_thread=False)
def show_sound_page(shell: Served, sound: FromPath[str]) -> Response[str]:
    """A sound's page, which the app draws."""
    return shell.page()


@get("/t/{tag:str}", include_in_schema=False, sync_to_thread=False)
def show_hashtag_page(shell: Served, tag: FromPath[str]) -> Response[str]:
    """A hashtag's page, which the app draws."""
    return shell.page()


@get("/v/{video:str}", include_in_schema=False)
@in_thread
def show_video_page(penchant: Cell, shell: Served, request: Ask, video: FromPath[str]) -> Response[str]:
    """A video's public page, with what other sites need for a preview."""
    return _video_page(penchant, shell, request, video, embeddable=False)


@get("/embed/{video:str}", include_in_schema=False)
@in_thread
def show_embed(penchant: Cell, shell: Served, request: Ask, video: FromPath[str]) -> Response[str]:
    """The player alone, for other sites' frames."""
    return _video_page(penchant, shell, request, video, embeddable=True)


class OEmbedOut(msgspec.Struct, frozen=True):
    version: str
    type: str
    title: str
    author_name: str
    author_url: str
    provider_name: str
    provider_url: str
    thumbnail_url: str
    thumbnail_width: int
    thumbnail_height: int
    width: int
    height: int
    html: str


@get("/oembed", tags=["videos"], responses=refusals(*WATCHING))
@in_thread
def oembed(
    penchant: Cell,
    request: Ask,
    url: Annotated[str, QueryParameter(description="address of a video's page")],
    maxwidth: Annotated[int, QueryParameter(ge=100, le=4000)] = 360,
    maxheight: Annotated[int, QueryParameter(ge=100, le=4000)] = 640,
) -> OEmbedOut:
    """oEmbed 1.0 for a video's page; JSON only. 404 where the address is none of ours."""
    address = base_url(penchant, request)
    if not url.startswith(f"{address}/v/"):
        raise NotFound("this is not the address of a video here")
    with penchant.engine.connect() as connection:
        found = access.video_to_watch(connection, VideoId(parse_id(url.rsplit("/", 1)[1])), None)
    scale = min(maxwidth / found.width, maxheight / found.height)
    width, height = max(int(found.width * scale), 1), max(int(found.height * scale), 1)
    frame = (
        f'<iframe src="{address}/embed/{format_id(found.id)}" width="{width}" height="{height}" '
        f'title="{html.escape(found.title, quote=True)}" allow="fullscreen" style="border:0"></iframe>'
    )
    poster = found.poster
    return OEmbedOut(
        version="1.0",
        type="video",
        title=found.title,
        author_name=found.creator.name,
        author_url=f"{address}/@{found.creator.handle}",
        provider_name=penchant.market.name,
        provider_url=address,
        thumbnail_url=address + media_url(found.id, "poster.jpg", poster.sha256) if poster else "",
        thumbnail_width=poster.width if poster else 0,
        thumbnail_height=poster.height if poster else 0,
        width=width,
        height=height,
        html=frame,
    )


@get(["/manifest.webmanifest", "/sw.js", "/favicon.ico", "/robots.txt"], include_in_schema=False, sync_to_thread=False)
def show_root_file(request: Ask) -> File:
    """Files that browsers expect at the root; they may change with every version."""
    return _file(request.url.path.lstrip("/"), "no-cache")


@get("/assets/{name:path}", include_in_schema=False, sync_to_thread=False)
def show_asset(name: FromPath[Path]) -> File:
    """Built files: their names carry a hash of their content, so they may be kept for ever."""
    return _file(f"assets/{str(name).lstrip('/')}", "public, max-age=31536000, immutable")


@get("/icons/{name:str}", include_in_schema=False, sync_to_thread=False)
def show_icon(name: FromPath[str]) -> File:
    """Icons of the installed app."""
    return _file(f"icons/{name}", "public, max-age=86400")


def _video_page(penchant: Cell, shell: Served, request: Ask, video: str, *, embeddable: bool) -> Response[str]:
    try:
        with penchant.engine.connect() as connection:
            found = access.video_to_watch(connection, VideoId(parse_id(video)), None)
    except PenchantError as error:
        # The page itself says what is the matter; the status tells it to programs.
        status = 410 if error.code == "removed" else 404
        return shell.page(_NOINDEX, status=status, embeddable=embeddable)
    return shell.page(open_graph(found, base_url(penchant, request), penchant.market.name), embeddable=embeddable)


def open_graph(video: Video, address: str, site: str) -> str:
    """Open Graph, Twitter card and oEmbed tags; every value is escaped."""
    page = f"{address}/v/{format_id(video.id)}"
    tags = [
        ("og:site_name", site),
        ("og:type", "video.other"),
        ("og:title", video.title or f"@{video.creator.handle}"),
        ("og:description", f"{video.creator.name} (@{video.creator.handle})"),
        ("og:url", page),
    ]
    if video.poster:
        tags += [
            ("og:image", address + media_url(video.id, "poster.jpg", video.poster.sha256)),
            ("og:image:width", str(video.poster.width)),
            ("og:image:height", str(video.poster.height)),
        ]
        if video.alt_text:
            tags.append(("og:image:alt", video.alt_text))
    if video.renditions:
        file = video.renditions[-1]
        tags += [
            ("og:video", address + media_url(video.id, f"{file.name}.mp4", file.sha256)),
            ("og:video:type", file.content_type),
            ("og:video:width", str(file.width)),
            ("og:video:height", str(file.height)),
        ]
    lines = [f'<meta property="{name}" content="{html.escape(value, quote=True)}">' for name, value in tags]
    escaped = html.escape(page, quote=True)
    lines.append('<meta name="twitter:card" content="summary_large_image">')
    lines.append(f'<link rel="alternate" type="application/json+oembed" href="/oembed?url={escaped}">')
    lines.append(f'<link rel="canonical" href="{escaped}">')
    return "\n    ".join(lines)


def _file(name: str, cache: str) -> File:
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC.resolve()) or not path.is_file():
        raise NotFound("there is no such file")
    return File(
        path,
        content_disposition_type="inline",
        media_type=_TYPES.get(path.suffix, "application/octet-stream"),
        headers={"Cache-Control": cache},
    )


ROUTES = [
    show_shell,
    show_profile_page,
    show_sound_page,
    show_hashtag_page,
    show_check_page,
    show_video_page,
    show_embed,
    oembed,
    show_root_file,
    show_asset,
    show_icon,
]
