"""`penchant ledger` and `penchant witness` as people run them, on a cell that has made pages and decisions."""

import json
import os
import subprocess
import sys
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import cbor2
import pytest
from litestar import Litestar
from sqlalchemy import text
from tests.feed.conftest import Town

from penchant.app import Penchant, build
from penchant.core.clock import ManualClock, SystemClock
from penchant.core.compression import compress
from penchant.core.ids import PageId, format_id
from penchant.core.settings import load_settings
from penchant.feed import repository as pages
from penchant.ledger.leaves import Page, encode
from penchant.ledger.sequencer import LedgerSetBack
from penchant.testing.installation import free_port, wait_for
from penchant.testing.served import served
from penchant.web.asgi import create_web

pytestmark = pytest.mark.service


class Place:
    """A cell, and its commands."""

    def __init__(self, cell: Penchant, database_url: str) -> None:
        self.cell = cell
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PENCHANT_")} | {
            "PENCHANT_DATA": str(cell.settings.data),
            "PENCHANT_DATABASE_URL": database_url,
            "COLUMNS": "200",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "penchant", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120, check=False)

    def faults(self, *arguments: str) -> set[str]:
        done = self.run("ledger", *arguments, "--json")
        assert done.returncode in (0, 1), done.stderr
        found = {fault["name"] for fault in json.loads(done.stdout)["faults"]}
        assert bool(found) == bool(done.returncode)
        return found


@pytest.fixture
def place(cell: Penchant, clock: ManualClock, database_url: str) -> Place:
    cell.ledgered.begin()
    town = Town(cell, clock)
    town.fill(per_theme=8)
    town.learn()
    place = Place(cell, database_url)
    viewer = town.viewer()
    for video in town.of_theme(1)[:3]:
        town.finish(viewer, video)
    place.page = cell.feed.page(viewer, uuid4()).id  # type: ignore[attr-defined]
    moderator = cell.accounts.make_account("mo", "Mo", "moderator")
    with cell.engine.begin() as connection:
        cell.safety.decide(connection, moderator, "video", town.of_theme(0)[0], "remove", "it is not theirs")
    cell.admin_acts.tell("make_moderator", moderator)
    cell.ledger.sequencer.run_empty()
    return place


def test_a_log_is_shown_and_verified_and_a_page_is_proved_and_made_again(place: Place, tmp_path: Path):
    shown = json.loads(place.run("ledger", "show", "--json").stdout)
    assert shown["leaves"] == place.cell.ledger.checkpoint()[0].size  # type: ignore[index]
    assert shown["key"] == place.cell.ledger.verifier.written()
    assert place.faults("verify") == set()
    folder = place.cell.settings.data / "objects" / "ledger"
    assert place.faults("verify", str(folder), "--key", shown["key"]) == set()
    page = format_id(place.page)  # type: ignore[attr-defined]
    receipt = tmp_path / "page.tlog-proof"
    proved = place.run("ledger", "prove", page, "--out", str(receipt))
    assert "its receipt is in" in proved.stdout, proved.stderr
    assert receipt.read_text("utf-8").startswith("c2sp.org/tlog-proof@v1\nextra ")
    again = place.run("ledger", "replay", page, "--rows", "20")
    assert again.returncode == 0, again.stderr
    assert "to the byte" in again.stdout
    told = json.loads(place.run("ledger", "replay", page, "--rows", "20", "--json").stdout)
    assert told["rows"]["numbers"] > 500
    assert told["rows"]["equal"] == told["rows"]["numbers"], "the same machine, the same floats"


def test_what_was_done_behind_its_back_is_named(place: Place):
    """Each in a transaction of somebody who has the database, but not what was signed."""

    def after(statement: str, **values: object) -> set[str]:
        with place.cell.engine.begin() as connection:
            connection.execute(text(statement), values)
        return place.faults("verify")

    assert after("UPDATE decisions SET reason = 'another'") == {"altered_decision"}
    assert after("DELETE FROM notifications") == {"altered_decision"}
    assert after("DELETE FROM decisions") == {"deleted_decision"}
    assert after("UPDATE admin_actions SET what = 'invite'") >= {"altered_act"}
    leaf = encode(Page(bytes(32)))
    assert "altered_entry" in after("UPDATE ledger_entries SET leaf = :leaf WHERE index = 3", leaf=leaf)
    last = place.cell.ledger.checkpoint()[0].size - 1  # type: ignore[index]
    assert "deleted_leaf" in after("DELETE FROM ledger_entries WHERE index = :last", last=last)


def test_an_altered_page_and_a_swapped_epoch_are_named(place: Place):
    cell, page = place.cell, PageId(place.page)  # type: ignore[attr-defined]
    with cell.engine.begin() as connection:
        row = cell.records.page(connection, page)
        sealed_key = pages.page_record(connection, page).key
        # Somebody with all keys of the place: sealed again as it was, with one bit turned.
        altered = row.salted[:-1] + bytes([row.salted[-1] ^ 1])
        record = cell.keys.seal_with(sealed_key, row.subject_id, compress(altered), b"page" + page.to_bytes(8))
        connection.execute(pages.pages.update().where(pages.pages.c.id == page).values(record=record))
    assert place.faults("verify") == {"altered_record"}
    with cell.engine.begin() as connection:
        record = cell.keys.seal_with(sealed_key, row.subject_id, compress(row.salted), b"page" + page.to_bytes(8))
        connection.execute(pages.pages.update().where(pages.pages.c.id == page).values(record=record))
    assert place.faults("replay", format_id(page)) == set()
    pack = cell.settings.data / "objects" / "epochs" / row.epoch
    packed = cbor2.loads(zlib.decompress(pack.read_bytes()))
    packed["blend"]["prior.npy"] = packed["blend"]["union_weights.npy"]
    pack.write_bytes(zlib.compress(cbor2.dumps(packed, canonical=True)))
    assert place.faults("replay", format_id(page)) == {"swapped_epoch"}


def test_words_for_what_is_wrong(place: Place, tmp_path: Path):
    for arguments, words in (
        (("verify", str(tmp_path)), "name the key of the log"),
        (("verify", str(tmp_path), "--key", "nonsense"), "is no key of a log"),
        (("verify", str(tmp_path), "--key", place.cell.ledger.verifier.written()), "no log has begun there"),
        (
            ("verify", "/nowhere/at/all", "--key", place.cell.ledger.verifier.written()),
            "neither an address nor a folder",
        ),
        (("replay", "0000000000000"), "no such page"),
        (("prove", "what"), "not an address of anything here"),
    ):
        done = place.run("ledger", *arguments)
        assert done.returncode == 1
        assert words in done.stderr, done.stderr
        assert "Traceback" not in done.stderr


@pytest.fixture
def witness(place: Place, tmp_path: Path) -> Iterator[tuple[str, str, list[str]]]:
    """A witness in a process of its own: its address, its key, and how to start it again."""
    port = free_port()
    key = place.cell.ledger.verifier.written()
    command = [sys.executable, "-m", "penchant", "witness", "--data", str(tmp_path / "witness"), "--port", str(port)]
    command += ["--name", "witness.example/w1", "--log", key]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        yield address, wait_for(lambda: _get(f"{address}/key"), "the witness").strip(), command
    finally:
        process.kill()
        process.wait()


def test_a_witness_cosigns_and_its_word_is_asked_for(
    place: Place, witness: tuple[str, str, list[str]], database_url: str, tmp_path: Path
):
    address, key, _ = witness
    settings = load_settings(
        {
            "PENCHANT_DATA": str(place.cell.settings.data),
            "PENCHANT_WITNESSES": f"{key} {address}",
            "PENCHANT_WITNESS_QUORUM": "1",
        }
    )
    cell = build(settings, clock=SystemClock(), database_url=database_url)
    try:
        assert cell.profile_gate.closed() == "not_witnessed"
        assert cell.cosigning.round() == 1
        web: Litestar = create_web(cell)
        with served(web) as own:
            answer = wait_for(lambda: _get(f"{own}/api/feed?tab={uuid4()}"), "a page with a profile")
            assert '"mode":"taste"' in answer
            # The same over HTTP, by somebody who trusts neither the place nor us.
            keys = ("--key", cell.ledger.verifier.written(), "--witness", key)
            arguments = (f"{own}/ledger", *keys, "--quorum", "1", "--fresh", "300")
            assert place.faults("verify", *arguments) == set()
            assert place.faults("monitor", *arguments, "--state", str(tmp_path / "memory")) == set()
            cell.ledger.sequencer.run_empty()
            assert cell.cosigning.round() == 1
            assert place.faults("monitor", *arguments, "--state", str(tmp_path / "memory")) == set()
    finally:
        cell.close()


def test_a_log_that_was_set_back_hears_it_from_its_witness(
    place: Place, witness: tuple[str, str, list[str]], database_url: str, clock: ManualClock
):
    """The whole machine was set back, tiles and key included: nobody here can know, and the witness does."""
    address, key, _ = witness
    cell = place.cell
    settings = load_settings({"PENCHANT_DATA": str(cell.settings.data), "PENCHANT_WITNESSES": f"{key} {address}"})
    witnessed = build(settings, clock=clock, database_url=database_url)
    size = cell.ledger.checkpoint()[0].size  # type: ignore[index]
    assert witnessed.cosigning.round() == 1
    with cell.engine.begin() as connection:
        connection.execute(text("DELETE FROM ledger_entries WHERE index >= :size"), {"size": size - 2})
        connection.execute(text("UPDATE ledger_state SET size = :size, tiled = 0"), {"size": size - 2})
    for path in (cell.settings.data / "objects" / "ledger").rglob("*"):
        if path.is_file():
            path.unlink()
    again = build(settings, clock=clock, database_url=database_url)
    again.ledger.sequencer.run_empty()
    assert again.ledger.checkpoint()[0].size == size - 2  # type: ignore[index]
    with pytest.raises(LedgerSetBack, match="has signed for"):
        again.cosigning.round()
    with pytest.raises(LedgerSetBack):
        again.ledger.sequencer.round()
    for one in (witnessed, again):
        one.close()


def _get(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return None
