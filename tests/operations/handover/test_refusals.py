"""What is refused, and in which words: wrong keys, changed bundles, other plans, markets that are still open."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyrage
import pytest
from tests.operations.handover.conftest import Place, run

from penchant.cli.restore import end_left_behind, own_database
from penchant.core.clock import SystemClock
from penchant.core.errors import Invalid, SettingWrong
from penchant.ledger.service import signer_of
from penchant.operations.data_folder import only_hand_over
from penchant.operations.handover.bundle import hold, read_draft, read_manifest, refuse_other
from penchant.operations.handover.keys import prepare, read_receivers
from penchant.operations.handover.model import HandOverWrong, encode
from penchant.operations.handover.receiving import Receiving, look_at, receive
from penchant.operations.handover.signature import check, sign

pytestmark = pytest.mark.service
TAKE = ("--into", "there", "--identity", "keys/identity.txt")


@pytest.fixture(scope="module")
def places(place_of: Any, root: Path) -> Iterator[dict[str, Place]]:
    with ExitStack() as stack:
        found = {name: stack.enter_context(place_of(name, root)) for name in ("us", "ca")}
        for place in found.values():
            place.fill(3, 4)
        yield found


@pytest.fixture(scope="module")
def bundle(places: dict[str, Place], root: Path) -> Path:
    """A rehearsal: so both markets stay open."""
    assert run(root, "receive", "--prepare", "keys", "--markets", "us,ca")[0] == 0
    status, said = run(root, *give("us", "ca"))
    assert status == 0, said
    assert "rehearsal" in (root / "bundle" / "EXCLUDED.md").read_text("utf-8")
    return root / "bundle"


def give(*markets: str, to: str = "keys/receiver.json", out: str = "bundle", more: tuple[str, ...] = ("--rehearsal",)):
    return ("handover", *markets, "--to", to, "--out", out, "--part-mb", 1, "--yes", *more)


@pytest.fixture
def changed(bundle: Path, root: Path) -> Iterator[Path]:
    """A copy to change."""
    copy = root / "changed"
    shutil.copytree(bundle, copy)
    yield copy
    shutil.rmtree(copy)


def receiving(bundle: Path, root: Path) -> Receiving:
    """Nothing of it is used before the bundle has been looked at."""
    return Receiving(
        bundle=bundle,
        into=root / "there",
        identity=root / "keys" / "identity.txt",
        pinned=(),
        database=own_database,
        settle=end_left_behind,
        pg_restore=Path(),
        clock=SystemClock(),
    )


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def another_version(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 2'))


def fewer_people(path: Path) -> None:
    said = json.loads(path.read_bytes())
    said["markets"][0]["counted"]["rows"]["accounts"] -= 1
    path.write_text(json.dumps(said), "utf-8")


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("us/0001.age", cut, "us/0001.age is cut off"),
        ("ca/0001.age", flip, "ca/0001.age was changed"),
        ("ca/0001.age", Path.unlink, "ca/0001.age is missing"),
        ("manifest.json", another_version, "of format 2, and this Penchant knows format 1"),
        ("manifest.json", fewer_people, "the manifest is not the one that was signed"),
        ("manifest.json", cut, "cannot be read"),
        ("manifest.json", Path.unlink, "holds no manifest.json: it is no whole bundle"),
        ("manifest.sig", Path.unlink, "holds no manifest.sig: it is no whole bundle"),
        ("manifest.sig", flip, "not signed as it has to be"),
    ],
)
def test_a_changed_bundle_is_refused_before_anything_is_written(changed: Path, root: Path, name, change, words):
    change(changed / name)
    with pytest.raises(HandOverWrong, match=words):
        look_at(receiving(changed, root), lambda *_: None)


def test_a_stranger_reads_nothing(bundle: Path, root: Path):
    prepare(root / "strangers", ["us", "ca"])
    status, said = run(root, "receive", "bundle", "--into", "there", "--identity", "strangers/identity.txt")
    assert (status, "is not for strangers/identity.txt" in said) == (1, True), said
    assert sorted(path.name for path in (root / "there").iterdir()) == [".lock"]
    stranger = pyrage.x25519.Identity.generate()
    for part in bundle.glob("*/*.age"):
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(part.read_bytes(), [stranger])
    words = b"".join(path.read_bytes() for path in bundle.rglob("*") if path.is_file())
    assert b"viewer_1" not in words
    assert b"\xe2\x80\x9cquotes\xe2\x80\x9d" not in words


def test_a_key_that_was_pinned_counts_and_no_other(bundle: Path, places: dict[str, Place], root: Path):
    keys = [place.cell.ledger.verifier.written() for place in places.values()]
    status, said = run(root, "receive", "bundle", *TAKE, "--key", keys[0])
    assert (status, "ca signed with" in said) == (1, True), said
    manifest, content, note = read_manifest(bundle)
    check(manifest, content, note, keys)
    one = signer_of("us", bytes(32))
    with pytest.raises(HandOverWrong, match="nobody whom we know signed"):
        check(manifest, content, sign(content, [one]), [])
    with pytest.raises(HandOverWrong, match="is no key of a log"):
        check(manifest, content, note, ["nonsense"])


def test_what_was_planned_is_what_comes(changed: Path, places: dict[str, Place], root: Path):
    """Signed by every market that it names, and half of what was to move, or under no key that the ledgers name."""

    def fewer(said: Any) -> None:
        said["markets"].pop()

    def under_no_key(said: Any) -> None:
        said["plan"]["rehearsal"] = False

    for change, words in ((fewer, "holds us, and its plan is of us ca"), (under_no_key, "under another key")):
        said = json.loads((root / "bundle" / "manifest.json").read_bytes())
        change(said)
        content = json.dumps(said).encode()
        (changed / "manifest.json").write_bytes(content)
        signers = [signer_of(one, (root / one / "secrets" / "ledger").read_bytes()) for one in places]
        (changed / "manifest.sig").write_text(sign(content, signers))
        with pytest.raises(HandOverWrong, match=words):
            look_at(receiving(changed, root), lambda *_: None)


def test_all_markets_or_none(bundle: Path, places: dict[str, Place], root: Path):
    """A part that its maker signed and that holds something else than it says: the market after it fails."""
    lying = root / "lying"
    shutil.copytree(bundle, lying)
    said = json.loads((lying / "manifest.json").read_bytes())
    said["markets"][1]["counted"]["rows"]["videos"] += 1
    content = json.dumps(said).encode()
    (lying / "manifest.json").write_bytes(content)
    secrets = {name: (place.folder / "secrets" / "ledger").read_bytes() for name, place in places.items()}
    (lying / "manifest.sig").write_text(sign(content, (signer_of(name, seed) for name, seed in secrets.items())))
    status, words = run(root, "receive", "lying", *TAKE)
    assert (status, "ca has not as many rows as its manifest says: videos" in words) == (1, True), words
    assert not (root / "there" / "cells").exists()
    # The whole one begins anew, and says what it is.
    status, words = run(root, "receive", "bundle", *TAKE)
    assert status == 0, words
    assert "REHEARSAL" in words
    assert {path.name for path in (root / "there" / "cells").iterdir()} == {"us", "ca"}
    # Killed right after the last step: what is left only goes.
    manifest, draft = read_manifest(bundle)[0], root / "there" / ".receiving"
    draft.mkdir()
    (draft / "bundle").write_text(hashlib.sha256(encode(manifest)).hexdigest(), "utf-8")
    assert receive(receiving(bundle, root), manifest, lambda *_: None) == root / "there" / "cells"
    assert not draft.exists()
    with pytest.raises(SettingWrong, match="never overwrites anything"):
        receive(receiving(bundle, root), manifest, lambda *_: None)


def test_one_folder_is_one_hand_over(bundle: Path, root: Path):
    prepare(root / "others", ["us", "ca"])
    plan = read_manifest(bundle)[0].plan
    refuse_other(plan, plan.names, plan.recipients, plan.next_keys, rehearsal=True)
    with pytest.raises(HandOverWrong, match="this bundle is of us ca, not of us"):
        refuse_other(plan, ("us",), plan.recipients, plan.next_keys, rehearsal=True)
    with pytest.raises(HandOverWrong, match="this bundle is a rehearsal"):
        refuse_other(plan, plan.names, plan.recipients, plan.next_keys, rehearsal=False)
    with pytest.raises(HandOverWrong, match="for other receivers"):
        refuse_other(plan, plan.names, plan.recipients, {}, rehearsal=True)
    for markets, more, words in (
        (("us", "ca"), {"to": "others/receiver.json"}, "for other receivers"),
        (("us", "ca"), {"out": "us"}, "us holds something else"),
        (("us", "ca"), {"to": "age1nonsense"}, "neither an age recipient"),
        (("us", "ca"), {"out": "new", "more": ()}, "us is open, and people would lose what they add"),
        (("us", "nowhere"), {}, "there is no folder"),
    ):
        status, said = run(root, *give(*markets, **more))
        assert (status, words in said) == (1, True), said


def test_one_hand_over_of_a_market_at_a_time(bundle: Path, places: dict[str, Place], root: Path):
    with only_hand_over(places["us"].folder):
        status, said = run(root, *give("us", to=str(pyrage.x25519.Identity.generate().to_public()), out="second"))
    assert (status, "another hand-over of " in said) == (1, True), said
    assert not (root / "second").exists()


def test_a_folder_in_which_nothing_was_kept_yet_is_begun_anew(tmp_path: Path):
    (tmp_path / "..draft.json.new").touch()
    with hold(tmp_path):
        assert read_draft(tmp_path) is None


def test_a_market_under_a_wrong_name_signs_nothing(places: dict[str, Place], root: Path):
    own = root / "us" / "penchant.toml"
    kept = own.read_text("utf-8")
    own.write_text(kept.replace('"us"', '"nz"'), "utf-8")
    status, said = run(root, *give("us", to=str(pyrage.x25519.Identity.generate().to_public()), out="named"))
    own.write_text(kept, "utf-8")
    assert (status, "keeps the ledger us.penchant/" in said) == (1, True), said


def test_what_receivers_announce_has_to_fit(tmp_path: Path):
    prepare(tmp_path / "one", ["us"])
    prepare(tmp_path / "two", ["us"])
    one, two = (str(tmp_path / name / "receiver.json") for name in ("one", "two"))
    recipients, keys = read_receivers([one, str(pyrage.x25519.Identity.generate().to_public())], ["us"])
    assert (len(recipients), list(keys)) == (2, ["us"])
    for texts, markets, words in (
        ([one, two], ["us"], "goes on in one place only"),
        ([one], ["us", "ca"], "announced no ledger key for ca"),
        ([], ["us"], "name a receiver"),
    ):
        with pytest.raises(Invalid, match=words):
            read_receivers(texts, markets)
    told = (tmp_path / "one" / "receiver.json").read_text("utf-8")
    (tmp_path / "one" / "receiver.json").write_text(told.replace('"us":', '"ca":'), "utf-8")
    with pytest.raises(Invalid, match="is of another log"):
        read_receivers([one], ["ca"])
