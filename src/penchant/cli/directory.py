"""`penchant directory`: in which market of a house a handle is at home. Its own process, its own database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from penchant.adapters import embedded_postgres
from penchant.cli.configuration import console, errors, plain_errors
from penchant.core.clock import SystemClock
from penchant.core.database import make_engine
from penchant.markets.directory import Directory
from penchant.markets.envelope import Door, MemoryNonces
from penchant.markets.peers import DIRECTORY, Peers
from penchant.operations.crossings.house import verify
from penchant.operations.data_folder import hold_data_folder


def directory(
    data: Annotated[Path, typer.Option(help="folder for its database")],
    markets: Annotated[Path, typer.Option(help="the markets of the house (markets.toml): whose claims count")],
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on", min=1, max=65535)] = 8100,
) -> None:
    """Say in which market a handle is at home: handle and market are all that it knows."""
    with plain_errors(), hold_data_folder(data), _database(data) as url:
        peers, clock = Peers(markets), SystemClock()
        door = Door(DIRECTORY, peers, MemoryNonces(clock.now_ms()), verify, clock)
        found = Directory(make_engine(url, application="penchant-directory"), door, clock)
        console.print(f"directory of {', '.join(one.id for one in peers.all())} on http://{host}:{port}")
        # Only here: routes cost a quarter of a second that no other command should wait for.
        import uvicorn

        from penchant.web.directory import create_directory

        uvicorn.run(create_directory(found), host=host, port=port, access_log=False, log_level="warning", workers=1)


@contextmanager
def _database(data: Path) -> Iterator[str]:
    home = embedded_postgres.locate(data)

    def say(words: str) -> None:
        errors.print(f"[dim]{words}[/]")

    embedded_postgres.prepare(home, say)
    with embedded_postgres.running(home, say):
        yield home.url
