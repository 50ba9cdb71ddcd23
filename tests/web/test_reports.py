"""Figures in the open: pages and JSON, in two languages, for those who may see them."""

import re
from xml.etree import ElementTree

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.feed.conftest import Town
from tests.feed.conftest import town as town
from tests.operations.test_figures import swipe

from penchant.operations.figures.service import LEAST_VIEWERS
from penchant.web.reports.public import hundred
from penchant.web.reports.words import TEXTS, Words, speak

pytestmark = pytest.mark.service


def watch(town: Town, viewers: int) -> None:
    for _ in range(viewers):
        swipe(town, town.viewer(), shown=10, long=1)
    town.learn()
    town.cell.figures.bring_up_to_date()


def test_the_public_page_says_nothing_of_few_and_shares_of_many(town: Town, client: TestClient[Litestar]):
    watch(town, LEAST_VIEWERS - 1)
    empty = client.get("/figures")
    assert empty.status_code == 200
    assert f"at least {LEAST_VIEWERS} people" in empty.text
    assert "<svg" not in empty.text
    assert client.get("/api/figures").json() == {"least_viewers": LEAST_VIEWERS, "days": []}
    watch(town, LEAST_VIEWERS)
    full = client.get("/figures")
    assert full.text.count('class="arm-exploit" x=') > 50
    (day,) = client.get("/api/figures").json()["days"]
    for kind in ("arms", "sources"):
        assert sum(share["shown"] for share in day[kind].values()) == pytest.approx(1, abs=1e-3)
        assert sum(share["watch_time"] for share in day[kind].values()) == pytest.approx(1, abs=1e-3)
    assert day["arms"]["explore"]["shown"] == pytest.approx(0.2, abs=0.05)
    assert "pages" not in day


def test_pages_are_whole_and_name_what_they_draw(town: Town, client: TestClient[Litestar]):
    watch(town, LEAST_VIEWERS)
    _sign_in(town, client)
    for address in ("/figures", "/admin/figures"):
        for language in ("en", "fr"):
            answer = client.get(address, params={"lang": language})
            assert answer.status_code == 200
            assert f'<html lang="{language}">' in answer.text
            assert "script" not in answer.headers["content-security-policy"]
            assert "style=" not in answer.text, "the policy allows no styles inside the page"
            for svg in re.findall(r"<svg.*?</svg>", answer.text, re.DOTALL):
                drawn = ElementTree.fromstring(svg)
                assert drawn.get("aria-label") or drawn.get("aria-hidden")
                assert "nan" not in svg
            assert answer.text.count("<details>") >= 2
    assert client.get("/figures.css").headers["content-type"].startswith("text/css")


def test_how_it_learns_is_for_moderators(town: Town, web: Litestar):
    watch(town, 3)
    with TestClient(web) as member, TestClient(web) as moderator:
        for address in ("/admin/figures", "/api/admin/figures"):
            assert member.get(address).status_code == 401
        town.cell.accounts.make_account("somebody")
        _sign_in(town, member, "somebody")
        for address in ("/admin/figures", "/api/admin/figures"):
            assert member.get(address).status_code == 403
        _sign_in(town, moderator)
        page = moderator.get("/admin/figures")
        assert page.status_code == 200
        assert 'http-equiv="refresh"' in page.text
        found = moderator.get("/api/admin/figures").json()
        assert found["learning"]["epoch"]
        assert found["learning"]["lag_events"] == 0
        (day,) = found["days"]
        assert (day["viewers"], day["pages"], day["listed"]) == (3, 3, 60)
        assert 0 < day["measures"]["coverage_name"] <= 0.5
        assert day["measures"]["spend_share"] > 0
        assert sum(entry["count"] for entry in found["calibration"]["chosen"]) == 30


def _sign_in(town: Town, client: TestClient[Litestar], handle: str = "admin") -> None:
    role = "admin" if handle == "admin" else "member"
    account = town.cell.accounts.make_account(handle, handle, role)
    token, _ = town.cell.accounts.make_link(account, "sign_in")
    assert client.post("/api/session/link", json={"token": token}).status_code == 200


def test_both_languages_say_the_same_things():
    fields = {
        language: {key: set(re.findall(r"{(\w+)}", text)) for key, text in texts.items()}
        for language, texts in TEXTS.items()
    }
    assert fields["en"] == fields["fr"]


def test_the_language_is_the_asked_for_or_the_browsers():
    assert speak("fr", "en").language == "fr"
    assert speak(None, "de-DE, fr-FR;q=0.8, en;q=0.5").language == "fr"
    assert speak(None, "en-GB, fr;q=0.5").language == "en"
    assert speak("xx", "").language == "en"


def test_numbers_are_written_as_people_write_them():
    assert Words("en").percent(0.0512) == "5.1%"
    assert Words("fr").percent(0.0512) == "5,1 %"
    assert Words("en").number(12_345) == "12,345"
    assert Words("fr").number(12_345.5, 1) == "12 345,5"
    assert Words("en").seconds(7_200) == "2.0 h"


def test_a_hundred_is_always_a_hundred():
    for values in ([1.0, 1.0, 1.0], [0.005, 0.995], [3.0], [7.1, 11.3, 0.2, 81.4]):
        assert sum(hundred(values)) == 100
    assert hundred([0.0]) == [0]
