"""Notes over HTTP: who may do what, what a reader gets, and the files for outsiders."""

import hashlib

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.web.test_api import publish, sign_up

from penchant.app import Penchant
from penchant.core.clock import ManualClock

pytestmark = pytest.mark.service

DAY_MS = 86_400_000
BODY = {"kind": "old_footage", "text": "From 2019, see https://example.org/a?b=<c>"}


def test_a_note_from_the_first_word_to_its_report(cell: Penchant, web: Litestar, clock: ManualClock):
    ada, ben = sign_up(web, "ada"), sign_up(web, "ben")
    video = publish(cell, "ada")
    assert ben.post(f"/api/videos/{video}/notes", json=BODY).json()["error"]["code"] == "account_too_new"
    clock.advance(8 * DAY_MS)
    written = ben.post(f"/api/videos/{video}/notes", json=BODY)
    assert written.status_code == 201
    note = written.json()
    assert note["links"] == ["https://example.org/a?b="]
    assert (note["mine"], note["editable"], note["shown"]) == (True, True, False)
    again = ben.post(f"/api/videos/{video}/notes", json=BODY)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "note_exists")

    rated = ada.put(f"/api/notes/{note['id']}/rating", json={"value": "helpful", "reasons": ["clear"]})
    assert rated.json()["my_rating"] == "helpful"
    own = ben.put(f"/api/notes/{note['id']}/rating", json={"value": "helpful"})
    assert (own.status_code, own.json()["error"]["code"]) == (403, "own_note")
    assert ada.put(f"/api/notes/{note['id']}/rating", json={"value": "superb"}).status_code == 422
    changed = ben.put(f"/api/notes/{note['id']}", json=BODY | {"text": "otherwise"})
    assert (changed.status_code, changed.json()["error"]["code"]) == (409, "note_rated")

    stranger = TestClient(web)
    stranger.get("/api/session")
    seen = stranger.get(f"/api/videos/{video}/notes").json()["notes"]
    assert [(one["author"], one["mine"], one["my_rating"]) for one in seen] == [(note["author"], False, None)]
    assert stranger.put(f"/api/notes/{note['id']}/rating", json={"value": "helpful"}).status_code == 401
    report = {"kind": "note", "target": note["id"], "reason": "spam"}
    assert stranger.post("/api/reports", json=report).status_code == 201

    ruler = sign_up(web, "ruler")
    with cell.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET role = 'moderator' WHERE handle = 'ruler'")
    case = ruler.get("/api/admin/reports").json()["reports"][0]
    assert (case["kind"], case["target_text"], case["target_url"]) == ("note", BODY["text"], f"/v/{video}")
    decision = {"kind": "note", "target": note["id"], "action": "remove", "reason": "an advertisement"}
    assert ruler.post("/api/admin/decisions", json=decision).status_code == 201
    (closed,) = ruler.get("/api/admin/reports?state=closed").json()["reports"]
    assert closed["target_text"] == BODY["text"]
    (told,) = ben.get("/api/me/decisions").json()["decisions"]
    assert (told["kind"], told["title"], told["reason"]) == ("note", BODY["text"], "an advertisement")
    assert stranger.get(f"/api/videos/{video}/notes").json() == {"notes": []}
    assert ada.delete(f"/api/notes/{note['id']}").status_code == 404


def test_a_video_carries_the_words_of_its_shown_note(cell: Penchant, web: Litestar, clock: ManualClock):
    ada = sign_up(web, "ada")
    clock.advance(8 * DAY_MS)
    video = publish(cell, "ada")
    ada.post(f"/api/videos/{video}/notes", json=BODY)
    assert ada.get(f"/api/videos/{video}").json()["note"] is None
    with cell.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE notes SET shown = true")
    assert ada.get(f"/api/videos/{video}").json()["note"] == BODY["text"]


def test_outsiders_get_what_was_judged_and_what_came_out(cell: Penchant, web: Litestar, clock: ManualClock):
    stranger = TestClient(web)
    for path in ("file", "result"):
        assert stranger.get(f"/api/notes/{path}").status_code == 404
    ada = sign_up(web, "ada")
    clock.advance(8 * DAY_MS)
    ada.post(f"/api/videos/{publish(cell, 'ada')}/notes", json=BODY)
    cell.note_runs.bring_up_to_date()
    run = stranger.get("/api/notes/runs").json()["runs"][0]
    for path, key in (("file", "input_digest"), ("result", "result_digest")):
        answer = stranger.get(f"/api/notes/{path}")
        assert answer.headers["content-type"] == "application/json"
        assert hashlib.sha256(answer.content).hexdigest() == run[key]


def test_writing_is_limited(cell: Penchant, web: Litestar, clock: ManualClock):
    ada = sign_up(web, "ada")
    clock.advance(8 * DAY_MS)
    statuses = [
        ada.post(f"/api/videos/{publish(cell, 'ada', f'v{number}')}/notes", json=BODY).status_code
        for number in range(11)
    ]
    assert statuses == [201] * 10 + [429]
