"""A small HTTP/1.1 client that keeps one connection: cheap enough not to be what is measured.

Client and server share the machine, so every microsecond spent here is taken from the server. It speaks only what
the bench needs: requests with a length, answers with a length.
"""

import asyncio
from types import TracebackType

from penchant.core.errors import Unavailable


class HttpConnection:
    """One kept connection. `async with HttpConnection(host, port) as http: status, body = await http.get("/")`."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> "HttpConnection":
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()
            await self._writer.wait_closed()

    async def get(self, path: str, cookie: str) -> tuple[int, bytes]:
        """Status and body. Returns when the last byte has arrived."""
        return await self._ask(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nCookie: {cookie}\r\n\r\n".encode())

    async def post(self, path: str, cookie: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to a JSON body."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nCookie: {cookie}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return await self._ask(head.encode() + body)

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        assert self._reader is not None
        assert self._writer is not None
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                return int(lines[0].split(b" ", 2)[1]), await self._reader.readexactly(int(value))
        raise Unavailable("the server answered without a length")
