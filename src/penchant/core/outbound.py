"""The only way out: everything that this installation fetches from an address that somebody else chose.

The usual hole is to check a name and then to connect to it: the name is resolved twice, and the second answer may
be another. Here it is resolved once, every address of the answer is judged, and the connection goes to an address
that was judged, with the name only in SNI, in the certificate's check and in `Host`. A redirect begins anew.
No proxy of the environment is used: it would resolve the name again.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

from penchant.core.addresses import Address, is_public
from penchant.core.errors import Forbidden, Unavailable

Resolve = Callable[[str, int], Sequence[Address]]


class Sink(Protocol):
    """What bytes are written to."""

    def write(self, piece: bytes, /) -> int: ...


_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"https": 443, "http": 80}
_PIECE_BYTES = 1 << 16


class AddressRefused(Forbidden):
    """Nothing is fetched from there: a scheme, port, name or network address that is not for us."""

    code = "address_refused"


class FetchFailed(Unavailable):
    """The other side did not answer in time, answered too much, or not in HTTP."""

    code = "fetch_failed"


@dataclass(frozen=True)
class Bounds:
    """What one request may cost, all redirects together."""

    seconds: float = 10.0
    size_bytes: int = 8_000_000
    redirects: int = 3


@dataclass(frozen=True)
class Answer:
    """What came back. Header names are in lower case; `address` is where the last redirect led."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    address: str


def resolve(host: str, port: int) -> Sequence[Address]:
    """The system's answer: also for 2130706433, 0x7f.1 and 0177.0.0.1, which are all 127.0.0.1."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(f"the name {host[:100]} cannot be resolved") from error
    return [ip_address(str(entry[4][0])) for entry in found]


class Outbound:
    """Fetches over HTTPS from public addresses only.

    Args:
        permits: the networks that may be reached. Tests, and installations in a closed network, have their own.
        schemes: `{"https"}` but for tests.
        ports: None for any.
        context: for TLS; without it the system's authorities are trusted.
    """

    def __init__(
        self,
        *,
        resolve: Resolve = resolve,
        permits: Callable[[Address], bool] = is_public,
        schemes: frozenset[str] = frozenset({"https"}),
        ports: frozenset[int] | None = frozenset({443}),
        context: ssl.SSLContext | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._resolve = resolve
        self._permits = permits
        self._schemes = schemes
        self._ports = ports
        self._given = context
        self._now = now

    @cached_property
    def _context(self) -> ssl.SSLContext:
        # The system's authorities take 25 ms to read, which is most of building a cell; few fetch anything.
        return self._given or ssl.create_default_context()

    def get(self, address: str, headers: Mapping[str, str] | None = None, bounds: Bounds | None = None) -> Answer:
        """GET, following redirects. `headers` go to the first origin alone: they may hold a secret.

        Raises:
            AddressRefused: the address, or one that it redirects to, is not for us.
            FetchFailed: no whole answer within the bounds.
        """
        bounds = bounds or Bounds()
        ends_at = self._now() + bounds.seconds
        first = self._origin(address)
        for _ in range(bounds.redirects + 1):
            sent = headers or {} if self._origin(address) == first else {}
            answer = self._once("GET", address, None, sent, bounds, ends_at)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            address = urljoin(address, answer.headers["location"])
        raise FetchFailed("the address redirects too often")

    def post(
        self,
        address: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        bounds: Bounds | None = None,
        into: Sink | None = None,
    ) -> Answer:
        """POST; a redirect is returned and not followed: the body was meant for this address. Raises as `get`.

        into: where the body of a 200 goes, piece by piece, instead of into the answer.
        """
        bounds = bounds or Bounds()
        return self._once("POST", address, body, headers or {}, bounds, self._now() + bounds.seconds, into)

    def _once(
        self,
        method: str,
        address: str,
        body: bytes | None,
        headers: Mapping[str, str],
        bounds: Bounds,
        ends_at: float,
        into: Sink | None = None,
    ) -> Answer:
        scheme, host, port = self._origin(address)
        parts = urlsplit(address)
        line = None
        try:
            line = self._connect(scheme, host, port, ends_at)
            connection = http.client.HTTPConnection(host, port)
            connection.default_port = _PORTS[scheme]
            connection.auto_open = False
            connection.sock = line
            connection.request(method, _target(parts), body, dict(headers))
            response = connection.getresponse()
            return Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                _read(response, bounds.size_bytes, into if response.status == HTTPStatus.OK else None),
                address,
            )
        except (OSError, http.client.HTTPException, ValueError) as error:
            # Only the host: what follows it may be a secret, as the address of a push service is.
            raise FetchFailed(f"{host[:100]} gave no whole answer ({type(error).__name__})") from error
        finally:
            if line is not None:
                line.end()

    def _origin(self, address: str) -> tuple[str, str, int]:
        """Scheme, host and port, where all of them may be asked."""
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise AddressRefused("this is not a web address") from error
        if parts.scheme not in self._schemes:
            raise AddressRefused(f"only {' or '.join(sorted(self._schemes))} is fetched")
        if not host or "@" in parts.netloc or any(sign in address for sign in "\\\t\r\n ") or not address.isprintable():
            raise AddressRefused("this is not a web address that is fetched")
        if self._ports is not None and port not in self._ports:
            raise AddressRefused(f"nothing is fetched from port {port}")
        return parts.scheme, host, port

    def _connect(self, scheme: str, host: str, port: int, ends_at: float) -> "_Line":
        """A connection to an address that was judged. The name is not resolved again."""
        addresses = self._resolve(host, port)
        if not addresses:
            raise FetchFailed(f"the name {host[:100]} has no address")
        # All of them: a name with one inner address among public ones is no accident.
        if not all(self._permits(address) for address in addresses):
            raise AddressRefused(f"{host[:100]} is not on the public internet")
        failed: OSError | None = None
        for address in addresses:
            try:
                plain = socket.create_connection((str(address), port), timeout=_left(ends_at, self._now()))
            except OSError as error:
                failed = error
                continue
            try:
                plain.settimeout(_left(ends_at, self._now()))
                wrapped = self._context.wrap_socket(plain, server_hostname=host) if scheme == "https" else plain
            except BaseException:
                plain.close()
                raise
            return _Line(wrapped, ends_at, self._now)
        raise failed or OSError("no address answered")


class _Line:
    """A socket whose every step has to end before the deadline: one byte a second is not an answer either."""

    def __init__(self, sock: socket.socket, ends_at: float, now: Callable[[], float]) -> None:
        self._sock = sock
        self._ends_at = ends_at
        self._now = now

    def sendall(self, content: bytes) -> None:
        self._sock.settimeout(_left(self._ends_at, self._now()))
        self._sock.sendall(content)

    def receive_into(self, buffer: memoryview) -> int:
        self._sock.settimeout(_left(self._ends_at, self._now()))
        return self._sock.recv_into(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self))

    def close(self) -> None:
        """Called by http.client before the body of an answer without a length has been read: not yet."""

    def end(self) -> None:
        self._sock.close()


class _Incoming(io.RawIOBase):
    def __init__(self, line: _Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader hands in
        return self._line.receive_into(buffer)


def _left(ends_at: float, now: float) -> float:
    if now >= ends_at:
        raise TimeoutError("the time is up")
    return ends_at - now


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _read(response: http.client.HTTPResponse, most: int, into: Sink | None) -> bytes:
    """The body, `most` bytes at the most. Raises: FetchFailed where there is more, IncompleteRead where less came."""
    pieces: list[bytes] = []
    size = 0
    keep = into.write if into is not None else pieces.append
    while piece := response.read(min(_PIECE_BYTES, most + 1 - size)):
        size += len(piece)
        if size > most:
            raise FetchFailed(f"the answer is longer than {most} bytes")
        keep(piece)
    if response.length:
        # What was announced and did not come: half a list is not a list.
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(pieces)
