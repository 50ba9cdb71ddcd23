"""What a partner asks: views without people, and the switch that stops profiles. By token, for a time."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import Meta

from penchant.app import Penchant
from penchant.core.errors import Conflict, Forbidden, NotFound, SignInNeeded
from penchant.operations.partner.service import MOST_ROWS, REASON_CHARACTERS, Partner
from penchant.operations.partner.views import VIEWS
from penchant.web.dependencies import Cell
from penchant.web.documentation import refusals
from penchant.web.threads import in_thread

Ask = Request[Any, Any, Any]
_ASKED = (SignInNeeded, Forbidden, NotFound)


class ViewsOut(msgspec.Struct, frozen=True):
    partner: str
    until: datetime
    views: dict[str, str]


class RowsOut(msgspec.Struct, frozen=True):
    columns: list[str]
    rows: list[list[Any]]
    """Bytes as hexadecimal."""
    more: bool


class StopIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(max_length=4 * REASON_CHARACTERS)]


@get("/api/partner/views", tags=["partner"], responses=refusals(*_ASKED))
@in_thread
def show_views(penchant: Cell, request: Ask) -> ViewsOut:
    """What there is to look at. A partner sends `Authorization: Bearer` and its token; 403 `not_partner`."""
    partner = _partner(penchant, request)
    return ViewsOut(partner.name, partner.ends_at, VIEWS)


@get("/api/partner/views/{view:str}", tags=["partner"], responses=refusals(*_ASKED))
@in_thread
def show_view(
    penchant: Cell,
    request: Ask,
    view: FromPath[str],
    first: Annotated[int, QueryParameter(ge=0, le=1 << 40)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST_ROWS)] = MOST_ROWS,
) -> RowsOut:
    """Rows of a view; every look stands in the ledger."""
    found = penchant.partners.read(_partner(penchant, request), view, first, limit)
    return RowsOut(list(found.columns), [[_plain(value) for value in row] for row in found.rows], found.more)


@post("/api/partner/stop", status_code=HTTP_201_CREATED, tags=["partner"], responses=refusals(*_ASKED, Conflict))
@in_thread
def stop_profiles(penchant: Cell, request: Ask, data: JSONBody[StopIn]) -> None:
    """From now on nobody's feed uses what it knows of them. Everybody reads the reason; 409 `stopped`."""
    penchant.partners.stop(_partner(penchant, request), data.reason)


@delete("/api/partner/stop", status_code=HTTP_204_NO_CONTENT, tags=["partner"], responses=refusals(*_ASKED))
@in_thread
def allow_profiles(penchant: Cell, request: Ask) -> None:
    """What this partner stopped goes on."""
    penchant.partners.allow(_partner(penchant, request))


def _partner(penchant: Penchant, request: Ask) -> Partner:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SignInNeeded("a partner sends its token: Authorization: Bearer …")
    return penchant.partners.of(token.strip())


def _plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes | memoryview) else value


ROUTES = [show_views, show_view, stop_profiles, allow_profiles]
