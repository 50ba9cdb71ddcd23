"""Who may and who may not: made from `tests/web/access.py`, against the real app and a real database."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest
from httpx import Response
from litestar import Litestar
from tests.conftest import CHEAP_HASHER, NOW_MS, fresh_database
from tests.web.access import PEOPLE, ROWS, Row
from tests.web.place import TITLE, Place

from penchant.adapters import embedded_postgres
from penchant.app import Penchant, build
from penchant.core.clock import ManualClock
from penchant.core.ids import format_id
from penchant.core.settings import Settings
from penchant.web.asgi import create_web

pytestmark = pytest.mark.service

_UNKNOWN = format_id(1 << 60)
_REFUSING = [row for row in ROWS if row.refused]
_OF_A_VIDEO = [row for row in ROWS if "{video}" in f"{row}" and row.who not in ("moderator", "admin")]


def _names(rows: Sequence[Row]) -> list[str]:
    return [row.route for row in rows]


@pytest.fixture(scope="module")
def cell(postgres: embedded_postgres.PostgresHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Penchant]:
    """One for all rows: a database for each would cost minutes."""
    with fresh_database(postgres) as url:
        settings = Settings(data=tmp_path_factory.mktemp("data"), note_account_days=0)
        cell = build(settings, clock=ManualClock(NOW_MS), database_url=url, hasher=CHEAP_HASHER)
        yield cell
        cell.close()


@pytest.fixture(scope="module")
def web(cell: Penchant) -> Litestar:
    return create_web(cell)


@pytest.fixture(scope="module")
def untouched(cell: Penchant, web: Litestar) -> Place:
    """For those who are refused: they change nothing, as each test makes sure."""
    return Place(cell, web)


@pytest.fixture(scope="module")
def hidden(cell: Penchant, web: Litestar) -> Place:
    """Its video is not listed."""
    return Place(cell, web, listed=False)


def test_every_route_has_a_line_and_every_line_a_route(web: Litestar):
    served = {
        f"{method} {route.path_format}"
        for route in web.routes
        for handler in cast(Any, route).route_handlers
        for method in handler.http_methods
        # What the framework adds to every address: which methods there are.
        if handler.handler_name.rpartition(".")[2] != "options_handler"
    }
    assert served == {row.route for row in ROWS}


@pytest.mark.parametrize("row", _REFUSING, ids=_names(_REFUSING))
def test_who_may_not_gets_the_refusal_and_changes_nothing(untouched: Place, row: Row):
    before = untouched.everything()
    for kind, words in row.refused.items():
        answer = untouched.ask(kind, row)
        assert words.startswith(f"{answer.status_code} "), f"{kind}: {answer.status_code} {answer.text}"
        assert _code(answer) in (words.split()[1], ""), kind
        assert TITLE not in answer.text
    assert untouched.everything() == before


@pytest.mark.parametrize("row", ROWS, ids=_names(ROWS))
def test_who_may_is_let_in(cell: Penchant, web: Litestar, row: Row):
    place = Place(cell, web)
    for kind in PEOPLE:
        if kind not in row.refused:
            answer = place.ask(kind, row)
            assert answer.status_code in row.answers, f"{kind}: {answer.status_code} {answer.text}"


@pytest.mark.parametrize("row", _OF_A_VIDEO, ids=_names(_OF_A_VIDEO))
def test_a_video_that_is_not_listed_is_for_others_as_one_that_does_not_exist(hidden: Place, row: Row):
    for kind in ("nobody", "viewer", "other", "moderator", "admin"):
        found, unknown = hidden.ask(kind, row), hidden.ask(kind, row, {"video": _UNKNOWN})
        assert (found.status_code, _code(found)) == (unknown.status_code, _code(unknown)), kind
        assert TITLE not in found.text
        assert "secret words" not in found.text
        if row.who != "session" and (row.who == "anyone" or kind not in ("nobody", "viewer")):
            assert found.status_code == 404, kind


def _code(answer: Response) -> str:
    """The error's code; empty for pages, and for answers without a body."""
    is_error = answer.status_code >= 400 and answer.headers.get("content-type", "").startswith("application/json")
    return str(answer.json()["error"]["code"]) if is_error and answer.content else ""
