"""Everything about whoever asks, as one file."""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Any

from litestar import Request, get
from litestar.response import Stream

from penchant.accounts.limits import EXPORT
from penchant.core.errors import RateLimited, SignInNeeded
from penchant.core.ids import VideoId
from penchant.web.auth import known_viewer
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.schemas import media_file, media_url
from penchant.web.threads import in_thread
from penchant.web.videos_view import base_url

_PIECE_BYTES = 1 << 18


@get("/api/me/export", tags=["accounts"], responses=refusals(SignInNeeded, RateLimited))
@in_thread
def export(penchant: Cell, viewer: Asking, request: Request[Any, Any, Any]) -> Stream:
    """Everything that is kept about whoever asks, with an account or without: one JSON file. 429 `rate_limited`."""
    asking = known_viewer(viewer)
    penchant.limits.spend(EXPORT, str(asking.subject))
    base = base_url(penchant, request)

    def address(video: VideoId, name: str, sha256: str) -> str:
        return base + media_url(video, media_file(name), sha256)

    # Whole before it goes out: a slow line must not hold a connection of the database. The file has no name.
    file = TemporaryFile()  # noqa: SIM115 - closed where it has been read
    file.writelines(penchant.export.pieces(asking, address))
    name = f"penchant-{asking.account.handle if asking.account else 'guest'}.json"
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(file.tell()),
    }
    return Stream(_read(file), headers=headers, media_type="application/json")


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE_BYTES):
            yield piece


ROUTES = [export]
