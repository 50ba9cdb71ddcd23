"""The feed: the next page of a tab."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta

from penchant.core.clock import as_datetime
from penchant.core.errors import Forbidden, Invalid, NotFound
from penchant.core.ids import PageId, VideoId, format_id, parse_id
from penchant.feed.model import Page, Why
from penchant.feed.service import MOST_SLOTS, PAGE_SLOTS
from penchant.taste.heads import HEADS
from penchant.web.auth import cookie_for, without_profile
from penchant.web.dependencies import Asking, Cell, Counting
from penchant.web.documentation import refusals
from penchant.web.impressions import Impression, sign_impression
from penchant.web.schemas import VideoOut
from penchant.web.threads import in_thread
from penchant.web.videos_view import videos_out

Ask = Request[Any, Any, Any]
MOST_SEEN = 1_000
"""Ids of what was seen that one request may carry: 16 KB."""


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
    notice: str | None
    """Why only this feed is served now: `not_witnessed` or `stopped`; none where it was chosen, or uses a profile."""
    rest_s: int | None
    """Seconds for which the feed goes on today; none where it is not limited."""


class Unprofiled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser says in the mode `no_profile`; `seen`: ids of what is not to come again, the oldest first."""

    seen: Annotated[list[str], Meta(max_length=MOST_SEEN)] = []
    count: Annotated[int, Meta(ge=1, le=MOST_SLOTS)] = PAGE_SLOTS


class ValuesOut(msgspec.Struct, frozen=True):
    version: int
    digest: str
    weights: dict[str, float]


@get("/api/feed/values", tags=["feed"], responses=refusals(), sync_to_thread=False)
def show_values(penchant: Cell) -> ValuesOut:
    """What each outcome of showing a video is worth in the order of the feed; `digest` is that in page records."""
    values = penchant.taste.values
    return ValuesOut(values.version, values.digest, dict(zip(HEADS, values.weights, strict=True)))


class BoostOut(msgspec.Struct, frozen=True):
    video: str
    doublings: float
    begins_at: datetime
    ends_at: datetime
    reason: str


@get("/api/feed/boosts", tags=["feed"], responses=refusals())
@in_thread
def show_boosts(penchant: Cell) -> list[BoostOut]:
    """What the people who run this place lent to which video in the order of the feed, and why; the newest first."""
    return [
        BoostOut(
            format_id(one.video),
            one.amount / 65_536,
            as_datetime(one.begins_ms),
            as_datetime(one.ends_ms),
            one.reason,
        )
        for one in penchant.boosts.all()
    ]


@get("/api/feed", tags=["feed"], responses=refusals(NotFound, Forbidden))
@in_thread
def show_feed(
    penchant: Cell,
    viewer: Asking,
    metrics: Counting,
    request: Ask,
    tab: Annotated[UUID, QueryParameter(description="a random id that the page keeps for this browser tab")],
    count: Annotated[int, QueryParameter(ge=1, le=MOST_SLOTS)] = PAGE_SLOTS,
    mode: Annotated[Literal["taste"], QueryParameter(description="no_profile has an address of its own")] = "taste",
    replaces: Annotated[str | None, QueryParameter(description="id of a page that this one replaces in part")] = None,
    from_slot: Annotated[int, QueryParameter(ge=0, le=MOST_SLOTS, description="its slots from here on return")] = 0,
) -> Response[PageOut]:
    """The next page of videos, with why each is there. A browser without a session becomes an anonymous viewer.

    403 `daily_limit` for minors who were here long enough today; Retry-After is the beginning of the next day. 403
    `not_witnessed` while no witness vouches for the ledger, where that is asked for: then there is the feed without a
    profile.
    """
    if without_profile(request):
        raise Invalid("without a profile, ask /api/feed/no-profile")
    penchant.profile_gate.check()
    rest_s = penchant.daily_use.spend(viewer)
    cookies = []
    if viewer is None:
        token, viewer = penchant.accounts.welcome()
        cookies = [cookie_for(penchant, request, token)]
    page = penchant.feed.page(
        viewer,
        tab,
        count=count,
        replaces=PageId(parse_id(replaces)) if replaces else None,
        from_slot=from_slot,
        count_failure=lambda part: metrics.feed_parts.labels(part).inc(),
    )
    with penchant.engine.connect() as connection:
        videos = videos_out(penchant, request, connection, [item.video for item in page.items], viewer.account)
    headers = {"Cache-Control": "no-store"}
    tokens = [
        sign_impression(penchant.token_key, viewer.subject, item.video.id, Impression(page.id, item.slot))
        for item in page.items
    ]
    return Response(_page_out(page, videos, tokens, rest_s, None), cookies=cookies, headers=headers)


@post("/api/feed/no-profile", status_code=HTTP_200_OK, tags=["feed"], responses=refusals(Forbidden))
@in_thread
def show_feed_without_profile(
    penchant: Cell, viewer: Asking, metrics: Counting, request: Ask, data: JSONBody[Unprofiled]
) -> Response[PageOut]:
    """A page by nobody's taste: `{"seen": [id, …], "count": 10}`, at most 1,000 ids. Needs no session and makes none.

    Nothing that is kept of it leads to whoever asked: their impressions are `""`, for they are not to be reported.
    Of a signed-in minor it is counted how long they are here, as with a profile: 403 `daily_limit`.
    """
    rest_s = penchant.daily_use.spend(viewer)
    page = penchant.feed.page_without_profile(
        viewer,
        _seen(data.seen),
        count=data.count,
        count_failure=lambda part: metrics.feed_parts.labels(part).inc(),
    )
    account = viewer.account if viewer else None
    with penchant.engine.connect() as connection:
        videos = videos_out(penchant, request, connection, [item.video for item in page.items], account)
    return Response(
        _page_out(page, videos, [""] * len(videos), rest_s, penchant.profile_gate.closed()),
        headers={"Cache-Control": "no-store"},
    )


def _seen(ids: Sequence[str]) -> list[int]:
    try:
        return [parse_id(id_) for id_ in ids]
    except NotFound as error:
        raise Invalid("what was seen is not right", fields={"seen": error.message}) from error


def _page_out(
    page: Page, videos: Sequence[VideoOut], tokens: Sequence[str], rest_s: int | None, notice: str | None
) -> PageOut:
    items = [
        ItemOut(item.slot, token, _why_out(item.why), video)
        for item, video, token in zip(page.items, videos, tokens, strict=True)
    ]
    return PageOut(format_id(page.id), page.mode, items, notice, rest_s)


def _why_out(why: Why) -> WhyOut:
    return WhyOut(why.code, why.text, why.numbers, None if why.because is None else format_id(VideoId(why.because)))


ROUTES = [show_boosts, show_feed, show_feed_without_profile, show_values]
