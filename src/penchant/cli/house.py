"""`penchant market add` and `list`: the markets of a house. Each is an installation of its own."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich import box
from rich.table import Table

from penchant.cli.configuration import TOML, console, plain_errors
from penchant.core.errors import PenchantError, SettingWrong
from penchant.core.outbound import Bounds, Outbound
from penchant.core.settings import load_settings
from penchant.markets.peers import Peer, Peers, toml_text
from penchant.operations.crossings.house import gateway_signer

MARKETS: Final = Path("markets.toml")
_House = Annotated[Path, typer.Option(help="folder of the house: markets.toml, and a folder for each market")]


def add(
    id_: Annotated[str, typer.Argument(metavar="ID", help="short name: us, de, br")],
    house: _House,
    port: Annotated[int, typer.Option(help="port that its page is served on", min=1, max=65535)],
    name: Annotated[str | None, typer.Option(help="name that people see; without it the id")] = None,
    address: Annotated[
        str | None, typer.Option(help="where the other markets reach it; without it this machine, by its port")
    ] = None,
    mirror: Annotated[str, typer.Option(help="markets whose public videos it shows as well: de,br")] = "",
    directory: Annotated[str | None, typer.Option(help="address of the directory of handles, if there is one")] = None,
) -> None:
    """Make a market: a folder with its settings and its key, and a line in the file of the house."""
    with plain_errors():
        folder = house / id_
        settings: dict[str, object] = {
            "market": id_,
            "market_name": name or id_,
            "data": "data",
            "port": port,
            "markets": f"../{MARKETS}",
        }
        settings |= {"mirror": mirror} if mirror else {}
        settings |= {"directory_url": directory} if directory else {}
        checked = load_settings({}, None, settings | {"data": folder / "data"})
        if folder.exists():
            raise SettingWrong(f"{folder} is there already")
        peers, peer = Peers(house / MARKETS), Peer(id_, name or id_, address or f"http://127.0.0.1:{port}", "")
        peers.check(peer)
        peers.add(msgspec.structs.replace(peer, gateway_key=gateway_signer(checked).verifier.written()))
        lines = [
            f"{name} = {value if isinstance(value, int) else toml_text(str(value))}" for name, value in settings.items()
        ]
        (folder / TOML).write_text("\n".join([*lines, ""]), "utf-8")
    console.print(f"[green]✓[/] the market [bold]{id_}[/] is in {folder}", soft_wrap=True)
    console.print(f"  start it:  [cyan]cd {folder} && penchant up[/]", soft_wrap=True)


def list_(house: _House) -> None:
    """The markets of a house, and whether each answers."""
    outbound = Outbound(permits=lambda _: True, schemes=frozenset({"http", "https"}), ports=None)
    table = Table("market", "name", "address", "answers", box=box.SIMPLE_HEAD)
    with plain_errors():
        for one in Peers(house / MARKETS).all():
            table.add_row(one.id, one.name, one.address, _answers(outbound, one))
    console.print(table)


def _answers(outbound: Outbound, peer: Peer) -> str:
    try:
        answer = outbound.get(f"{peer.address}/healthz", bounds=Bounds(seconds=3.0, size_bytes=10_000, redirects=0))
    except PenchantError:
        return "[red]no[/]"
    return "[green]yes[/]" if answer.status == 200 else f"[yellow]{answer.status}[/]"
