"""tus 1.0.0 over HTTP: the protocol's promises, limits, other people's uploads, and a foreign client."""

import base64
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tusclient.client import TusClient

from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.media.model import UploadId
from penchant.media.uploads import UNFINISHED_PER_ACCOUNT
from penchant.testing.installation import free_port, wait_for
from penchant.testing.served import served

pytestmark = pytest.mark.service

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
Client = TestClient[Litestar]


def sign_up(client: Client, handle: str) -> None:
    body = {"handle": handle, "password": "correct horse", "birth_year": 1980}
    assert client.post("/api/accounts", json=body).status_code == 201


def metadata(**words: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in words.items())


def create(client: Client, size: int, **words: str) -> str:
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata(**words)}
    answer = client.post("/api/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


def send(client: Client, where: str, start: int, content: bytes, **headers: str) -> tuple[int, str | None]:
    answer = client.patch(where, content=content, headers={**PIECE, "Upload-Offset": str(start), **headers})
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    return answer.status_code, answer.headers.get("Upload-Offset")


def offset(client: Client, where: str) -> int:
    answer = client.head(where, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])


def checksum(algorithm: str, content: bytes) -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


@pytest.fixture
def member(client: Client) -> Client:
    sign_up(client, "ada")
    return client


def test_the_server_says_what_it_can(client: Client) -> None:
    answer = client.options("/api/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == "500000000"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "checksum",
        "termination",
        "expiration",
    }
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"


def test_a_file_in_pieces_becomes_a_video_with_its_words(member: Client, cell: Penchant) -> None:
    where = create(member, 10, title="Hallo Wörld", hashtags="#One, two", language="fr", filename="../../x\0.mp4")
    assert offset(member, where) == 0
    assert send(member, where, 0, b"01234") == (204, "5")
    assert offset(member, where) == 5
    status = member.get(f"{where}/status").json()
    assert (status["state"], status["received_bytes"], status["video"]) == ("receiving", 5, None)
    assert send(member, where, 5, b"56789") == (204, "10")
    assert offset(member, where) == 10
    status = member.get(f"{where}/status").json()
    assert status["state"] == "uploaded"
    own = member.get("/api/me/videos").json()["videos"]
    assert [(video["id"], video["title"], video["state"]) for video in own] == [
        (status["video"], "Hallo Wörld", "uploaded")
    ]
    with cell.engine.connect() as connection:
        jobs = connection.exec_driver_sql("SELECT task_name, args FROM procrastinate_jobs").all()
    assert [job.task_name for job in jobs] == ["media.first_playable"]


@pytest.mark.parametrize(
    "name",
    [
        "-rf.mp4",
        "/etc/passwd",
        "../../../etc/cron.d/x",
        "a\0b.mp4",
        "\U0001f980" * 300,
        "<img src=x>.mp4",
        "CON",
        "\u202egp4.mp4",
    ],
)
@pytest.mark.parametrize("type_", ["text/html", "image/svg+xml", "../../x", "video/mp4; charset=\U0001f980"])
def test_what_a_file_is_called_is_never_used(name: str, type_: str, member: Client, cell: Penchant) -> None:
    before = {path.name for path in cell.settings.data.iterdir()}
    where = create(member, 4, filename=name, filetype=type_, title="a title")
    assert send(member, where, 0, b"0123") == (204, "4")
    upload = where.rsplit("/", 1)[1]
    assert {path.name for path in cell.settings.data.iterdir()} == before | {"uploads"}
    assert {path.name.partition(".")[0] for path in (cell.settings.data / "uploads").iterdir()} == {upload}
    assert [video["title"] for video in member.get("/api/me/videos").json()["videos"]] == ["a title"]


def test_the_first_bytes_may_come_with_the_announcement(member: Client) -> None:
    answer = member.post("/api/uploads", content=b"012", headers={**PIECE, "Upload-Length": "5"})
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "3")
    assert send(member, answer.headers["Location"], 3, b"34") == (204, "5")
    whole = member.post("/api/uploads", content=b"56789", headers={**PIECE, "Upload-Length": "5"})
    assert whole.headers["Upload-Offset"] == "5"
    assert member.get(f"{whole.headers['Location']}/status").json()["state"] == "uploaded"


def test_a_wrong_offset_is_refused_and_changes_nothing(member: Client) -> None:
    where = create(member, 10)
    assert send(member, where, 0, b"0123")[0] == 204
    for start in (0, 3, 5):
        assert send(member, where, start, b"x")[0] == 409
    assert offset(member, where) == 4
    assert send(member, where, 4, b"456789")[0] == 204
    assert send(member, where, 10, b"")[0] == 409


def test_more_than_announced_is_refused(member: Client) -> None:
    where = create(member, 5)
    assert send(member, where, 0, b"0123456789")[0] == 413
    assert offset(member, where) == 0


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_damaged_piece_is_not_kept(algorithm: str, member: Client) -> None:
    where = create(member, 10)
    good = checksum(algorithm, b"01234")
    assert send(member, where, 0, b"0X234", **{"Upload-Checksum": good})[0] == 460
    assert offset(member, where) == 0
    assert send(member, where, 0, b"01234", **{"Upload-Checksum": good}) == (204, "5")
    assert send(member, where, 5, b"56789", **{"Upload-Checksum": "md5 abcd"})[0] == 400
    assert send(member, where, 5, b"56789", **{"Upload-Checksum": f"{algorithm} !"})[0] == 422
    assert offset(member, where) == 5


def test_only_one_writes_at_a_time(member: Client, cell: Penchant) -> None:
    where = create(member, 10)
    account = cell.accounts.viewer(member.cookies["penchant"]).account  # type: ignore[union-attr]
    assert account is not None
    upload = cell.media.uploads.find(account, UploadId(UUID(hex=where.rsplit("/", 1)[1])))
    with cell.media.uploads.piece(upload, 0) as piece:
        piece.write(b"012")
        assert send(member, where, 0, b"x")[0] == 423
    assert offset(member, where) == 3


def test_cancelling_and_expiry(member: Client, clock: ManualClock, cell: Penchant) -> None:
    where = create(member, 10)
    assert member.delete(where, headers=TUS).status_code == 204
    assert member.head(where, headers=TUS).status_code == 404
    assert member.delete(where, headers=TUS).status_code == 404

    where = create(member, 10)
    clock.advance(23 * 3600 * 1000)
    assert send(member, where, 0, b"01")[0] == 204  # lives 24 hours from here
    clock.advance(23 * 3600 * 1000)
    assert offset(member, where) == 2
    clock.advance(2 * 3600 * 1000)
    assert member.head(where, headers=TUS).status_code == 410
    assert send(member, where, 2, b"23")[0] == 410
    assert cell.media.uploads.sweep() == 1
    assert member.head(where, headers=TUS).status_code == 404

    finished = create(member, 2)
    assert send(member, finished, 0, b"01")[0] == 204
    assert member.delete(finished, headers=TUS).status_code == 409


def test_limits(member: Client) -> None:
    too_large = member.post("/api/uploads", headers={**TUS, "Upload-Length": "500000001"})
    assert (too_large.status_code, too_large.json()["error"]["code"]) == (413, "too_large")
    assert member.post("/api/uploads", headers={**TUS, "Upload-Length": "0"}).status_code == 422
    assert member.post("/api/uploads", headers={**TUS, "Upload-Length": "-1"}).status_code == 422
    assert member.post("/api/uploads", headers=TUS).status_code == 422
    long = {**TUS, "Upload-Length": "5", "Upload-Metadata": metadata(title="x" * 500)}
    assert "title" in member.post("/api/uploads", headers=long).json()["error"]["fields"]
    broken = {**TUS, "Upload-Length": "5", "Upload-Metadata": "title !!!"}
    assert member.post("/api/uploads", headers=broken).status_code == 422
    for _ in range(UNFINISHED_PER_ACCOUNT):
        create(member, 5)
    many = member.post("/api/uploads", headers={**TUS, "Upload-Length": "5"})
    assert (many.status_code, many.json()["error"]["code"]) == (429, "too_many_uploads")


def test_the_protocol_is_insisted_on(member: Client) -> None:
    where = create(member, 5)
    old = member.head(where, headers={"Tus-Resumable": "0.2.2"})
    assert (old.status_code, old.headers["Tus-Version"]) == (412, "1.0.0")
    plain = member.patch(where, content=b"x", headers={**TUS, "Upload-Offset": "0", "Content-Type": "text/plain"})
    assert plain.status_code == 415


def test_other_peoples_uploads_do_not_exist(member: Client, web: Litestar) -> None:
    where = create(member, 5)
    with TestClient(web) as other:
        assert other.post("/api/uploads", headers={**TUS, "Upload-Length": "5"}).status_code == 401
        sign_up(other, "eve")
        assert other.head(where, headers=TUS).status_code == 404
        assert send(other, where, 0, b"x")[0] == 404
        assert other.delete(where, headers=TUS).status_code == 404
        assert other.get(f"{where}/status").status_code == 404
    assert offset(member, where) == 0
    assert member.head("/api/uploads/not-an-id", headers=TUS).status_code == 404


def test_retry_needs_a_failed_video(member: Client) -> None:
    where = create(member, 2)
    send(member, where, 0, b"01")
    video = member.get(f"{where}/status").json()["video"]
    assert member.post(f"/api/videos/{video}/retry").status_code == 409


@pytest.fixture
def address(web: Litestar) -> Iterator[str]:
    """A real server, for clients that bring their own HTTP."""
    with served(web) as address:
        yield address


def test_tuspy_uploads_and_resumes(member: Client, address: str) -> None:
    content = bytes(range(256)) * 8192
    cookie = {"Cookie": f"penchant={member.cookies['penchant']}"}
    tus = TusClient(f"{address}/api/uploads", headers=cookie)
    first = tus.uploader(
        file_stream=BytesIO(content), chunk_size=500_000, metadata={"title": "by tuspy"}, upload_checksum=True
    )
    first.upload_chunk()  # type: ignore[no-untyped-call]
    first.upload_chunk()  # type: ignore[no-untyped-call]
    # Another process that knows the address only.
    second = tus.uploader(file_stream=BytesIO(content), chunk_size=700_000, url=first.url)
    assert second.offset == 1_000_000
    second.upload()
    path = str(second.url).removeprefix(address)
    status = member.get(f"{path}/status").json()
    assert (status["state"], status["received_bytes"]) == ("uploaded", len(content))


def test_a_dropped_line_keeps_what_came(member: Client, address: str) -> None:
    size = 5_000_000
    where = create(member, size)
    host, port = address.removeprefix("http://").split(":")
    head = (
        f"PATCH {where} HTTP/1.1\r\nHost: {host}\r\nCookie: penchant={member.cookies['penchant']}\r\n"
        "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
        f"Content-Length: {size}\r\n\r\n"
    )
    with socket.create_connection((host, int(port))) as line:
        line.sendall(head.encode() + b"a" * 2_500_000)
        wait_until(lambda: offset(member, where) > 0)
    # The lock is let go with the line, and nothing that was counted is lost.
    wait_until(lambda: send(member, where, 0, b"")[0] != 423)
    arrived = offset(member, where)
    assert 1_000_000 <= arrived <= 2_500_000
    assert send(member, where, arrived, b"b" * (size - arrived))[0] == 204
    assert member.get(f"{where}/status").json()["state"] == "uploaded"


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


@contextmanager
def web_process(
    cell: Penchant, database_url: str, port: int | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`penchant web` as it runs in earnest."""
    if port is None:
        port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PENCHANT_")}
    environment |= {
        "PENCHANT_DATABASE_URL": database_url,
        "PENCHANT_DATA": str(cell.settings.data),
        "PENCHANT_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "penchant", "web"], env=environment)
    try:
        wait_for(lambda: _answers(port), "the start")
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_an_upload_survives_kill_9_of_the_server(cell: Penchant, database_url: str) -> None:
    content = bytes(range(256)) * 12_000
    with web_process(cell, database_url) as (address, process), httpx.Client(base_url=address) as client:
        body = {"handle": "ada", "password": "correct horse", "birth_year": 1980}
        assert client.post("/api/accounts", json=body).status_code == 201
        cookies = dict(client.cookies)
        where = client.post("/api/uploads", headers={**TUS, "Upload-Length": str(len(content))}).headers["Location"]
        piece = {**PIECE, "Upload-Offset": "0"}
        assert client.patch(where, content=content[:1_000_000], headers=piece).status_code == 204
        # Killed while the next piece is being written.
        host, port = address.removeprefix("http://").split(":")
        head = (
            f"PATCH {where} HTTP/1.1\r\nHost: {host}\r\nCookie: penchant={cookies['penchant']}\r\n"
            "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: 1000000\r\n"
            f"Content-Length: {len(content) - 1_000_000}\r\n\r\n"
        )
        with socket.create_connection((host, int(port))) as line:
            line.sendall(head.encode() + content[1_000_000:2_500_000])
            wait_until(lambda: int(client.head(where, headers=TUS).headers["Upload-Offset"]) > 1_000_000)
            process.kill()
            process.wait()
    with (
        web_process(cell, database_url) as (address, _),
        httpx.Client(base_url=address, cookies=cookies) as client,
    ):
        arrived = int(client.head(where, headers=TUS).headers["Upload-Offset"])
        assert 1_000_000 < arrived <= 2_500_000
        rest = client.patch(where, content=content[arrived:], headers={**PIECE, "Upload-Offset": str(arrived)})
        assert rest.status_code == 204
        assert client.get(f"{where}/status").json()["state"] == "uploaded"
    (stored,) = (path for path in (cell.settings.data / "uploads").iterdir())
    assert stored.read_bytes() == content
