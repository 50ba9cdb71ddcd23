"""The command `penchant`."""

import typer

import penchant
from penchant.cli import (
    admin,
    backup,
    bench,
    demo,
    detection,
    directory,
    doctor,
    experiment,
    handover,
    house,
    import_folder,
    ledger,
    market,
    notes,
    partner,
    restore,
    safety,
    simulate,
    storage,
    taste,
    up,
    web,
    witness,
    worker,
)
from penchant.cli.configuration import console

app = typer.Typer(
    name="penchant",
    help="An open short-video platform: the screen is filled by what each person likes.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)
app.command()(up.up)
app.command()(web.web)
app.command()(worker.worker)
app.command()(demo.demo)
app.command("import")(import_folder.import_folder)
app.command()(backup.backup)
app.command()(restore.restore)
app.command()(doctor.doctor)
app.command()(notes.notes)
app.command()(witness.witness)
app.command()(directory.directory)
app.add_typer(ledger.ledger, name="ledger")
app.add_typer(partner.partner, name="partner")
taste.taste.command()(simulate.simulate)
app.add_typer(taste.taste, name="taste")
app.add_typer(experiment.experiment, name="experiment")
app.add_typer(admin.admin, name="admin")
market.market.command()(handover.handover)
market.market.command()(handover.receive)
app.add_typer(market.market, name="market")
market.market.command()(house.add)
market.market.command("list")(house.list_)
app.add_typer(safety.safety, name="safety")
safety.safety.add_typer(detection.bank, name="bank")
for command in (detection.hash_videos, detection.held, detection.release):
    safety.safety.command(command.__name__.partition("_")[0])(command)
app.add_typer(storage.storage, name="storage")
app.add_typer(bench.bench, name="bench")


@app.command()
def version() -> None:
    """Print the version."""
    console.print(penchant.__version__)


def main() -> None:
    """Entry point."""
    app()
