"""A witness signs what goes on from what it saw, and nothing else, whoever asks, in whatever order."""

import base64
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.ledger.logs import NOW_MS, SIGNER, Files, pages, signed

from penchant.core.clock import ManualClock
from penchant.ledger.notes import COSIGNATURE, Checkpoint, Signer, open_note
from penchant.ledger.tiles import TileReader
from penchant.ledger.tree import EMPTY_ROOT, consistency_proof, extends, leaf_hash, root_of
from penchant.ledger.witness import Said, Witness

COSIGNER = Signer("witness.example/w1", b"\2" * 32, COSIGNATURE)
LOG = Files(pages(600))
FORK = Files([*pages(40), *pages(560)])


def witness_in(folder: Path) -> Witness:
    return Witness(folder, COSIGNER, [SIGNER.verifier], ManualClock(NOW_MS))


def checkpoint(log: Files, size: int) -> Checkpoint:
    hashes = [leaf_hash(entry) for entry in log.entries[:size]]
    return Checkpoint(SIGNER.verifier.name, size, root_of(hashes) if hashes else EMPTY_ROOT)


def request(log: Files, old: int, size: int, note: str | None = None) -> bytes:
    proof = consistency_proof(old, size, TileReader(log.get, 600).perfect) if old <= size else []
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof)]
    return ("\n".join(lines) + "\n\n" + (note or signed(checkpoint(log, size)))).encode()


def test_it_cosigns_what_goes_on_and_says_when(tmp_path: Path):
    witness = witness_in(tmp_path)
    for old, size in ((0, 10), (10, 10), (10, 300), (300, 600)):
        said = witness.add_checkpoint(request(LOG, old, size))
        assert said.status == 200
        note = open_note(f"{checkpoint(LOG, size).text()}\n{said.body}", [COSIGNER.verifier])
        assert note.signed[0].at_s == NOW_MS // 1000
    # Begun again, it knows what it saw.
    assert witness_in(tmp_path).seen(SIGNER.verifier.name).size == 600


def test_what_it_does_not_sign(tmp_path: Path):
    witness = witness_in(tmp_path)
    assert witness.add_checkpoint(request(LOG, 0, 300)).status == 200
    assert witness.add_checkpoint(request(LOG, 0, 300)) == Said(409, "300\n", "text/x.tlog.size")
    assert witness.add_checkpoint(request(LOG, 100, 600)).status == 409, "not what it saw last"
    assert witness.add_checkpoint(request(LOG, 300, 200)).status == 400, "smaller than what it saw"
    assert witness.add_checkpoint(request(FORK, 300, 600)).status == 422, "another past"
    assert witness.add_checkpoint(request(FORK, 300, 300)).status == 409, "two views of one size"
    stranger = Signer("elsewhere.penchant/00000000", bytes(32))
    foreign = signed(Checkpoint(stranger.verifier.name, 1, bytes(32)), stranger)
    assert witness.add_checkpoint(request(LOG, 300, 600, foreign)).status == 404
    forged = signed(checkpoint(LOG, 600), Signer(SIGNER.verifier.name, b"\3" * 32))
    assert witness.add_checkpoint(request(LOG, 300, 600, forged)).status == 403
    for body in (b"", b"old 1\n", b"\xff", b"old 01\n\n", b"old x\n\nx", b"old 300\n!!\n\n", b"old 300\nAAAA\n\n"):
        assert witness.add_checkpoint(body + signed(checkpoint(LOG, 600)).encode()).status == 400, body
    assert witness.add_checkpoint(b"old 300\n" + b"A" * 43 + b"=\n" * 70 + b"\n").status == 400
    assert witness.seen(SIGNER.verifier.name).size == 300
    kept = next(tmp_path.glob("*.fork")).read_text("utf-8")
    assert signed(checkpoint(LOG, 300)) in kept, "both checkpoints of a fork are kept"
    assert signed(checkpoint(FORK, 600)) in kept


def test_many_at_once_see_one_log(tmp_path: Path):
    witness = witness_in(tmp_path)
    said: list[int] = []
    threads = [
        Thread(target=lambda size=size: said.append(witness.add_checkpoint(request(LOG, 0, size)).status))
        for size in range(100, 120)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [200] + [409] * 19


class Asked(RuleBasedStateMachine):
    """Two logs under one key, and anybody's requests: what was cosigned is one log that only grew."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.path = self.folder / str(id(self))
        self.signed = [Checkpoint(SIGNER.verifier.name, 0, EMPTY_ROOT)]

    @rule(fork=st.booleans(), old=st.integers(0, 600), size=st.integers(0, 600), honest=st.booleans())
    def asked(self, fork: bool, old: int, size: int, honest: bool) -> None:
        log, witness = FORK if fork else LOG, witness_in(self.path)
        old = witness.seen(SIGNER.verifier.name).size if honest else old
        if witness.add_checkpoint(request(log, old, size)).status == 200:
            self.signed.append(checkpoint(log, size))

    @invariant()
    def it_is_one_log(self) -> None:
        if len(self.signed) < 2:
            return
        old, new = self.signed[-2:]
        assert any(
            extends(
                old.root,
                old.size,
                new.root,
                new.size,
                consistency_proof(old.size, new.size, TileReader(log.get, 600).perfect),
            )
            for log in (LOG, FORK)
        )


def test_whoever_asks_whatever_it_is_one_log(tmp_path: Path):
    Asked.folder = tmp_path
    run_state_machine_as_test(Asked, settings=settings(max_examples=25, stateful_step_count=12))


def test_a_file_that_was_damaged_is_no_empty_memory(tmp_path: Path):
    witness = witness_in(tmp_path)
    witness.add_checkpoint(request(LOG, 0, 300))
    next(tmp_path.glob("*.seen")).write_bytes(b"{")
    with pytest.raises(ValueError):
        witness_in(tmp_path).seen(SIGNER.verifier.name)
