"""What `penchant directory` serves: claim, release, find, and whether it is well."""

from typing import Annotated, Any

from litestar import Litestar, Request, Response, get, post
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_200_OK

from penchant.markets.directory import Directory
from penchant.markets.envelope import HEADER, MOST_BODY_BYTES
from penchant.web import errors
from penchant.web.auth import network
from penchant.web.threads import in_thread

Ask = Request[Any, Any, Any]


def create_directory(directory: Directory) -> Litestar:
    """The application of a directory."""
    begin, claimed, released = in_thread(directory.begin), in_thread(directory.claim), in_thread(directory.release)

    @post("/claim", status_code=HTTP_200_OK, request_max_body_size=MOST_BODY_BYTES)
    async def claim(request: Ask) -> None:
        await claimed(request.headers.get(HEADER, ""), await request.body())

    @post("/release", status_code=HTTP_200_OK, request_max_body_size=MOST_BODY_BYTES)
    async def release(request: Ask) -> None:
        await released(request.headers.get(HEADER, ""), await request.body())

    @get("/find")
    @in_thread
    def find(request: Ask, handle: Annotated[str, QueryParameter(description="without @")]) -> Response[str]:
        return Response(directory.find(handle, network(request)) + "\n", media_type="text/plain")

    @get("/healthz", sync_to_thread=False)
    def show_health() -> Response[str]:
        return Response("ok\n", media_type="text/plain")

    return Litestar(
        [claim, release, find, show_health],
        exception_handlers=errors.HANDLERS,
        openapi_config=None,
        logging_config=None,
        on_startup=[begin],
    )
