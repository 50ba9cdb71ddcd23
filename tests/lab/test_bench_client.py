import asyncio

import pytest

from penchant.core.errors import Unavailable
from penchant.lab.bench_client import HttpConnection


async def _conversation(answers: list[bytes]) -> tuple[list[tuple[int, bytes]], list[bytes]]:
    """What a client makes of a server that answers in these pieces, and what the server was sent."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            for start in range(0, len(answer), 7):  # in crumbs, as a network may
                writer.write(answer[start : start + 7])
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, HttpConnection("127.0.0.1", port) as http:
        got = [await http.get(f"/{number}", "penchant=x") for number in range(len(answers))]
    return got, heard


def test_one_connection_serves_many_requests():
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n"]
    got, heard = asyncio.run(_conversation(answers))
    assert got == [(200, b"hello"), (503, b"")]
    assert heard[1].startswith(b"GET /1 HTTP/1.1\r\n")
    assert b"Cookie: penchant=x" in heard[1]


def test_an_answer_without_a_length_ends_the_bench():
    with pytest.raises(Unavailable, match="without a length"):
        asyncio.run(_conversation([b"HTTP/1.1 200 OK\r\n\r\n"]))
