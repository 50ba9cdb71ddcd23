"""How refusals look in the OpenAPI description: one shape, named per route."""

import msgspec
from litestar.openapi import ResponseSpec

from penchant.core.errors import (
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    PenchantError,
    RateLimited,
    SignInNeeded,
    Unavailable,
)
from penchant.web.errors import STATUS


class ErrorBody(msgspec.Struct, frozen=True):
    """What went wrong, for programs (`code`, `fields`) and for people (`message`)."""

    code: str
    message: str
    retry_after_s: float | None
    fields: dict[str, str]


class ErrorOut(msgspec.Struct, frozen=True):
    """The one shape of every refusal."""

    error: ErrorBody


def refusals(*kinds: type[PenchantError]) -> dict[int, ResponseSpec]:
    """The refusals of a route, by status; 422 and 503 can come from every route and are always there."""
    described = {}
    for kind in (*kinds, Invalid, Unavailable):
        words = (kind.__doc__ or "").strip().splitlines()[0]
        described[STATUS[kind]] = ResponseSpec(ErrorOut, generate_examples=False, description=words)
    described[400] = ResponseSpec(ErrorOut, generate_examples=False, description="It cannot be read as JSON.")
    return dict(sorted(described.items()))


ACTING = (SignInNeeded, Forbidden, NotFound, RateLimited)
"""What an action by a signed-in person can be refused with."""
WATCHING = (Forbidden, NotFound, Gone)
"""What looking at a video can be refused with."""
