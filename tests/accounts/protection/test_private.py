"""A private account over every way to its videos: whom it lets, and nobody else, from the very next request."""

from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import Rendition
from penchant.core.ids import VideoId, format_id

pytestmark = pytest.mark.service
Client = TestClient[Litestar]
YEAR = 2026
"""Of the clock in tests."""


def arrive(web: Litestar, handle: str, birth_year: int | None = 1990) -> Client:
    client = TestClient(web)
    body = {"handle": handle, "password": "correct horse", "birth_year": birth_year}
    assert client.post("/api/accounts", json=body).status_code == 201
    return client


def publish(cell: Penchant, handle: str, title: str = "mine", tags: tuple[str, ...] = ()) -> VideoId:
    file = Rendition("480p", f"videos/{title}", "video/mp4", 5, "01" * 32, 480, 854)
    cell.objects.put_bytes(file.object_key, b"bytes")
    with cell.engine.begin() as connection:
        account = accounts.account_by_handle(connection, handle)
        assert account is not None
        id_ = cell.catalog.add(connection, account.id, title, tags, "en")
        cell.catalog.start_processing(connection, id_)
        cell.catalog.publish(
            connection, id_, duration_ms=6_000, width=480, height=854, files=[file], encoder="t-1", vector=bytes(64)
        )
        found = catalog.video(connection, id_)
        assert found is not None
        cell.catalog.add_original_sound(connection, found[0], shared=True)
    cell.events.deliver()
    # Known to every source of the feed, not only to that of the newest.
    learner = cell.learner()
    while learner.step():
        pass
    learner.publish()
    learner.close()
    return id_


class Ways:
    """Every way on which somebody could come across one video."""

    def __init__(self, client: Client, video: VideoId, handle: str, sound: str) -> None:
        self.client, self.id, self.handle, self.sound = client, format_id(video), handle, sound

    def found(self) -> set[str]:
        """Names of the ways that lead to it."""
        ask = self.client.get
        told = {
            "page": ask(f"/api/videos/{self.id}"),
            "file": ask(f"/media/{self.id}/480p.mp4"),
            "comments": ask(f"/api/videos/{self.id}/comments"),
            "notes": ask(f"/api/videos/{self.id}/notes"),
            "sound": ask(f"/api/sounds/{self.sound}"),
            "like": self.client.put(f"/api/videos/{self.id}/like"),
            "comment": self.client.post(f"/api/videos/{self.id}/comments", json={"text": "hi"}),
            "embed": ask("/oembed", params={"url": f"http://testserver.local/v/{self.id}"}),
        }
        for name, answer in told.items():
            assert answer.status_code in (200, 201, 401, 404), f"{name}: {answer.text}"
        ways = {name for name, answer in told.items() if answer.status_code in (200, 201)}
        videos = ask(f"/api/profiles/{self.handle}/videos").json()["videos"]
        ways |= {"profile"} if self.id in [video["id"] for video in videos] else set()
        pages = ask("/api/feed", params={"tab": str(uuid4())}), self.client.post("/api/feed/no-profile", json={})
        for name, page in zip(("feed", "no-profile"), pages, strict=True):
            assert page.status_code == 200, page.text
            ways |= {name} if self.id in [item["video"]["id"] for item in page.json()["items"]] else set()
        return ways


OF_FOLLOWERS = {"page", "file", "comments", "notes", "sound", "like", "comment", "profile", "feed"}
"""Embeds and pages without a profile know nobody, so nobody as a follower."""


@pytest.fixture
def minor(web: Litestar) -> Client:
    return arrive(web, "mia", YEAR - 15)


def of(cell: Penchant, client: Client, video: VideoId) -> Ways:
    with cell.engine.connect() as connection:
        found = catalog.video(connection, video)
    assert found is not None and found[0].sound is not None
    return Ways(client, video, found[0].creator.handle, format_id(found[0].sound.id))


def test_nobody_but_whom_they_accepted_comes_across_a_minors_video(cell: Penchant, web: Litestar, minor: Client):
    ada, guest = arrive(web, "ada"), TestClient(web)
    video = publish(cell, "mia")
    assert of(cell, ada, video).found() == of(cell, guest, video).found() == set()

    asked = ada.put("/api/profiles/mia/follow").json()
    assert (asked["private"], asked["following"], asked["requested"]) == (True, False, True)
    assert of(cell, ada, video).found() == set(), "asking is not being let"
    (request,) = minor.get("/api/me/follow-requests").json()["people"]
    assert request["handle"] == "ada"

    assert minor.put("/api/me/follow-requests/ada").status_code == 204
    assert minor.get("/api/me/follow-requests").json()["people"] == []
    assert of(cell, ada, video).found() == OF_FOLLOWERS
    assert of(cell, guest, video).found() == set()

    assert minor.delete("/api/me/followers/ada").status_code == 204
    assert of(cell, ada, video).found() == set()
    assert ada.get("/api/profiles/mia").json()["following"] is False


def test_a_request_is_declined_taken_back_and_ended_by_a_block(web: Litestar, minor: Client):
    ada = arrive(web, "ada")
    for end in (
        lambda: minor.delete("/api/me/follow-requests/ada"),
        lambda: ada.delete("/api/profiles/mia/follow"),
        lambda: minor.put("/api/profiles/ada/block"),
    ):
        assert ada.put("/api/profiles/mia/follow").json()["requested"]
        assert ada.put("/api/profiles/mia/follow").json()["requested"], "twice is once"
        assert end().is_success
        assert minor.get("/api/me/follow-requests").json()["people"] == []
        assert minor.put("/api/me/follow-requests/ada").status_code == 404


def test_a_minors_account_does_not_open_and_an_adults_does_as_they_wish(cell: Penchant, web: Litestar, minor: Client):
    answer = minor.put("/api/me/private", json={"private": False})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "minor_private")
    ada, ben = arrive(web, "ada"), arrive(web, "ben")
    video = publish(cell, "ada")
    assert of(cell, ben, video).found() >= OF_FOLLOWERS
    assert ada.put("/api/me/private", json={"private": True}).json()["private_by_choice"] is True
    assert of(cell, ben, video).found() == set()
    assert ben.put("/api/profiles/ada/follow").json()["requested"]
    assert ada.put("/api/me/private", json={"private": False}).json()["private"] is False
    assert ben.get("/api/profiles/ada").json()["following"], "who asked an account that opens, follows"


def test_nobody_whose_age_is_unknown_publishes_for_everybody(cell: Penchant, web: Litestar):
    arrive(web, "somebody", None)
    assert of(cell, arrive(web, "ada"), publish(cell, "somebody")).found() == set()


def test_its_creator_and_moderators_see_it(cell: Penchant, web: Litestar, minor: Client):
    video = publish(cell, "mia")
    moderator = cell.accounts.make_account("mod", role="moderator")
    client = TestClient(web)
    token, _ = cell.accounts.make_link(moderator, "sign_in")
    client.post("/api/session/link", json={"token": token})
    for who in (minor, client):
        assert {"page", "file", "comments", "sound", "profile"} <= of(cell, who, video).found()


def test_a_sound_of_a_private_account_is_not_anybodys_to_use(cell: Penchant, web: Litestar, minor: Client):
    ada = arrive(web, "ada")
    video = publish(cell, "mia")
    ada.put("/api/profiles/mia/follow")
    minor.put("/api/me/follow-requests/ada")
    page = ada.get(f"/api/sounds/{of(cell, ada, video).sound}").json()
    assert page["usable"] is False
