"""What leaves this place on purpose: feeds of what is public and nothing else, and the address as a QR code."""

from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as some
from litestar import Litestar
from tests.web.test_api import Client, publish, sign_up

from penchant.app import Penchant
from penchant.catalog.model import Creator, Restrictions, Video
from penchant.core.ids import AccountId, VideoId, parse_id
from penchant.web import atom

ATOM = "{http://www.w3.org/2005/Atom}"
_MOMENT = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


def titles(client: Client, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    return [entry.findtext(f"{ATOM}title") or "" for entry in Xml.fromstring(answer.content).iter(f"{ATOM}entry")]


@given(title=some.text(), alt_text=some.text(), name=some.text())
def test_whatever_people_write_a_feed_can_be_read(title: str, alt_text: str, name: str):
    creator = Creator(AccountId(1), "ada", name)
    video = Video(
        id=VideoId(1),
        creator=creator,
        title=title,
        language="en",
        hashtags=("sea",),
        state="ready",
        duration_ms=1,
        width=1,
        height=1,
        sound=None,
        is_demo=False,
        created_at=_MOMENT,
        like_count=0,
        comment_count=0,
        failure_code=None,
        failure_text=None,
        renditions=(),
        poster=None,
        alt_text=alt_text,
    )
    made = atom.feed([video], title, "/@ada", "https://video.example.org")
    read = Xml.fromstring(made)
    written = (title or "@ada").replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(letter for letter in written if letter in "\t\n" or (letter >= " " and letter not in "\ufffe\uffff"))
    assert read.find(f"{ATOM}entry").findtext(f"{ATOM}title") == kept  # type: ignore[union-attr]
    assert made == atom.feed([video], title, "/@ada", "https://video.example.org")


@pytest.mark.service
def test_a_feed_has_what_everybody_may_see_and_nothing_else(cell: Penchant, web: Litestar):
    moderator = cell.accounts.make_account("mod", "", "moderator")
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        public = publish(cell, "ada", "one & <two>", ("sea", "été"))
        for title, restrictions in (("adults", Restrictions(adults_only=True)), ("held", Restrictions(reach=0))):
            hidden = publish(cell, "ada", title)
            with cell.engine.begin() as connection:
                cell.catalog.restrict(connection, VideoId(parse_id(hidden)), restrictions)
        ada.delete(f"/api/videos/{publish(cell, 'ada', 'deleted')}")
        publish(cell, "bob", "a private one")
        bob.put("/api/me/private", json={"private": True})
        # Who asks makes no difference: the same for everybody.
        for client in (ada, bob):
            assert titles(client, "/@ada/feed.xml") == ["one & <two>"]
            assert titles(client, "/t/Sea/feed.xml") == ["one & <two>"]
            assert titles(client, "/t/%C3%A9t%C3%A9/feed.xml") == ["one & <two>"]
            assert titles(client, "/t/nothing/feed.xml") == []
            assert client.get("/@bob/feed.xml").status_code == 404
            assert client.get("/@nobody_here/feed.xml").status_code == client.get("/nobody/feed.xml").status_code == 404
        entry = Xml.fromstring(ada.get("/@ada/feed.xml").content).find(f"{ATOM}entry")
        assert entry is not None
        links = {link.get("rel"): link.get("href") for link in entry.iter(f"{ATOM}link")}
        assert links["alternate"] == f"http://testserver.local/v/{public}"
        assert ada.get((links["enclosure"] or "").removeprefix("http://testserver.local")).status_code in (200, 404)
        assert '<link rel="alternate" type="application/atom+xml" href="/@ada/feed.xml">' in ada.get("/@ada").text
        with cell.engine.begin() as connection:
            cell.safety.decide(connection, moderator, "account", cell.accounts.by_handle("ada").id, "suspend", "spam")
        assert bob.get("/@ada/feed.xml").status_code == 404
        assert titles(bob, "/t/sea/feed.xml") == []


@pytest.mark.service
def test_who_has_a_feed_already_is_told_so(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada:
        publish(cell, "ada")
        first = ada.get("/@ada/feed.xml")
        assert first.headers["Cache-Control"] == "public, max-age=300"
        known = {"If-None-Match": first.headers["ETag"]}
        again = ada.get("/@ada/feed.xml", headers=known)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
        publish(cell, "ada", "another")
        assert ada.get("/@ada/feed.xml", headers=known).status_code == 200


@pytest.mark.service
def test_a_videos_address_is_a_qr_code_for_who_may_see_it(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        code = bob.get(f"/api/videos/{video}/qr")
        assert (code.status_code, code.headers["Content-Type"]) == (200, "image/svg+xml")
        assert Xml.fromstring(code.content).tag == "{http://www.w3.org/2000/svg}svg"
        assert code.content != bob.get(f"/api/videos/{publish(cell, 'ada', 'two')}/qr").content
        ada.put("/api/me/private", json={"private": True})
        assert bob.get(f"/api/videos/{video}/qr").status_code == 404
        assert ada.get(f"/api/videos/{video}/qr").status_code == 200
