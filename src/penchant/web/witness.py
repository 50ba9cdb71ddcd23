"""What `penchant witness` serves: one route of C2SP tlog-witness, its key, and whether it is well."""

from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.status_codes import HTTP_200_OK

from penchant.ledger.witness import MOST_BYTES, Witness
from penchant.web.threads import in_thread


def create_witness(witness: Witness) -> Litestar:
    """The application of a witness; it needs no database."""

    @post("/add-checkpoint", status_code=HTTP_200_OK, request_max_body_size=MOST_BYTES)
    async def add_checkpoint(request: Request[Any, Any, Any]) -> Response[str]:
        return await _added(await request.body())

    @in_thread
    def _added(body: bytes) -> Response[str]:
        said = witness.add_checkpoint(body)
        return Response(said.body, status_code=said.status, media_type=said.content_type)

    @get("/key", sync_to_thread=False)
    def show_key() -> Response[str]:
        return Response(witness.verifier.written() + "\n", media_type="text/plain")

    @get("/healthz", sync_to_thread=False)
    def show_health() -> Response[str]:
        return Response("ok\n", media_type="text/plain")

    return Litestar([add_checkpoint, show_key, show_health], openapi_config=None, logging_config=None)
