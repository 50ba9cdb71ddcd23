"""Signed notes: what is signed is read back, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.ledger.notes import (
    COSIGNATURE,
    Checkpoint,
    NoteWrong,
    Signer,
    open_checkpoint,
    open_note,
    read_checkpoint,
    read_verifier,
    split_note,
)

LOG = Signer("example.com/log", bytes(32))
OTHER = Signer("example.com/log", b"1" * 32)
WITNESS = Signer("witness.example/w1", b"2" * 32, COSIGNATURE)
# Of the Go package golang.org/x/mod/sumdb/note, whose format signed-note describes.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_note_of_the_go_package_is_opened():
    note = open_note(GO_NOTE, [read_verifier(GO_KEY)])
    assert note.text.startswith("If you think")
    assert read_verifier(GO_KEY).written() == GO_KEY
    with pytest.raises(NoteWrong, match="is not right"):
        open_note(GO_NOTE.replace("answer", "question"), [read_verifier(GO_KEY)])


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_was_written(size: int, root: bytes):
    checkpoint = Checkpoint("example.com/log", size, root)
    text = checkpoint.text()
    assert read_checkpoint(text) == checkpoint
    note = f"{text}\n{LOG.sign(text)}{WITNESS.sign(text, 1_700_000_000)}"
    found, opened = open_checkpoint(note, [LOG.verifier], [WITNESS.verifier])
    assert found == checkpoint
    assert [one.at_s for one in opened.by(COSIGNATURE)] == [1_700_000_000]


def test_only_the_logs_own_key_makes_a_checkpoint_count():
    text = Checkpoint("example.com/log", 3, bytes(32)).text()
    for signers, trusted in (((OTHER,), (LOG,)), ((WITNESS,), (LOG,)), ((), (LOG,))):
        note = f"{text}\n" + "".join(signer.sign(text, 1) for signer in signers)
        with pytest.raises(NoteWrong):
            open_checkpoint(note, [signer.verifier for signer in trusted], [WITNESS.verifier])
    elsewhere = Signer("example.com/another", bytes(32))
    with pytest.raises(NoteWrong, match="did not sign"):
        open_checkpoint(f"{text}\n{elsewhere.sign(text)}", [elsewhere.verifier])


def test_a_cosignature_says_when_and_is_of_that_moment_only():
    text = Checkpoint("example.com/log", 3, bytes(32)).text()
    line = WITNESS.sign(text, 1_700_000_000)
    note = open_note(f"{text}\n{line}", [WITNESS.verifier])
    assert note.signed[0].at_s == 1_700_000_000
    # The same signature under another moment: base64 of id and time, 12 bytes, is 16 characters.
    forged = WITNESS.sign(text, 1_700_000_001)[: len("— witness.example/w1 ") + 16] + line[-89 + 4 :]
    with pytest.raises(NoteWrong):
        open_note(f"{text}\n{forged}", [WITNESS.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n",
        "a\n\n",
        "a\n\n- b c\n",
        "a\n\n— b\n",
        "a\n\n— b !!!!\n",
        "a\tb\n\n— b AAAAAAAAAA==\n",
        "a\n\n— a+b AAAAAAAAAA==\n",
    ],
)
def test_what_is_no_note_is_refused(text: str):
    with pytest.raises(NoteWrong):
        split_note(text)


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n01\nAAAA\n", f"a\n1\n{'A' * 43}=", f"a\n-1\n{'A' * 43}=\n", f"\n1\n{'A' * 43}=\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str):
    with pytest.raises(NoteWrong):
        read_checkpoint(text)


@pytest.mark.parametrize("text", ["", "a", "a+00000000+AAAA", GO_KEY.replace("c74f", "c74e"), GO_KEY + "A"])
def test_what_is_no_key_is_refused(text: str):
    with pytest.raises(NoteWrong):
        read_verifier(text)
