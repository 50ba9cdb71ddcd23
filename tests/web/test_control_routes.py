"""The controls of the feed over HTTP: what one said no to, what one mutes, what one watched."""

from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.feed.conftest import Town
from tests.feed.conftest import town as town

from penchant.core.ids import format_id
from penchant.events.model import DislikeTarget
from penchant.web.asgi import create_web

pytestmark = pytest.mark.service
Client = TestClient[Litestar]


@pytest.fixture
def clients(town: Town) -> tuple[Client, Client]:
    """Two people, with an account each."""
    web = create_web(town.cell)
    found = TestClient(web), TestClient(web)
    for number, client in enumerate(found):
        body = {"handle": f"person_{number}", "password": "correct horse", "birth_year": 1980}
        assert client.post("/api/accounts", json=body).status_code == 201
    return found


def happen(client: Client, *events: dict[str, object]) -> None:
    sent = [
        {"sequence": n, "at_ms": 1_790_000_000_000 + n, "context": "feed"} | event for n, event in enumerate(events, 1)
    ]
    answer = client.post("/api/events", json={"session": str(uuid4()), "events": sent})
    assert answer.status_code == 202 and not answer.json()["refused"]


def no(target: DislikeTarget, id_: str, kind: str = "not_interested") -> dict[str, object]:
    return {"kind": kind, "target": target, "id": id_}


def feed(client: Client) -> list[dict]:  # type: ignore[type-arg]
    items = client.get("/api/feed", params={"tab": str(uuid4()), "count": 20}).json()["items"]
    return [item["video"] for item in items]


def test_what_one_said_no_to_is_listed_and_taken_back(clients: tuple[Client, Client]):
    client, other = clients
    video = feed(client)[0]
    happen(client, no("video", video["id"]), no("creator", video["creator"]["id"]), no("hashtag", "#Night"))
    listed = client.get("/api/me/dislikes").json()
    assert [(one["target"], one["id"], one["name"]) for one in listed["dislikes"]] == [
        ("hashtag", "night", "night"),
        ("creator", video["creator"]["id"], video["creator"]["name"]),
        ("video", video["id"], video["title"]),
    ]
    assert listed["next"] is None
    happen(client, no("creator", video["creator"]["id"], "interested_again"))
    assert [one["target"] for one in client.get("/api/me/dislikes").json()["dislikes"]] == ["hashtag", "video"]
    assert other.get("/api/me/dislikes").json()["dislikes"] == []


def test_a_long_list_goes_on_and_names_nothing_that_is_gone_or_hidden(town: Town, clients: tuple[Client, Client]):
    client, _ = clients
    hidden = town.cell.accounts.by_handle("creator_0_0")
    me = town.cell.accounts.by_handle("person_0")
    town.cell.social.block(hidden, me.handle)
    gone = format_id(1 << 58)
    targets = [no("hashtag", f"tag{number}") for number in range(40)]
    happen(client, *targets, no("creator", format_id(hidden.id)), no("video", gone), no("sound", gone))
    first = client.get("/api/me/dislikes").json()
    assert [one["name"] for one in first["dislikes"][:3]] == [None, None, None]
    rest = client.get("/api/me/dislikes", params={"before": first["next"]}).json()
    found = [one["id"] for one in first["dislikes"][3:] + rest["dislikes"]]
    assert found == [f"tag{number}" for number in reversed(range(40))]
    assert rest["next"] is None
    for path in ("/api/me/dislikes", "/api/me/history"):
        for wrong in ("x", "-1", "9" * 30, "5-x", "²"):
            assert client.get(path, params={"before": wrong}).status_code == 422, (path, wrong)


def test_a_mute_acts_on_the_very_next_page_and_folds_comments(clients: tuple[Client, Client]):
    client, other = clients
    video = feed(client)[0]
    for text in ("What a SPOILER", "no spoilers here"):
        assert other.post(f"/api/videos/{video['id']}/comments", json={"text": text}).status_code == 201
    made = client.put("/api/me/mutes", json={"target": "word", "id": " spoiler "}).json()
    assert made["what"] == {"target": "word", "id": "spoiler", "name": "spoiler", "handle": None, "poster_url": None}
    creator = client.put("/api/me/mutes", json={"target": "creator", "id": video["creator"]["id"]}).json()
    assert video["creator"]["id"] not in {one["creator"]["id"] for one in feed(client)}
    comments = client.get(f"/api/videos/{video['id']}/comments").json()["comments"]
    assert [(one["text"], one["muted"]) for one in comments] == [("no spoilers here", False), ("What a SPOILER", True)]
    theirs = other.get(f"/api/videos/{video['id']}/comments").json()["comments"]
    assert not any(one["muted"] for one in theirs)
    listed = client.get("/api/me/mutes").json()["mutes"]
    assert [one["what"]["name"] for one in listed] == [video["creator"]["name"], "spoiler"]
    assert client.delete(f"/api/me/mutes/{creator['mute']}").status_code == 204
    assert [one["mute"] for one in client.get("/api/me/mutes").json()["mutes"]] == [made["mute"]]
    assert client.get(f"/api/videos/{video['id']}").status_code == 200, "what somebody opens themselves stays open"


def test_what_is_muted_is_not_suggested_and_found_all_the_same(clients: tuple[Client, Client]):
    client, other = clients

    def suggested(who: Client) -> list[str]:
        found = who.get("/api/search/suggestions", params={"q": "@creator_0"}).json()["suggestions"]
        return [one["text"] for one in found]

    wanted = next(one for one in feed(client) if one["creator"]["handle"].startswith("creator_0"))["creator"]
    assert wanted["handle"] in suggested(client)
    client.put("/api/me/mutes", json={"target": "creator", "id": wanted["id"]})
    assert wanted["handle"] not in suggested(client)
    assert wanted["handle"] in suggested(other)
    people = client.get("/api/search", params={"q": wanted["handle"], "kind": "people"}).json()["people"]
    assert wanted["id"] in {one["id"] for one in people}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"target": "word", "id": "a"}, 422),
        ({"target": "hashtag", "id": "#"}, 422),
        ({"target": "creator", "id": "nobody"}, 404),
        ({"target": "creator", "id": format_id(1 << 58)}, 404),
        ({"target": "sound", "id": format_id(1 << 58)}, 404),
        ({"target": "video", "id": format_id(1 << 58)}, 422),
    ],
)
def test_what_cannot_be_muted(clients: tuple[Client, Client], body: dict[str, str], status: int):
    assert clients[0].put("/api/me/mutes", json=body).status_code == status
    assert clients[0].get("/api/me/mutes").json()["mutes"] == []


def test_a_list_is_its_viewers_alone(clients: tuple[Client, Client]):
    client, other = clients
    made = client.put("/api/me/mutes", json={"target": "word", "id": "spoiler"}).json()
    assert other.delete(f"/api/me/mutes/{made['mute']}").status_code == 404
    assert other.get("/api/me/mutes").json()["mutes"] == []
    assert len(client.get("/api/me/mutes").json()["mutes"]) == 1


def test_a_history_is_listed_and_taken_out_one_by_one_or_whole(town: Town, clients: tuple[Client, Client]):
    client, other = clients
    videos = [*feed(client), *feed(client)]
    began = town.clock.now_ms() - 60_000
    happen(
        client,
        *({"kind": "shown", "video": one["id"], "at_ms": began + place} for place, one in enumerate(videos)),
        {"kind": "watch", "video": videos[3]["id"], "play": 1, "watched_ms": 4_000, "duration_ms": 6_000}
        | {"at_ms": began + 1_000},
    )
    first = client.get("/api/me/history").json()
    rest = client.get("/api/me/history", params={"before": first["next"]}).json()
    watched = first["watched"] + rest["watched"]
    assert [one["video"] for one in watched] == [
        videos[3]["id"],
        *(one["id"] for one in reversed(videos) if one["id"] != videos[3]["id"]),
    ]
    assert (watched[0]["watched_ms"], watched[0]["duration_ms"]) == (4_000, 6_000)
    assert watched[1]["title"] == videos[-1]["title"]
    assert other.get("/api/me/history").json()["watched"] == []
    assert other.delete(f"/api/me/history/{videos[3]['id']}").status_code == 404
    assert client.delete(f"/api/me/history/{videos[3]['id']}").status_code == 204
    assert client.delete(f"/api/me/history/{videos[3]['id']}").status_code == 404
    left = client.get("/api/me/history").json()["watched"]
    assert videos[3]["id"] not in {one["video"] for one in left}
    assert client.delete("/api/me/history").status_code == 204
    assert client.get("/api/me/history").json() == {"watched": [], "next": None}
    assert not {one["id"] for one in feed(client)} & {one["id"] for one in videos}
