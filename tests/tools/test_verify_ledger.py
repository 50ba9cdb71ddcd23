"""The second verifier of the log: published vectors, trees built naively, and every kind of damage."""

import argparse
import base64
import contextlib
import functools
import importlib.util
import io
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tools" / "verify_ledger.py"
VECTORS = json.loads((ROOT / "tests" / "ledger" / "vectors.json").read_text(encoding="utf-8"))
ORIGIN = "log.example/penchant"
DAY_MS = 86_400_000
START_MS = 1_700_000_000_000


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("penchant_verify_ledger", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


ledger = _load()


# --- A log of our own: trees by the letter of RFC 6962, files by the letter of tlog-tiles.


def mth(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    cut = next(1 << n for n in range(63, -1, -1) if 1 << n < len(leaves))
    return sha256(b"\x01" + mth(leaves[:cut]) + mth(leaves[cut:])).digest()


def inclusion(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.1."""
    if len(leaves) == 1:
        return []
    cut = next(1 << n for n in range(63, -1, -1) if 1 << n < len(leaves))
    if index < cut:
        return [*inclusion(index, leaves[:cut]), mth(leaves[cut:])]
    return [*inclusion(index - cut, leaves[cut:]), mth(leaves[:cut])]


def leaf(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def cbor(value: Any) -> bytes:
    def head(major: int, number: int) -> bytes:
        for form, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if number < 24:
                return bytes([major << 5 | number])
            if number < 1 << 8 * size:
                return bytes([major << 5 | form]) + number.to_bytes(size, "big")
        raise OverflowError

    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, list | tuple):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(value[key]) for key in sorted(value))


@dataclass(frozen=True)
class Signer:
    name: str
    secret: Ed25519PrivateKey
    kind: int = 1

    @property
    def content(self) -> bytes:
        return bytes([self.kind]) + self.secret.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + self.content).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self.content).decode()}"

    def sign(self, text: str, at_s: int = 0) -> str:
        message = text if self.kind == 1 else f"cosignature/v1\ntime {at_s}\n{text}"
        stamp = b"" if self.kind == 1 else at_s.to_bytes(8, "big")
        body = base64.b64encode(self.key_id + stamp + self.secret.sign(message.encode())).decode()
        return f"— {self.name} {body}\n"


def signer(number: int, name: str = ORIGIN, kind: int = 1) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32), kind)


LOG = signer(1)
WITNESSES = [signer(number, f"w{number}.example", 4) for number in (2, 3, 4)]


def checkpoint_text(leaves: Sequence[bytes], origin: str = ORIGIN) -> str:
    return f"{origin}\n{len(leaves)}\n{base64.b64encode(mth(leaves)).decode()}\n"


def signed(text: str, signers: Iterable[Signer] = (LOG,), at_s: int | None = None) -> str:
    at_s = int(time.time()) if at_s is None else at_s
    return text + "\n" + "".join(each.sign(text, at_s) for each in signers)


def tile_file(folder: Path, level: int | str, index: int, width: int) -> Path:
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = re.findall("...", digits)
    path = folder / "tile" / str(level) / "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return path if width == 256 else path.with_name(path.name + ".p") / str(width)


def write_log(folder: Path, entries: Sequence[bytes], signers: Iterable[Signer] = (LOG,)) -> Path:
    """All files of a log of these entries."""
    hashes = [leaf(entry) for entry in entries]
    bundles = [len(entry).to_bytes(2, "big") + entry for entry in entries]
    rows: list[tuple[int | str, list[bytes]]] = [("entries", bundles)]
    level, row = 0, hashes
    while row:
        rows.append((level, row))
        level, row = level + 1, [mth(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
    for name, items in rows:
        for at in range(0, len(items), 256):
            path = tile_file(folder, name, at // 256, len(items[at : at + 256]))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(items[at : at + 256]))
    folder.mkdir(exist_ok=True)
    (folder / "checkpoint").write_text(signed(checkpoint_text(hashes), signers), encoding="utf-8")
    return folder


def digest(number: int) -> bytes:
    return sha256(number.to_bytes(8, "big")).digest()


def page(salted: bytes) -> bytes:
    return cbor({0: 1, 1: 1, 3: sha256(salted).digest()})


def entry(kind: int, at_ms: int = START_MS, *own: Any) -> bytes:
    return cbor({0: 1, 1: kind, 2: at_ms} | dict(enumerate(own, 3)))


def an_ordinary_log(size: int) -> list[bytes]:
    """The entry that opens a log, files, epochs each on the one before, and pages."""
    entries = [entry(14, START_MS, b"log.example/penchant", b"", 0, b"")]
    entries += [entry(3, START_MS + what, what, digest(what), b"", b"all of it") for what in (1, 2, 3, 4)]
    epoch = b""
    for number in range(len(entries), size):
        if number % 50 == 7:
            parent, epoch = epoch, digest(number)
            entries.append(entry(2, START_MS + number * 1000, epoch, parent, number, digest(0)))
        else:
            entries.append(page(number.to_bytes(8, "big") * 5))
    return entries[:size]


def run(*arguments: str | Path) -> tuple[int, list[str]]:
    """Status and lines of the program, in this process."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        status = ledger.main([str(argument) for argument in arguments])
    return status, printed.getvalue().splitlines()


def faults_of(folder: Path, *options: str) -> list[str]:
    """The names of what is found in a log."""
    status, lines = run("log", folder, "--key", LOG.vkey, *options)
    assert status == (0 if lines[0] == f"{ORIGIN}: all holds" else 1)
    return [line.split(":")[0] for line in lines] if status else []


# --- Published vectors


def unhex(*texts: str) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def unjson(value: Any) -> Any:
    if isinstance(value, dict):
        return bytes.fromhex(value["bytes"])
    return tuple(unjson(item) for item in value) if isinstance(value, list) else value


def asked(keys: Sequence[str], witnesses: Sequence[str] = (), quorum: int = 0, fresh: float = float("inf")) -> Any:
    parsed = [[ledger.parse_vkey(text) for text in texts] for texts in (keys, witnesses)]
    return argparse.Namespace(key=parsed[0], witness=parsed[1], quorum=quorum, fresh=fresh)


def test_roots_of_the_reference_tests():
    merkle = VECTORS["merkle"]
    hashes = [ledger.hashed(ledger.LEAF, entry) for entry in unhex(*merkle["leaves"])]
    assert ledger.root_of([]).hex() == merkle["empty_root"]
    assert [ledger.root_of(hashes[:size]).hex() for size in range(1, 9)] == merkle["roots"]
    assert [mth(hashes[:size]).hex() for size in range(1, 9)] == merkle["roots"]


@pytest.mark.parametrize("case", VECTORS["merkle"]["inclusion"], ids=lambda case: f"{case['index']} of {case['size']}")
def test_inclusion_of_the_reference_tests(case: dict[str, Any]):
    leaf_of, root = unhex(VECTORS["merkle"]["leaves"][case["index"]], VECTORS["merkle"]["roots"][case["size"] - 1])
    path = unhex(*case["path"])
    assert ledger.root_by_inclusion(case["index"], case["size"], leaf(leaf_of), path) == root
    for wrong in ([*path, root], path[1:]) if path else ([root],):
        with pytest.raises(ValueError, match="the path"):
            ledger.root_by_inclusion(case["index"], case["size"], leaf(leaf_of), wrong)


@pytest.mark.parametrize("case", VECTORS["merkle"]["consistency"], ids=lambda case: f"{case['old']} to {case['new']}")
def test_consistency_of_the_reference_tests(tmp_path: Path, case: dict[str, Any]):
    """From a log's tiles, not by a path: which it has no need of."""
    entries = unhex(*VECTORS["merkle"]["leaves"])
    write_log(tmp_path, entries[: case["new"]])
    faults: list[Exception] = []
    old, new = (
        ledger.Checkpoint(ORIGIN, case[which], bytes.fromhex(VECTORS["merkle"]["roots"][case[which] - 1]), {})
        for which in ("old", "new")
    )
    ledger.Log(str(tmp_path), new, faults).compare(old)
    assert faults == []
    if case["old"] < case["new"]:
        with pytest.raises(ledger.Fault, match="forked"):
            ledger.Log(str(tmp_path), new, faults).compare(old._replace(root=bytes(32)))
        with pytest.raises(ledger.Fault, match="forked"):
            ledger.Log(str(tmp_path), new._replace(root=bytes(32)), faults).compare(old)


@pytest.mark.parametrize("case", VECTORS["notes"], ids=lambda case: "+".join(case["signed_by"]))
def test_published_notes(case: dict[str, Any]):
    keys = [ledger.parse_vkey(text) for text in case["vkeys"]]
    text, signers = ledger.open_note(case["note"].encode(), keys)
    assert text == case["text"]
    assert [key.name for key in signers] == case["signed_by"]
    with pytest.raises(InvalidSignature):
        ledger.open_note(case["note"].replace("is", "was", 1).encode(), keys)


@pytest.mark.parametrize("case", VECTORS["checkpoints"], ids=lambda case: case["origin"])
def test_published_checkpoints(case: dict[str, Any]):
    state = ledger.open_checkpoint(case["note"].encode(), asked(case["vkeys"], case["witness_vkeys"]))
    assert (state.origin, state.size, state.root.hex()) == (case["origin"], case["size"], case["root"])
    witnessed = {key.name: at_s for key, at_s in state.signers.items() if key.kind == 4}
    assert witnessed == {vkey.split("+")[0]: case["cosigned_s"] for vkey in case["witness_vkeys"]}


def test_paths_and_widths_of_tiles(tmp_path: Path):
    for case in VECTORS["tiles"]["paths"]:
        assert ledger.tile_path(0, case["index"]) == f"tile/0/{case['elements']}"
        assert ledger.tile_path("entries", case["index"], 7) == f"tile/entries/{case['elements']}.p/7"
        assert tile_file(tmp_path, 3, case["index"], 7) == tmp_path / ledger.tile_path(3, case["index"], 7)


@pytest.mark.parametrize("case", VECTORS["tiles"]["sizes"], ids=lambda case: str(case["size"]))
def test_which_tiles_a_log_has(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    wanted: list[str] = []
    monkeypatch.setattr(ledger, "fetch", wanted.append)  # which finds nothing
    faults: list[Exception] = []
    ledger.Log("", ledger.Checkpoint(ORIGIN, case["size"], b"", {}), faults).audit()
    full = {ledger.tile_path(level, index) for level, count in case["full"] for index in range(count)}
    partial = {ledger.tile_path(*each) for each in case["partial"]}
    instead = {path.split(".")[0] for path in partial}
    assert {path[1:] for path in wanted if "entries" not in path} == full | partial | instead
    missing = {fault.args[1] for fault in faults if fault.args[0] == "missing_tile"}
    assert {path for path in missing if "entries" not in path} == full | partial


@pytest.mark.parametrize("case", VECTORS["cbor"]["good"], ids=lambda case: case["item"])
def test_canonical_items(case: dict[str, Any]):
    assert ledger.decode(bytes.fromhex(case["entry"])) == {0: 1, 1: 99, 3: unjson(case["value"])}
    assert cbor(unjson(case["value"])).hex() == case["item"]


@pytest.mark.parametrize("case", VECTORS["cbor"]["maps"], ids=lambda case: case["hex"])
def test_canonical_maps(case: dict[str, Any]):
    assert list(ledger.decode(bytes.fromhex(case["hex"])).items()) == [tuple(field) for field in case["fields"]]


@pytest.mark.parametrize("case", VECTORS["cbor"]["bad"], ids=lambda case: f"{case['why']}: {case['entry']}")
def test_what_is_not_canonical(case: dict[str, Any]):
    with pytest.raises(ledger.Fault, match="not_canonical"):
        ledger.decode(bytes.fromhex(case["entry"]))


def test_arrays_without_end_are_refused():
    for entry in (bytes.fromhex("a103") + b"\x81" * 60_000, bytes.fromhex("a1039b7fffffffffffffff")):
        with pytest.raises(ledger.Fault, match="not_canonical"):
            ledger.decode(entry)


def test_our_own_vectors():
    ours = VECTORS["penchant"]
    for case in ours["entries"]:
        fields = {key: unjson(value) for key, value in case["fields"]}
        assert ledger.decode(bytes.fromhex(case["hex"])) == fields
        assert cbor(fields).hex() == case["hex"]
        assert ledger.hashed(ledger.LEAF, bytes.fromhex(case["hex"])).hex() == case["leaf_hash"]
    state = ledger.open_checkpoint(ours["checkpoint"].encode(), asked([ours["vkey"]], [ours["witness_vkey"]], 1))
    assert (state.size, state.root.hex()) == (len(ours["entries"]), ours["root"])
    for receipt_of, what in (("page_receipt", "is a page"), ("epoch_receipt", "is this: a7000101")):
        _, words = ledger.open_proof(ours[receipt_of].encode(), asked([ours["vkey"]], [ours["witness_vkey"]], 1))
        assert what in words


# --- Any tree

BLOBS = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


@given(BLOBS, st.data())
def test_any_tree_and_its_proofs(entries: list[bytes], data: st.DataObject):
    hashes = [leaf(entry) for entry in entries]
    root, size = mth(hashes), len(hashes)
    assert ledger.root_of(hashes) == root
    index = data.draw(st.integers(0, size - 1))
    path = inclusion(index, hashes)
    assert ledger.root_by_inclusion(index, size, hashes[index], path) == root
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        path[at] = bytes([path[at][0] ^ 1 << data.draw(st.integers(0, 7))]) + path[at][1:]
        assert ledger.root_by_inclusion(index, size, hashes[index], path) != root


VALUES = st.recursive(
    st.integers(-(1 << 64), (1 << 64) - 1) | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=5).map(tuple),
    max_leaves=8,
)


@given(st.dictionaries(st.integers(0, (1 << 64) - 1), VALUES, max_size=30))
def test_any_canonical_map_is_read_back(fields: dict[int, Any]):
    assert ledger.decode(cbor(fields)) == fields


@given(st.binary(max_size=40))
def test_one_encoding_only(entry: bytes):
    """Whatever is accepted is what an encoder would have written."""
    try:
        fields = ledger.decode(entry)
    except ledger.Fault:
        return
    assert cbor(fields) == entry


# --- Whole logs


@pytest.mark.parametrize("size", [0, 1, 2, 5, 255, 256, 257, 511, 512, 513, 700])
def test_a_good_log(tmp_path: Path, size: int):
    write_log(tmp_path, an_ordinary_log(size), [LOG, *WITNESSES])
    asked_for = [f"--witness={witness.vkey}" for witness in WITNESSES]
    status, lines = run("log", tmp_path, "--key", LOG.vkey, *asked_for, "--quorum=2", "--fresh=60")
    assert (status, lines[:2]) == (0, [f"{ORIGIN}: all holds", f"  entries    {size:,}"])
    signed_by = lines[2].removeprefix("  signed by  ").split(", ")
    assert [each.split("+")[0] for each in signed_by] == [each.name for each in (LOG, *WITNESSES)]


@pytest.mark.slow
@pytest.mark.parametrize("size", [65_536, 65_537])
def test_a_good_log_of_three_levels(tmp_path: Path, size: int):
    write_log(tmp_path, an_ordinary_log(size))
    assert faults_of(tmp_path) == []
    path = tmp_path / "tile" / "1" / "000"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    assert set(faults_of(tmp_path)) == {"altered_tile"}


@pytest.fixture(scope="module")
def small_log(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, bytes]:
    folder = write_log(tmp_path_factory.mktemp("log"), an_ordinary_log(300), [LOG, *WITNESSES])
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


CONSEQUENCES = {"altered_tile", "wrong_root", "swapped_epoch"}
"""What may follow from a tile that is at fault: what stands above it, and what goes on from its entries."""
WITNESSED = [f"--witness={witness.vkey}" for witness in WITNESSES]


@settings(max_examples=40)
@given(number=st.integers(0, 5), place=st.integers(0, 1 << 20))
def test_a_flipped_bit_anywhere_is_found(small_log: dict[Path, bytes], number: int, place: int):
    path, good = list(small_log.items())[number]
    content = bytearray(good)
    content[place // 8 % len(good)] ^= 1 << place % 8
    path.write_bytes(content)
    try:
        found = faults_of(next(iter(small_log)).parent, *WITNESSED)
    finally:
        path.write_bytes(good)
    if path.name == "checkpoint":
        assert found in (["bad_checkpoint"], ["bad_signature"], ["too_few_witnesses"])
        return
    assert found[0] in ("altered_entry", "altered_tile", "missing_tile")
    assert set(found) <= CONSEQUENCES | {"altered_entry"}


@pytest.mark.parametrize("number", range(5))
def test_a_file_that_is_gone_or_cut_is_found(tmp_path: Path, number: int):
    folder = write_log(tmp_path, an_ordinary_log(300))
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "checkpoint")
    assert len(files) == 5
    content = files[number].read_bytes()
    files[number].write_bytes(content[:-1])
    assert faults_of(folder)[0] == "altered_tile"
    files[number].write_bytes(content + b"\0")
    assert faults_of(folder)[0] == "altered_tile"
    files[number].unlink()
    first, *more = faults_of(folder)
    assert first == "missing_tile"
    assert set(more) <= CONSEQUENCES


def test_a_partial_tile_may_be_gone_once_there_is_the_full_one(tmp_path: Path):
    entries = an_ordinary_log(600)
    write_log(tmp_path, entries)
    hashes = [leaf(each) for each in entries[:300]]
    (tmp_path / "checkpoint").write_text(signed(checkpoint_text(hashes)), encoding="utf-8")
    (tmp_path / "tile" / "1" / "000.p" / "1").write_bytes(mth(hashes[:256]))
    assert faults_of(tmp_path) == []


def test_an_entry_that_was_changed_is_named_at_its_place(tmp_path: Path):
    entries = an_ordinary_log(600)
    write_log(tmp_path, entries)
    bundle = tmp_path / "tile" / "entries" / "001"
    bundle.write_bytes(bundle.read_bytes().replace(entries[300], page(b"another")))
    status, lines = run("log", tmp_path, "--key", LOG.vkey)
    assert (status, lines) == (1, ["altered_entry: entry 300: its tile holds the hash of another"])


def test_a_log_written_anew_is_not_what_was_signed(tmp_path: Path):
    write_log(tmp_path, an_ordinary_log(300))
    note = (tmp_path / "checkpoint").read_bytes()
    write_log(tmp_path, [*an_ordinary_log(299), page(b"another" * 8)])
    (tmp_path / "checkpoint").write_bytes(note)
    assert faults_of(tmp_path) == ["wrong_root"]


def test_a_log_that_claims_what_it_lacks_is_left_soon(tmp_path: Path):
    text = f"{ORIGIN}\n{10**17}\n{base64.b64encode(bytes(32)).decode()}\n"
    (tmp_path / "checkpoint").write_text(signed(text), encoding="utf-8")
    found = faults_of(tmp_path)
    assert (set(found[:-1]), found[-1]) == ({"missing_tile"}, "too_many_faults")


# --- What entries say


def found_in(folder: Path, *entries: bytes) -> list[str]:
    return faults_of(write_log(folder, entries))


def test_epochs_follow_on_earlier_epochs(tmp_path: Path):
    one, two, three = (digest(number) for number in (1, 2, 3))
    first, second = entry(2, START_MS, one, b"", 0, digest(0)), entry(2, START_MS, two, one, 9, digest(0))
    back = entry(2, START_MS, three, one, 12, digest(0))
    assert found_in(tmp_path / "a", first, second, back) == []
    assert found_in(tmp_path / "b", second, first) == ["swapped_epoch"]
    anew = entry(2, START_MS, two, b"", 9, digest(0))
    assert found_in(tmp_path / "c", first, anew, back) == [], "a rebuild begins anew"
    assert found_in(tmp_path / "d", first, entry(2, START_MS, two, two, 9, digest(0))) == ["swapped_epoch"]


def test_files_follow_on_the_one_before(tmp_path: Path):
    def file(what: int, own: int, previous: int) -> bytes:
        return entry(3, START_MS, what, digest(own), digest(previous) if previous else b"", b"+")

    assert found_in(tmp_path / "a", file(1, 1, 0), file(3, 2, 0), file(1, 3, 1), file(1, 1, 3)) == []
    assert found_in(tmp_path / "b", file(1, 1, 0), file(3, 2, 1)) == ["swapped_file"]
    assert found_in(tmp_path / "c", file(1, 1, 0), file(1, 2, 1), file(1, 3, 1)) == ["swapped_file"]


def test_a_log_that_goes_on_another_has_parents_there(tmp_path: Path):
    opening = entry(14, START_MS, b"new.example", b"old.example", 9, digest(9))
    first, second = (
        entry(2, START_MS, digest(2), digest(1), 0, digest(0)),
        entry(3, START_MS, 3, digest(4), digest(3), b""),
    )
    assert found_in(tmp_path / "a", opening, first, second) == []
    assert found_in(tmp_path / "b", opening, first, first) == ["swapped_epoch"]
    assert found_in(tmp_path / "c", first, second) == ["swapped_epoch", "swapped_file"]


def test_time_goes_on(tmp_path: Path):
    minute = 60_000
    later, now_ms = entry(6, START_MS + DAY_MS, b"publish", digest(1)), int(time.time() * 1000)
    assert found_in(tmp_path / "a", later, entry(6, START_MS + DAY_MS - 9 * minute, b"publish", digest(1))) == []
    assert found_in(tmp_path / "b", later, entry(6, START_MS + DAY_MS - 11 * minute, b"", digest(1))) == ["backdated"]
    assert found_in(tmp_path / "c", entry(6, now_ms + 9 * minute, b"publish", digest(1))) == []
    # What is of the future makes nothing after it backdated.
    assert found_in(tmp_path / "d", entry(6, now_ms + 11 * minute, b"", digest(1)), later) == ["of_the_future"]


def test_kinds_unknown_here_are_no_fault(tmp_path: Path):
    unknown = cbor({0: 1, 1: 99, 3: [b"x", -1]}), cbor({0: 1, 1: 99, 2: START_MS})
    assert found_in(tmp_path, *unknown, page(b"")) == []


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {0: 2, 1: 99},
        {0: 1},
        {0: 1, 1: [1]},
        {0: 1, 1: b""},
        {0: 2, 1: 1, 3: bytes(32)},
        {0: 1, 1: 2, 2: b"", 3: bytes(32), 4: b""},
        {0: 1, 1: 99, 2: b""},
    ],
)
def test_fields_that_no_kind_has(tmp_path: Path, fields: dict[int, Any]):
    assert found_in(tmp_path, cbor(fields)) == ["bad_entry"]


def test_entries_that_are_not_canonical(tmp_path: Path):
    assert found_in(tmp_path, bytes.fromhex("a20001011863ff"), bytes.fromhex("a2180001011863")) == ["not_canonical"] * 2


# --- Signatures


def names_of(note: str, keys: Sequence[Signer] = (LOG,), witnesses: Sequence[Signer] = (), **more: Any) -> str:
    """The fault of a checkpoint; empty where it has none."""
    try:
        ledger.open_checkpoint(
            note.encode(), asked([key.vkey for key in keys], [key.vkey for key in witnesses], **more)
        )
    except ledger.Fault as fault:
        return str(fault.args[0])
    return ""


TEXT = checkpoint_text([leaf(b"")])
NEW_KEY, OTHER_LOG = signer(7), signer(8, "other.example")


def test_one_of_the_keys_of_a_log_is_enough():
    assert names_of(signed(TEXT)) == ""
    assert names_of(signed(TEXT, [NEW_KEY]), [LOG, NEW_KEY]) == ""
    assert names_of(signed(TEXT, [LOG, NEW_KEY]), [NEW_KEY]) == ""
    assert names_of(signed(TEXT, [NEW_KEY])) == "bad_signature"
    assert names_of(signed(TEXT).replace("1", "2", 1)) == "bad_signature"


def test_a_key_signs_for_its_own_log_only():
    """Else one key could show two histories under two names, and witnesses, who go by the name, would not see it."""
    assert names_of(signed(TEXT, [OTHER_LOG]), [OTHER_LOG]) == "bad_signature"
    assert names_of(signed(checkpoint_text([], "other.example"), [OTHER_LOG]), [LOG, OTHER_LOG]) == ""


def test_a_quorum_of_witnesses_that_saw_it_lately():
    now_s = int(time.time())
    note = signed(TEXT, [LOG, *WITNESSES[:2]], now_s - 3600)
    assert names_of(note, witnesses=WITNESSES, quorum=2) == ""
    assert names_of(note, witnesses=WITNESSES, quorum=3) == "too_few_witnesses"
    assert names_of(note, witnesses=WITNESSES, quorum=2, fresh=7200) == ""
    assert names_of(note, witnesses=WITNESSES, quorum=2, fresh=1800) == "too_few_witnesses"
    assert names_of(signed(TEXT, [LOG, *WITNESSES], now_s + 3600), witnesses=WITNESSES, quorum=1) == "too_few_witnesses"
    assert names_of(note.replace(ORIGIN, "other.example", 1), [OTHER_LOG], WITNESSES) == "bad_signature"


def test_a_witness_under_two_names_is_one():
    twice = [WITNESSES[0], Signer("again.example", WITNESSES[0].secret, 4)]
    assert names_of(signed(TEXT, [LOG, *twice]), witnesses=twice, quorum=2) == "too_few_witnesses"


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{ORIGIN}\n1\n",
        f"{ORIGIN}\n01\n{TEXT.splitlines()[2]}\n",
        f"{ORIGIN}\n-1\n{TEXT.splitlines()[2]}\n",
        f"{ORIGIN}\n{10**18}\n{TEXT.splitlines()[2]}\n",
        f"{ORIGIN}\n1\n{TEXT.splitlines()[2][:-4]}\n",
        f"{ORIGIN}\n\u0661\n{TEXT.splitlines()[2]}\n",
        TEXT.replace("\n", "\r\n"),
        TEXT + "\nafter an empty line\n",
        TEXT + "a control\x01character\n",
    ],
    ids=repr,
)
def test_what_is_no_checkpoint(text: str):
    assert names_of(signed(text)) == "bad_checkpoint"


@pytest.mark.parametrize(
    "note", [TEXT, TEXT + "\n", signed(TEXT)[:-1], signed(TEXT) + "x", signed(TEXT) + "\n", "\n\n"]
)
def test_what_is_no_note(note: str):
    assert names_of(note) == "bad_checkpoint"


def test_lines_after_the_root_are_signed_too():
    note = signed(TEXT + "more\n")
    assert (names_of(note), names_of(note.replace("more", "less"))) == ("", "bad_signature")


@settings(max_examples=40)
@given(st.integers(0, len(signed(TEXT, at_s=1).encode()) * 8 - 1))
def test_a_flipped_bit_in_a_signed_state_is_found(bit: int):
    note = bytearray(signed(TEXT).encode())
    note[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ledger.Fault):
        ledger.open_checkpoint(bytes(note), asked([LOG.vkey]))


def test_one_text_for_one_signature():
    """Base64 has spare bits: else a note could be changed and still be taken for the same."""
    note = signed(TEXT)
    last = note[-3]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert names_of(f"{note[:-3]}{alphabet[alphabet.index(last) ^ 1]}=\n") == "bad_checkpoint"


# --- Receipts


def receipt(entries: Sequence[bytes], index: int, extra: bytes, signers: Sequence[Signer] = (LOG,)) -> str:
    hashes = [leaf(each) for each in entries]
    path = "".join(base64.b64encode(each).decode() + "\n" for each in inclusion(index, hashes))
    head = f"c2sp.org/tlog-proof@v1\nextra {base64.b64encode(extra).decode()}\nindex {index}\n"
    return f"{head}{path}\n{signed(checkpoint_text(hashes), signers)}"


def proved(text: str) -> str:
    """What a receipt proves, or the name of its fault."""
    try:
        _, words = ledger.open_proof(text.encode(), asked([LOG.vkey]))
    except ledger.Fault as fault:
        return str(fault.args[0])
    return "page" if " is a page: " in words else "this"


def test_receipts_of_pages_and_of_others():
    salted = b"s" * 32 + b"the record"
    entries = [*an_ordinary_log(10), page(salted)]
    assert proved(receipt(entries, 10, salted)) == "page"
    assert proved(receipt(entries, 10, salted + b".")) == "not_included"
    assert proved(receipt(entries, 3, entries[3])) == "this"
    assert proved(receipt(entries, 4, entries[3])) == "not_included"
    # What the log should not hold is no proof, and is said.
    assert proved(receipt([b"", cbor({0: 1})], 0, b"")) == "bad_proof"
    assert proved(receipt([b"x", b"y"], 0, b"x")) == "not_canonical"
    # A page's entry without the record proves nothing about the record.
    assert proved(receipt(entries, 10, entries[10])) == "not_included"


def test_receipts_that_were_changed():
    good = receipt(an_ordinary_log(10), 3, an_ordinary_log(10)[3])
    assert proved(good.replace("index 3", "index 2")) == "not_included"
    assert proved(good.replace("index 3", "index 10")) == "bad_proof"
    assert proved(good.replace("index 3", "index 03")) == "bad_proof"
    assert proved(good.replace("index 3\n", "index 3\nAAAA\n")) == "bad_proof"
    assert proved(good.replace("extra", "more")) == "bad_proof"
    assert proved(good.replace("extra ", "extra !")) == "bad_proof"
    assert proved(good.replace(f"{ORIGIN}\n10", f"{ORIGIN}\n9")) == "bad_signature"
    assert proved("") == "bad_proof"


@settings(max_examples=40)
@given(data=st.data())
def test_a_flipped_bit_in_a_receipt_is_found(data: st.DataObject):
    good = receipt(an_ordinary_log(10), 3, an_ordinary_log(10)[3]).encode()
    changed = bytearray(good)
    changed[data.draw(st.integers(0, len(good) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ledger.Fault):
        ledger.open_proof(bytes(changed), asked([LOG.vkey]))


# --- Two states of one log


def grown(folder: Path, old: Sequence[bytes], new: Sequence[bytes]) -> list[str]:
    """The faults between a state of the old entries and the log of the new ones."""
    write_log(folder, new)
    before = folder / "before"
    before.write_text(signed(checkpoint_text([leaf(each) for each in old])), encoding="utf-8")
    status, lines = run("consistent", before, folder / "checkpoint", folder, "--key", LOG.vkey)
    return [line.split(":")[0] for line in lines] if status else []


@pytest.mark.parametrize("old", [0, 1, 5, 6, 64, 128, 255, 256, 257, 300, 512, 513, 599, 600])
def test_a_log_that_grew(tmp_path: Path, old: int):
    entries = an_ordinary_log(600)
    assert grown(tmp_path, entries[:old], entries) == []


@settings(max_examples=25)
@given(st.integers(1, 1100), st.integers(0, 400))
def test_any_log_that_grew(tmp_path_factory: pytest.TempPathFactory, old: int, more: int):
    entries = [page(number.to_bytes(8, "big")) for number in range(old + more)]
    assert grown(tmp_path_factory.mktemp("grown"), entries[:old], entries) == []


def test_logs_that_did_not_grow(tmp_path: Path):
    entries = an_ordinary_log(300)
    other = [*entries[:7], page(b"another"), *entries[8:]]
    assert grown(tmp_path / "a", other, entries) == ["split_view"]
    assert grown(tmp_path / "b", entries, entries[:299]) == ["rewound"]
    assert grown(tmp_path / "c", other[:20], entries) == ["forked"]
    assert grown(tmp_path / "d", other[:256], entries) == ["forked"]


def test_what_a_proof_needs_is_gone(tmp_path: Path):
    entries = an_ordinary_log(300)
    assert grown(tmp_path, entries[:20], entries) == []
    (tmp_path / "tile" / "0" / "000").unlink()
    arguments = [tmp_path / "before", tmp_path / "checkpoint", tmp_path, "--key", LOG.vkey]
    status, lines = run("consistent", *arguments)
    assert status == 1
    assert lines == ["missing_tile: tile/0/000"]


def test_two_logs_are_not_one(tmp_path: Path):
    write_log(tmp_path, an_ordinary_log(10))
    other = tmp_path / "other"
    other.write_text(signed(checkpoint_text([], "other.example"), [OTHER_LOG]), encoding="utf-8")
    keys = ["--key", LOG.vkey, "--key", OTHER_LOG.vkey]
    status, lines = run("consistent", other, tmp_path / "checkpoint", tmp_path, *keys)
    assert (status, lines) == (1, [f"other_origin: other.example had 0 entries, and {ORIGIN} has 10"])


# --- The program


def program(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", SCRIPT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60)


@pytest.mark.service
def test_the_program_on_a_folder_and_its_address(tmp_path: Path):
    write_log(tmp_path, an_ordinary_log(300))
    for prefix in (tmp_path, f"{tmp_path}/", tmp_path.as_uri()):
        done = program("log", prefix, "--key", LOG.vkey)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[:2] == [f"{ORIGIN}: all holds", "  entries    300"]
        assert "no witness was asked for" in done.stdout
    (tmp_path / "tile" / "0" / "000").unlink()
    done = program("log", tmp_path, "--key", LOG.vkey)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[0] == "missing_tile: tile/0/000"


@contextlib.contextmanager
def served(folder: Path, handler: type[SimpleHTTPRequestHandler]) -> Iterator[str]:
    """The folder's address."""
    made = functools.partial(handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), made) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.service
def test_the_program_over_http(tmp_path: Path):
    write_log(tmp_path, an_ordinary_log(300))
    with served(tmp_path, QuietHandler) as address:
        assert program("log", address, "--key", LOG.vkey).returncode == 0
        (tmp_path / "tile" / "0" / "000").unlink()
        assert program("log", address, "--key", LOG.vkey).stdout.startswith("missing_tile: tile/0/000\n")
    done = program("log", address, "--key", LOG.vkey)
    assert (done.returncode, done.stdout.split(":")[0]) == (1, "unreachable")


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.service
def test_the_program_used_wrongly(tmp_path: Path):
    mistyped = LOG.vkey.replace("log.", "lag.")
    for arguments in (
        [],
        ["log", tmp_path],
        ["log", tmp_path, "--key", "nonsense"],
        ["log", tmp_path, "--key", mistyped],
        ["log", tmp_path, tmp_path, "--key", LOG.vkey],
        ["consistent", tmp_path, "--key", LOG.vkey],
    ):
        done = program(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert "usage" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_log_does_not_steer_the_terminal(tmp_path: Path):
    origin = "log\u009b31m\u202e.example"
    key = signer(9, origin)
    (tmp_path / "checkpoint").write_text(signed(checkpoint_text([], origin), [key]), encoding="utf-8")
    status, lines = run("log", tmp_path, "--key", key.vkey)
    assert (status, lines[0]) == (0, "log\\x9b31m\\u202e.example: all holds")


# --- What an auditor may count on


def test_it_stands_alone():
    source = SCRIPT.read_text(encoding="utf-8")
    imported = set(re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE))
    assert imported - {"cryptography"} <= sys.stdlib_module_names


def test_it_is_short_enough_to_be_read():
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) < 300
