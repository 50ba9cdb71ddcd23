"""The inbox over the API: what somebody is told of, as one entry for many deeds, and what never reaches them."""

import json
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text
from tests.conftest import NOW_MS
from tests.web.test_api import Client, publish, sign_up
from tests.web.test_comment_routes import say

from penchant.app import Penchant
from penchant.core.clock import ManualClock, as_datetime
from penchant.core.ids import AccountId, CommentId, VideoId, parse_id
from penchant.testing.served import served

pytestmark = pytest.mark.service

DAY_MS = 86_400_000


class Ticking(ManualClock):
    """Each look at it is a millisecond later, as by a real one: nothing may lean on two moments being the same."""

    def now_ms(self) -> int:
        self.advance(1)
        return super().now_ms()


@pytest.fixture
def clock() -> ManualClock:
    return Ticking(NOW_MS)


def inbox(client: Client, *kinds: str) -> list[dict[str, Any]]:
    """The entries, of these kinds alone where there are any."""
    entries = client.get("/api/me/inbox").json()["entries"]
    return [entry for entry in entries if not kinds or entry["kind"] in kinds]


def unread(client: Client) -> int:
    return int(client.get("/api/me/inbox").json()["unread"])


def read_all(client: Client) -> None:
    entries = inbox(client)
    assert client.put("/api/me/inbox/read", json={"until": entries[0]["changed_at"]}).status_code == 204


def people(entry: dict[str, Any]) -> list[str]:
    return [one["handle"] for one in entry["people"]]


def test_a_thousand_likes_are_one_entry_and_what_comes_after_it_was_read_another(
    cell: Penchant, web: Litestar, clock: ManualClock
):
    with sign_up(web, "ada") as ada:
        video = publish(cell, "ada")
        made = cell.accounts.make_accounts([(f"fan_{number}", "") for number in range(1_000)])
        like = [made[number] for number in (0, 998, 999)]
        cell.community.like(like[0], VideoId(parse_id(video)))
        with cell.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO likes SELECT unnest(CAST(:ids AS bigint[])), :video, :now"),
                {"ids": [one.id for one in made[1:998]], "video": parse_id(video), "now": as_datetime(clock.now_ms())},
            )
        for fan in (*like[1:], cell.accounts.by_handle("ada")):
            clock.advance(1)
            cell.community.like(fan, VideoId(parse_id(video)))
        (entry,) = inbox(ada, "like")
        assert (people(entry), entry["video"]["id"], entry["unread"]) == (["fan_999", "fan_998"], video, True)
        assert entry["count"] == 1_000
        read_all(ada)
        clock.advance(1)
        cell.community.unlike(cell.accounts.by_handle("fan_0"), VideoId(parse_id(video)))
        cell.community.like(cell.accounts.by_handle("fan_0"), VideoId(parse_id(video)))
        new, old = inbox(ada, "like")
        assert (people(new), new["count"], new["unread"]) == (["fan_0"], 1, True)
        assert (old["count"], old["unread"]) == (999, False)


def test_everything_that_concerns_somebody_is_told_to_them_and_not_to_who_did_it(cell: Penchant, web: Litestar):
    moderator = cell.accounts.make_account("mod", "", "moderator")
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video = publish(cell, "ada")
        bob.put("/api/profiles/ada/follow")
        bob.put(f"/api/videos/{video}/like")
        root = say(bob, video, "for @eve")
        answer = say(ada, video, "thanks", root["id"])
        say(eve, video, "yes @bob @ada", answer["id"])
        ada.put(f"/api/comments/{root['id']}/like")
        with cell.engine.begin() as connection:
            cell.safety.decide(connection, moderator, "video", VideoId(parse_id(video)), "warn", "blood")
        told = {entry["kind"]: entry for entry in inbox(ada)}
        assert told.keys() == {"video_ready", "follow", "like", "comment", "reply", "decision"}
        assert (people(told["follow"]), people(told["like"]), people(told["comment"])) == (["bob"],) * 3
        assert (told["comment"]["said"], told["comment"]["comment"]) == ("for @eve", root["id"])
        assert (people(told["reply"]), told["reply"]["said"]) == (["eve"], "yes @bob @ada")
        assert (told["video_ready"]["count"], told["video_ready"]["video"]["title"]) == (1, "waves")
        assert (told["decision"]["action"], told["decision"]["people"]) == ("warn", [])
        told = {entry["kind"]: entry for entry in inbox(bob)}
        assert told.keys() == {"reply", "mention", "comment_like"}
        assert (people(told["reply"]), people(told["mention"])) == (["ada"], ["eve"])
        assert [entry["kind"] for entry in inbox(eve)] == ["mention"]
        assert unread(ada) == 6


def test_follows_are_asked_for_accepted_and_told(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        ada.put("/api/me/private", json={"private": True})
        for one in (bob, eve):
            one.put("/api/profiles/ada/follow")
        (entry,) = inbox(ada)
        assert (entry["kind"], entry["count"]) == ("follow_request", 2)
        ada.put("/api/me/follow-requests/bob")
        assert inbox(ada)[0]["count"] == 1
        (entry,) = inbox(bob)
        assert (entry["kind"], people(entry)) == ("accepted", ["ada"])
        # An account that opens lets in who asked.
        ada.put("/api/me/private", json={"private": False})
        assert inbox(ada) == []
        assert [one["kind"] for one in inbox(eve)] == ["accepted"]


def test_what_is_undone_hidden_or_of_somebody_blocked_or_gone_is_told_no_more(cell: Penchant, web: Litestar):
    moderator = cell.accounts.make_account("mod", "", "moderator")
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video = publish(cell, "ada")
        read_all(ada)

        def deeds() -> tuple[int, int]:
            return len(inbox(ada, "like", "comment")), unread(ada)

        bob.put(f"/api/videos/{video}/like")
        said = say(bob, video, "hm")
        assert deeds() == (2, 2)
        bob.delete(f"/api/videos/{video}/like")
        assert deeds() == (1, 1)
        with cell.engine.begin() as connection:
            cell.safety.decide(connection, moderator, "comment", CommentId(parse_id(said["id"])), "remove", "rude")
        assert deeds() == (0, 0)
        with cell.engine.begin() as connection:
            cell.safety.decide(connection, moderator, "comment", CommentId(parse_id(said["id"])), "restore", "no")
        assert deeds() == (1, 1)
        ada.put("/api/profiles/bob/block")
        assert deeds() == (0, 0)
        ada.delete("/api/profiles/bob/block")
        eve.put(f"/api/videos/{video}/like")
        assert deeds() == (2, 2)
        eve.request("DELETE", "/api/accounts/me", json={"password": "correct horse"})
        assert deeds() == (1, 1)
        with cell.engine.begin() as connection:
            cell.safety.decide(connection, moderator, "account", cell.accounts.by_handle("bob").id, "suspend", "rude")
        assert deeds() == (0, 0)


def test_nothing_is_told_of_whom_one_mutes_until_they_are_heard_again(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video = publish(cell, "ada")
        for fan in (bob, eve):
            assert fan.put(f"/api/videos/{video}/like").status_code == 200
        bobs = ada.get("/api/profiles/bob").json()["id"]
        mute = ada.put("/api/me/mutes", json={"target": "creator", "id": bobs}).json()["mute"]
        assert [(people(entry), entry["count"]) for entry in inbox(ada, "like")] == [(["eve"], 1)]
        assert ada.delete(f"/api/me/mutes/{mute}").status_code == 204
        assert [(people(entry), entry["count"]) for entry in inbox(ada, "like")] == [(["eve", "bob"], 2)]


def test_nothing_is_told_of_a_video_that_one_may_not_see_any_more(cell: Penchant, web: Litestar):
    moderator = cell.accounts.make_account("mod", "", "moderator")
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video = publish(cell, "ada", "a private title")
        root = say(bob, video, "hm")
        say(eve, video, "yes @bob", root["id"])
        ada.put(f"/api/comments/{root['id']}/like")
        assert len(inbox(bob)) == 2
        ada.put("/api/me/private", json={"private": True})
        assert (inbox(bob), unread(bob)) == ([], 0)
        assert "private title" not in bob.get("/api/me/inbox").text
        ada.put("/api/me/private", json={"private": False})
        assert len(inbox(bob)) == 2
        with cell.engine.begin() as connection:
            cell.safety.decide(connection, moderator, "video", VideoId(parse_id(video)), "remove", "no")
        assert inbox(bob) == []
        assert [entry["kind"] for entry in inbox(ada)] == ["decision"]


def test_a_failed_video_is_told_until_it_is_ready(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada:
        with cell.engine.begin() as connection:
            creator = AccountId(cell.accounts.by_handle("ada").id)
            video = cell.catalog.add(connection, creator, "mine", (), "en")
            cell.catalog.start_processing(connection, video)
            cell.catalog.fail(connection, video, "not_a_video", "it is none")
        (entry,) = inbox(ada)
        assert (entry["kind"], entry["video"]["title"]) == ("video_failed", "mine")
        with cell.engine.begin() as connection:
            cell.catalog.start_processing(connection, video)
        assert inbox(ada) == []


def test_reading_anothers_entry_changes_nothing(cell: Penchant, web: Litestar, clock: ManualClock):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        publish(cell, "ada")
        clock.advance(1)
        bob.put("/api/profiles/ada/follow")
        follow, ready = inbox(ada)
        assert bob.put(f"/api/me/inbox/{follow['id']}/read").status_code == 204
        assert bob.get("/api/me/inbox", params={"before": follow["id"]}).status_code == 404
        assert unread(ada) == 2
        # What came after the screen was drawn stays unread.
        ada.put("/api/me/inbox/read", json={"until": ready["changed_at"]})
        assert [entry["unread"] for entry in inbox(ada)] == [True, False]
        ada.put(f"/api/me/inbox/{follow['id']}/read")
        assert unread(ada) == 0


def test_a_kind_that_is_not_wanted_is_not_told(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        kinds = ada.get("/api/me/inbox/kinds").json()["kinds"]
        assert all(one["in_app"] for one in kinds)
        assert "decision" not in [one["kind"] for one in kinds]
        ada.put("/api/me/inbox/kinds", json={"kind": "follow", "in_app": False})
        bob.put("/api/profiles/ada/follow")
        assert inbox(ada) == []
        after = ada.put("/api/me/inbox/kinds", json={"kind": "follow", "in_app": True}).json()["kinds"]
        assert after == kinds
        assert ada.put("/api/me/inbox/kinds", json={"kind": "decision", "in_app": False}).status_code == 422
        bob.delete("/api/profiles/ada/follow")
        bob.put("/api/profiles/ada/follow")
        assert len(inbox(ada)) == 1


def test_entries_come_in_pages_and_go_after_their_time(cell: Penchant, web: Litestar, clock: ManualClock):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        for number in range(35):
            video = publish(cell, "ada", f"{number}")
            clock.advance(1)
            bob.put(f"/api/videos/{video}/like")
        first = ada.get("/api/me/inbox").json()
        rest = ada.get("/api/me/inbox", params={"before": first["next"]}).json()
        assert (len(first["entries"]), len(rest["entries"]), rest["next"]) == (30, 6, None)
        assert first["entries"][0]["video"]["title"] == "34"
        clock.advance(89 * DAY_MS)
        assert "notifications" not in cell.retention.enforce()
        clock.advance(2 * DAY_MS)
        assert cell.retention.enforce()["notifications"] == 36
        assert cell.inbox.page(cell.accounts.by_handle("ada"), None) == ([], None)


def test_what_is_unread_is_told_live_on_the_stream_of_uploads(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, served(web) as address:
        headers = {"Cookie": f"penchant={ada.cookies['penchant']}"}
        with (
            httpx.Client(base_url=address, timeout=30) as client,
            client.stream("GET", "/api/me/uploads/news", headers=headers) as answer,
        ):
            lines = answer.iter_lines()

            def told() -> int:
                for line in lines:
                    if line == "event: inbox":
                        next(lines)
                        return int(json.loads(next(lines).removeprefix("data: "))["unread"])
                raise AssertionError("the stream ended")

            assert told() == 0
            bob.put("/api/profiles/ada/follow")
            assert told() == 1
            read_all(ada)
            assert told() == 0
