"""Parts of a file over HTTP: (size, ETag, request headers) → status, bytes, headers. RFC 9110, 13 and 14.

Caching: `private, no-cache` with a strong ETag. A browser may keep what it has loaded, but has to ask before
it uses it again, and gets 304 (no body) or, once the video is removed, 410. With a lifetime, however short, a
removed video would go on playing from caches; shared caches keep nothing, because we cannot empty them.

Of several ranges in one request none is served alone: the whole file is the answer that RFC 9110 allows and
every client understands, and it makes a thousand overlapping ranges worth nothing to an attacker.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from penchant.core.objects import ObjectStore

CACHE_CONTROL = "private, no-cache"
GONE_CACHE_CONTROL = "no-store"

_ONE_RANGE = re.compile(r"(\d*)\s*-\s*(\d*)")
_ETAG = re.compile(r'(?:W/)?"[^"]*"')
_LONGEST_NUMBER = 18


class Conditions(NamedTuple):
    """The request's headers that decide, as they came; None where there was none."""

    range: str | None = None
    if_range: str | None = None
    if_none_match: str | None = None


class Part(NamedTuple):
    """The answer: bytes `start` to `end` (exclusive) of the file, under this status and these headers."""

    status: int
    start: int
    end: int
    headers: dict[str, str]

    @property
    def length(self) -> int:
        return self.end - self.start


def choose_part(method: str, size_bytes: int, etag: str, content_type: str, conditions: Conditions) -> Part:
    """What to answer to GET or HEAD: 200, 206, 304 or 416.

    etag: strong, with its quotes. For HEAD the headers are those of the GET without its range (section 14.2),
    and the caller sends no body.
    """
    common = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": CACHE_CONTROL}
    if conditions.if_none_match is not None and matches_any(conditions.if_none_match, etag):
        return Part(304, 0, 0, common)
    whole = Part(200, 0, size_bytes, {**common, "Content-Type": content_type, "Content-Length": str(size_bytes)})
    if method != "GET" or conditions.range is None:
        return whole
    # A date or a weak tag in If-Range never matches: we send no Last-Modified.
    if conditions.if_range is not None and conditions.if_range.strip() != etag:
        return whole
    wanted = _parse(conditions.range, size_bytes)
    if wanted is None:
        return whole
    start, end = wanted
    if start >= end:
        return Part(416, 0, 0, {**common, "Content-Range": f"bytes */{size_bytes}", "Content-Length": "0"})
    headers = {
        **common,
        "Content-Type": content_type,
        "Content-Length": str(end - start),
        "Content-Range": f"bytes {start}-{end - 1}/{size_bytes}",
    }
    return Part(206, start, end, headers)


def body(store: ObjectStore, key: str, part: Part) -> Iterator[bytes]:
    """The bytes of a part, in pieces; nothing for 304 and 416."""
    if part.length:
        yield from store.read(key, part.start, part.end)


def _parse(header: str, size_bytes: int) -> tuple[int, int] | None:
    """(start, end exclusive); start ≥ end: it cannot be satisfied; None: it is to be ignored."""
    unit, separator, ranges = header.partition("=")
    if not separator or unit.strip().lower() != "bytes" or "," in ranges:
        return None
    match = _ONE_RANGE.fullmatch(ranges.strip())
    if match is None:
        return None
    first, last = match.groups()
    if max(len(first), len(last)) > _LONGEST_NUMBER or not (first or last):
        return None
    if not first:
        return max(0, size_bytes - int(last)), size_bytes
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size_bytes) if last else size_bytes


def matches_any(header: str, etag: str) -> bool:
    """Weak comparison, as section 13.1.2 asks for If-None-Match."""
    if header.strip() == "*":
        return True
    return any(tag.removeprefix("W/") == etag for tag in _ETAG.findall(header))
