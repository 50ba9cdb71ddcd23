"""The ledger as others read it: its files, its key, and the receipt of a page."""

import re

from litestar import Response, get
from litestar.params import FromPath

from penchant.app import Penchant
from penchant.core.errors import Conflict, NotFound
from penchant.core.ids import PageId, parse_id
from penchant.ledger.sequencer import CHECKPOINT, COSIGNED
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.threads import in_thread

_TILE = re.compile(r"tile/(entries|[0-9]{1,2})/(x[0-9]{3}/){0,6}[0-9]{3}(\.p/[1-9][0-9]{0,2})?")
_FILE = re.compile(r"files/[0-9a-f]{64}")
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
_ANYWHERE = {"Access-Control-Allow-Origin": "*"}
"""What is public may be read by a page from anywhere: a monitor, an auditor's tool."""


@get("/ledger/key", include_in_schema=False, sync_to_thread=False)
def show_key(penchant: Cell) -> Response[str]:
    """The key that checkpoints are signed with, as a vkey."""
    return Response(penchant.ledger.verifier.written() + "\n", media_type="text/plain", headers=_ANYWHERE)


@get("/ledger/{path:path}", include_in_schema=False)
@in_thread
def show_file(penchant: Cell, path: FromPath[str]) -> Response[bytes]:
    """The log by C2SP tlog-tiles: `checkpoint`, `tile/…`; and `files/…`, which leaves name by their SHA-256."""
    path = path.lstrip("/")
    if path in (CHECKPOINT, COSIGNED):
        headers = {"Cache-Control": "no-cache", **_ANYWHERE}
        return Response(_content(penchant, path), media_type="text/plain; charset=utf-8", headers=headers)
    if not (_TILE.fullmatch(path) or _FILE.fullmatch(path)):
        raise NotFound("the ledger has no such file")
    headers = {**_FOR_GOOD, **_ANYWHERE}
    return Response(_content(penchant, path), media_type="application/octet-stream", headers=headers)


@get("/api/pages/{page:str}/receipt", tags=["feed"], responses=refusals(NotFound, Conflict))
@in_thread
def show_receipt(penchant: Cell, viewer: Asking, page: FromPath[str]) -> Response[str]:
    """That a page is in the ledger: a C2SP tlog-proof, whose `extra` is the salt and the page record.

    404 but for its own viewer; one without a profile leads to nobody, so whoever has its id gets it. 409
    `not_yet_logged` within the first second.
    """
    with penchant.engine.connect() as connection:
        found = penchant.records.page(connection, PageId(parse_id(page)))
        own = viewer is not None and viewer.subject == found.subject_id
        if found.entry is None or not (own or found.is_nobodys):
            raise NotFound("there is no such page of yours, or it is not kept any more")
        proof = penchant.ledger.prove(connection, found.entry)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="page-{page}.tlog-proof"',
    }
    return Response(proof.file(found.salted), media_type="text/plain; charset=utf-8", headers=headers)


def _content(penchant: Penchant, path: str) -> bytes:
    content = penchant.ledger.sequencer.fetch(path)
    if content is None:
        raise NotFound("the ledger has no such file")
    return content


ROUTES = [show_key, show_file, show_receipt]
