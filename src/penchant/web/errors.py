"""The one place where errors become HTTP: a status and the body `{"error": {code, message, retry_after_s, fields}}`."""

import math
from typing import Any, Final

import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DataError, DBAPIError

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
from penchant.markets.rules import ClosedByLaw

STATUS: dict[type[PenchantError], int] = {
    Invalid: 422,
    SignInNeeded: 401,
    Forbidden: 403,
    NotFound: 404,
    Gone: 410,
    Conflict: 409,
    RateLimited: 429,
    ClosedByLaw: 451,
    Unavailable: 503,
}

_log = structlog.get_logger("web")


def error_response(error: PenchantError, status: int | None = None) -> Response[dict[str, Any]]:
    """An error as the page and other programs get it."""
    headers = {"Cache-Control": "no-store"}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    body = {
        "error": {
            "code": error.code,
            "message": error.message,
            "retry_after_s": error.retry_after_s,
            "fields": dict(error.fields),
        }
    }
    return Response(body, status_code=status or _status(error), headers=headers, media_type=MediaType.JSON)


def on_penchant_error(_: Request[Any, Any, Any], error: PenchantError) -> Response[dict[str, Any]]:
    return error_response(error)


def on_validation_error(_: Request[Any, Any, Any], error: ValidationException) -> Response[dict[str, Any]]:
    """A body or query that does not have the documented shape."""
    fields = {}
    for part in error.extra if isinstance(error.extra, list) else []:
        if isinstance(part, dict):
            fields[str(part.get("key", ""))] = str(part.get("message", ""))
    return error_response(Invalid("the request does not have the right shape", fields=fields), 422)


def on_http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    """What the framework refuses by itself: unknown address, wrong method, too large."""
    codes = {
        400: "invalid",
        401: "sign_in_needed",
        403: "forbidden",
        404: "not_found",
        405: "wrong_method",
        413: "too_large",
    }
    code = codes.get(error.status_code, "failed")
    message = error.detail if error.status_code < 500 else "something went wrong here"
    response = error_response(PenchantError(message, code=code), error.status_code)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def on_database_error(_: Request[Any, Any, Any], error: DBAPIError) -> Response[dict[str, Any]]:
    """What the database cannot keep, such as a text with a zero byte; else it is away, recovering, or overloaded."""
    if isinstance(error, DataError):
        return error_response(Invalid("something in the request cannot be kept as it is"))
    _log.error("database", error=type(error.orig).__name__)
    return error_response(Unavailable("the database does not answer at the moment", retry_after_s=2))


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """A fault of ours: told without internals, logged with them (and without the person's data)."""
    _log.error("unexpected", route=request.scope.get("path_template", ""), exc_info=error)
    return error_response(PenchantError("something went wrong here; it has been noted"), 500)


def _status(error: PenchantError) -> int:
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 400


HANDLERS: Final[dict[int | type[Exception], Any]] = {
    PenchantError: on_penchant_error,
    ValidationException: on_validation_error,
    HTTPException: on_http_error,
    DBAPIError: on_database_error,
    Exception: on_unexpected,
}
"""For every application of ours."""
