from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from penchant.app import Penchant
from penchant.catalog.model import Rendition
from penchant.core.ids import AccountId, VideoId, format_id, parse_id
from penchant.events.model import Like, ProfileOpen, Shown, Watch

pytestmark = pytest.mark.service
Client = TestClient[Litestar]


def sign_up(web: Litestar, handle: str) -> Client:
    client = TestClient(web)
    answer = client.post("/api/accounts", json={"handle": handle, "password": "correct horse", "birth_year": 1990})
    assert answer.status_code == 201, answer.text
    return client


def publish(cell: Penchant, handle: str, title: str = "waves", hashtags: tuple[str, ...] = ("sea",)) -> str:
    """A listed video without files."""
    creator = cell.accounts.by_handle(handle)
    files = [Rendition("480p", f"videos/{title}.mp4", "video/mp4", 5, "ab" * 32, 480, 854)]
    with cell.engine.begin() as connection:
        video = cell.catalog.add(connection, AccountId(creator.id), title, hashtags, "en")
        cell.catalog.start_processing(connection, video)
        cell.catalog.publish(
            connection, video, duration_ms=6_000, width=480, height=854, files=files, encoder="t-1", vector=bytes(64)
        )
    cell.events.deliver()
    return format_id(video)


def events(*sent: dict[str, Any], session: str | None = None) -> dict[str, Any]:
    common = {"at_ms": 1_790_000_000_000, "context": "feed"}
    return {"session": session or str(uuid4()), "events": [common | event for event in sent]}


def test_a_browser_becomes_an_anonymous_viewer_and_stays_one(client: Client):
    first = client.get("/api/session")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert first.json()["signed_in"] is False
    assert "set-cookie" not in client.get("/api/session").headers


def test_signing_up_rotates_the_session(client: Client, web: Litestar):
    client.get("/api/session")
    before = client.cookies["penchant"]
    client.post("/api/accounts", json={"handle": "ada", "password": "correct horse", "birth_year": 1990})
    assert client.cookies["penchant"] != before
    assert client.get("/api/session").json()["account"]["handle"] == "ada"
    with TestClient(web) as thief:
        found = thief.get("/api/session", headers={"Cookie": f"penchant={before}"})
        assert found.json()["signed_in"] is False
        assert thief.cookies["penchant"] != before


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_what_another_site_sends_is_refused(client: Client, headers: dict[str, str]):
    answer = client.post("/api/session", json={"handle": "ada", "password": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cross_site")


def test_own_pages_and_programs_may_write(client: Client):
    for headers in ({}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver.local"}):
        answer = client.post("/api/session", json={"handle": "ada", "password": "x" * 8}, headers=headers)
        assert answer.json()["error"]["code"] == "wrong_password"


def test_like_comment_follow_reach_the_log(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        assert bob.put(f"/api/videos/{video}/like").json() == {"liked": True, "like_count": 1}
        assert bob.put(f"/api/videos/{video}/like").json() == {"liked": True, "like_count": 1}
        comment = bob.post(f"/api/videos/{video}/comments", json={"text": " lovely "}).json()
        assert comment["text"] == "lovely"
        assert bob.put("/api/profiles/ada/follow").json()["follower_count"] == 1
        shown = bob.get(f"/api/videos/{video}").json()
        assert (shown["liked"], shown["like_count"], shown["comment_count"]) == (True, 1, 1)
        assert shown["creator"]["following"] is True
        assert bob.delete(f"/api/comments/{comment['id']}").status_code == 204
        assert bob.delete(f"/api/videos/{video}/like").json() == {"liked": False, "like_count": 0}
        assert ada.get(f"/api/videos/{video}/comments").json()["comments"] == []
    kinds = [type(s.event).__name__ for s in cell.events.log.read(0, 50)]
    assert kinds == ["Published", "Like", "Comment", "Follow", "Uncomment", "Unlike"]
    assert cell.events.log.read(1, 1)[0].event == Like(video=parse_id(video))


def test_only_who_is_signed_in_may_like(cell: Penchant, web: Litestar, client: Client):
    with sign_up(web, "ada"):
        video = publish(cell, "ada")
    client.get("/api/session")
    assert client.put(f"/api/videos/{video}/like").json()["error"]["code"] == "sign_in_needed"


def test_comments_come_in_pages(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada:
        video = publish(cell, "ada")
        account = cell.accounts.by_handle("ada")
        for number in range(35):
            cell.comments.write(account, VideoId(parse_id(video)), f"{number}")
        first = ada.get(f"/api/videos/{video}/comments").json()
        rest = ada.get(f"/api/videos/{video}/comments", params={"before": first["next"]}).json()
    assert len(first["comments"]) == 30
    assert len(rest["comments"]) == 5
    assert rest["next"] is None


def test_a_block_works_both_ways_and_at_once(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        bob.post(f"/api/videos/{video}/comments", json={"text": "hm"})
        bob.put("/api/profiles/ada/follow")
        assert ada.put("/api/profiles/bob/block").json()["blocked"] is True
        assert bob.get(f"/api/videos/{video}").status_code == 404
        assert bob.head(f"/media/{video}/480p.mp4").status_code == 404
        assert bob.get("/api/profiles/ada").status_code == 404
        assert ada.get(f"/api/videos/{video}/comments").json()["comments"] == []
        assert ada.get("/api/profiles/ada").json()["follower_count"] == 0
        ada.delete("/api/profiles/bob/block")
        assert bob.get(f"/api/videos/{video}").status_code == 200
        assert bob.head(f"/media/{video}/480p.mp4").status_code == 200


def test_a_deleted_video_answers_410(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        assert bob.delete(f"/api/videos/{video}").status_code == 403
        assert ada.delete(f"/api/videos/{video}").status_code == 204
        assert bob.get(f"/api/videos/{video}").json()["error"]["code"] == "removed"
        assert bob.get(f"/v/{video}").status_code == 410


def test_the_owner_chooses_the_cover(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        covers = [
            Rendition(name, f"videos/{name}.jpg", "image/jpeg", 5, digest * 32, 480, 854)
            for name, digest in (("cover-1", "01"), ("cover-2", "02"))
        ]
        with cell.engine.begin() as connection:
            for file in (*covers, replace(covers[1], name="poster")):
                cell.catalog.add_rendition(connection, VideoId(parse_id(video)), file)
        (own,) = ada.get("/api/me/videos").json()["videos"]
        assert [(cover["name"], cover["chosen"]) for cover in own["covers"]] == [("cover-1", False), ("cover-2", True)]
        assert own["renditions"] == ["480p"]

        assert bob.put(f"/api/videos/{video}/cover", json={"name": "cover-1"}).status_code == 403
        assert ada.put(f"/api/videos/{video}/cover", json={"name": "cover-9"}).status_code == 404
        chosen = ada.put(f"/api/videos/{video}/cover", json={"name": "cover-1"}).json()
        assert [cover["chosen"] for cover in chosen["covers"]] == [True, False]
        assert bob.get(f"/api/videos/{video}").json()["poster_url"] == f"/media/{video}/poster.jpg?v={'01' * 6}"


def test_report_remove_restore(cell: Penchant, web: Litestar, client: Client):
    admin = cell.accounts.make_account("admin", "Admin", "admin")
    link, _ = cell.accounts.make_link(admin, "sign_in")
    with sign_up(web, "ada"), sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        report = {"kind": "video", "target": video, "reason": "spam", "note": "look at this"}
        assert bob.post("/api/reports", json=report).status_code == 201
        assert bob.get("/api/admin/reports").status_code == 403
        assert client.post("/api/session/link", json={"token": link}).json()["account"]["role"] == "admin"
        assert client.post("/api/session/link", json={"token": link}).status_code == 403
        (case,) = client.get("/api/admin/reports").json()["reports"]
        assert (case["target"], case["reason"], case["note"], case["count"]) == (video, "spam", "look at this", 1)
        decision = {"kind": "video", "target": video, "action": "remove", "reason": "advertising"}
        assert client.post("/api/admin/decisions", json=decision | {"reason": ""}).status_code == 422
        assert client.post("/api/admin/decisions", json=decision).status_code == 201
        assert bob.get(f"/api/videos/{video}").status_code == 410
        (case,) = client.get("/api/admin/reports", params={"state": "closed"}).json()["reports"]
        assert case["decision"]["reason"] == "advertising"
        client.post("/api/admin/decisions", json=decision | {"action": "restore", "reason": "mistake"})
        assert bob.get(f"/api/videos/{video}").status_code == 200


def test_deleting_an_account_takes_everything_with_it(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        mine = publish(cell, "bob")
        bob.put(f"/api/videos/{video}/like")
        bob.post(f"/api/videos/{video}/comments", json={"text": "bye"})
        bob.post("/api/events", json=events({"kind": "shown", "sequence": 1, "video": video}))
        assert bob.request("DELETE", "/api/accounts/me", json={"password": "wrong one"}).status_code == 403
        assert bob.request("DELETE", "/api/accounts/me", json={"password": "correct horse"}).json()["opens"]
        shown = ada.get(f"/api/videos/{video}").json()
        assert (shown["like_count"], shown["comment_count"]) == (0, 0)
        assert ada.get(f"/api/videos/{mine}").status_code == 404
        assert ada.get("/api/profiles/bob").status_code == 404
        assert bob.get("/api/session").json()["signed_in"] is False
    kinds = [type(s.event).__name__ for s in cell.events.log.read(0, 50)]
    assert kinds == ["Published", "Withdrawn", "Erased"], "what was published with the video is gone"


def test_events_are_durable_and_a_malformed_one_refuses_only_itself(cell: Penchant, web: Litestar, client: Client):
    with sign_up(web, "ada"):
        video = publish(cell, "ada")
    client.get("/api/session")
    batch = events(
        {"kind": "shown", "sequence": 1, "video": video},
        {"kind": "watch", "sequence": 2, "video": video, "play": 1, "watched_ms": 900, "duration_ms": 6000},
        {"kind": "watch", "sequence": 3, "video": video, "play": 1, "watched_ms": -1, "duration_ms": 6000},
        {"kind": "like", "sequence": 4, "video": video},
        {"kind": "shown", "sequence": 5, "video": "nonsense"},
        {"kind": "profile_open", "sequence": 6, "creator": video, "context": "profile"},
    )
    answer = client.post("/api/events", json=batch)
    body = answer.json()
    assert (answer.status_code, body["accepted"]) == (202, 3)
    assert [(r["index"], r["sequence"], r["code"]) for r in body["refused"]] == [
        (2, 3, "malformed"),
        (3, 4, "malformed"),
        (4, 5, "malformed"),
    ]
    stored = cell.events.log.read(1, 10)
    assert [type(s.event) for s in stored] == [Shown, Watch, ProfileOpen]
    assert body["offset"] == stored[-1].offset == cell.events.log.last_offset()
    assert client.post("/api/events", json=batch).json() == body
    assert cell.events.log.last_offset() == body["offset"]


def test_a_beacon_without_content_type_counts(cell: Penchant, client: Client):
    client.get("/api/session")
    content = b'{"session":"%s","events":[]}' % str(uuid4()).encode()
    assert client.post("/api/events", content=content, headers={"Content-Type": "text/plain"}).status_code == 202


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b'{"session":"x","events":[]}', b'{"events":[]}'])
def test_a_batch_without_shape_is_refused_whole(client: Client, content: bytes):
    client.get("/api/session")
    answer = client.post("/api/events", content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_every_error_has_one_shape(client: Client):
    for answer in (
        client.get("/api/nothing"),
        client.put("/api/session"),
        client.post("/api/session", content=b"{", headers={"Content-Type": "application/json"}),
        client.get("/api/videos/xyz"),
        client.get("/nothing"),
    ):
        assert set(answer.json()["error"]) == {"code", "message", "retry_after_s", "fields"}


def test_open_graph_tags_are_escaped(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada:
        video = publish(cell, "ada", title='<script>"x"')
        page = ada.get(f"/v/{video}").text
    assert "<script>&quot;" not in page
    assert '<script>"x"' not in page


def test_oembed(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada:
        video = publish(cell, "ada")
        address = ada.get(f"/api/videos/{video}").json()["share_url"]
        found = ada.get("/oembed", params={"url": address}).json()
        assert ada.get("/oembed", params={"url": "https://elsewhere.example/v/x"}).status_code == 404
    assert (found["type"], found["width"], found["height"]) == ("video", 359, 640)
    assert f"/embed/{video}" in found["html"]


def test_two_cells_side_by_side_share_nothing(cell: Penchant, web: Litestar, database_url: str, tmp_path: Any):
    from penchant.app import build
    from penchant.core.settings import Settings

    other = build(
        Settings(data=tmp_path / "other", market="other"), database_url=cell.engine.url.render_as_string(False)
    )
    assert other.engine is not cell.engine
    assert other.token_key != cell.token_key
    assert other.market.id == "other"
    other.close()


def test_metrics_and_health(cell: Penchant, client: Client):
    assert client.get("/healthz").json() == {"status": "ok", "media": "unknown"}
    metrics = client.get("/metrics").text
    assert 'penchant_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in metrics
    (cell.settings.data / "media-sandbox.txt").write_text("off: it can reach the network")
    assert client.get("/healthz").json()["media"] == "off: it can reach the network"
