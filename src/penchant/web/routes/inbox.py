"""The inbox: what somebody is told of, what they have read, and which kinds they want."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, put
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from penchant.accounts.limits import SOCIAL
from penchant.accounts.telling import TellingKind
from penchant.community.inbox import Entry
from penchant.core.errors import Forbidden, NotFound, RateLimited, SignInNeeded
from penchant.core.ids import format_id, parse_id
from penchant.web.auth import signed_in
from penchant.web.comments_view import author_out
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.schemas import AuthorOut, media_url
from penchant.web.threads import in_thread


class Until(msgspec.Struct, forbid_unknown_fields=True):
    until: datetime
    """The `changed_at` of the first entry on the screen: what came later stays unread."""


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    kind: TellingKind
    in_app: bool


class AboutVideo(msgspec.Struct, frozen=True):
    id: str
    title: str
    poster_url: str | None


class EntryOut(msgspec.Struct, frozen=True):
    id: str
    kind: TellingKind
    people: list[AuthorOut]
    """The latest of them, two at most."""
    count: int
    """How many people, or videos that are ready; 1,000 means that many or more."""
    video: AboutVideo | None
    comment: str | None
    said: str
    """What the latest comment says."""
    decision: str | None
    action: str | None
    """What was decided."""
    changed_at: datetime
    unread: bool


class InboxOut(msgspec.Struct, frozen=True):
    entries: list[EntryOut]
    next: str | None
    unread: int
    """Entries; 99 means that many or more."""


class KindOut(msgspec.Struct, frozen=True):
    kind: TellingKind
    in_app: bool


class KindsOut(msgspec.Struct, frozen=True):
    kinds: list[KindOut]


@get("/api/me/inbox", tags=["inbox"], responses=refusals(SignInNeeded, Forbidden, NotFound))
@in_thread
def show_inbox(
    penchant: Cell,
    viewer: Asking,
    before: Annotated[str | None, QueryParameter(description="the `next` of the page before")] = None,
) -> InboxOut:
    """What one is told of, many deeds of a kind as one entry, the latest first."""
    me = signed_in(viewer)
    entries, following = penchant.inbox.page(me, parse_id(before) if before is not None else None)
    after = None if following is None else format_id(following)
    return InboxOut([_entry_out(entry) for entry in entries], after, penchant.inbox.unread(me))


@put("/api/me/inbox/read", status_code=HTTP_204_NO_CONTENT, tags=["inbox"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def read_all(penchant: Cell, viewer: Asking, data: JSONBody[Until]) -> None:
    """Mark everything as read that was told until a moment."""
    penchant.inbox.read(signed_in(viewer), until=data.until)


@put(
    "/api/me/inbox/{notification:str}/read",
    status_code=HTTP_204_NO_CONTENT,
    tags=["inbox"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
)
@in_thread
def read_one(penchant: Cell, viewer: Asking, notification: FromPath[str]) -> None:
    """Mark one of one's own entries as read; what is none of those stays as it is."""
    penchant.inbox.read(signed_in(viewer), one=parse_id(notification))


@get("/api/me/inbox/kinds", tags=["inbox"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_kinds(penchant: Cell, viewer: Asking) -> KindsOut:
    """Of which kinds one wants to be told. What was decided about somebody is always told."""
    return _kinds_out(penchant.inbox.settings(signed_in(viewer)))


@put("/api/me/inbox/kinds", tags=["inbox"], responses=refusals(SignInNeeded, Forbidden, RateLimited))
@in_thread
def choose_kind(penchant: Cell, viewer: Asking, data: JSONBody[Wanted]) -> KindsOut:
    """Be told of a kind, or not, from now on. 422 for decisions."""
    me = signed_in(viewer)
    penchant.limits.spend(SOCIAL, me.handle)
    penchant.inbox.choose(me, data.kind, data.in_app)
    return _kinds_out(penchant.inbox.settings(me))


def _kinds_out(kinds: dict[TellingKind, bool]) -> KindsOut:
    return KindsOut([KindOut(kind, wanted) for kind, wanted in kinds.items()])


def _entry_out(entry: Entry) -> EntryOut:
    video = entry.video
    poster = media_url(video.id, "poster.jpg", video.poster.sha256) if video is not None and video.poster else None
    return EntryOut(
        id=format_id(entry.id),
        kind=entry.kind,
        people=[author_out(one) for one in entry.people],
        count=entry.count,
        video=None if video is None else AboutVideo(format_id(video.id), video.title, poster),
        comment=None if entry.comment is None else format_id(entry.comment),
        said=entry.said,
        decision=None if entry.decision is None else format_id(entry.decision),
        action=entry.action,
        changed_at=entry.changed_at,
        unread=entry.unread,
    )


ROUTES = [show_inbox, read_all, read_one, show_kinds, choose_kind]
