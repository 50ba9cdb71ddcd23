"""What always holds of lists of comments, however many like something while somebody reads."""

from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from tests.web.test_api import publish

from penchant.app import Penchant
from penchant.community.words import named_in
from penchant.core.clock import ManualClock
from penchant.core.ids import CommentId, VideoId, parse_id

COMMENTS = 65


@pytest.mark.service
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    likes=some.lists(some.tuples(some.integers(0, 2), some.integers(0, COMMENTS - 1), some.booleans()), max_size=25),
    meanwhile=some.lists(some.tuples(some.integers(0, 2), some.integers(0, COMMENTS - 1)), min_size=1, max_size=12),
    order=some.sampled_from(("likes", "newest")),
    pinned=some.none() | some.integers(0, COMMENTS - 1),
)
def test_nothing_is_left_out_of_a_list_that_is_read_page_by_page(
    cell: Penchant,
    clock: ManualClock,
    likes: list[tuple[int, int, bool]],
    meanwhile: list[tuple[int, int]],
    order: Literal["likes", "newest"],
    pinned: int | None,
):
    ada, *others = (cell.accounts.make_account(handle) for handle in ("ada", "bob", "cid", "dan"))
    video = VideoId(parse_id(publish(cell, "ada")))
    comments = [cell.comments.write(ada, video, f"{number}").id for number in range(COMMENTS)]
    for who, which, liked in likes:
        cell.comments.like(others[who], comments[which], liked)
    if pinned is not None:
        cell.comments.pin(ada, comments[pinned], True)
    clock.advance(1)

    found: list[CommentId] = []
    start, changes = None, iter(meanwhile)
    while True:
        page = cell.threads.page(ada, video, order, start)
        found += [one.id for one in page.comments]
        if page.following is None:
            break
        start = page.following
        clock.advance(1)
        for who, which in list(changes):
            cell.comments.like(others[who], comments[which], True)

    assert sorted(found) == sorted(comments), "each once: likes that come meanwhile move nothing"
    if pinned is not None:
        assert found[0] == comments[pinned]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("@ada", ["ada"]),
        ("hello @Ada and @bob_2!", ["ada", "bob_2"]),
        ("@ada @ADA", ["ada"]),
        ("ada@bob.org x@bob @@bob", []),
        ("@ab @" + "x" * 25, []),
        ("@ada.us sees @ada.", ["ada.us", "ada"]),
        ("(@ada), @bob's", ["ada", "bob"]),
        ("@adaé", []),
    ],
)
def test_handles_are_found_where_people_write_them(words: str, named: list[str]):
    assert named_in(words) == named
