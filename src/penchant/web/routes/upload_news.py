"""What one's uploads are doing and how much is unread, as one stream of server-sent events; and what may still be
brought today.

Each event is the whole of it, and its id is a fingerprint of both. So nothing has to be kept for a browser that
comes back with `Last-Event-ID`, whichever process it comes back to: it is told, unless nothing has changed.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import msgspec
import structlog
from litestar import Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.response import Stream
from sqlalchemy.exc import DBAPIError

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.core.errors import Forbidden, RateLimited, SignInNeeded
from penchant.core.ids import format_id
from penchant.media.news import News
from penchant.web.auth import signed_in
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.schemas import FailureOut
from penchant.web.threads import in_thread

Ask = Request[Any, Any, Any]

MOVING_S = 0.5
"""How often is looked while something is on its way."""
RESTING_S = 2.0
"""How often otherwise, until a new upload begins."""
HEARTBEAT_S = 15.0
"""Proxies cut lines that are silent for a minute."""
LIFE_S = 600.0
"""After this the browser asks anew, and whether its session still holds is looked at again."""
STREAMS_PER_ACCOUNT = 8
_RECONNECT_MS = 2_000


class UploadNewsOut(msgspec.Struct, frozen=True):
    upload: str
    video: str | None
    title: str
    step: str
    share: float
    received_bytes: int
    size_bytes: int
    duplicate_of: str | None
    reason: FailureOut | None


class UnreadOut(msgspec.Struct, frozen=True):
    unread: int
    """Entries of the inbox; 99 means that many or more."""


class UploadRoomOut(msgspec.Struct, frozen=True):
    uploads_left: int
    bytes_left: int
    more_at: datetime | None


@get("/api/me/uploads/room", tags=["uploads"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def room(penchant: Cell, viewer: Asking) -> UploadRoomOut:
    """What one may still upload within the running 24 hours, and when there is more."""
    found = penchant.media.uploads.room(signed_in(viewer))
    return UploadRoomOut(found.uploads, found.size_bytes, found.more_at)


@get("/api/me/uploads/news", tags=["uploads"], responses=refusals(SignInNeeded, Forbidden, RateLimited))
async def news(penchant: Cell, viewer: Asking, request: Ask) -> Response[Any]:
    """A stream of `text/event-stream`: events `uploads`, each a list of all that came within 24 hours, newest first,
    and `inbox`: how much is unread.

    `step` is receiving, received, checked, picture, playable, complete, duplicate or failed. 401, 403,
    429 `too_many_streams`.
    """
    me = signed_in(viewer)
    open_streams: Counter[int] = request.app.state.setdefault("streams", Counter())
    if open_streams[me.id] >= STREAMS_PER_ACCOUNT:
        raise RateLimited("too many pages of yours are open", code="too_many_streams", retry_after_s=30)
    told = request.headers.get("Last-Event-ID", "")
    return Stream(
        _counted(open_streams, me, _stream(penchant, me, told, request)),
        media_type="text/event-stream",
        # nginx would hold the events back until its buffer is full.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


ROUTES = [room, news]


async def _counted(open_streams: Counter[int], me: Account, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    open_streams[me.id] += 1
    try:
        async for piece in stream:
            yield piece
    finally:
        open_streams[me.id] -= 1
        if not open_streams[me.id]:
            del open_streams[me.id]


async def _stream(penchant: Penchant, me: Account, told: str, request: Ask) -> AsyncIterator[bytes]:
    now = asyncio.get_running_loop().time
    ends_at, heard_at = now() + LIFE_S, now()
    uploads_told, _, inbox_told = told.partition("-")
    unread = _Unread(penchant, me)
    yield f"retry: {_RECONNECT_MS}\n\n".encode()
    while now() < ends_at and not request.app.state.get("closing"):
        try:
            found = await sync_to_thread(penchant.media.news.of, me)
            inbox = msgspec.json.encode(UnreadOut(await sync_to_thread(unread.count, now())))
        except DBAPIError as error:
            # The browser comes back by itself, and by then the database may be, too.
            structlog.get_logger("web").warning("news_ended", error=type(error.orig).__name__)
            return
        uploads = msgspec.json.encode([_news_out(one) for one in found])
        if (mark := _mark(uploads)) != uploads_told:
            uploads_told, heard_at = mark, now()
            yield _event("uploads", f"{uploads_told}-{inbox_told}", uploads)
        if (mark := _mark(inbox)) != inbox_told:
            inbox_told, heard_at = mark, now()
            yield _event("inbox", f"{uploads_told}-{inbox_told}", inbox)
        if now() > heard_at + HEARTBEAT_S:
            heard_at = now()
            yield b": still here\n\n"
        await asyncio.sleep(MOVING_S if any(one.moving for one in found) else RESTING_S)


class _Unread:
    """How much is unread of one person, counted anew where something was told or read, and every `HEARTBEAT_S`: who
    was blocked meanwhile changes it, too.
    """

    def __init__(self, penchant: Penchant, me: Account) -> None:
        self._inbox = penchant.inbox
        self._me = me
        self._mark: object = None
        self._count = 0
        self._counted_at = 0.0

    def count(self, now: float) -> int:
        mark = self._inbox.mark(self._me)
        if mark != self._mark or now > self._counted_at + HEARTBEAT_S:
            self._mark, self._counted_at = mark, now
            self._count = self._inbox.unread(self._me)
        return self._count


def _mark(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def _event(name: str, mark: str, body: bytes) -> bytes:
    return b"event: %s\nid: %s\ndata: %s\n\n" % (name.encode(), mark.encode(), body)


def _news_out(news: News) -> UploadNewsOut:
    reason = news.reason
    return UploadNewsOut(
        upload=news.upload.hex,
        video=None if news.video is None else format_id(news.video),
        title=news.title,
        step=news.step,
        share=round(news.share, 3),
        received_bytes=news.received_bytes,
        size_bytes=news.size_bytes,
        duplicate_of=None if news.duplicate_of is None else format_id(news.duplicate_of),
        reason=None if reason is None else FailureOut(reason.code, reason.text, reason.retry),
    )
