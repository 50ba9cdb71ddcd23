"""Ranges: RFC 9110's examples, and what holds for every request."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from penchant.web.ranges import Conditions, Part, body, choose_part

ETAG = '"3fa2"'


def ask(range_: str | None = None, *, size: int = 10_000, method: str = "GET", **conditions: str) -> Part:
    return choose_part(method, size, ETAG, "video/mp4", Conditions(range=range_, **conditions))


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-499", 0, 500),
        ("bytes=500-999", 500, 1000),
        ("bytes=-500", 9500, 10_000),
        ("bytes=9500-", 9500, 10_000),
        ("bytes=0-", 0, 10_000),
        ("bytes=9999-9999", 9999, 10_000),
        ("bytes=9000-20000", 9000, 10_000),
        ("bytes=-20000", 0, 10_000),
        ("Bytes = 1 - 2", 1, 3),
    ],
)
def test_one_range_is_served_as_206(header: str, start: int, end: int) -> None:
    part = ask(header)
    assert (part.status, part.start, part.end) == (206, start, end)
    assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/10000"
    assert part.headers["Content-Length"] == str(end - start)


@pytest.mark.parametrize("header", ["bytes=10000-", "bytes=10000-10001", "bytes=-0"])
def test_a_range_outside_the_file_is_416_with_its_size(header: str) -> None:
    part = ask(header)
    assert (part.status, part.length) == (416, 0)
    assert part.headers["Content-Range"] == "bytes */10000"


@pytest.mark.parametrize(
    "header",
    [
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-2",
        "lines=0-5",
        "bytes=0-0,5-9",
        "bytes=" + "9" * 30 + "-",
        "bytes=--5",
    ],
)
def test_what_is_no_single_range_gets_the_whole_file(header: str) -> None:
    part = ask(header)
    assert (part.status, part.start, part.end) == (200, 0, 10_000)
    assert "Content-Range" not in part.headers


def test_an_empty_file_has_no_ranges() -> None:
    assert ask("bytes=0-", size=0).status == 416
    assert ask("bytes=-5", size=0).status == 416
    assert ask(size=0).status == 200


def test_if_range_needs_the_same_strong_tag() -> None:
    assert ask("bytes=0-1", if_range=ETAG).status == 206
    assert ask("bytes=0-1", if_range=f"W/{ETAG}").status == 200
    assert ask("bytes=0-1", if_range='"other"').status == 200
    assert ask("bytes=0-1", if_range="Tue, 24 Nov 2026 18:00:00 GMT").status == 200


def test_if_none_match_wins_over_a_range() -> None:
    for header in (ETAG, f"W/{ETAG}", f'"x", {ETAG}', "*"):
        assert ask("bytes=0-1", if_none_match=header).status == 304
    assert ask("bytes=0-1", if_none_match='"x"').status == 206
    assert "Content-Length" not in ask(if_none_match=ETAG).headers


def test_head_tells_of_the_whole_file() -> None:
    part = ask("bytes=0-1", method="HEAD")
    assert part.status == 200
    assert part.headers["Content-Length"] == "10000"
    assert ask(method="HEAD", if_none_match=ETAG).status == 304


def test_every_cache_has_to_ask_again() -> None:
    for part in (ask(), ask("bytes=0-1"), ask("bytes=99999-"), ask(if_none_match=ETAG)):
        assert part.headers["Cache-Control"] == "private, no-cache"
        assert part.headers["ETag"] == ETAG


@given(
    st.integers(0, 5000),
    st.one_of(
        st.text(max_size=40),
        st.from_regex(r"bytes=\d{0,5}-\d{0,5}", fullmatch=True),
        st.from_regex(r"bytes=\d{1,3}-\d{0,4}(, ?\d{0,3}-\d{0,3})*", fullmatch=True),
    ),
)
@example(0, "bytes=-0")
def test_always_inside_the_file_and_consistent(size: int, header: str) -> None:
    part = ask(header, size=size)
    assert 0 <= part.start <= part.end <= size
    if part.status == 206:
        assert part.length > 0
        span, total = part.headers["Content-Range"].removeprefix("bytes ").split("/")
        first, last = map(int, span.split("-"))
        assert (first, last + 1, int(total)) == (part.start, part.end, size)
    elif part.status == 200:
        assert (part.start, part.end) == (0, size)
    else:
        assert part.status == 416
        assert part.length == 0


class OneObject:
    """Just the reading side of a store, over bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, key: str, start: int = 0, end: int | None = None):  # type: ignore[no-untyped-def]
        for at in range(start, len(self.content) if end is None else end, 7):
            yield self.content[at : min(at + 7, len(self.content) if end is None else end)]


@given(st.binary(max_size=200), st.integers(0, 220), st.integers(0, 220))
def test_the_body_is_that_slice(content: bytes, first: int, last: int) -> None:
    part = ask(f"bytes={first}-{last}", size=len(content))
    got = b"".join(body(OneObject(content), "key", part))  # type: ignore[arg-type]
    assert got == content[part.start : part.end]
