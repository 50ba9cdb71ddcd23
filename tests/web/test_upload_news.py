"""What the owner hears of uploads: duplicates, quotas, and the stream of server-sent events over a real server."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.web.test_uploads import PIECE, TUS, Client, create, metadata, offset, send, sign_up

from penchant.app import Penchant, build
from penchant.catalog import repository as catalog
from penchant.core.clock import ManualClock
from penchant.core.ids import VideoId
from penchant.core.settings import Settings
from penchant.testing.served import served
from penchant.web.asgi import create_web
from penchant.web.routes.upload_news import STREAMS_PER_ACCOUNT

pytestmark = pytest.mark.service


@pytest.fixture
def member(client: Client) -> Client:
    sign_up(client, "ada")
    return client


def whole(client: Client, content: bytes, **words: str) -> str:
    where = create(client, len(content), **words)
    assert send(client, where, 0, content)[0] == 204
    return where


def state(client: Client, where: str) -> tuple[str, str | None]:
    status = client.get(f"{where}/status").json()
    return status["state"], status["duplicate_of"]


def test_ones_own_duplicate_is_told_and_can_be_posted_anyway(member: Client, web: Litestar) -> None:
    first = whole(member, b"the same bytes")
    video = member.get(f"{first}/status").json()["video"]
    second = whole(member, b"the same bytes", title="again")
    assert state(member, second) == ("duplicate", video)
    assert len(member.get("/api/me/videos").json()["videos"]) == 1
    posted = member.post(f"{second}/post").json()
    assert (posted["state"], posted["duplicate_of"]) == ("uploaded", None)
    assert [one["title"] for one in member.get("/api/me/videos").json()["videos"]] == ["again", ""]
    # Saying it twice makes no third.
    assert member.post(f"{second}/post").json()["video"] == posted["video"]
    third = whole(member, b"the same bytes")
    assert member.delete(third, headers=TUS).status_code == 204
    assert member.head(third, headers=TUS).status_code == 404
    # Once the others are gone, it is no duplicate any more.
    for one in member.get("/api/me/videos").json()["videos"]:
        assert member.delete(f"/api/videos/{one['id']}").status_code == 204
    assert state(member, whole(member, b"the same bytes")) == ("uploaded", None)
    with TestClient(web) as other:
        sign_up(other, "eve")
        # Who else has a file is nobody's business.
        assert state(other, whole(other, b"the same bytes")) == ("uploaded", None)
    part = create(member, 20)
    assert member.post(f"{part}/post").status_code == 409


def test_what_waits_for_a_yes_expires_like_what_is_not_complete(
    member: Client, cell: Penchant, clock: ManualClock
) -> None:
    whole(member, b"01")
    again = whole(member, b"01")
    clock.advance(25 * 3600 * 1000)
    assert member.post(f"{again}/post").status_code == 410
    assert cell.media.uploads.sweep() == 1


def test_quotas_of_a_day_are_told_before_and_refused_in_words(cell: Penchant, clock: ManualClock) -> None:
    settings = Settings(data=cell.settings.data, uploads_per_day=3, upload_bytes_per_day=100)
    small = build(settings, clock=clock, database_url=cell.engine.url.render_as_string(hide_password=False))
    with TestClient(create_web(small)) as client:
        sign_up(client, "ada")
        room = client.get("/api/me/uploads/room").json()
        assert room == {"uploads_left": 3, "bytes_left": 100, "more_at": None}
        whole(client, b"a" * 70)
        much = client.post("/api/uploads", headers={**TUS, "Upload-Length": "31"})
        assert (much.status_code, much.json()["error"]["code"]) == (413, "quota")
        assert much.json()["error"]["retry_after_s"] == 24 * 3600
        clock.advance(3600 * 1000)
        whole(client, b"b" * 30)
        assert client.get("/api/me/uploads/room").json()["bytes_left"] == 0
        clock.advance(23 * 3600 * 1000)
        room = client.get("/api/me/uploads/room").json()
        assert (room["uploads_left"], room["bytes_left"]) == (2, 70)
        gone = create(client, 10)
        assert client.delete(gone, headers=TUS).status_code == 204
        whole(client, b"c")
        whole(client, b"d")
        many = client.post("/api/uploads", headers={**TUS, "Upload-Length": "1"})
        assert (many.status_code, many.json()["error"]["code"]) == (429, "uploads_per_day")
        assert many.headers["Retry-After"] == str(3600)


def test_a_client_that_asks_gets_its_own_words_back_until_the_file_is_a_video(member: Client) -> None:
    words = metadata(title="x", filename="clip.mp4")
    where = create(member, 2, title="x", filename="clip.mp4")
    assert member.head(where, headers=TUS).headers["Upload-Metadata"] == words
    assert send(member, where, 0, b"01")[0] == 204
    assert "Upload-Metadata" not in member.head(where, headers=TUS).headers


def test_a_client_that_can_only_post_overrides_the_method(member: Client) -> None:
    where = create(member, 4)
    patch = {**PIECE, "X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}
    answer = member.post(where, content=b"01", headers=patch)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "2")
    assert offset(member, where) == 2
    assert member.post(where, content=b"01", headers=PIECE).status_code == 422
    assert member.post(where, headers={**TUS, "X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert member.head(where, headers=TUS).status_code == 404


@contextmanager
def listening(address: str, cookie: str, last_id: str = "") -> Iterator[Iterator[tuple[str, list[dict[str, object]]]]]:
    """(id, uploads) of each event, as a browser hears them."""
    headers = {"Cookie": f"penchant={cookie}", **({"Last-Event-ID": last_id} if last_id else {})}
    with (
        httpx.Client(base_url=address, timeout=30) as client,
        client.stream("GET", "/api/me/uploads/news", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[tuple[str, list[dict[str, object]]]]:
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        else:
            if fields.get("event") == "uploads":
                yield fields["id"], json.loads(fields["data"])
            fields = {}


def test_news_come_from_any_process_and_go_on_after_a_dropped_line(
    member: Client, cell: Penchant, web: Litestar, clock: ManualClock, database_url: str
) -> None:
    cookie = member.cookies["penchant"]
    where = create(member, 4, title="one")
    # A second web process on the same database.
    beside = build(Settings(data=cell.settings.data), clock=clock, database_url=database_url)
    with served(web) as here, served(create_web(beside)) as there:
        with listening(here, cookie) as events:
            mark, (news,) = next(events)
            assert (news["step"], news["share"], news["title"]) == ("receiving", 0.0, "one")
            assert send(member, where, 0, b"01")[0] == 204
            mark, (news,) = next(events)
            assert (news["step"], news["share"], news["received_bytes"]) == ("receiving", 0.5, 2)
        assert send(member, where, 2, b"23")[0] == 204
        with listening(there, cookie, mark) as events:
            mark, (news,) = next(events)
            assert (news["step"], news["video"] is not None) == ("received", True)
            # What nobody can read fails in words.
            cell.media.processor.first_playable(own_video(cell))
            mark, (news,) = next(events)
            assert (news["step"], news["reason"]["code"]) == ("failed", "not_a_video")  # type: ignore[index]
        with listening(here, cookie, mark) as events:
            # Nothing has changed, so nothing is said until something does.
            clock.advance(1000)
            create(member, 9, title="two")
            _, uploads = next(events)
            assert [one["title"] for one in uploads] == ["two", "one"]
    beside.close()


def own_video(cell: Penchant) -> VideoId:
    with cell.engine.connect() as connection:
        account = cell.accounts.by_handle("ada")
        return catalog.videos_of(connection, account.id, ("uploaded",), None, 1)[0].id


def test_strangers_hear_nothing_and_too_many_streams_are_refused(member: Client, web: Litestar) -> None:
    cookie = member.cookies["penchant"]
    with served(web) as address:
        assert httpx.get(f"{address}/api/me/uploads/news").status_code == 401
        with ExitStack() as stack:
            heard = [stack.enter_context(listening(address, cookie)) for _ in range(STREAMS_PER_ACCOUNT)]
            assert [next(events)[1] for events in heard] == [[]] * STREAMS_PER_ACCOUNT
            ninth = httpx.get(f"{address}/api/me/uploads/news", cookies={"penchant": cookie})
            assert (ninth.status_code, ninth.json()["error"]["code"]) == (429, "too_many_streams")
