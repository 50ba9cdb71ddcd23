"""The two implementations of the log: the same vectors, the same verdicts."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.ledger.test_sequencer import append, ledger_on, published

from penchant.ledger import record
from penchant.ledger.leaves import LeafWrong, Page, commitment, decode, encode, read_fields
from penchant.ledger.notes import COSIGNATURE, NoteWrong, open_checkpoint, open_note, read_verifier
from penchant.ledger.tiles import Tile, grown
from penchant.ledger.tree import EMPTY_ROOT, extends, includes, leaf_hash, root_of
from penchant.ledger.verify import Trust, verify

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests" / "ledger" / "vectors.json").read_text(encoding="utf-8"))
MERKLE, CBOR, OURS = VECTORS["merkle"], VECTORS["cbor"], VECTORS["penchant"]


def unhex(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def unjson(value: Any) -> Any:
    return bytes.fromhex(value["bytes"]) if isinstance(value, dict) else value


def test_roots():
    hashes = [leaf_hash(entry) for entry in unhex(MERKLE["leaves"])]
    assert bytes.fromhex(MERKLE["empty_root"]) == EMPTY_ROOT == root_of([])
    assert [root_of(hashes[:size]).hex() for size in range(1, 9)] == MERKLE["roots"]


@pytest.mark.parametrize("case", MERKLE["inclusion"], ids=lambda case: f"{case['index']} of {case['size']}")
def test_inclusion(case: dict[str, Any]):
    entry, root = unhex([MERKLE["leaves"][case["index"]], MERKLE["roots"][case["size"] - 1]])
    path = unhex(case["path"])
    assert includes(root, case["size"], case["index"], leaf_hash(entry), path)
    assert not includes(root, case["size"], case["index"], leaf_hash(entry), [*path, root])
    assert not includes(root, case["size"], case["index"], leaf_hash(entry + b"x"), path)


@pytest.mark.parametrize("case", MERKLE["consistency"], ids=lambda case: f"{case['old']} to {case['new']}")
def test_consistency(case: dict[str, Any]):
    old, new = unhex([MERKLE["roots"][case["old"] - 1], MERKLE["roots"][case["new"] - 1]])
    path = unhex(case["path"])
    assert extends(old, case["old"], new, case["new"], path)
    assert not extends(old, case["old"], new, case["new"], [*path, new])
    assert not extends(bytes(32), case["old"], new, case["new"], path)


@pytest.mark.parametrize("case", VECTORS["notes"], ids=lambda case: "+".join(case["signed_by"]))
def test_notes(case: dict[str, Any]):
    trusted = [read_verifier(text) for text in case["vkeys"]]
    opened = open_note(case["note"], trusted)
    assert opened.text == case["text"]
    assert [one.by.name for one in opened.signed] == case["signed_by"]
    with pytest.raises(NoteWrong):
        open_note(case["note"].replace("is", "was", 1), trusted)


@pytest.mark.parametrize("case", VECTORS["checkpoints"], ids=lambda case: case["origin"])
def test_checkpoints(case: dict[str, Any]):
    logs, witnesses = ([read_verifier(text) for text in case[which]] for which in ("vkeys", "witness_vkeys"))
    checkpoint, opened = open_checkpoint(case["note"], logs, witnesses)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (case["origin"], case["size"], case["root"])
    assert {one.at_s for one in opened.by(COSIGNATURE)} == {case["cosigned_s"]}


def test_paths_and_sizes_of_tiles():
    for case in VECTORS["tiles"]["paths"]:
        assert Tile(0, case["index"], 256).path == f"tile/0/{case['elements']}"
        assert Tile(0, case["index"], 7).entries_path == f"tile/entries/{case['elements']}.p/7"
    for case in VECTORS["tiles"]["sizes"]:
        full = {Tile(level, index, 256) for level, count in case["full"] for index in range(count)}
        partial = {Tile(*each) for each in case["partial"]}
        assert set(grown(0, case["size"])) == full | partial


@pytest.mark.parametrize("case", CBOR["good"], ids=lambda case: case["item"])
def test_canonical_items(case: dict[str, Any]):
    """No leaf of ours holds an array: `read_fields` is stricter than the vectors there, and only there."""
    entry = bytes.fromhex(case["entry"])
    if isinstance(case["value"], list):
        with pytest.raises(LeafWrong):
            read_fields(entry)
    else:
        assert read_fields(entry) == {0: 1, 1: 99, 3: unjson(case["value"])}


@pytest.mark.parametrize("case", CBOR["maps"], ids=lambda case: case["hex"])
def test_canonical_maps(case: dict[str, Any]):
    assert list(read_fields(bytes.fromhex(case["hex"])).items()) == [tuple(field) for field in case["fields"]]


@pytest.mark.parametrize("case", CBOR["bad"], ids=lambda case: f"{case['why']}: {case['entry']}")
def test_what_is_not_canonical(case: dict[str, Any]):
    with pytest.raises(LeafWrong):
        read_fields(bytes.fromhex(case["entry"]))


def test_our_own():
    """The vectors also hold kinds with fields of other types, and arrays: no leaves for us, who know what ours hold."""
    leaves = []
    for case in OURS["entries"]:
        entry = bytes.fromhex(case["hex"])
        assert leaf_hash(entry).hex() == case["leaf_hash"]
        try:
            leaves.append(decode(entry))
        except LeafWrong:
            continue
        assert read_fields(entry) == {key: unjson(value) for key, value in case["fields"]}
        assert encode(leaves[-1]) == entry
    assert {"Log", "Page", "Epoch", "File"} <= {type(leaf).__name__ for leaf in leaves}
    assert root_of([leaf_hash(bytes.fromhex(case["hex"])) for case in OURS["entries"]]).hex() == OURS["root"]
    checkpoint, opened = open_checkpoint(
        OURS["checkpoint"], [read_verifier(OURS["vkey"])], [read_verifier(OURS["witness_vkey"])]
    )
    assert (checkpoint.size, checkpoint.root.hex()) == (len(OURS["entries"]), OURS["root"])
    assert [one.at_s for one in opened.by(COSIGNATURE)] == [OURS["cosigned_s"]]


def script(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The second implementation, as an auditor runs it."""
    command = [sys.executable, "-W", "error", str(ROOT / "tools" / "verify_ledger.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60)


@pytest.mark.service
def test_both_agree_on_a_log_of_ours(database_url: str, tmp_path: Path):
    """Written by the sequencer; then with a byte of it turned."""
    salted = b"s" * 32 + b"the record"
    with ledger_on(database_url, tmp_path) as (ledger, engine):
        append(engine, 300)
        ledger.sequencer.run_empty()
        (tmp_path / "before").write_bytes(ledger.sequencer.fetch("checkpoint") or b"")
        with engine.begin() as connection:
            number = record.append(connection, Page(commitment(salted)))
        append(engine, 400)
        ledger.sequencer.run_empty()
        with engine.connect() as connection:
            (tmp_path / "receipt").write_text(ledger.prove(connection, number).file(salted), "utf-8")
        size, verifier = published(ledger).size, ledger.verifier
        prefix, key = tmp_path / "ledger", ["--key", verifier.written()]

        def ours() -> set[str]:
            note, now_ms = (prefix / "checkpoint").read_text("utf-8"), 2_000_000_000_000
            return {fault.name for fault in verify(ledger.sequencer.fetch, note, Trust([verifier]), now_ms).faults}

        theirs = script("log", prefix, *key)
        assert (ours(), theirs.returncode, theirs.stderr) == (set(), 0, "")
        assert theirs.stdout.splitlines()[1] == f"  entries    {size:,}"
        assert script("consistent", tmp_path / "before", prefix / "checkpoint", prefix, *key).returncode == 0
        proved = script("proof", tmp_path / "receipt", *key)
        assert (proved.returncode, "is a page" in proved.stdout) == (0, True)

        bundle = prefix / "tile" / "entries" / "000"
        content = bytearray(bundle.read_bytes())
        content[-1] ^= 1
        bundle.write_bytes(content)
        assert ours() == {"altered_entry"}
        assert script("log", prefix, *key).stdout.startswith("altered_entry: entry 255")
