"""Captions over HTTP: who may write them, who may read them, and what is gone with the video."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.catalog.model import CAPTIONS
from penchant.core.ids import VideoId, format_id

pytestmark = pytest.mark.service

TEXT = "WEBVTT\n\n00:00.500 --> 00:02.000\n<i>Waves</i>\n"
Client = TestClient[Litestar]


@pytest.fixture
def own(client: Client, cell: Penchant) -> str:
    """The listed video of whoever is signed in."""
    signed_up = client.post("/api/accounts", json={"handle": "ada", "password": "correct horse", "birth_year": 1980})
    assert signed_up.status_code == 201, signed_up.text
    return format_id(_listed(cell, "ada"))


def _listed(cell: Penchant, handle: str) -> VideoId:
    with cell.engine.begin() as connection:
        account = accounts.account_by_handle(connection, handle)
        assert account is not None
        id_ = cell.catalog.add(connection, account.id, "waves", [], "en")
        cell.catalog.start_processing(connection, id_)
        cell.catalog.publish(
            connection, id_, duration_ms=6_000, width=480, height=854, files=[], encoder="t-1", vector=bytes(64)
        )
    return id_


def test_a_creator_adds_changes_and_takes_away_what_everybody_reads(client: Client, web: Litestar, own: str):
    where = f"/api/videos/{own}/captions/en"
    added = client.put(where, json={"text": TEXT})
    assert added.status_code == 200, added.text
    assert (added.json()["language"], added.json()["cues"]) == ("en", 1)
    assert (
        client.put(f"/api/videos/{own}/captions/fr", json={"text": TEXT.replace("Waves", "Vagues")}).status_code == 200
    )
    everybody = TestClient(web)
    shown = everybody.get(f"/api/videos/{own}").json()["captions"]
    assert [entry["language"] for entry in shown] == ["en", "fr"]
    read = everybody.get(shown[1]["url"])
    assert read.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert read.text == "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nVagues\n"
    assert client.get(where).json()["text"].endswith("Waves\n")
    assert [entry["language"] for entry in client.get("/api/me/videos").json()["videos"][0]["captions"]] == ["en", "fr"]

    assert client.put(where, json={"text": TEXT + "\n00:03.000 --> 00:04.000\nmore\n"}).json()["cues"] == 2
    assert client.delete(where).status_code == 204
    assert client.delete(where).status_code == 404
    assert everybody.get(shown[0]["url"]).status_code == 404
    assert client.delete(f"/api/videos/{own}").status_code == 204
    assert everybody.get(shown[1]["url"]).status_code == 410


def test_nobody_else_writes_them_or_reads_them_for_editing(client: Client, web: Litestar, own: str):
    where = f"/api/videos/{own}/captions/en"
    assert client.put(where, json={"text": TEXT}).status_code == 200
    other = TestClient(web)
    for status in (401, 403):
        assert other.put(where, json={"text": TEXT}).status_code == status
        assert other.get(where).status_code == status
        assert other.delete(where).status_code == status
        other.post("/api/accounts", json={"handle": "eve", "password": "correct horse", "birth_year": 1980})


def test_what_is_wrong_with_them_is_said(client: Client, own: str):
    wrong = client.put(f"/api/videos/{own}/captions/en", json={"text": "hello"})
    assert wrong.status_code == 422
    assert wrong.json()["error"]["fields"] == {"text": "this is neither WebVTT nor SRT"}
    assert client.put(f"/api/videos/{own}/captions/klingon", json={"text": TEXT}).status_code == 422
    tags = [f"{a}{b}" for a in "abcdef" for b in "abcdefgh"]
    statuses = [client.put(f"/api/videos/{own}/captions/{tag}", json={"text": TEXT}).status_code for tag in tags]
    assert statuses == [200] * CAPTIONS + [422] * (len(tags) - CAPTIONS)
