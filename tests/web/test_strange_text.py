"""Text that no keyboard writes: refused in words, and never by a fault or as an outage."""

import pytest
from litestar import Litestar
from tests.web.access import ROWS, Row
from tests.web.place import Place

from penchant.app import Penchant

pytestmark = pytest.mark.service

_WITH_WORDS = [row for row in ROWS if isinstance(row.body, dict)]
STRANGE = {"a zero byte": "\0", "half a character": "\ud800", "turned round": "a\u202eb", "deep": "[" * 50_000}


@pytest.mark.parametrize("words", STRANGE.values(), ids=STRANGE.keys())
def test_strange_text_anywhere_is_no_fault(cell: Penchant, web: Litestar, words: str):
    place = Place(cell, web)
    for row in _WITH_WORDS:
        for changed in _changed(row, words):
            answer = place.ask("admin" if row.who == "admin" else "owner", changed)
            assert answer.status_code < 500, f"{changed.route} {changed.body}: {answer.text}"


def _changed(row: Row, words: str) -> list[Row]:
    """The row with each of its texts replaced, one at a time."""
    body = dict(row.body) if isinstance(row.body, dict) else {}
    texts = [name for name, value in body.items() if isinstance(value, str)]
    return [row._replace(body={**body, name: words}) for name in texts]
