"""The way out, against real servers on this machine: two of them, of which one may be reached and one may not."""

import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from itertools import count
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import penchant
from penchant.core.addresses import Address
from penchant.core.outbound import AddressRefused, Bounds, FetchFailed, Outbound

pytestmark = pytest.mark.service
OUTER, INNER = ip_address("127.0.0.1"), ip_address("127.0.0.2")
"""Out there, for these tests; and what nobody may make us ask."""

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For what speaks plain HTTP or is refused before: reading the system's authorities takes 0.2 s each time."""

Handle = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def handle_anything(self) -> None:
        self.server.seen.append(self)
        self.sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = True
        self.server.handle_with(self)

    do_GET = do_POST = handle_anything

    def answer(self, status: int = 200, body: bytes = b"a list", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: Address, port: int, handle: Handle) -> None:
        super().__init__((str(address), port), Handler)
        self.handle_with = handle
        self.seen: list[Handler] = []

    def handle_error(self, *_: object) -> None:
        """A client that goes away in the middle is what is tested."""


@contextmanager
def serving(handle: Handle, address: Address = OUTER, port: int = 0, tls: ssl.SSLContext | None = None):
    server = Server(address, port, handle)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def inner() -> Iterator[Server]:
    with serving(lambda request: request.answer(body=b"the keys of the cloud"), INNER) as server:
        yield server


def names(*answers: list[Address]) -> tuple[Callable[[str, int], list[Address]], list[str]]:
    """A resolver that gives these answers one after the other, the last for ever; and what it was asked."""
    asked: list[str] = []

    def resolve(host: str, _: int) -> list[Address]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


def out(resolve: Callable[[str, int], list[Address]] | None = None, **options: object) -> Outbound:
    """As in use, but that this machine's first address counts as public and needs no certificate."""
    return Outbound(
        resolve=resolve or names([OUTER])[0],
        permits=lambda address: address == OUTER,
        schemes=frozenset({"http"}),
        ports=None,
        context=_NO_TLS,
        **options,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "0",
        "①②⑦.0.0.1",
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "10.0.0.1",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::169.254.169.254]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "[fe80::1]",
    ],
)
def test_every_way_to_write_an_inner_address_is_refused(host: str):
    """With the system's own resolver, which knows them all."""
    with pytest.raises(AddressRefused):
        Outbound(context=_NO_TLS).get(f"https://{host}/latest/meta-data")


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "//example.org/",
        "example.org",
        "",
        "https://",
        "https://:443/",
        "https://user:secret@example.org/",
        "https://example.org:22/",
        "https://example.org:99999/",
        "https://example.org\\@127.0.0.1/",
        "https://example.org/\r\nHost: inner",
        "https://[::1/",
    ],
)
def test_what_is_no_plain_https_address_is_refused_before_any_name_is_asked(address: str):
    resolve, asked = names([OUTER])
    with pytest.raises(AddressRefused) as refused:
        Outbound(resolve=resolve, context=_NO_TLS).get(address)
    assert asked == []
    assert "secret" not in refused.value.message


def test_the_judged_address_is_the_one_that_is_asked(inner: Server):
    """Rebinding: the second answer of the resolver leads inside, and is never asked for."""
    resolve, asked = names([OUTER], [INNER])
    with serving(lambda request: request.answer(), port=inner.server_port) as outer:
        answer = out(resolve).get(f"http://lists.example:{outer.server_port}/all?v=2")
    assert (answer.status, answer.body, asked) == (200, b"a list", ["lists.example"])
    (request,) = outer.seen
    assert (request.path, request.headers["Host"]) == ("/all?v=2", f"lists.example:{outer.server_port}")
    assert inner.seen == []


def test_one_inner_address_among_others_refuses_them_all(inner: Server):
    with serving(lambda request: request.answer(), port=inner.server_port) as outer:
        with pytest.raises(AddressRefused):
            out(names([OUTER, INNER])[0]).get(f"http://lists.example:{outer.server_port}/")
    assert outer.seen == inner.seen == []


def test_the_next_address_is_tried_where_one_does_not_answer():
    silent = ip_address("127.0.0.3")
    guard = Outbound(
        resolve=names([silent, OUTER])[0],
        permits=lambda _: True,
        schemes=frozenset({"http"}),
        ports=None,
        context=_NO_TLS,
    )
    with serving(lambda request: request.answer()) as outer:
        assert guard.get(f"http://lists.example:{outer.server_port}/").body == b"a list"


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "https://lists.example/", "http://x@y/"]
)
def test_a_redirect_is_judged_anew(target: str):
    def resolve(host: str, _: int) -> list[Address]:
        return [OUTER if host == "lists.example" else ip_address("169.254.169.254")]

    with serving(lambda request: request.answer(302, Location=target)) as outer:
        with pytest.raises(AddressRefused):
            out(resolve).get(f"http://lists.example:{outer.server_port}/")
        assert len(outer.seen) == 1


def test_a_redirect_to_the_same_name_that_now_leads_inside_is_refused(inner: Server):
    resolve, asked = names([OUTER], [INNER])
    with serving(lambda request: request.answer(307, Location="/again"), port=inner.server_port) as outer:
        with pytest.raises(AddressRefused):
            out(resolve).get(f"http://lists.example:{outer.server_port}/")
    assert asked == ["lists.example"] * 2
    assert inner.seen == []


def test_redirects_are_followed_and_counted_and_take_no_secret_to_another_origin():
    def handle(request: Handler) -> None:
        hops = int(request.path[1:])
        host = "other.example" if hops == 1 else "lists.example"
        where = f"http://{host}:{outer.server_port}/{hops - 1}"
        request.answer(302, b"", Location=where) if hops else request.answer()

    with serving(handle) as outer:
        start = f"http://lists.example:{outer.server_port}"
        answer = out().get(f"{start}/2", {"Authorization": "Bearer canary"})
        assert answer.address == f"http://other.example:{outer.server_port}/0"
        assert [seen.headers["Authorization"] for seen in outer.seen] == ["Bearer canary", "Bearer canary", None]
        with pytest.raises(FetchFailed, match="too often"):
            out().get(f"{start}/4")


def test_a_post_arrives_whole_and_is_not_sent_on():
    with serving(lambda request: request.answer(307, b"", Location="/elsewhere")) as outer:
        answer = out().post(f"http://push.example:{outer.server_port}/", b"sealed", {"TTL": "60"})
    assert answer.status == 307
    assert [(seen.command, seen.sent, seen.headers["TTL"]) for seen in outer.seen] == [("POST", b"sealed", "60")]


def test_more_than_allowed_is_not_read():
    with serving(lambda request: request.answer(body=bytes(2_000))) as outer:
        address = f"http://lists.example:{outer.server_port}/"
        assert len(out().get(address, bounds=Bounds(size_bytes=2_000)).body) == 2_000
        with pytest.raises(FetchFailed, match="longer than 1999"):
            out().get(address, bounds=Bounds(size_bytes=1_999))


def _for_ever(request: Handler) -> None:
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b"x")


def test_an_answer_without_end_ends_with_the_time():
    """The clock goes on by a second at every look, so nobody waits."""
    seconds = count()
    with serving(_for_ever) as outer:
        with pytest.raises(FetchFailed, match="TimeoutError"):
            guard = out(now=lambda: float(next(seconds)))
            guard.get(f"http://lists.example:{outer.server_port}/", bounds=Bounds(seconds=30, size_bytes=10**12))


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
def test_what_is_no_whole_answer_is_none(raw: bytes):
    with serving(lambda request: request.wfile.write(raw)) as outer:
        with pytest.raises(FetchFailed) as failed:
            out().get(f"http://lists.example:{outer.server_port}/secret-path")
    assert "secret-path" not in failed.value.message


def test_the_certificate_has_to_be_that_of_the_name(tmp_path: Path):
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    asked: list[str | None] = []
    server_side.sni_callback = lambda _, name, __: asked.append(name)
    server_side.load_cert_chain(_certificate(tmp_path, "lists.example"))
    trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    guard = Outbound(resolve=names([OUTER])[0], permits=lambda _: True, ports=None, context=trusting)
    strict = Outbound(resolve=names([OUTER])[0], permits=lambda _: True, ports=None)
    with serving(lambda request: request.answer(), tls=server_side) as outer:
        assert guard.get(f"https://lists.example:{outer.server_port}/").body == b"a list"
        for refusing, name in ((guard, "other.example"), (strict, "lists.example")):
            with pytest.raises(FetchFailed, match="SSLCertVerificationError"):
                refusing.get(f"https://{name}:{outer.server_port}/")
    assert asked == ["lists.example", "other.example", "lists.example"]
    assert len(outer.seen) == 1


def test_nothing_else_reaches_out():
    """The others speak to this installation itself: to see whether it is up, or to measure it."""
    ways = re.compile(r"urllib\.request|http\.client|create_connection|open_connection|import (httpx|requests|aiohttp)")
    source = Path(penchant.__file__).parent
    found = {str(path.relative_to(source)) for path in source.rglob("*.py") if ways.search(path.read_text("utf-8"))}
    assert found == {
        "core/outbound.py",
        "cli/bench.py",
        "cli/doctor.py",
        "cli/up.py",
        "lab/bench_client.py",
        "testing/installation.py",
    }


def _certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
