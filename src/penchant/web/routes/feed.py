"""The feed: the next page of a tab."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import QueryParameter

from penchant.app import Penchant
from penchant.core.errors import NotFound
from penchant.core.ids import PageId, SubjectId, VideoId, format_id, parse_id
from penchant.feed.model import Page, Why
from penchant.feed.service import MOST_SLOTS, PAGE_SLOTS
from penchant.taste.heads import HEADS
from penchant.web.auth import cookie_for
from penchant.web.dependencies import Asking, Cell, Counting
from penchant.web.documentation import refusals
from penchant.web.impressions import Impression, sign_impression
from penchant.web.schemas import VideoOut
from penchant.web.threads import in_thread
from penchant.web.videos_view import videos_out

Ask = Request[Any, Any, Any]


class WhyOut(msgspec.Struct, frozen=True):
    code: str
    text: str
    numbers: dict[str, float]
    because: str | None


class ItemOut(msgspec.Struct, frozen=True):
    slot: int
    impression: str
    why: WhyOut
    video: VideoOut


class PageOut(msgspec.Struct, frozen=True):
    page: str
    mode: str
    items: list[ItemOut]


class ValuesOut(msgspec.Struct, frozen=True):
    version: int
    digest: str
    weights: dict[str, float]


@get("/api/feed/values", tags=["feed"], responses=refusals(), sync_to_thread=False)
def show_values(penchant: Cell) -> ValuesOut:
    """What each outcome of showing a video is worth in the order of the feed; `digest` is that in page records."""
    values = penchant.taste.values
    return ValuesOut(values.version, values.digest, dict(zip(HEADS, values.weights, strict=True)))


@get("/api/feed", tags=["feed"], responses=refusals(NotFound))
@in_thread
def show_feed(
    penchant: Cell,
    viewer: Asking,
    metrics: Counting,
    request: Ask,
    tab: Annotated[UUID, QueryParameter(description="a random id that the page keeps for this browser tab")],
    count: Annotated[int, QueryParameter(ge=1, le=MOST_SLOTS)] = PAGE_SLOTS,
    mode: Annotated[
        Literal["taste", "no_profile"], QueryParameter(description="no_profile: without using what you watched")
    ] = "taste",
    replaces: Annotated[str | None, QueryParameter(description="id of a page that this one replaces in part")] = None,
    from_slot: Annotated[int, QueryParameter(ge=0, le=MOST_SLOTS, description="its slots from here on return")] = 0,
) -> Response[PageOut]:
    """The next page of videos, with why each is there. A browser without a session becomes an anonymous viewer."""
    cookies = []
    if viewer is None:
        token, viewer = penchant.accounts.welcome()
        cookies = [cookie_for(penchant, request, token)]
    page = penchant.feed.page(
        viewer,
        tab,
        count=count,
        mode=mode,
        replaces=PageId(parse_id(replaces)) if replaces else None,
        from_slot=from_slot,
        count_failure=lambda part: metrics.feed_parts.labels(part).inc(),
    )
    with penchant.engine.connect() as connection:
        videos = videos_out(penchant, request, connection, [item.video for item in page.items], viewer.account)
    headers = {"Cache-Control": "no-store"}
    return Response(_page_out(penchant, viewer.subject, page, videos), cookies=cookies, headers=headers)


def _page_out(penchant: Penchant, subject: SubjectId, page: Page, videos: list[VideoOut]) -> PageOut:
    items = [
        ItemOut(
            item.slot,
            sign_impression(penchant.token_key, subject, item.video.id, Impression(page.id, item.slot)),
            _why_out(item.why),
            video,
        )
        for item, video in zip(page.items, videos, strict=True)
    ]
    return PageOut(format_id(page.id), page.mode, items)


def _why_out(why: Why) -> WhyOut:
    return WhyOut(why.code, why.text, why.numbers, None if why.because is None else format_id(VideoId(why.because)))


ROUTES = [show_feed, show_values]
