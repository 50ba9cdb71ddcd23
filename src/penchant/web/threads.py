"""Plain functions behind async routes: each request's work runs in a worker thread.

The framework's own `sync_to_thread=True` wraps a handler twice where two methods share a path, and then answers
with a coroutine (seen in Litestar 2.18 to 2.25); this does it once.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from litestar.concurrency import sync_to_thread

P = ParamSpec("P")
T = TypeVar("T")


def in_thread(function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """A coroutine function that runs `function` in a worker thread."""

    @wraps(function)
    async def threaded(*args: P.args, **kwargs: P.kwargs) -> T:
        return await sync_to_thread(function, *args, **kwargs)

    return threaded
