"""Banks over HTTP: admins import and export, others may not; texts are looked at where they are written."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.core.database import Connection
from penchant.core.ids import VideoId, format_id
from penchant.safety.ports import Finding

pytestmark = pytest.mark.service

Client = TestClient[Litestar]
HASHES = [
    golden["hash"]
    for golden in json.loads((Path(__file__).parents[1] / "safety" / "golden_pdq.json").read_text("utf-8"))
]


def sign_up(client: Client, handle: str) -> None:
    answer = client.post("/api/accounts", json={"handle": handle, "password": "correct horse", "birth_year": 1980})
    assert answer.status_code == 201, answer.text


def listed(cell: Penchant, handle: str) -> VideoId:
    with cell.engine.begin() as connection:
        account = accounts.account_by_handle(connection, handle)
        assert account is not None
        id_ = cell.catalog.add(connection, account.id, "waves", [], "en")
        cell.catalog.start_processing(connection, id_)
        cell.catalog.publish(
            connection, id_, duration_ms=6_000, width=480, height=854, files=[], encoder="t-1", vector=bytes(64)
        )
    return id_


def test_admins_keep_banks_and_nobody_else(client: Client, web: Litestar, cell: Penchant):
    other = TestClient(web)
    sign_up(other, "bob")
    admin = cell.accounts.make_account("admin", "Admin", "admin")
    link, _ = cell.accounts.make_link(admin, "sign_in")
    assert client.post("/api/session/link", json={"token": link}).status_code == 200
    facts = {"owner": "a partner", "label": "known_illegal", "acts_alone": True}
    where = "/api/admin/banks/partner"
    for method, path, body in [
        ("GET", "/api/admin/banks", None),
        ("PUT", where, facts),
        ("POST", f"{where}/hashes", {"text": HASHES[0]}),
        ("GET", f"{where}/hashes", None),
        ("POST", f"{where}/videos", {"video": format_id(1)}),
        ("DELETE", where, None),
        ("GET", "/api/admin/held", None),
        ("POST", f"/api/admin/held/{format_id(1)}/release", None),
    ]:
        assert other.request(method, path, json=body).status_code == 403, path

    assert client.get(f"{where}/hashes").status_code == 404
    assert client.put(where, json=facts | {"label": "Not One"}).status_code == 422
    assert client.put(where, json=facts).json()["banks"][0]["acts_alone"] is True
    text = f"{HASHES[0]}\nnonsense\npdq {HASHES[1]}\n"
    imported = client.post(f"{where}/hashes", json={"text": text}).json()
    assert (imported["added"], imported["wrong"], len(imported["told"])) == (2, 1, 1)
    exported = client.get(f"{where}/hashes")
    assert exported.headers["Content-Type"].startswith("text/plain")
    assert sorted(exported.text.split()) == sorted(["pdq", "pdq", *HASHES[:2]])
    assert client.post(f"{where}/videos", json={"video": format_id(1)}).status_code == 404
    assert client.get("/api/admin/held").json() == {"held": []}
    assert client.post(f"/api/admin/held/{format_id(1)}/release").status_code == 404
    assert client.delete(where).status_code == 204
    assert client.delete(where).status_code == 404


def test_what_is_written_is_looked_at_and_repeated_words_are_noticed(client: Client, cell: Penchant):
    told: list[tuple[str, int, Finding]] = []

    def found(connection: Connection, kind: str, target: int, findings: Sequence[Finding]) -> None:
        told.extend((kind, target, finding) for finding in findings)

    cell.detection.examiner._found = found
    sign_up(client, "ada")
    video = listed(cell, "ada")
    where = f"/api/videos/{format_id(video)}"
    assert client.post(f"{where}/comments", json={"text": "what a lovely sea"}).status_code == 201
    assert told == []
    assert client.post(f"{where}/comments", json={"text": "D0uble your B1tcoin"}).status_code == 201
    assert client.put(f"{where}/alt-text", json={"text": "a sign: cheap followers"}).status_code == 200
    captions = "WEBVTT\n\n00:00.500 --> 00:02.000\nlook at bit.ly/x\n"
    assert client.put(f"{where}/captions/en", json={"text": captions}).status_code == 200
    assert [(kind, one.label, one.source, one.evidence["field"]) for kind, _, one in told] == [
        ("comment", "scam_link", "words", "comment"),
        ("video", "spam", "words", "alt_text"),
        ("video", "spam", "links", "caption"),
    ]
    assert told[1][1] == video

    told.clear()
    for number in range(3):
        text = f"come and see the best page there is {number}"
        assert client.post(f"{where}/comments", json={"text": text}).status_code == 201
    ((kind, _, finding),) = told
    assert (kind, finding.label, finding.evidence["by_one"]) == ("comment", "spam", 3)
