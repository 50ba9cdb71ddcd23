"""Videos as one viewer sees them: liked by them, whose creators they follow."""

from collections.abc import Sequence
from typing import Any

from litestar import Request

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.catalog.model import Video
from penchant.community import repository as community
from penchant.core.database import Connection
from penchant.safety.notes import repository as notes
from penchant.web.schemas import VideoOut, video_out


def base_url(penchant: Penchant, request: Request[Any, Any, Any]) -> str:
    """Where people reach this installation: the setting, or the address that this request used."""
    return (penchant.settings.public_url or str(request.base_url)).rstrip("/")


def videos_out(
    penchant: Penchant,
    request: Request[Any, Any, Any],
    connection: Connection,
    videos: Sequence[Video],
    viewer: Account | None,
) -> list[VideoOut]:
    """Videos for the wire, in the order given."""
    following = accounts.followed_by(connection, viewer.id) if viewer else frozenset()
    liked = community.liked(connection, viewer.id, [video.id for video in videos]) if viewer else frozenset()
    shown = notes.shown_on(connection, [video.id for video in videos])
    address = base_url(penchant, request)
    return [
        video_out(video, address, viewer=viewer, following=following, liked=liked, note=shown.get(video.id))
        for video in videos
    ]
