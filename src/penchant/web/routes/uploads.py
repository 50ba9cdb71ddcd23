"""Resumable uploads: tus 1.0.0 with creation, creation-with-upload, checksum, termination and expiration.

Protocol: https://tus.io/protocols/resumable-upload. A piece is answered with 204 when it is on the disk for good.
"""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, head, patch, post, put, route
from litestar.concurrency import sync_to_thread
from litestar.datastructures import ResponseHeader
from litestar.enums import HttpMethod
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT
from litestar.types import ControllerRouterHandler

from penchant.accounts.limits import UPLOAD
from penchant.accounts.model import Viewer
from penchant.app import Penchant
from penchant.core.errors import (
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    PenchantError,
    RateLimited,
    SignInNeeded,
    Unavailable,
)
from penchant.core.ids import VideoId, format_id, parse_id
from penchant.media.cut import Cut
from penchant.media.model import Upload, UploadId
from penchant.media.quotas import QuotaSpent
from penchant.media.upload_files import ChecksumMismatch, Piece, UploadLocked
from penchant.media.uploads import OffsetMismatch, TooLarge, UploadStatus
from penchant.web.auth import signed_in
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import ACTING, refusals
from penchant.web.errors import error_response
from penchant.web.schemas import FailureOut, OwnVideoOut, own_video_out
from penchant.web.threads import in_thread

Ask = Request[Any, Any, Any]

VERSION = "1.0.0"
_EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
_ALGORITHMS = ("sha1", "sha256")
_OFFSET_STREAM = "application/offset+octet-stream"
_WRITE_BYTES = 1 << 20
_SILENCE_S = 30.0
"""How long a sender may be silent before the line counts as dropped and the upload's lock is let go."""
_METADATA_CHARACTERS = 8_000


class WrongVersion(PenchantError):
    """The client speaks another version of tus."""

    code = "wrong_version"


class WrongContentType(PenchantError):
    """Pieces come as application/offset+octet-stream."""

    code = "wrong_content_type"


class UnknownChecksum(Invalid):
    """The piece is vouched for by an algorithm that this server does not have."""

    code = "unknown_checksum"


class AboutUpload(msgspec.Struct, forbid_unknown_fields=True):
    title: str = ""
    hashtags: list[str] = []
    language: str = ""
    alt_text: str = ""
    start_ms: int = 0
    end_ms: int | None = None
    mute: bool = False
    sound: str = ""
    """Id of the one that is heard instead of the file's own."""

    @property
    def cut(self) -> Cut:
        return Cut(self.start_ms, self.end_ms, self.mute)


class UploadStatusOut(msgspec.Struct, frozen=True):
    upload: str
    state: str
    received_bytes: int
    size_bytes: int
    video: str | None
    duplicate_of: str | None
    reason: FailureOut | None


_OWN = (SignInNeeded, Forbidden, NotFound, Gone)

_STATUS: dict[type[PenchantError], int] = {
    UploadLocked: 423,
    ChecksumMismatch: 460,
    OffsetMismatch: 409,
    TooLarge: 413,
    QuotaSpent: 413,
    UnknownChecksum: 400,
    WrongVersion: 412,
    WrongContentType: 415,
}


def _on_error(_: Ask, error: PenchantError) -> Response[dict[str, Any]]:
    response = error_response(error, _STATUS.get(type(error)))
    response.headers["Tus-Resumable"] = VERSION
    if isinstance(error, WrongVersion):
        response.headers["Tus-Version"] = VERSION
    return response


@route("/", http_method=[HttpMethod.OPTIONS], status_code=HTTP_204_NO_CONTENT, tags=["uploads"], responses=refusals())
async def describe(penchant: Cell) -> Response[None]:
    """What this server's tus can do."""
    return Response(
        None,
        status_code=HTTP_204_NO_CONTENT,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": _EXTENSIONS,
            "Tus-Max-Size": str(penchant.media.uploads.largest_bytes),
            "Tus-Checksum-Algorithm": ",".join(_ALGORITHMS),
        },
    )


@post(
    "/",
    status_code=HTTP_201_CREATED,
    tags=["uploads"],
    request_max_body_size=None,
    responses=refusals(SignInNeeded, Forbidden, NotFound, Conflict, RateLimited),
)
async def create(penchant: Cell, viewer: Asking, request: Ask) -> Response[None]:
    """Announce a file; with a body of `application/offset+octet-stream`, its first bytes come along.

    401, 413 `too_large` or `quota`, 422 with fields, 429 `too_many_uploads` or `uploads_per_day`, 503 `no_space`.
    With `sound` among its words: 404, 409 `sound_not_shared`.
    """
    me = signed_in(viewer)
    _require_version(request)
    size_bytes = _number(request, "Upload-Length")
    await sync_to_thread(penchant.limits.spend, UPLOAD, me.handle)
    header = request.headers.get("Upload-Metadata", "")
    about = _about(_metadata(header))
    upload = await sync_to_thread(
        penchant.media.uploads.create,
        me,
        size_bytes,
        about.title,
        about.hashtags,
        about.language,
        header,
        alt_text=about.alt_text,
        cut=about.cut,
        sound=about.sound,
    )
    headers = {"Location": f"/api/uploads/{upload.id.hex}", "Upload-Expires": _http_date(upload.expires_at)}
    if request.headers.get("Content-Type") == _OFFSET_STREAM:
        upload, received = await _append(penchant, upload, 0, request)
        headers["Upload-Offset"] = str(received)
    return Response(None, status_code=HTTP_201_CREATED, headers=headers)


@head("/{upload_id:str}", status_code=HTTP_200_OK, tags=["uploads"], responses=refusals(*_OWN))
@in_thread
def offset(penchant: Cell, viewer: Asking, request: Ask, upload_id: FromPath[str]) -> Response[None]:
    """How much of the file is here for good. 404, 410 `expired`."""
    me = signed_in(viewer)
    _require_version(request)
    uploads = penchant.media.uploads
    upload = uploads.find(me, _parse_id(upload_id))
    received = uploads.received_bytes(upload)
    if received == upload.size_bytes and not upload.finished:
        # All bytes came, but the process died before it could say so: a client that asks will not send more.
        uploads.settle(upload)
    headers = {
        "Upload-Offset": str(received),
        "Upload-Length": str(upload.size_bytes),
        "Upload-Expires": _http_date(upload.expires_at),
        "Cache-Control": "no-store",
    }
    if upload.tus_metadata:
        headers["Upload-Metadata"] = upload.tus_metadata
    return Response(None, headers=headers)


@patch(
    "/{upload_id:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["uploads"],
    request_max_body_size=None,
    responses=refusals(*_OWN, Conflict),
)
async def append(penchant: Cell, viewer: Asking, request: Ask, upload_id: FromPath[str]) -> Response[None]:
    """The next piece. 404, 409 `offset_mismatch`, 410, 413 `too_large`, 415, 423 `locked`, 460 `checksum_mismatch`."""
    return await _append_piece(penchant, viewer, request, upload_id)


@delete("/{upload_id:str}", status_code=HTTP_204_NO_CONTENT, tags=["uploads"], responses=refusals(*_OWN))
@in_thread
def cancel(penchant: Cell, viewer: Asking, request: Ask, upload_id: FromPath[str]) -> None:
    """Forget an unfinished upload. 404, 409 where it is complete."""
    _cancel(penchant, viewer, request, upload_id)


@post(
    "/{upload_id:str}",
    status_code=HTTP_204_NO_CONTENT,
    tags=["uploads"],
    request_max_body_size=None,
    responses=refusals(*_OWN, Conflict),
)
async def override(penchant: Cell, viewer: Asking, request: Ask, upload_id: FromPath[str]) -> Response[None]:
    """For clients that can only POST: `X-HTTP-Method-Override` says PATCH or DELETE."""
    match request.headers.get("X-HTTP-Method-Override", "").upper():
        case "PATCH":
            return await _append_piece(penchant, viewer, request, upload_id)
        case "DELETE":
            await sync_to_thread(_cancel, penchant, viewer, request, upload_id)
            return Response(None, status_code=HTTP_204_NO_CONTENT)
    raise Invalid("X-HTTP-Method-Override has to be PATCH or DELETE here")


@put("/{upload_id:str}", status_code=HTTP_204_NO_CONTENT, tags=["uploads"], responses=refusals(*_OWN, Conflict))
@in_thread
def revise(penchant: Cell, viewer: Asking, upload_id: FromPath[str], data: JSONBody[AboutUpload]) -> None:
    """Say something else about a file that is still on its way. 404, 409 where it is a video, 410, 422 with fields."""
    me = signed_in(viewer)
    uploads = penchant.media.uploads
    about = uploads.about(data.title, data.hashtags, data.language, data.alt_text, data.cut)
    uploads.revise(me, _parse_id(upload_id), about, data.sound)


@post("/{upload_id:str}/post", status_code=HTTP_200_OK, tags=["uploads"], responses=refusals(*_OWN, Conflict))
@in_thread
def post_anyway(penchant: Cell, viewer: Asking, upload_id: FromPath[str]) -> UploadStatusOut:
    """Make a video of a file that one has posted before. 404, 409 where its bytes are not all here, 410."""
    return _status_out(penchant.media.uploads.post_anyway(signed_in(viewer), _parse_id(upload_id)))


@get("/{upload_id:str}/status", tags=["uploads"], responses=refusals(*_OWN))
@in_thread
def status(penchant: Cell, viewer: Asking, upload_id: FromPath[str]) -> UploadStatusOut:
    """From the first byte to the playable video. 404, 410 where the video was removed."""
    return _status_out(penchant.media.uploads.status(signed_in(viewer), _parse_id(upload_id)))


@post(
    "/api/videos/{video:str}/retry",
    status_code=HTTP_200_OK,
    tags=["videos"],
    responses=refusals(*ACTING, Gone, Conflict),
)
@in_thread
def retry(penchant: Cell, viewer: Asking, video: FromPath[str]) -> OwnVideoOut:
    """Process a failed video again. 404, 409 where it has not failed or its file is no longer kept."""
    return own_video_out(penchant.media.uploads.retry(signed_in(viewer), VideoId(parse_id(video))))


ROUTES: list[ControllerRouterHandler] = [
    Router(
        "/api/uploads",
        route_handlers=[describe, create, offset, append, cancel, override, revise, post_anyway, status],
        exception_handlers={PenchantError: _on_error},
        response_headers=[ResponseHeader(name="Tus-Resumable", value=VERSION)],
    ),
    retry,
]


async def _append_piece(penchant: Penchant, viewer: Viewer | None, request: Ask, upload_id: str) -> Response[None]:
    me = signed_in(viewer)
    _require_version(request)
    if request.headers.get("Content-Type") != _OFFSET_STREAM:
        raise WrongContentType(f"send the piece as {_OFFSET_STREAM}")
    start = _number(request, "Upload-Offset")
    upload = await sync_to_thread(penchant.media.uploads.find, me, _parse_id(upload_id))
    upload, received = await _append(penchant, upload, start, request)
    headers = {"Upload-Offset": str(received), "Upload-Expires": _http_date(upload.expires_at)}
    return Response(None, status_code=HTTP_204_NO_CONTENT, headers=headers)


def _cancel(penchant: Penchant, viewer: Viewer | None, request: Ask, upload_id: str) -> None:
    me = signed_in(viewer)
    _require_version(request)
    penchant.media.uploads.cancel(me, _parse_id(upload_id))


async def _append(penchant: Penchant, upload: Upload, start: int, request: Ask) -> tuple[Upload, int]:
    """Write the request's body at `start`; returns the upload and where it ends now."""
    announced = int(request.headers.get("Content-Length") or 0)
    if start + announced > upload.size_bytes:
        raise TooLarge(f"the piece reaches beyond the announced {upload.size_bytes} bytes")
    uploads = penchant.media.uploads
    writing = uploads.piece(upload, start, _checksum(request))
    piece = await sync_to_thread(writing.__enter__)
    try:
        await _write_body(request, piece, upload.size_bytes)
    except BaseException as error:
        # Shielded, and in a thread: what came is kept and the lock let go, even if this task is being cancelled.
        await asyncio.shield(sync_to_thread(writing.__exit__, type(error), error, error.__traceback__))
        raise
    await sync_to_thread(writing.__exit__, None, None, None)
    return await sync_to_thread(uploads.settle, upload), piece.offset


async def _write_body(request: Ask, piece: Piece, size_bytes: int) -> None:
    waiting = bytearray()
    try:
        async for chunk in _chunks(request):
            if piece.offset + len(waiting) + len(chunk) > size_bytes:
                raise TooLarge(f"more than the announced {size_bytes} bytes came")
            waiting += chunk
            if len(waiting) >= _WRITE_BYTES:
                await sync_to_thread(piece.write, bytes(waiting))
                waiting.clear()
    finally:
        # Also when the line drops: a slow sender must not lose what it has sent.
        if waiting:
            await asyncio.shield(sync_to_thread(piece.write, bytes(waiting)))


async def _chunks(request: Ask) -> AsyncIterator[bytes]:
    stream = aiter(request.stream())
    while True:
        try:
            yield await asyncio.wait_for(anext(stream), _SILENCE_S)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Unavailable("the line was silent for too long", code="silent", retry_after_s=1) from None


def _status_out(found: UploadStatus) -> UploadStatusOut:
    upload, video = found.upload, found.video
    return UploadStatusOut(
        upload=upload.id.hex,
        state=("receiving" if found.duplicate_of is None else "duplicate") if video is None else video.state,
        received_bytes=found.received_bytes,
        size_bytes=upload.size_bytes,
        video=None if video is None else format_id(video.id),
        duplicate_of=None if found.duplicate_of is None else format_id(found.duplicate_of),
        reason=None if video is None else own_video_out(video).reason,
    )


def _require_version(request: Ask) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise WrongVersion(f"this server speaks tus {VERSION}")


def _number(request: Ask, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Invalid(f"the header {name} has to be a number of bytes")
    return int(text)


def _parse_id(text: str) -> UploadId:
    try:
        return UploadId(UUID(hex=text))
    except ValueError:
        raise NotFound("there is no such upload") from None


def _metadata(header: str) -> dict[str, str]:
    """`key base64,key base64`, as tus writes it; values that are not UTF-8 are refused."""
    if len(header) > _METADATA_CHARACTERS:
        raise Invalid("the header Upload-Metadata is too long")
    words: dict[str, str] = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        if key:
            try:
                words[key] = base64.b64decode(value, validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError):
                raise Invalid(f"the value of {key[:40]} in Upload-Metadata is not base64 of UTF-8") from None
    return words


def _about(words: dict[str, str]) -> AboutUpload:
    """What the client says in `Upload-Metadata`, where everything is text."""
    end_ms = words.get("end_ms", "")
    mute = words.get("mute", "")
    if mute not in ("", "true", "false"):
        raise Invalid("the metadata are not right", fields={"mute": "true or false"})
    return AboutUpload(
        title=words.get("title", ""),
        hashtags=words.get("hashtags", "").split(","),
        language=words.get("language", ""),
        alt_text=words.get("alt_text", ""),
        start_ms=_milliseconds("start_ms", words.get("start_ms", "") or "0"),
        end_ms=_milliseconds("end_ms", end_ms) if end_ms else None,
        mute=mute == "true",
        sound=words.get("sound", ""),
    )


def _milliseconds(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid("the metadata are not right", fields={name: "a whole number of milliseconds"})
    return int(text)


def _checksum(request: Ask) -> tuple[str, bytes] | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm not in _ALGORITHMS:
        raise UnknownChecksum(f"checksums here are {' or '.join(_ALGORITHMS)}")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise Invalid("the checksum is not base64") from None
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise Invalid(f"a {algorithm} checksum has another length")
    return algorithm, digest


def _http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)
