"""Whatever is done to a log afterwards is caught, and called by its name."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.logs import NOW_MS, SIGNER, Files, pages, signed

from penchant.core.errors import Invalid
from penchant.ledger.leaves import POLICY, Epoch, File, Leaf, Page
from penchant.ledger.monitor import Memory, look
from penchant.ledger.notes import COSIGNATURE, Checkpoint, Signer
from penchant.ledger.tiles import bundle
from penchant.ledger.tree import EMPTY_ROOT, leaf_hash, root_of
from penchant.ledger.verify import Report, Trust, verify

TRUST = Trust([SIGNER.verifier])


def epoch(name: int, parent: int, at_ms: int = NOW_MS) -> Epoch:
    return Epoch(at_ms, bytes([name]) * 32, bytes([parent]) * 32 if parent else b"", name, b"")


def policy(name: int, before: int, at_ms: int = NOW_MS) -> File:
    return File(at_ms, POLICY, bytes([name]) * 32, bytes([before]) * 32 if before else b"", b"+")


def checked(files: Files, trust: Trust = TRUST) -> set[str]:
    return {fault.name for fault in verify(files.get, files.note, trust, NOW_MS).faults}


STORY: list[Leaf] = [policy(1, 0), epoch(1, 0), *pages(400), epoch(2, 1), policy(2, 1), *pages(200), epoch(3, 1)]


def test_a_log_as_it_should_be():
    files = Files(STORY)
    report = verify(files.get, files.note, TRUST, NOW_MS)
    assert report.faults == []
    assert report.counts == {"Page": 600, "Epoch": 3, "File": 2}
    assert report.checkpoint == files.checkpoint
    empty = Checkpoint(SIGNER.verifier.name, 0, EMPTY_ROOT)
    assert verify({}.get, signed(empty), TRUST, NOW_MS).faults == []


def test_an_altered_leaf_and_a_deleted_one():
    files = Files(STORY)
    entries = list(files.entries)
    altered = [*entries[:300], Files([Page(bytes(32))]).entries[0], *entries[301:]]
    files["tile/entries/001"] = bundle(altered[256:512])
    assert checked(files) == {"altered_entry"}
    deleted = Files([*entries[:300], *entries[301:]])
    deleted.note = files.note
    assert checked(deleted) >= {"missing_tile"}
    # Made whole again, with tiles that fit: the signature does not.
    deleted.note = signed(Checkpoint(SIGNER.verifier.name, len(entries) - 1, files.checkpoint.root))
    assert checked(deleted) == {"wrong_root"}


@settings(max_examples=60)
@given(st.data())
def test_every_bit_of_every_file_counts(data: st.DataObject):
    files = Files(STORY)
    path = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[path]) * 8 - 1))
    content = bytearray(files[path])
    content[at // 8] ^= 1 << at % 8
    files[path] = bytes(content)
    if path == "checkpoint":
        files.note = files[path].decode(errors="replace")
    assert checked(files)


def test_a_swapped_epoch_and_a_swapped_policy():
    assert checked(Files([epoch(1, 0), epoch(3, 2)])) == {"swapped_epoch"}
    assert checked(Files([policy(1, 0), policy(3, 2)])) == {"swapped_file"}
    assert checked(Files([policy(1, 0), policy(3, 0)])) == {"swapped_file"}
    # Begun anew from the log: no parent.
    assert checked(Files([epoch(1, 0), epoch(2, 0)])) == set()


def test_a_backdated_policy_and_one_of_the_future():
    day = 24 * 3_600_000
    assert checked(Files([policy(1, 0), epoch(1, 0), policy(2, 1, NOW_MS - day)])) == {"backdated"}
    assert checked(Files([policy(1, 0, NOW_MS + day)])) == {"of_the_future"}
    assert checked(Files([policy(1, 0), epoch(1, 0, NOW_MS - 60_000)])) == set(), "several processes write"


def test_what_is_no_leaf():
    assert checked(Files([b"\xa0", b"nothing"])) == {"not_canonical"}


def test_who_signed_and_when():
    files = Files(STORY)
    other = Signer(SIGNER.verifier.name, b"\1" * 32)
    assert checked(files, Trust([other.verifier])) == {"bad_signature"}
    witness = Signer("witness.example/w1", b"\2" * 32, COSIGNATURE)
    trust = Trust([SIGNER.verifier], [witness.verifier], quorum=1, fresh_s=300)
    assert checked(files, trust) == {"not_cosigned"}
    text, now_s = files.checkpoint.text(), NOW_MS // 1000
    for age_s, found in ((10, set()), (400, {"not_cosigned"})):
        files.note = signed(files.checkpoint) + witness.sign(text, now_s - age_s)
        assert checked(files, trust) == found
    report = verify(files.get, files.note, Trust([SIGNER.verifier], [witness.verifier]), NOW_MS)
    assert report.cosigned_by == ("witness.example/w1",)


def test_a_monitor_goes_on_where_it_was_and_sees_what_others_do_not(tmp_path: Path):
    seen = look_at(Files(STORY[:300]), Memory())
    assert seen[0].faults == []
    memory = seen[1]
    memory.save(tmp_path / "memory")
    memory = Memory.load(tmp_path / "memory")
    assert memory == seen[1]
    grown = look_at(Files(STORY), memory)
    assert grown[0].faults == []
    assert grown[1].counts == {"Page": 600, "Epoch": 3, "File": 2}
    # An old checkpoint, shown again.
    assert names(look_at(Files(STORY[:299]), memory)) == {"rewound"}
    # Two views of one size, each of them right in itself.
    other: list[Leaf] = [*STORY[:299], Page(b"\7" * 32)]
    assert names(look_at(Files(other), memory)) == {"split_view"}
    # Another past, grown on.
    assert names(look_at(Files([*other, *STORY[300:]]), memory)) == {"forked"}
    # What was right stays what others are held against.
    assert look_at(Files(other), memory)[1] == memory
    # An epoch whose parent stood in what was seen before is no stranger.
    assert names(look_at(Files([*STORY[:300], epoch(9, 1)]), memory)) == set()
    assert names(look_at(Files([*STORY[:300], epoch(9, 8)]), memory)) == {"swapped_epoch"}


def test_a_file_that_is_no_memory_is_not_overwritten(tmp_path: Path):
    (tmp_path / "memory").write_text("something else", "utf-8")
    with pytest.raises(Invalid, match="not the memory"):
        Memory.load(tmp_path / "memory")


def test_lost_tiles_of_every_level():
    for path in ("tile/0/000", "tile/1/000.p/2", "tile/entries/001", "tile/0/002.p/93"):
        files = Files(STORY)
        del files[path]
        assert checked(files) == {"missing_tile"}, path


def test_a_tile_above_that_says_something_else():
    files = Files(STORY)
    hashes = [leaf_hash(entry) for entry in files.entries]
    files["tile/1/000.p/2"] = root_of(hashes[:256]) + bytes(32)
    assert checked(files) == {"altered_tile", "wrong_root"}


def look_at(files: Files, memory: Memory) -> tuple[Report, Memory]:
    return look(files.get, files.note, memory, TRUST, NOW_MS)


def names(found: tuple[Report, Memory]) -> set[str]:
    return {fault.name for fault in found[0].faults}
