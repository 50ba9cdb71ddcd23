"""What viewers do, as the page reports it: durable before the 202, a malformed event refuses only itself."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.concurrency import sync_to_thread
from litestar.status_codes import HTTP_202_ACCEPTED
from msgspec import Meta

from penchant.accounts.model import Viewer
from penchant.core.errors import Forbidden, Invalid, NotFound, SignInNeeded
from penchant.core.ids import parse_id
from penchant.events.model import (
    Context,
    DislikeTarget,
    Event,
    InterestedAgain,
    NewEvent,
    NotInterested,
    ProfileOpen,
    Share,
    Shown,
    Watch,
)
from penchant.web.auth import known_viewer
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.impressions import check_impression

BATCH = 200
"""Most events of one request."""
_OLDEST_MS = 7 * 86_400_000
_LONGEST_MS = 6 * 3_600_000

_Number = Annotated[int, Meta(ge=1, le=2**53)]
_Length = Annotated[int, Meta(ge=0, le=_LONGEST_MS)]
_Id = Annotated[str, Meta(min_length=1, max_length=60)]


class _In(msgspec.Struct, frozen=True, tag_field="kind", kw_only=True):
    sequence: _Number
    at_ms: Annotated[int, Meta(ge=0, le=2**53)]
    context: Context


class _VideoIn(_In, frozen=True, kw_only=True):
    video: _Id
    impression: str | None = None


class ShownIn(_VideoIn, frozen=True, kw_only=True, tag="shown"):
    pass


class WatchIn(_VideoIn, frozen=True, kw_only=True, tag="watch"):
    play: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    watched_ms: _Length
    duration_ms: Annotated[int, Meta(ge=1, le=_LONGEST_MS)]
    loops: Annotated[int, Meta(ge=0, le=100_000)] = 0
    foreground_ms: _Length = 0


class ShareIn(_VideoIn, frozen=True, kw_only=True, tag="share"):
    via: Literal["copy", "system"]


class ProfileOpenIn(_In, frozen=True, kw_only=True, tag="profile_open"):
    creator: _Id


class NotInterestedIn(_In, frozen=True, kw_only=True, tag="not_interested"):
    target: DislikeTarget
    id: _Id


class InterestedAgainIn(_In, frozen=True, kw_only=True, tag="interested_again"):
    target: DislikeTarget
    id: _Id


EventIn = ShownIn | WatchIn | ShareIn | ProfileOpenIn | NotInterestedIn | InterestedAgainIn

_decoder = msgspec.json.Decoder(EventIn)


class EventsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    session: UUID
    events: Annotated[list[msgspec.Raw], Meta(max_length=BATCH)]


class RefusedOut(msgspec.Struct, frozen=True):
    index: int
    sequence: int | None
    code: str
    message: str


class EventsOut(msgspec.Struct, frozen=True):
    offset: int
    accepted: int
    refused: list[RefusedOut]


_batch_decoder = msgspec.json.Decoder(EventsIn)


@post("/api/events", status_code=HTTP_202_ACCEPTED, tags=["events"], responses=refusals(SignInNeeded, Forbidden))
async def record_events(penchant: Cell, viewer: Asking, request: Request[Any, Any, Any]) -> EventsOut:
    """Report up to 200 events: `{"session": uuid, "events": [{"sequence", "kind", "at_ms", "context", …}]}`.

    202 once they are durable. (session, sequence) names an event: sending it again changes nothing and is answered
    the same way. An event that is not right is refused with a reason; the others are kept.
    422 where the batch itself has no right shape, 401 `session_needed`, 503 `unavailable` (send again).
    """
    # `sendBeacon` labels its body as it likes, so the bytes are read whatever their content type says.
    body = await request.body()
    return await sync_to_thread(_record, penchant, known_viewer(viewer), body)


def _record(penchant: Cell, viewer: Viewer, body: bytes) -> EventsOut:
    try:
        batch = _batch_decoder.decode(body)
    except msgspec.DecodeError as error:
        raise Invalid(f"the batch does not have the right shape: {error}") from error
    now_ms = penchant.clock.now_ms()
    accepted: list[NewEvent] = []
    refused: list[RefusedOut] = []
    for index, raw in enumerate(batch.events):
        try:
            event = _decoder.decode(raw)
            accepted.append(
                NewEvent(
                    subject=viewer.subject,
                    session=batch.session,
                    sequence=event.sequence,
                    # A client's clock may be wrong; event time stays within what can be true.
                    occurred_at_ms=min(max(event.at_ms, now_ms - _OLDEST_MS), now_ms),
                    event=_event_of(penchant, viewer, event),
                )
            )
        except (msgspec.DecodeError, NotFound) as error:
            refused.append(RefusedOut(index, _sequence_of(raw), "malformed", str(error)))
    stored = penchant.events.record(accepted)
    penchant.daily_use.note(viewer)
    offset = max((event.offset for event in stored), default=0)
    return EventsOut(offset, len(accepted), refused)


def _event_of(penchant: Cell, viewer: Viewer, sent: EventIn) -> Event:
    match sent:
        case ShownIn():
            return Shown(**_viewed(penchant, viewer, sent))
        case WatchIn():
            return Watch(
                **_viewed(penchant, viewer, sent),
                play=sent.play,
                watched_ms=sent.watched_ms,
                duration_ms=sent.duration_ms,
                loops=sent.loops,
                foreground_ms=sent.foreground_ms,
            )
        case ShareIn():
            return Share(**_viewed(penchant, viewer, sent), via=sent.via)
        case ProfileOpenIn():
            return ProfileOpen(creator=parse_id(sent.creator), context=sent.context)
        case NotInterestedIn() | InterestedAgainIn():
            kind = NotInterested if isinstance(sent, NotInterestedIn) else InterestedAgain
            if sent.target == "hashtag":
                return kind(target="hashtag", name=sent.id.lstrip("#").casefold())
            return kind(target=sent.target, target_id=parse_id(sent.id))


def _viewed(penchant: Cell, viewer: Viewer, sent: ShownIn | WatchIn | ShareIn) -> dict[str, Any]:
    video = parse_id(sent.video)
    token = sent.impression
    impression = check_impression(penchant.token_key, viewer.subject, video, token) if token else None
    return {
        "video": video,
        "context": sent.context,
        "page": impression.page if impression else None,
        "slot": impression.slot if impression else None,
    }


class _Numbered(msgspec.Struct):
    sequence: int | None = None


def _sequence_of(raw: msgspec.Raw) -> int | None:
    try:
        return msgspec.json.decode(raw, type=_Numbered).sequence
    except msgspec.DecodeError:
        return None


ROUTES = [record_events]
