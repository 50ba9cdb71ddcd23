"""The gateway from outside: the allow-list is all there is, and faults of one side leave the other as it was."""

import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import structlog
from sqlalchemy import Column
from sqlalchemy.sql import visitors
from tests.markets.houses import Place, a_house, mirroring_of

from penchant.accounts.repository import accounts
from penchant.adapters.embedded_postgres import PostgresHome
from penchant.core.clock import ManualClock
from penchant.core.database import PUBLIC
from penchant.core.errors import PenchantError
from penchant.ledger.notes import Signer
from penchant.markets.caller import AnswerWrong, Caller, PeerAway, PeerRefused
from penchant.markets.envelope import ANSWER_HEADER, HEADER, answer_text, seal
from penchant.markets.messages import ALLOWED, AskMedia, AskVideos, Message, PublicVideo, VideosAnswer, decode, encode
from penchant.markets.peers import Peer
from penchant.operations.crossings import public
from penchant.operations.crossings.house import verify

MADE_FROM = {"videos": public.public_videos, "media": public.public_file, "counts": public.counts}


@pytest.fixture
def two(postgres: PostgresHome, tmp_path: Path, clock: ManualClock) -> Iterator[tuple[Place, Place]]:
    with a_house(postgres, tmp_path, clock, {"us": "", "de": "us"}) as places:
        yield places["us"], places["de"]


def test_every_answer_is_made_from_public_columns_alone():
    """What stands in `CROSSES` decides whether, and may look at anything; what goes out is what is selected."""
    assert MADE_FROM.keys() == ALLOWED.keys()
    for kind, statement in MADE_FROM.items():
        columns = {
            (str(column), column.info.get("class"))
            for selected in statement().selected_columns
            for column in _sources(selected)
        }
        assert columns
        assert {class_ for _, class_ in columns} == {PUBLIC} == {ALLOWED[kind].made_from}, columns


def _sources(selected: Any) -> Iterator[Column[Any]]:
    for part in visitors.iterate(selected):
        if isinstance(part, Column):
            yield part


def test_a_column_that_is_not_public_is_found_by_that_test(monkeypatch: pytest.MonkeyPatch):
    planted = public.public_videos().add_columns(accounts.c.birth_year)
    monkeypatch.setitem(MADE_FROM, "videos", lambda: planted)
    with pytest.raises(AssertionError, match="birth_year"):
        test_every_answer_is_made_from_public_columns_alone()


def test_messages_have_no_room_for_anything_else():
    for asked, answered, _ in ALLOWED.values():
        for type_ in filter(None, (asked, answered, PublicVideo)):
            assert issubclass(type_, Message)
            assert type_.__struct_config__.forbid_unknown_fields
    fields = {field.name for field in msgspec.structs.fields(PublicVideo)}
    assert not fields & {"birth_year", "subject", "age_band", "email", "like_count", "reach"}


class Asker:
    """A market that signs whatever it likes."""

    def __init__(self, by: Place, of: Place) -> None:
        self.by = by
        self.of = of

    def __call__(self, kind: str, body: bytes) -> tuple[int, str]:
        path = f"/gateway/{kind}"
        header, _ = seal(self.by.house.sign, self.by.cell.clock, path, self.by.peer.id, self.of.peer.id, body)
        answer = httpx.post(f"{self.of.peer.address}{path}", content=body, headers={HEADER: header})
        said = answer.json() if answer.headers["content-type"] == "application/json" else {}
        return answer.status_code, said.get("error", {}).get("code", "")


@pytest.mark.service
def test_what_is_not_on_the_list_is_refused(two: tuple[Place, Place]):
    us, de = two
    id_ = us.publish("ada")
    ask = Asker(de, us)
    sha256 = us.video(id_).renditions[0].sha256
    assert ask("videos", b'{"after":0}') == (200, "")
    assert ask("media", encode(AskMedia(id_, "480p", sha256))) == (200, "")
    assert ask("accounts", b"{}") == (404, "unknown_kind")
    assert ask("videos", b'{"after":0,"private":true}') == (422, "wrong_shape")
    assert ask("videos", b'{"after":-1}') == (422, "wrong_shape")
    assert ask("videos", b"") == (422, "wrong_shape")
    assert ask("media", b'{"video":1,"name":"cover-1","sha256":"' + sha256.encode() + b'"}') == (422, "wrong_shape")
    assert ask("media", encode(AskMedia(id_, "480p", "0" * 64))) == (404, "not_offered")
    assert ask("media", encode(AskMedia(id_ + 1, "480p", sha256))) == (404, "not_offered")
    with us.cell.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE accounts SET wants_private = true")
    assert ask("media", encode(AskMedia(id_, "480p", sha256))) == (404, "not_offered")
    assert ask("videos", b" " * 20_000)[0] == 413
    plain = httpx.post(f"{us.peer.address}/gateway/videos", content=b"{}")
    assert (plain.status_code, plain.json()["error"]["code"]) == (403, "wrong_envelope")


@pytest.mark.service
def test_a_request_is_good_once_in_every_process_and_after_a_start(two: tuple[Place, Place]):
    us, de = two
    header, _ = seal(de.house.sign, de.cell.clock, "/gateway/videos", "de", "us", b"{}")
    first, second = (
        httpx.post(f"{us.peer.address}/gateway/videos", content=b"{}", headers={HEADER: header}) for _ in range(2)
    )
    assert first.status_code == 200
    assert (second.status_code, second.json()["error"]["code"]) == (403, "replayed")
    with us.cell.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM gateway_nonces").scalar_one() == 1


@contextmanager
def played(answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[str]:
    """A market that answers as it is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


SIGNER = Signer("us.penchant/gateway", bytes(32))
OTHER = Signer("us.penchant/gateway", b"\1" * 32)
CALLER = Caller("de", lambda text: OTHER.sign(text).split()[-1], verify, ManualClock(1))


def send(
    handler: BaseHTTPRequestHandler,
    body: bytes,
    *,
    by: Signer = SIGNER,
    signed: bytes | None = None,
    nonce: str | None = None,
    cut: int = 0,
) -> None:
    nonce = nonce or handler.headers[HEADER].split()[2]
    digest = hashlib.sha256(body if signed is None else signed).hexdigest()
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body) + cut))
    handler.send_header(ANSWER_HEADER, by.sign(answer_text(nonce, digest)).split()[-1])
    handler.end_headers()
    handler.wfile.write(body)


NOTHING = b'{"changes":[],"more":false}'


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda handler, _: send(handler, NOTHING, by=OTHER), AnswerWrong),
        (lambda handler, _: send(handler, NOTHING, signed=b"other"), AnswerWrong),
        (lambda handler, _: send(handler, NOTHING, nonce="0" * 32), AnswerWrong),
        (lambda handler, _: send(handler, b'{"changes":[],"more":false,"people":[]}'), AnswerWrong),
        (lambda handler, _: send(handler, b"[]"), AnswerWrong),
        (lambda handler, _: send(handler, NOTHING, cut=5), PeerAway),
        (lambda handler, _: handler.send_error(503), PeerAway),
        (lambda handler, _: handler.send_error(500), PeerRefused),
        (lambda handler, _: handler.connection.close(), PeerAway),
    ],
)
def test_an_answer_that_is_not_whole_signed_and_typed_counts_for_nothing(answer: Any, error: type[PenchantError]):
    with played(answer) as address:
        peer = Peer("us", "US", address, SIGNER.verifier.written())
        with pytest.raises(error):
            CALLER.ask(peer, "videos", AskVideos())


FILE = {"name": "480p", "content_type": "video/mp4", "size_bytes": 4, "sha256": "0" * 64, "width": 1, "height": 1}
WORDS = {"language": "en", "body": "WEBVTT"}
VIDEO = {
    "handle": "ada", "name": "Ada", "title": "waves", "alt_text": "", "language": "en", "hashtags": [],
    "duration_ms": 1, "width": 1, "height": 1, "published_at_ms": 1, "files": [FILE], "captions": [WORDS],
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"name": "A\0da"},
        {"title": "\0"},
        {"alt_text": "\0"},
        {"language": "\0"},
        {"hashtags": ["\0"]},
        {"captions": [{"language": "en", "body": "WEBVTT\0"}]},
        {"captions": [{"language": "\0", "body": "WEBVTT"}]},
        {"captions": [WORDS, WORDS]},
        {"files": [FILE, FILE]},
        {"published_at_ms": 1 << 62},
    ],
)
def test_what_no_database_could_keep_is_no_answer(change: dict[str, Any]):
    """Else it would fail where it is kept, in each round, and hold up every market after it."""

    def answer(video: dict[str, Any]) -> bytes:
        return json.dumps({"changes": [{"number": 1, "video": 1, "now": video}], "more": False}).encode()

    with played(lambda handler, _: send(handler, answer(VIDEO | change))) as address:
        with pytest.raises(AnswerWrong, match="in another shape"):
            CALLER.ask(Peer("us", "US", address, SIGNER.verifier.written()), "videos", AskVideos())
    assert decode(answer(VIDEO), VideosAnswer).changes[0].now is not None


FILM = b"film" * 50_000
OF_FILM = hashlib.sha256(FILM).hexdigest()


def fetch(into: Path, options: dict[str, Any], size_bytes: int = len(FILM), sha256: str = OF_FILM) -> bytes:
    with played(lambda handler, _: send(handler, FILM, **options)) as address:
        peer = Peer("us", "US", address, SIGNER.verifier.written())
        with into.open("wb") as file:
            CALLER.fetch(peer, AskMedia(1, "480p", sha256), size_bytes, file)
    return into.read_bytes()


def test_a_file_is_whole_and_the_one_that_was_announced(tmp_path: Path):
    into = tmp_path / "file"
    assert fetch(into, {}) == FILM
    with pytest.raises(PeerAway):
        fetch(into, {"cut": 5})
    with pytest.raises(PeerAway):
        fetch(into, {}, size_bytes=len(FILM) - 1)
    with pytest.raises(AnswerWrong, match="another file"):
        fetch(into, {}, size_bytes=len(FILM) + 1)
    with pytest.raises(AnswerWrong, match="did not sign"):
        fetch(into, {}, sha256=hashlib.sha256(b"other").hexdigest())
    with pytest.raises(AnswerWrong, match="did not sign"):
        fetch(into, {"by": OTHER})
    # Signed as it was announced, and yet other bytes.
    with pytest.raises(AnswerWrong, match="another file"):
        fetch(into, {"signed": b"f" * len(FILM)}, sha256=hashlib.sha256(b"f" * len(FILM)).hexdigest())


def warnings(logs: list[Any]) -> list[tuple[str, str]]:
    return [(entry["event"], entry.get("code", "")) for entry in logs if entry["event"].startswith("market_")]


@pytest.mark.service
def test_a_market_whose_database_is_down_leaves_the_others_untouched(two: tuple[Place, Place]):
    """It is said once, and once that it is back."""
    us, de = two
    us.publish("ada", "before")
    de.mirroring.round()
    alone = de.cell.engine.execution_options(isolation_level="AUTOCOMMIT")
    name = us.cell.engine.url.database
    with structlog.testing.capture_logs() as logs:
        with alone.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            connection.exec_driver_sql(
                f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
            )
            for _ in range(3):
                assert de.mirroring.round() == 0
            assert de.shown().keys() == {"before"}
            assert httpx.get(f"{de.peer.address}/healthz").status_code == 200
            assert httpx.get(f"{de.peer.address}/api/session").status_code == 200
            de.publish("bob", "here")
            assert de.shown().keys() == {"before", "here"}
            connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        us.publish("ada", "after", b"later")
        assert de.mirroring.round() == 1
    assert de.shown().keys() == {"before", "here", "after"}
    assert warnings(logs) == [("market_silent", "peer_away"), ("market_heard_again", "")]


@pytest.mark.service
@pytest.mark.parametrize("skew_ms", [-300_000, 300_000])
def test_a_clock_that_is_wrong_is_said_once_and_nothing_else_happens(
    two: tuple[Place, Place], clock: ManualClock, skew_ms: int
):
    us, de = two
    us.publish("ada", "waves")
    caller = Caller("de", de.house.sign, verify, ManualClock(clock.now_ms() + skew_ms))
    wrong = mirroring_of(de.cell, replace(de.house, caller=caller))
    with structlog.testing.capture_logs() as logs:
        assert [wrong.round() for _ in range(3)] == [0, 0, 0]
    assert warnings(logs) == [("market_silent", "wrong_time")]
    assert de.mirroring.round() == 1


@pytest.mark.service
def test_a_file_that_is_not_what_was_said_holds_up_no_other(two: tuple[Place, Place]):
    us, de = two
    bad = us.publish("ada", "altered", b"as it was")
    us.publish("ada", "good", b"good")
    us.cell.objects.put_bytes(us.video(bad).renditions[0].object_key, b"as it is!")
    lost = us.publish("ada", "lost", b"lost")
    us.cell.objects.delete(us.video(lost).renditions[0].object_key)
    withdrawn = us.publish("ada", "gone", b"gone")
    for _ in range(3):
        de.mirroring.round()
    assert de.shown().keys() == {"good", "gone"}
    with us.cell.engine.begin() as connection:
        us.cell.catalog.remove(connection, us.video(withdrawn), "creator")
    for _ in range(9):
        de.mirroring.round()
    assert de.shown().keys() == {"good"}
    with de.cell.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT max(tries) FROM mirrors").scalar_one() == 5
    assert not any((de.cell.settings.data / "work").glob("mirror-*"))


@pytest.mark.service
def test_a_market_where_nobody_listens_is_asked_again_and_said_once(two: tuple[Place, Place], tmp_path: Path):
    us, de = two
    markets = tmp_path / "markets.toml"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        markets.write_text(markets.read_text("utf-8").replace(us.peer.address, nowhere), "utf-8")
        with structlog.testing.capture_logs() as logs:
            assert [de.mirroring.round() for _ in range(2)] == [0, 0]
    assert warnings(logs) == [("market_silent", "peer_away")]
