"""No id that the API takes opens what is another's (IDOR): each is known here, with the test that holds it."""

from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text
from tests.web.access import Row
from tests.web.place import TITLE, Place

from penchant.app import Penchant
from penchant.core.ids import SubjectId
from penchant.events.model import Shown
from penchant.web.routes.events import EventIn
from penchant.web.routes.uploads import AboutUpload

pytestmark = pytest.mark.service

_UNLISTED = "test_access.py::test_a_video_that_is_not_listed_is_for_others_as_one_that_does_not_exist"
_REFUSED = "test_access.py::test_who_may_not_gets_the_refusal_and_changes_nothing"
IDS = {
    "video": _UNLISTED,
    "target": _UNLISTED,
    "url": _UNLISTED,
    "file": _UNLISTED,
    "comment_id": _REFUSED,
    "note": _REFUSED,
    "answers": "test_comment_routes.py::test_what_is_not_there_to_see_is_not_answered",
    "after": "test_comment_routes.py::test_where_a_list_goes_on_says_nothing_of_what_is_hidden",
    "tag": "test_sharing.py::test_a_feed_has_what_everybody_may_see_and_nothing_else",
    "profile": "test_sharing.py::test_a_feed_has_what_everybody_may_see_and_nothing_else",
    "notification": "test_inbox_routes.py::test_reading_anothers_entry_changes_nothing",
    "mute_id": "test_control_routes.py::test_a_list_is_its_viewers_alone",
    "order": _REFUSED,
    "step": _REFUSED,
    "case": _REFUSED,
    "cases": _REFUSED,
    "appeal": _REFUSED,
    "decision": "../safety/casework/test_appeals.py::test_what_cannot_be_appealed_against",
    "seen": "../feed/test_no_profile.py::test_once_all_is_seen_the_oldest_come_again",
    "upload_id": _REFUSED,
    "handle": _REFUSED,
    "page": _REFUSED,
    "sound": "test_sound_routes.py::test_only_its_creator_shares_it_or_not",
    "replaces": "test_named_ids.py::test_a_page_is_given_back_by_its_own_viewer_alone",
    "tab": "test_named_ids.py::test_a_page_is_given_back_by_its_own_viewer_alone",
    "impression": "test_named_ids.py::test_an_impression_is_worth_nothing_in_other_hands",
    "before": "test_named_ids.py::test_where_a_list_goes_on_says_nothing_of_what_is_hidden",
    "cursor": "test_search_routes.py::test_where_results_go_on_says_nothing_of_what_is_hidden",
    "q": "test_search_routes.py::test_everybody_finds_what_profile_pages_show_them_and_nothing_else",
    "session": "test_named_ids.py::test_naming_anothers_tab_writes_nothing_in_their_name",
    "token": "test_sessions.py::test_a_link_is_good_once_and_for_its_purpose_alone",
    "code": "../accounts/protection/test_guardians.py::test_a_code_is_good_once_for_one_adult_and_a_day",
    "attestation": "../accounts/protection/test_ages.py::test_a_proof_answers_one_question_of_one_account",
    "invite": "test_sessions.py::test_an_invite_is_good_once",
}
"""Everything by which a request names a thing, and where it is shown that naming another's gives nothing."""
_WORDS = """
password birth_year name language text shared count mode from_slot kind reason note state action title hashtags
alt_text start_ms end_ms mute maxwidth maxheight events sequence at_ms context play watched_ms duration_ms loops
foreground_ms via value reasons rule hours propose area acts_alone owner verdict words claim label
private daily_limit_minutes old new
until in_app
view first limit issuer legal_basis date markets what new_date to_state takes_effect_at moved_to
"""
"""What names nothing."""
PUBLIC = {"creator", "id"}
"""What an event says it was about: any video, account, sound or hashtag, without an answer that depends on it."""


def test_everything_that_a_request_can_name_is_known_here(client: TestClient[Litestar]):
    schema = client.get("/schema/openapi.json").json()
    found = {field.name for kind in (AboutUpload, *get_args(EventIn)) for field in msgspec.structs.fields(kind)}
    for operations in schema["paths"].values():
        for operation in operations.values():
            found |= {parameter["name"] for parameter in operation.get("parameters", [])}
            for content in operation.get("requestBody", {}).get("content", {}).values():
                found |= _fields(schema, content["schema"]).keys()
    # The batch around events is read from its bytes, so that no content type can hide it: it is not in the schema.
    assert found | {"session", "events"} == IDS.keys() | set(_WORDS.split()) | PUBLIC
    for where in IDS.values():
        file, _, name = where.partition("::")
        assert f"def {name}(" in (Path(__file__).parent / file).read_text("utf-8"), where


def _fields(schema: dict[str, Any], of: dict[str, Any]) -> dict[str, Any]:
    named = of.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = (schema["components"]["schemas"][named] if named else of).get("properties", {})
    return found


@pytest.fixture
def place(cell: Penchant, web: Litestar) -> Place:
    return Place(cell, web)


TAB = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
FEED = Row("GET /api/feed", "anyone", query={"tab": TAB})


def test_a_page_is_given_back_by_its_own_viewer_alone(place: Place):
    def kept() -> list[int]:
        with place.cell.engine.connect() as connection:
            return list(connection.execute(text("SELECT kept FROM pages ORDER BY id OFFSET 1")).scalars())

    page = place.ask("somebody", FEED).json()["page"]
    assert kept() == [1]
    again = FEED._replace(query={"tab": TAB, "replaces": page, "from_slot": "0"})
    assert place.ask("other", again).status_code == 200
    assert kept() == [1, 1]
    place.ask("somebody", again)
    assert kept()[0] == 0


def _shown(place: Place, kind: str, session: str, **more: str) -> None:
    event = {"kind": "shown", "sequence": 1, "at_ms": 1, "context": "feed", "video": place.value("video")}
    sent = Row("POST /api/events", "session", {"session": session, "events": [event | more]})
    assert place.ask(kind, sent).status_code == 202


def _kept(place: Place) -> list[tuple[SubjectId, bool]]:
    """Whose, and whether it counts as a place on a page."""
    stored = place.cell.events.log.read(0, 50)
    return [(one.subject, one.event.page is not None) for one in stored if isinstance(one.event, Shown)]


def test_an_impression_is_worth_nothing_in_other_hands(place: Place):
    (item,) = place.ask("somebody", FEED).json()["items"]
    for kind in ("other", "somebody"):
        _shown(place, kind, str(uuid4()), impression=item["impression"])
    subjects = [place.accounts[kind].subject for kind in ("other", "somebody")]
    assert _kept(place) == [(subjects[0], False), (subjects[1], True)]


def test_naming_anothers_tab_writes_nothing_in_their_name(place: Place):
    """An event is known by (session, sequence). Who knows another's random session can use up a number, no more."""
    _shown(place, "owner", TAB)
    before = place.everything()
    _shown(place, "other", TAB)
    assert _kept(place) == [(place.accounts["owner"].subject, False)]
    assert place.everything() == before


def test_where_a_list_goes_on_says_nothing_of_what_is_hidden(cell: Penchant, web: Litestar):
    """A list that goes on "before" somebody's unlisted video holds what is listed, and no more."""
    hidden = Place(cell, web, listed=False)
    where = {"before": hidden.value("video")}
    for route in ("GET /api/profiles/{handle}/videos", "GET /api/sounds/{sound}"):
        answer = hidden.ask("other", Row(route, "anyone", query=where), {"handle": hidden.value("owner_handle")})
        assert answer.json()["videos"] == []
        assert TITLE not in answer.text


@pytest.mark.parametrize("path", ["/api/me/videos", "/api/me/uploads/room"])
def test_what_is_said_of_me_is_mine(place: Place, path: str):
    mine, theirs = place.ask("owner", Row(f"GET {path}", "account")), place.ask("other", Row(f"GET {path}", "account"))
    assert mine.status_code == theirs.status_code == 200
    assert mine.text != theirs.text
    assert TITLE not in theirs.text


def test_news_of_uploads_are_told_to_their_owner_alone(place: Place):
    (mine,) = place.cell.media.news.of(place.accounts["owner"])
    assert mine.upload == place.upload.id
    assert place.cell.media.news.of(place.accounts["other"]) == []
