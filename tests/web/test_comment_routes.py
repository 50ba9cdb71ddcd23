"""Comments over the API: answers, likes, names, edits, pins, what is hidden and held back, and whom each reaches."""

from typing import Any

import pytest
from litestar import Litestar
from sqlalchemy import text
from tests.web.test_api import Client, publish, sign_up

from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.ids import CommentId, parse_id

pytestmark = pytest.mark.service

MINUTE_MS = 60_000


def say(client: Client, video: str, words: str, answers: str | None = None) -> dict[str, Any]:
    body = {"text": words} | ({"answers": answers} if answers else {})
    answer = client.post(f"/api/videos/{video}/comments", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def seen(client: Client, video: str, **query: str) -> list[dict[str, Any]]:
    return list(client.get(f"/api/videos/{video}/comments", params=query).json()["comments"])


def under(client: Client, comment: str) -> list[dict[str, Any]]:
    return list(client.get(f"/api/comments/{comment}/replies").json()["comments"])


def count(client: Client, video: str) -> int:
    return int(client.get(f"/api/videos/{video}").json()["comment_count"])


def kinds(cell: Penchant) -> list[str]:
    cell.events.deliver()
    return [type(stored.event).__name__ for stored in cell.events.log.read(0, 200)]


def test_an_answer_stands_under_what_it_answers_and_an_answer_to_it_beside_it(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video = publish(cell, "ada")
        root = say(bob, video, "where is this?")
        first = say(ada, video, "at the sea", root["id"])
        second = say(eve, video, "which one?", first["id"])
        assert (first["parent"], first["answers"]) == (root["id"], None)
        assert (second["parent"], second["answers"]) == (root["id"], "ada")
        (shown,) = seen(bob, video)
        assert (shown["id"], shown["reply_count"], count(bob, video)) == (root["id"], 2, 3)
        assert [one["text"] for one in under(bob, root["id"])] == ["at the sea", "which one?"]
        assert kinds(cell).count("Comment") == 3


def test_what_is_not_there_to_see_is_not_answered(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video, other = publish(cell, "ada"), publish(cell, "ada", "two")
        root = say(bob, video, "hm")

        def answer(client: Client, where: str, what: str) -> int:
            words = {"text": "yes", "answers": what}
            return client.post(f"/api/videos/{where}/comments", json=words).status_code

        assert answer(eve, other, root["id"]) == 404  # it is below another video
        assert answer(eve, video, "0" * 13) == 404
        ada.put(f"/api/comments/{root['id']}/hidden")
        assert answer(eve, video, root["id"]) == answer(bob, video, root["id"]) == 404
        ada.delete(f"/api/comments/{root['id']}/hidden")
        eve.put("/api/profiles/bob/block")
        assert answer(eve, video, root["id"]) == 404
        assert eve.put(f"/api/comments/{root['id']}/like").status_code == 404
        assert (seen(ada, video)[0]["reply_count"], seen(ada, video)[0]["like_count"]) == (0, 0)


def test_a_deleted_comment_keeps_its_place_while_there_are_answers(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        root = say(bob, video, "a secret @ada")
        bob.put(f"/api/comments/{root['id']}", json={"text": "another secret"})
        answer = say(ada, video, "what?", root["id"])
        assert bob.delete(f"/api/comments/{root['id']}").status_code == 204
        (place,) = seen(ada, video)
        assert (place["text"], place["author"], place["state"], place["reply_count"]) == ("", None, "deleted", 1)
        assert [one["text"] for one in under(ada, root["id"])] == ["what?"]
        assert count(ada, video) == 1
        assert bob.delete(f"/api/comments/{root['id']}").status_code == 404
        with cell.engine.connect() as connection:
            for table in ("comment_texts", "comment_mentions"):
                assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
        assert ada.delete(f"/api/comments/{answer['id']}").status_code == 204
        assert (seen(ada, video), count(ada, video)) == ([], 0)


def test_likes_of_comments_order_them_and_are_not_taste(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        first, second = say(bob, video, "first"), say(bob, video, "second")
        assert ada.put(f"/api/comments/{first['id']}/like").json() == {"liked": True, "like_count": 1}
        assert ada.put(f"/api/comments/{first['id']}/like").json() == {"liked": True, "like_count": 1}
        assert [one["id"] for one in seen(ada, video)] == [second["id"], first["id"]]
        liked = seen(ada, video, order="likes")
        assert [(one["id"], one["liked"]) for one in liked] == [(first["id"], True), (second["id"], False)]
        assert seen(bob, video, order="likes")[0]["liked"] is False
        assert ada.delete(f"/api/comments/{first['id']}/like").json() == {"liked": False, "like_count": 0}
        assert kinds(cell) == ["Published", "Comment", "Comment"]
        assert ada.get(f"/api/videos/{video}/comments", params={"order": "age"}).status_code == 422


def test_whom_a_comment_names_is_kept_and_nobody_else_becomes_them(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video = publish(cell, "ada")
        words = "@Bob, @nobody_here mail@bob.org @eve. @bob2"
        said = say(ada, video, words)
        assert said["mentions"] == {"bob": "bob", "eve": "eve"}
        assert said["text"] == words
        # Neither names the other across a block, nor is shown where it was before.
        eve.put("/api/profiles/ada/block")
        assert say(ada, video, "@eve")["mentions"] == {}
        assert seen(ada, video)[1]["mentions"] == {"bob": "bob"}
        bob.request("DELETE", "/api/accounts/me", json={"password": "correct horse"})
        with sign_up(web, "bob"):
            assert seen(ada, video)[1]["mentions"] == {}
        crowd = " ".join(f"@someone_{number}" for number in range(11))
        assert ada.post(f"/api/videos/{video}/comments", json={"text": crowd}).status_code == 422


def test_a_private_account_is_named_by_those_alone_whom_it_lets_follow(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        bob.put("/api/me/private", json={"private": True})
        assert say(ada, video, "@bob")["mentions"] == {}
        ada.put("/api/profiles/bob/follow")
        bob.put("/api/me/follow-requests/ada")
        assert say(ada, video, "@bob")["mentions"] == {"bob": "bob"}
        cell.accounts.make_account("kid", adult=False)
        assert say(ada, video, "@kid")["mentions"] == {}


def test_its_author_edits_for_a_quarter_of_an_hour_and_moderators_see_what_was_reported(
    cell: Penchant, web: Litestar, clock: ManualClock
):
    moderator = cell.accounts.make_account("mod", "", "moderator")
    link, _ = cell.accounts.make_link(moderator, "sign_in")
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        eve.post("/api/session/link", json={"token": link})
        video = publish(cell, "ada")
        said = say(bob, video, "you fool")
        assert (said["edited_at"], said["editable_until"] is not None) == (None, True)
        assert ada.put(f"/api/comments/{said['id']}", json={"text": "you hero"}).status_code == 403
        ada.post("/api/reports", json={"kind": "comment", "target": said["id"], "reason": "harassment"})
        clock.advance(15 * MINUTE_MS)
        edited = bob.put(f"/api/comments/{said['id']}", json={"text": "you hero @ada"}).json()
        assert (edited["text"], edited["mentions"]) == ("you hero @ada", {"ada": "ada"})
        assert seen(ada, video)[0]["edited_at"] is not None
        (case,) = eve.get("/api/admin/queue").json()["cases"]
        assert (case["about"]["words"], case["about"]["edited_to"]) == ("you fool", "you hero @ada")
        (case,) = eve.get("/api/admin/reports").json()["reports"]
        assert (case["target_text"], case["edited_to"]) == ("you fool", "you hero @ada")
        # A report of what it says now is about that.
        clock.advance(1)
        other = say(bob, video, "later")
        ada.post("/api/reports", json={"kind": "comment", "target": other["id"], "reason": "spam"})
        cases = {one["target"]: one["about"] for one in eve.get("/api/admin/queue").json()["cases"]}
        assert (cases[other["id"]]["words"], cases[other["id"]]["edited_to"]) == ("later", None)
        late = bob.put(f"/api/comments/{said['id']}", json={"text": "again"})
        assert (late.status_code, late.json()["error"]["code"]) == (409, "too_late")
        decision = {"kind": "comment", "target": other["id"], "action": "remove", "reason": "rude"}
        assert eve.post("/api/admin/decisions", json=decision).status_code == 201
        assert bob.put(f"/api/comments/{other['id']}", json={"text": "kind"}).status_code == 410


def test_an_edit_goes_through_the_same_detectors(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        said = say(bob, video, "lovely")
        answer = say(ada, video, "thanks", said["id"])

        def labels() -> int:
            with cell.engine.connect() as connection:
                found = "SELECT count(*) FROM labels WHERE kind = 'comment' AND target_id IN (:one, :other)"
                ids = {"one": parse_id(said["id"]), "other": parse_id(answer["id"])}
                return int(connection.execute(text(found), ids).scalar_one())

        assert labels() == 0
        bob.put(f"/api/comments/{said['id']}", json={"text": "just kill yourself"})
        assert labels() == 1
        ada.put(f"/api/comments/{answer['id']}", json={"text": "kill yourself"})
        assert labels() == 2


def test_a_creator_pins_one_comment(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        first, second, third = (say(bob, video, words) for words in ("first", "second", "third"))
        answer = say(ada, video, "yes", first["id"])
        assert bob.put(f"/api/comments/{first['id']}/pin").status_code == 403
        assert ada.put(f"/api/comments/{answer['id']}/pin").status_code == 409
        for one in (second, first):
            assert ada.put(f"/api/comments/{one['id']}/pin").status_code == 204
        order = [first["id"], third["id"], second["id"]]
        for by in ("newest", "likes"):
            assert [one["id"] for one in seen(bob, video, order=by)] == order
        assert [one["pinned"] for one in seen(bob, video)] == [True, False, False]
        ada.delete(f"/api/comments/{first['id']}/pin")
        assert [one["id"] for one in seen(bob, video)] == [third["id"], second["id"], first["id"]]


def test_what_a_creator_hides_its_author_sees_as_hidden_and_others_not_at_all(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video = publish(cell, "ada")
        said = say(bob, video, "hm")
        assert bob.put(f"/api/comments/{said['id']}/hidden").status_code == 403
        ada.put(f"/api/comments/{said['id']}/pin")
        for _ in range(2):
            assert ada.put(f"/api/comments/{said['id']}/hidden").status_code == 204
        assert [one["state"] for one in seen(bob, video)] == [one["state"] for one in seen(ada, video)] == ["hidden"]
        assert (seen(eve, video), count(eve, video), seen(ada, video)[0]["pinned"]) == ([], 0, False)
        assert ada.put(f"/api/comments/{said['id']}/pin").status_code == 409
        ada.delete(f"/api/comments/{said['id']}/hidden")
        assert (seen(eve, video)[0]["state"], count(eve, video)) == ("shown", 1)
        # What was answered keeps its place, and nothing in it.
        say(eve, video, "why?", said["id"])
        ada.put(f"/api/comments/{said['id']}/hidden")
        (place,) = seen(eve, video)
        assert (place["state"], place["text"], place["author"], place["reply_count"]) == ("unseen", "", None, 1)
        assert kinds(cell) == ["Published", "Comment", "Uncomment", "Comment", "Comment", "Uncomment"]


def test_a_creators_words_hold_comments_back_until_they_look(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video, other = publish(cell, "ada"), publish(cell, "bob")
        for wrong in (["!!"], ["x" * 61], [f"word{number}" for number in range(201)]):
            assert ada.put("/api/me/comments/words", json={"words": wrong}).status_code == 422
        words = [" cheap   watches", "Cheap watches", "spoiler"]
        chosen = ada.put("/api/me/comments/words", json={"words": words}).json()
        assert chosen == ada.get("/api/me/comments/words").json() == {"words": ["Cheap watches", "spoiler"]}
        held = say(bob, video, "Ch3ap w4tches here")
        assert held["state"] == "held"
        assert say(ada, video, "no spoiler from me")["state"] == "shown"
        assert say(eve, other, "spoiler")["state"] == "shown"
        assert [one["text"] for one in seen(eve, video)] == ["no spoiler from me"]
        assert (count(eve, video), len(seen(bob, video)), len(seen(ada, video))) == (1, 2, 2)
        (waiting,) = ada.get("/api/me/comments/held").json()["comments"]
        assert (waiting["id"], waiting["video"]) == (held["id"], video)
        assert bob.get("/api/me/comments/held").json()["comments"] == []
        # Saying it otherwise does not get past them; what was let in is held again where it has the words.
        bob.put(f"/api/comments/{held['id']}", json={"text": "hello"})
        assert len(seen(eve, video)) == 1
        assert bob.delete(f"/api/comments/{held['id']}/held").status_code == 403
        assert ada.delete(f"/api/comments/{held['id']}/held").status_code == 204
        assert (len(seen(eve, video)), count(eve, video)) == (2, 2)
        assert "comment" not in [entry["kind"] for entry in ada.get("/api/me/inbox").json()["entries"]]
        assert bob.put(f"/api/comments/{held['id']}", json={"text": "a spoiler"}).json()["state"] == "held"
        assert (len(seen(eve, video)), count(eve, video)) == (1, 1)
        ada.delete(f"/api/comments/{held['id']}")
        assert ada.get("/api/me/comments/held").json()["comments"] == []


def test_blocks_suspensions_and_removals_hold_for_answers_too(cell: Penchant, web: Litestar):
    moderator = cell.accounts.make_account("mod", "", "moderator")
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video = publish(cell, "ada")
        root = say(bob, video, "one")
        answer = say(eve, video, "two", root["id"])
        beside = say(ada, video, "three", answer["id"])
        bob.put("/api/profiles/eve/block")
        assert [(one["text"], one["answers"]) for one in under(bob, root["id"])] == [("three", None)]
        (place,) = seen(eve, video)
        assert (place["state"], place["text"], place["reply_count"]) == ("unseen", "", 2)
        bob.delete("/api/profiles/eve/block")
        with cell.engine.begin() as connection:
            cell.safety.decide(connection, moderator, "comment", CommentId(parse_id(root["id"])), "remove", "rude")
        assert [(one["state"], one["author"]) for one in seen(bob, video)] == [("unseen", None)]
        assert count(ada, video) == 2
        with cell.engine.begin() as connection:
            cell.safety.decide(connection, moderator, "account", cell.accounts.by_handle("eve").id, "suspend", "rude")
        assert [(one["id"], one["answers"]) for one in under(ada, root["id"])] == [(beside["id"], None)]


def test_an_erased_account_leaves_the_answers_of_others(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob:
        video = publish(cell, "ada")
        root = say(bob, video, "mine")
        say(ada, video, "an answer", root["id"])
        say(bob, video, "alone")
        theirs = say(ada, video, "theirs")
        last = say(bob, video, "an answer", theirs["id"])
        bob.put(f"/api/comments/{theirs['id']}/like")
        ada.put(f"/api/comments/{last['id']}/like")
        ada.put("/api/me/comments/words", json={"words": ["x"]})
        ada.delete(f"/api/comments/{theirs['id']}")
        gone = bob.request("DELETE", "/api/accounts/me", json={"password": "correct horse"})
        assert gone.status_code == 200, gone.text
        (place,) = seen(ada, video)
        assert (place["id"], place["state"], place["text"]) == (root["id"], "deleted", "")
        assert ([one["text"] for one in under(ada, root["id"])], count(ada, video)) == (["an answer"], 1)


def test_where_a_list_goes_on_says_nothing_of_what_is_hidden(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, sign_up(web, "eve") as eve:
        video = publish(cell, "ada")
        root, hidden = say(bob, video, "seen"), say(bob, video, "hidden")
        answer = say(bob, video, "an answer", root["id"])
        for id_ in (hidden["id"], answer["id"]):
            ada.put(f"/api/comments/{id_}/hidden")
        assert [one["text"] for one in seen(eve, video, before=hidden["id"])] == ["seen"]
        assert eve.get(f"/api/comments/{root['id']}/replies", params={"after": "0" * 13}).json()["comments"] == []
        for wrong in ("nonsense", "0" * 13, "0" * 39 + "x", "z" * 39):
            found = eve.get(f"/api/videos/{video}/comments", params={"order": "likes", "before": wrong})
            assert found.status_code == 404, wrong
