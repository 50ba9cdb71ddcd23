"""Banks of hashes and what is held: for admins."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.response import Stream
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT

from penchant.core.errors import Conflict, Forbidden, NotFound, SignInNeeded
from penchant.core.ids import VideoId, format_id, parse_id
from penchant.safety.detection.banks import Bank, Imported
from penchant.web.auth import admin
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.threads import in_thread

_LIST_BYTES = 32_000_000
"""A third of a million hashes; larger lists are imported by `penchant safety bank import`."""


class BankFacts(msgspec.Struct, forbid_unknown_fields=True):
    owner: str
    label: str = "known_bad"
    acts_alone: bool = False


class HashList(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    """The list itself, in any of the forms that are read."""


class KnownBad(msgspec.Struct, forbid_unknown_fields=True):
    video: str


class BanksOut(msgspec.Struct, frozen=True):
    banks: list[Bank]


class HeldOut(msgspec.Struct, frozen=True):
    video: str
    handle: str
    why: dict[str, Any]
    files: int
    held_at: datetime
    until: datetime


class HeldVideosOut(msgspec.Struct, frozen=True):
    held: list[HeldOut]


@get("/api/admin/banks", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_banks(penchant: Cell, viewer: Asking) -> BanksOut:
    """Every bank of known hashes, and how far older videos were looked at again for it."""
    admin(viewer)
    return BanksOut(penchant.detection.banks.banks())


@put("/api/admin/banks/{name:str}", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def put_bank(penchant: Cell, viewer: Asking, name: FromPath[str], data: JSONBody[BankFacts]) -> BanksOut:
    """Add a bank, or change whose it is, its label and whether its matches act alone. 422 with fields."""
    admin(viewer)
    with penchant.engine.begin() as connection:
        penchant.detection.banks.create(connection, name, data.owner, data.label, acts_alone=data.acts_alone)
    return BanksOut(penchant.detection.banks.banks())


@post(
    "/api/admin/banks/{name:str}/hashes",
    status_code=HTTP_200_OK,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
    request_max_body_size=_LIST_BYTES,
)
@in_thread
def import_hashes(penchant: Cell, viewer: Asking, name: FromPath[str], data: JSONBody[HashList]) -> Imported:
    """Add a hash list (PDQ, vPDQ, ThreatExchange) to a bank; the lines that cannot be read are told."""
    admin(viewer)
    return penchant.detection.banks.import_list(name, data.text.splitlines(keepends=True))


@get("/api/admin/banks/{name:str}/hashes", tags=["admin"], responses=refusals(SignInNeeded, Forbidden, NotFound))
@in_thread
def export_hashes(penchant: Cell, viewer: Asking, name: FromPath[str]) -> Response[Any]:
    """A bank as lines of text, `pdq HASH` or `vpdq JSON`, as `threatexchange` reads them."""
    admin(viewer)
    lines = penchant.detection.banks.export(name)
    first = next(lines, "")  # what is not there is told before the answer begins
    return Stream(_bytes(first, lines), media_type="text/plain; charset=utf-8")


@post(
    "/api/admin/banks/{name:str}/videos",
    status_code=HTTP_202_ACCEPTED,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
)
@in_thread
def add_video(penchant: Cell, viewer: Asking, name: FromPath[str], data: JSONBody[KnownBad]) -> BanksOut:
    """Put what a video of this place is known by into a bank, so that it is known however it comes back."""
    admin(viewer)
    with penchant.engine.begin() as connection:
        penchant.detection.banks.add_video(connection, name, VideoId(parse_id(data.video)))
    return BanksOut(penchant.detection.banks.banks())


@delete(
    "/api/admin/banks/{name:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound),
)
@in_thread
def remove_bank(penchant: Cell, viewer: Asking, name: FromPath[str]) -> None:
    """Forget a bank with its entries."""
    admin(viewer)
    penchant.detection.banks.remove(name)


@get("/api/admin/held", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_held(penchant: Cell, viewer: Asking) -> HeldVideosOut:
    """What is held for the law: whose, why and until when; never its pictures."""
    admin(viewer)
    return HeldVideosOut(
        [
            HeldOut(format_id(one.video), one.handle, one.why, one.files, one.held_at, one.until)
            for one in penchant.detection.quarantine.held()
        ]
    )


@post(
    "/api/admin/held/{video:str}/release",
    status_code=HTTP_204_NO_CONTENT,
    tags=["admin"],
    responses=refusals(SignInNeeded, Forbidden, NotFound, Conflict),
)
@in_thread
def release(penchant: Cell, viewer: Asking, video: FromPath[str]) -> None:
    """List a video again that was held wrongly. 404 not held, 409 its account is gone."""
    penchant.detection.quarantine.release(VideoId(parse_id(video)), admin(viewer))
    penchant.events.deliver()


def _bytes(first: str, rest: Iterator[str]) -> Iterator[bytes]:
    yield first.encode()
    for line in rest:
        yield line.encode()


ROUTES = [show_banks, put_bank, import_hashes, export_hashes, add_video, remove_bank, show_held, release]
