"""`penchant witness`: somebody else's promise that a log only grows. It needs no database and knows nobody."""

from pathlib import Path
from typing import Annotated

import typer

from penchant.cli.configuration import console, plain_errors
from penchant.core.clock import SystemClock
from penchant.core.errors import Invalid
from penchant.core.secrets import secret_file
from penchant.ledger.notes import COSIGNATURE, ED25519, NoteWrong, Signer, read_verifier
from penchant.ledger.witness import Witness


def witness(
    data: Annotated[Path, typer.Option(help="folder for its key and for what it saw last; never set it back")],
    name: Annotated[str, typer.Option(help="its name, like an address without https://: witness.example.org/w1")],
    logs: Annotated[list[str], typer.Option("--log", help="key of a log to watch over (vkey); again for another")],
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on", min=1, max=65535)] = 8090,
) -> None:
    """Cosign the checkpoints of logs, as C2SP tlog-witness; refuse what forks or goes back."""
    with plain_errors():
        try:
            verifiers = [read_verifier(text) for text in logs]
            signer = Signer(name, secret_file(data, "witness"), COSIGNATURE)
            read_verifier(signer.verifier.written())
        except NoteWrong as error:
            raise Invalid(error.message) from error
        if any(one.kind != ED25519 for one in verifiers):
            raise Invalid("--log takes the key of a log, as it stands at /ledger/key")
        found = Witness(data / "logs", signer, verifiers, SystemClock())
        console.print(f"witness [bold]{name}[/] on http://{host}:{port}")
        console.print(f"  [dim]key[/] {signer.verifier.written()}", soft_wrap=True)
        for one in verifiers:
            console.print(f"  [dim]watches[/] {one.name}, last seen with {found.seen(one.name).size:,} leaves")
        # Only here: routes cost a quarter of a second that no other command should wait for.
        import uvicorn

        from penchant.web.witness import create_witness

        uvicorn.run(create_witness(found), host=host, port=port, access_log=False, log_level="warning", workers=1)
