"""What is said with a post: which part, whether with sound, what is to be seen; and how it may be said anew."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.web.test_uploads import TUS, Client, create, metadata, send, sign_up

from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import ALT_TEXT_CHARACTERS, Rendition
from penchant.core.ids import VideoId, parse_id
from penchant.media import repository as media
from penchant.media.cut import Cut
from penchant.web.pages import open_graph

pytestmark = pytest.mark.service

SAID = {"start_ms": "1500", "end_ms": "4000", "mute": "true", "alt_text": "Two  boats\nmeet at dusk."}


@pytest.fixture
def member(client: Client) -> Client:
    sign_up(client, "ada")
    return client


def whole(client: Client, content: bytes, **words: str) -> dict[str, str | None]:
    where = create(client, len(content), **words)
    assert send(client, where, 0, content)[0] == 204
    return dict(client.get(f"{where}/status").json())


def cut_of(cell: Penchant, video: str | None) -> Cut:
    assert video is not None
    with cell.engine.connect() as connection:
        upload = media.upload_of_video(connection, VideoId(parse_id(video)))
    assert upload is not None
    return upload.metadata.cut


def test_the_cut_stays_with_the_upload_and_the_alt_text_with_the_video(member: Client, cell: Penchant) -> None:
    video = whole(member, b"0123456789", title="Boats", **SAID)["video"]
    assert cut_of(cell, video) == Cut(1_500, 4_000, mute=True)
    (own,) = member.get("/api/me/videos").json()["videos"]
    assert (own["title"], own["alt_text"]) == ("Boats", "Two boats meet at dusk.")
    plain = whole(member, b"another file", mute="false", start_ms="", end_ms="")["video"]
    assert cut_of(cell, plain) == Cut()


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"start_ms": "-1"}, "start_ms"),
        ({"start_ms": "1.5"}, "start_ms"),
        ({"start_ms": "86400001"}, "start_ms"),
        ({"start_ms": "²"}, "start_ms"),
        ({"end_ms": "999"}, "end_ms"),
        ({"start_ms": "5000", "end_ms": "5999"}, "end_ms"),
        ({"end_ms": "180501"}, "end_ms"),
        ({"mute": "perhaps"}, "mute"),
        ({"alt_text": "x" * (ALT_TEXT_CHARACTERS + 1)}, "alt_text"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_byte(words: dict[str, str], field: str, member: Client) -> None:
    headers = {**TUS, "Upload-Length": "10", "Upload-Metadata": metadata(**words)}
    answer = member.post("/api/uploads", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"][field]


def test_the_same_bytes_cut_otherwise_are_another_video(member: Client) -> None:
    first = whole(member, b"the same bytes", start_ms="1000")
    assert first["state"] == "uploaded"
    for words in ({"start_ms": "2000"}, {"start_ms": "1000", "mute": "true"}, {}):
        assert whole(member, b"the same bytes", **words)["state"] == "uploaded"
    for words in ({"start_ms": "1000", "title": "again"}, {}):
        twice = whole(member, b"the same bytes", **words)
        assert (twice["state"], twice["duplicate_of"] is not None) == ("duplicate", True)


def test_what_was_brought_before_there_were_cuts_counts_as_whole(member: Client, cell: Penchant) -> None:
    whole(member, b"the same bytes")
    with cell.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE uploads SET metadata = metadata - 'cut' - 'alt_text'")
    assert whole(member, b"the same bytes")["state"] == "duplicate"
    assert whole(member, b"the same bytes", mute="true")["state"] == "uploaded"


def test_an_upload_that_goes_on_takes_what_is_said_last(member: Client, web: Litestar, cell: Penchant) -> None:
    where = create(member, 10, title="First", start_ms="1000")
    assert send(member, where, 0, b"01234")[0] == 204
    body = {"title": "Then", "hashtags": ["one"], "language": "fr", "alt_text": "A door", "end_ms": 3_000, "mute": True}
    wrong = member.put(where, json={**body, "end_ms": 300})
    assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (422, ["end_ms"])
    assert member.put(where, json=body).status_code == 204
    with TestClient(web) as other:
        sign_up(other, "eve")
        assert other.put(where, json=body).status_code == 404
    assert send(member, where, 5, b"56789")[0] == 204
    video = member.get(f"{where}/status").json()["video"]
    assert cut_of(cell, video) == Cut(0, 3_000, mute=True)
    (own,) = member.get("/api/me/videos").json()["videos"]
    assert (own["title"], own["alt_text"]) == ("Then", "A door")
    assert member.put(where, json=body).status_code == 409


def test_an_alt_text_is_changed_by_its_creator_and_read_by_everybody(
    member: Client, web: Litestar, cell: Penchant
) -> None:
    video = whole(member, b"0123456789", alt_text="A dog")["video"]
    assert video is not None
    where = f"/api/videos/{video}/alt-text"
    assert member.put(where, json={"text": ' A dog "runs" '}).json()["alt_text"] == 'A dog "runs"'
    refused = member.put(where, json={"text": "x" * (ALT_TEXT_CHARACTERS + 1)})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, ["alt_text"])
    with cell.engine.begin() as connection:
        cell.catalog.start_processing(connection, VideoId(parse_id(video)))
        cell.catalog.publish(
            connection,
            VideoId(parse_id(video)),
            duration_ms=6_000,
            width=480,
            height=854,
            files=[Rendition("poster", "key", "image/jpeg", 1, "0" * 64, 480, 854)],
            encoder="t-1",
            vector=bytes(64),
        )
        found = catalog.video(connection, VideoId(parse_id(video)))
    assert found is not None
    assert 'property="og:image:alt" content="A dog &quot;runs&quot;"' in open_graph(found[0], "", "")
    with TestClient(web) as other:
        sign_up(other, "eve")
        assert other.get(f"/api/videos/{video}").json()["alt_text"] == 'A dog "runs"'
        assert other.put(where, json={"text": "A cat"}).status_code in (403, 404)
    assert member.put(where, json={"text": ""}).json()["alt_text"] == ""
    assert member.delete(f"/api/videos/{video}").status_code == 204
    assert member.put(where, json={"text": "gone"}).status_code == 410
