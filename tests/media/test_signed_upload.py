"""A signed original on its whole way: uploaded, judged, made, and read again as a browser reads it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from litestar.testing import TestClient
from tests.conftest import CHEAP_HASHER
from tests.media.credentials_maker import LOCATION, issuer, read_file, sign_file

from penchant.accounts import repository as accounts
from penchant.app import build
from penchant.core.ids import format_id
from penchant.core.settings import Settings
from penchant.media.signing import AUTHORITY
from penchant.web.asgi import create_web

pytestmark = [pytest.mark.service, pytest.mark.media]

Maker = Callable[..., Path]


def test_a_signed_upload_is_told_of_and_its_renditions_are_signed_anew(
    database_url: str, make_clip: Maker, tmp_path: Path
) -> None:
    phones = issuer("Test Phones")
    anchor = phones.write(tmp_path)[2]
    clip = make_clip(tmp_path / "clip.mp4", width=720, height=1280, frames=15, sound_seconds=0.5)
    content = sign_file(clip, tmp_path / "signed.mp4", phones, LOCATION).read_bytes()
    settings = Settings(data=tmp_path / "data", provenance_trust=anchor, market_name="My Market")
    cell = build(settings, database_url=database_url, hasher=CHEAP_HASHER)
    try:
        with TestClient(create_web(cell)) as client:
            who = {"handle": "ada", "password": "correct horse", "birth_year": 1980}
            assert client.post("/api/accounts", json=who).status_code == 201
            with cell.engine.begin() as connection:
                account = accounts.account_by_handle(connection, "ada")
            assert account is not None
            new = cell.media.uploads.create(account, len(content), "waves", [], "en")
            with cell.media.uploads.piece(new, 0) as piece:
                piece.write(content)
            id_ = cell.media.uploads.settle(new).video
            assert id_ is not None
            cell.media.processor.first_playable(id_)
            cell.media.processor.further_rungs(id_)
            video = TestClient(create_web(cell)).get(f"/api/videos/{format_id(id_)}").json()
            told = video["provenance"]
            assert (told["status"], told["issuer"], told["ai"]) == ("trusted", "Test Phones", True)
            assert video["warnings"] == ["synthetic"]
            with cell.engine.connect() as connection:
                (decision,) = cell.safety.history(connection, "video", id_)
            assert (decision.action, decision.rule, decision.automated) == ("warn", "synthetic", True)
            authority = (settings.data / "secrets" / AUTHORITY).read_text()
            assert [source["name"] for source in video["sources"]] == ["480p", "720p"]
            for source in video["sources"]:
                whole = client.get(source["url"])
                # As a browser asks for it, piece by piece.
                pieces = [
                    client.get(source["url"], headers={"Range": f"bytes={at}-{at + 49_999}"})
                    for at in range(0, source["size_bytes"], 50_000)
                ]
                assert {piece.status_code for piece in pieces} == {206}
                assert b"".join(piece.content for piece in pieces) == whole.content
                (tmp_path / "read.mp4").write_bytes(whole.content)
                read = read_file(tmp_path / "read.mp4", authority)
                assert (read.state, read.generator, read.issuer) == ("Trusted", "Penchant", "My Market")
                assert [one["relationship"] for one in read.ingredients] == ["parentOf"]
                assert b"48,51" not in whole.content
    finally:
        cell.close()
