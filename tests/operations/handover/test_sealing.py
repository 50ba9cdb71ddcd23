"""Pieces of a file are encrypted to several receivers, and come back only whole and only to them."""

from pathlib import Path

import numpy as np
import pyrage
import pytest

from penchant.core.errors import Invalid
from penchant.operations.handover.model import HandOverWrong, Part
from penchant.operations.handover.sealing import digest_of, identity_from, recipient_from, seal, unseal

SIZE = 300_000


def made(folder: Path, *recipients: str) -> tuple[bytes, list[Part]]:
    plain = np.random.default_rng(1).bytes(SIZE)
    (folder / "plain").write_bytes(plain)
    parts = []
    for number, start in enumerate(range(0, SIZE, 128_000), 1):
        length = min(128_000, SIZE - start)
        name = f"us/{number:04}.age"
        (folder / "us").mkdir(exist_ok=True)
        parts.append(seal(folder / "plain", start, length, folder / name, name, recipients, lambda _: None))
    return plain, parts


def opened(folder: Path, parts: list[Part], identity: "pyrage.x25519.Identity") -> bytes:
    with (folder / "again").open("wb") as file:
        for part in parts:
            unseal(folder / part.name, part, identity, file, lambda _: None)
    return (folder / "again").read_bytes()


def test_each_receiver_gets_the_same_bytes(tmp_path: Path):
    ours, theirs, strangers = (pyrage.x25519.Identity.generate() for _ in range(3))
    plain, parts = made(tmp_path, str(ours.to_public()), str(theirs.to_public()))
    assert [part.plain_bytes for part in parts] == [128_000, 128_000, 44_000]
    assert all(digest_of(tmp_path / part.name) == (part.size_bytes, part.sha256) for part in parts)
    assert opened(tmp_path, parts, ours) == opened(tmp_path, parts, theirs) == plain
    with pytest.raises(HandOverWrong, match=r"us/0001\.age is not encrypted to this identity"):
        opened(tmp_path, parts, strangers)
    assert not list(tmp_path.glob("us/.*"))


def test_a_byte_more_or_less_is_found(tmp_path: Path):
    identity = pyrage.x25519.Identity.generate()
    _, parts = made(tmp_path, str(identity.to_public()))
    path = tmp_path / parts[1].name
    content = path.read_bytes()
    for wrong in (content[:-1], content[:70_000], content[:-1] + bytes([content[-1] ^ 1]), content + b"\0"):
        path.write_bytes(wrong)
        if wrong == content + b"\0":
            # Read up to the size that it has to have: its digest says that there is more.
            assert digest_of(path) != (parts[1].size_bytes, parts[1].sha256)
            continue
        with pytest.raises(HandOverWrong, match=r"us/0002\.age"):
            opened(tmp_path, parts, identity)
    path.write_bytes((tmp_path / parts[0].name).read_bytes())
    with pytest.raises(HandOverWrong, match="holds other content"):
        opened(tmp_path, [parts[0], Part(parts[0].name, *_sizes(parts[0]), 5, "00")], identity)


def _sizes(part: Part) -> tuple[int, str]:
    return part.size_bytes, part.sha256


def test_keys_are_read_or_refused_in_words(tmp_path: Path):
    identity = pyrage.x25519.Identity.generate()
    path = tmp_path / "identity.txt"
    path.write_text(f"# created: today\n{identity}\n", "utf-8")
    assert str(identity_from(path).to_public()) == str(identity.to_public())
    path.write_text("# nothing\n", "utf-8")
    with pytest.raises(Invalid, match="holds no age identity"):
        identity_from(path)
    with pytest.raises(Invalid, match="cannot be read"):
        identity_from(tmp_path / "none")
    with pytest.raises(Invalid, match="neither an age recipient"):
        recipient_from("ssh-ed25519 AAAA")
