"""Sounds over HTTP: the page of one, who may share it, and that what is hidden stays hidden."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.web.test_cuts import whole
from tests.web.test_uploads import create, send

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.core.ids import SoundId, VideoId, format_id, parse_id

pytestmark = pytest.mark.service

Client = TestClient[Litestar]


def sign_up(client: Client, handle: str) -> None:
    body = {"handle": handle, "password": "correct horse", "birth_year": 1980}
    assert client.post("/api/accounts", json=body).status_code == 201


def listed(cell: Penchant, handle: str, sound: SoundId | None = None) -> VideoId:
    """A video with a sound of its own, or with that one."""
    with cell.engine.begin() as connection:
        account = accounts.account_by_handle(connection, handle)
        assert account is not None
        id_ = cell.catalog.add(connection, account.id, "waves", [], "en", sound=sound)
        cell.catalog.start_processing(connection, id_)
        cell.catalog.publish(
            connection, id_, duration_ms=6_000, width=480, height=854, files=[], encoder="t-1", vector=bytes(64)
        )
        found = catalog.video(connection, id_)
        assert found is not None
        if sound is None:
            cell.catalog.add_original_sound(connection, found[0], shared=True)
    return id_


@pytest.fixture
def original(client: Client, cell: Penchant) -> tuple[VideoId, str]:
    """Ada's video and the id of its sound; `client` is Ada."""
    sign_up(client, "ada")
    id_ = listed(cell, "ada")
    return id_, client.get(f"/api/videos/{format_id(id_)}").json()["sound"]["id"]


def test_the_page_lists_the_original_first_and_credits_it(
    client: Client, web: Litestar, cell: Penchant, original: tuple[VideoId, str]
):
    first, sound = original
    ben = TestClient(web)
    sign_up(ben, "ben")
    uses = [listed(cell, "ben", SoundId(parse_id(sound))) for _ in range(30)]
    page = TestClient(web).get(f"/api/sounds/{sound}").json()
    assert page["sound"] == {"id": sound, "title": "", "creator": "ada"}
    assert (page["usable"], page["original"], page["video_count"]) == (True, format_id(first), 31)
    ids = [video["id"] for video in page["videos"]]
    assert ids[0] == format_id(first) and len(ids) == 25
    rest = TestClient(web).get(f"/api/sounds/{sound}", params={"before": page["next"]}).json()
    ids += [video["id"] for video in rest["videos"]]
    assert ids[1:] == [format_id(id_) for id_ in reversed(uses)] and rest["next"] is None
    assert page["videos"][1]["sound"]["creator"] == "ada"
    assert client.get(f"/s/{sound}").status_code == 200
    assert client.get("/api/sounds/1").status_code == 404


def test_only_its_creator_shares_it_or_not(client: Client, web: Litestar, original: tuple[VideoId, str]):
    video, sound = original
    where = f"/api/videos/{format_id(video)}/sound"
    other = TestClient(web)
    for status in (401, 403):
        assert other.put(where, json={"shared": False}).status_code == status
        if status == 401:
            sign_up(other, "eve")
    assert client.get("/api/me/videos").json()["videos"][0]["sound_shared"] is True
    assert client.put(where, json={"shared": False}).json() == {"shared": False}
    assert client.get("/api/me/videos").json()["videos"][0]["sound_shared"] is False
    assert other.get(f"/api/sounds/{sound}").json()["usable"] is False


def test_a_removed_original_is_not_listed_and_its_sound_not_usable(
    client: Client, web: Litestar, cell: Penchant, original: tuple[VideoId, str]
):
    first, sound = original
    ben = TestClient(web)
    sign_up(ben, "ben")
    use = listed(cell, "ben", SoundId(parse_id(sound)))
    assert client.delete(f"/api/videos/{format_id(first)}").status_code == 204
    page = ben.get(f"/api/sounds/{sound}").json()
    assert (page["usable"], page["original"], [video["id"] for video in page["videos"]]) == (
        False,
        None,
        [format_id(use)],
    )


def test_who_is_blocked_sees_nothing_of_it_and_who_is_suspended_has_none(
    client: Client, web: Litestar, cell: Penchant, original: tuple[VideoId, str]
):
    _, sound = original
    ben, eve = TestClient(web), TestClient(web)
    sign_up(ben, "ben")
    sign_up(eve, "eve")
    listed(cell, "ben", SoundId(parse_id(sound)))
    assert eve.put("/api/profiles/ben/block").status_code == 200
    assert [video["creator"]["handle"] for video in eve.get(f"/api/sounds/{sound}").json()["videos"]] == ["ada"]
    assert client.put("/api/profiles/eve/block").status_code == 200
    assert eve.get(f"/api/sounds/{sound}").status_code == 404
    with cell.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET suspended_at = now() WHERE handle = 'ada'")
    assert ben.get(f"/api/sounds/{sound}").status_code == 410


def test_the_same_file_with_another_sound_is_another_video(client: Client, original: tuple[VideoId, str]):
    _, sound = original
    first = whole(client, b"the same bytes")
    assert first["state"] == "uploaded"
    with_sound = whole(client, b"the same bytes", sound=sound)
    assert (with_sound["state"], with_sound["duplicate_of"]) == ("uploaded", None)
    assert whole(client, b"the same bytes", sound=sound)["duplicate_of"] == with_sound["video"]
    assert whole(client, b"the same bytes")["duplicate_of"] == first["video"]


def test_an_upload_that_goes_on_takes_the_sound_that_is_chosen_last(
    client: Client, cell: Penchant, original: tuple[VideoId, str]
):
    _, sound = original
    where = create(client, 10, title="First")
    assert client.put(where, json={"title": "Then", "sound": format_id(VideoId(1))}).status_code == 404
    assert client.put(where, json={"title": "Then", "sound": sound}).status_code == 204
    assert send(client, where, 0, b"0123456789")[0] == 204
    video = client.get(f"{where}/status").json()["video"]
    with cell.engine.connect() as connection:
        found = catalog.video(connection, VideoId(parse_id(video)))
    assert found is not None
    assert found[0].sound is not None
    assert format_id(found[0].sound.id) == sound


def test_a_change_is_answered_with_what_the_list_says(client: Client, original: tuple[VideoId, str]):
    changed = client.put(f"/api/videos/{format_id(original[0])}/alt-text", json={"text": "Waves"}).json()
    assert changed["sound_shared"] is True
    assert changed == client.get("/api/me/videos").json()["videos"][0]
