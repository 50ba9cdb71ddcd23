"""The gateway: the only way in for other markets. What may be asked: markets/messages.py."""

from typing import Any

from litestar import Request, Response, post
from litestar.params import FromPath
from litestar.response import Stream
from litestar.status_codes import HTTP_200_OK

from penchant.app import Penchant
from penchant.core.errors import NotFound
from penchant.markets.envelope import ANSWER_HEADER, HEADER, MOST_BODY_BYTES
from penchant.operations.crossings.giving import Given
from penchant.web.dependencies import Cell
from penchant.web.threads import in_thread

Ask = Request[Any, Any, Any]


@post(
    "/gateway/{kind:str}",
    status_code=HTTP_200_OK,
    request_max_body_size=MOST_BODY_BYTES,
    include_in_schema=False,
)
async def answer_market(penchant: Cell, request: Ask, kind: FromPath[str]) -> Response[Any]:
    """Answer another market of the house; 404 where this one belongs to none."""
    given = await _given(penchant, kind, request.headers.get(HEADER, ""), await request.body())
    headers = {ANSWER_HEADER: given.signed, "Content-Length": str(given.size_bytes), "Cache-Control": "no-store"}
    return Stream(given.body, headers=headers, media_type=given.content_type)


@in_thread
def _given(penchant: Penchant, kind: str, header: str, body: bytes) -> Given:
    if penchant.giving is None:
        raise NotFound("this market belongs to no house")
    return penchant.giving.answer(kind, header, body)


ROUTES = [answer_market]
