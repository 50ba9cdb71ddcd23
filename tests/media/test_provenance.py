"""Credentials of originals are judged by a real child; those of renditions hold in a reader of the library's own."""

import os
import random
import shutil
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from cryptography import x509
from tests.media.credentials_maker import AI, LOCATION, Issuer, issuer, read_file, sign_file
from tests.media.test_workshop import look

from penchant.catalog.provenance import MOST_ACTIONS, NAME_CHARACTERS, Provenance
from penchant.media.child.check import starts_with_contents
from penchant.media.child.credentials import problem_of
from penchant.media.cut import Cut
from penchant.media.limits import ChildLimits
from penchant.media.messages import Judge, Request, Sign, Signed, Verdict
from penchant.media.sandbox import MediaChild, MediaRefused, hand_over
from penchant.media.signing import AUTHORITY, ClaimSigner, Credentials, ensure_signer
from penchant.media.workshop import FirstPlayable, open_workshop

pytestmark = pytest.mark.media

Maker = Callable[..., Path]

PERSON = {"label": "com.example.author", "data": {"name": "Secret-Name"}}


@pytest.fixture(scope="module")
def phones() -> Issuer:
    return issuer("Test Phones")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, make_clip: Maker) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", width=240, height=426, frames=30, sound_seconds=1.0)


@pytest.fixture(scope="module")
def signed(clip: Path, phones: Issuer) -> Path:
    return sign_file(clip, clip.with_name("signed.mp4"), phones, LOCATION, PERSON)


def judged(file: Path, work: Path, anchor: str = "") -> Provenance:
    """The verdict of a confined child on one file."""
    work.mkdir(exist_ok=True)
    shutil.copyfile(file, work / "source")
    (work / "anchors.pem").write_text(anchor)
    with MediaChild(work) as child:
        return child.ask(Judge("source", "anchors.pem" if anchor else None), Verdict, wall_s=60).provenance


def test_an_issuer_on_the_list_is_trusted_and_its_words_are_kept(signed: Path, phones: Issuer, tmp_path: Path) -> None:
    others = issuer("Somebody").anchor
    assert judged(signed, tmp_path / "work", others + phones.anchor) == Provenance(
        "trusted",
        issuer="Test Phones",
        generator="Test Camera 2.0",
        source="trainedAlgorithmicMedia",
        actions=("c2pa.created", "c2pa.edited"),
    )


@pytest.mark.parametrize("listed", [False, True])
def test_without_its_issuer_on_the_list_a_signature_is_valid_and_no_more(
    listed: bool, signed: Path, tmp_path: Path
) -> None:
    verdict = judged(signed, tmp_path / "work", issuer("Somebody").anchor if listed else "")
    assert (verdict.status, verdict.problem, verdict.failures) == (
        "unknown_issuer",
        None,
        ("signingCredential.untrusted",),
    )
    assert verdict.made_by_ai


def test_no_credentials_are_no_fault(clip: Path, tmp_path: Path, make_clip: Maker) -> None:
    assert judged(clip, tmp_path / "work") == Provenance("absent")
    webm = make_clip(
        tmp_path / "a.webm", container="webm", video_codec="libvpx-vp9", audio_codec="libopus", sample_rate=48_000
    )
    assert judged(webm, tmp_path / "work") == Provenance("absent")
    picture = {"container": "gif", "video_codec": "gif", "pix_fmt": "rgb8", "channels": 0, "fps": "10", "frames": 5}
    assert judged(make_clip(tmp_path / "a.gif", **picture), tmp_path / "work") == Provenance("absent")


def test_credentials_kept_elsewhere_are_not_fetched(clip: Path, phones: Issuer, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/manifest.c2pa"
        source = sign_file(clip, tmp_path / "remote.mp4", phones, remote=address)
        assert address.encode() in source.read_bytes()
        assert judged(source, tmp_path / "work", phones.anchor) == Provenance("absent", problem="elsewhere")
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


def test_what_is_broken_is_told_apart(signed: Path, phones: Issuer, tmp_path: Path) -> None:
    whole = signed.read_bytes()
    changed = bytearray(whole)
    changed[-100] ^= 0x40
    files = {"changed": bytes(changed), "altered": whole.replace(b"Test Camera", b"Fake Camera")}
    found = {}
    for problem, content in files.items():
        (tmp_path / "file.mp4").write_bytes(content)
        verdict = judged(tmp_path / "file.mp4", tmp_path / "work", phones.anchor)
        assert verdict.status == "broken"
        assert verdict.failures
        found[problem] = verdict.problem
    assert found == {problem: problem for problem in files}


@pytest.mark.parametrize(
    ("codes", "problem"),
    [
        (["signingCredential.untrusted", "signingCredential.expired"], "certificate"),
        (["signingCredential.ocsp.revoked"], "certificate"),
        (["signingCredential.untrusted", "ingredient.manifest.mismatch"], "history"),
        (["claimSignature.mismatch", "assertion.bmffHash.mismatch"], "changed"),
        (["claim.cborInvalid"], "unreadable"),
        ([], "unreadable"),
    ],
)
def test_the_worst_of_several_failures_is_told(codes: list[str], problem: str) -> None:
    assert problem_of(codes) == problem


def test_what_is_kept_is_bounded(clip: Path, phones: Issuer, tmp_path: Path) -> None:
    many = {"label": "c2pa.actions", "data": {"actions": [{"action": "c2pa.edited"}] * 500 + [{"action": "x" * 9000}]}}
    loud = issuer("O" * 300 + "\N{RIGHT-TO-LEFT OVERRIDE}")
    verdict = judged(sign_file(clip, tmp_path / "loud.mp4", loud, many), tmp_path / "work")
    assert len(verdict.actions) == MOST_ACTIONS
    assert 0 < len(verdict.issuer) <= NAME_CHARACTERS
    assert set(verdict.issuer) == {"O"}


def _box(content: bytes, size: int | None = None) -> bytes:
    """The box that MP4 keeps credentials in."""
    body = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + bytes(4) + b"manifest\0" + bytes(8) + content
    return (size or len(body) + 8).to_bytes(4, "big") + b"uuid" + body


def _jumbf(depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        description = (25 + 16).to_bytes(4, "big") + b"jumd" + b"c2pa" + bytes(12) + b"\3" + b"a" * 15 + b"\0"
        content = (8 + len(description) + len(content)).to_bytes(4, "big") + b"jumb" + description + content
    return content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("noise", _box(random.Random(1).randbytes(50_000))),
        ("huge", _box(bytes(64 << 20))),
        ("deep", _box(_jumbf(1_000))),
        ("longer than the file", _box(_jumbf(2), size=0x7FFF0000)),
        ("twice", _box(_jumbf(2)) * 2),
    ],
)
def test_rubbish_instead_of_credentials_is_unreadable_at_most(
    name: str, content: bytes, clip: Path, tmp_path: Path
) -> None:
    file = tmp_path / "hostile.mp4"
    file.write_bytes(clip.read_bytes() + content)
    began = time.monotonic()
    verdict = judged(file, tmp_path / "work")
    assert time.monotonic() - began < 30
    assert (verdict.status, verdict.problem) == ("broken", "unreadable"), name


def test_damaged_credentials_never_hold_and_never_end_the_child(signed: Path, phones: Issuer, tmp_path: Path) -> None:
    whole = signed.read_bytes()
    start = whole.index(b"jumd") - 8
    end = whole.index(b"moov") - 4
    draw = random.Random(5)
    (tmp_path / "anchors.pem").write_text(phones.anchor)
    seen = set()
    # Each file has to be there before the child is shut in; one child reads them all.
    for number in range(60):
        damaged = bytearray(whole)
        for _ in range(draw.choice((1, 3, 30))):
            damaged[draw.randrange(start, end)] = draw.randrange(256)
        (tmp_path / f"{number}").write_bytes(damaged)
    with MediaChild(tmp_path) as child:
        for number in range(60):
            verdict = child.ask(Judge(f"{number}", "anchors.pem"), Verdict, wall_s=30).provenance
            differs = (tmp_path / f"{number}").read_bytes() != whole
            # The last part is padding, which nobody signs: there a change changes nothing.
            assert verdict.status != "absent" or differs
            seen.add(verdict.status)
    assert "broken" in seen
    assert seen <= {"broken", "absent", "trusted"}


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> tuple[ClaimSigner, str]:
    """An installation's own, and its authority as PEM."""
    secrets = tmp_path_factory.mktemp("secrets")
    return ensure_signer(secrets, "My Market", datetime.now(UTC)), (secrets / AUTHORITY).read_text()


def made_of(
    source: Path, tmp_path: Path, signer: tuple[ClaimSigner, str], anchors: str = ""
) -> tuple[FirstPlayable, Path]:
    with open_workshop(source, tmp_path / "work", credentials=Credentials(signer[0], anchors)) as workshop:
        made = workshop.first_playable()
        kept = tmp_path / "kept.mp4"
        shutil.copyfile(made.rendition.path, kept)
        assert kept.stat().st_size == made.rendition.size_bytes
    return made, kept


def test_a_rendition_says_who_made_it_and_from_what(
    signed: Path, phones: Issuer, tmp_path: Path, signer: tuple[ClaimSigner, str]
) -> None:
    made, kept = made_of(signed, tmp_path, signer, phones.anchor)
    assert made.provenance.status == "trusted"
    read = read_file(kept, signer[1])
    assert (read.state, read.generator, read.issuer) == ("Trusted", "Penchant", "My Market")
    assert (read.actions, read.sources) == (["c2pa.opened", "c2pa.transcoded"], [AI])
    (ingredient,) = read.ingredients
    assert ingredient["relationship"] == "parentOf"
    codes = [entry["code"] for entry in ingredient["validation_results"]["activeManifest"]["success"]]
    assert codes == ["signingCredential.trusted", "claimSignature.validated"]
    # Whoever knows nobody finds a signature that holds.
    assert read_file(kept).state == "Valid"


def test_what_was_left_out_is_told(clip: Path, tmp_path: Path, signer: tuple[ClaimSigner, str]) -> None:
    cut = Cut(end_ms=1_000, mute=True)
    with open_workshop(clip, tmp_path / "work", cut=cut, credentials=Credentials(signer[0])) as workshop:
        kept = workshop.first_playable().rendition.path.rename(tmp_path / "kept.mp4")
    read = read_file(kept, signer[1])
    assert read.state == "Trusted"
    assert read.actions == ["c2pa.opened", "c2pa.trimmed", "c2pa.edited", "c2pa.transcoded"]


def test_it_plays_as_before_its_table_of_contents_in_front(
    signed: Path, clip: Path, tmp_path: Path, signer: tuple[ClaimSigner, str]
) -> None:
    _, kept = made_of(signed, tmp_path, signer)
    with open_workshop(clip, tmp_path / "work") as workshop:
        plain = workshop.first_playable().rendition
        without = look(plain.path)
        assert kept.stat().st_size - plain.size_bytes < 20_000
    # x264's rate control looks at how far its other threads are, so two encodings differ by a shade.
    seen = look(kept)
    assert np.abs(np.array(seen.row) - np.array(without.row)).max() <= 8
    assert msgspec.structs.replace(seen, row=without.row) == without
    assert starts_with_contents(kept)


def test_nothing_of_the_originals_own_words_is_in_the_rendition(
    signed: Path, phones: Issuer, tmp_path: Path, signer: tuple[ClaimSigner, str]
) -> None:
    secrets = (b"48,51", b"GPSLatitude", b"Secret", b"Test Phones", b"Test Camera", b"exif")
    original = signed.read_bytes()
    assert all(secret in original for secret in secrets)
    _, kept = made_of(signed, tmp_path, signer, phones.anchor)
    content = kept.read_bytes()
    assert [secret for secret in secrets if secret in content] == []
    assert read_file(kept).manifests == 1


@pytest.mark.parametrize("broken", [False, True])
def test_an_original_without_credentials_or_with_broken_ones_is_an_ingredient_too(
    broken: bool, clip: Path, signed: Path, tmp_path: Path, signer: tuple[ClaimSigner, str]
) -> None:
    source = clip
    if broken:
        source = tmp_path / "broken.mp4"
        source.write_bytes(signed.read_bytes().replace(b"Test Camera", b"Fake Camera"))
    made, kept = made_of(source, tmp_path, signer)
    assert made.provenance.status == ("broken" if broken else "absent")
    read = read_file(kept, signer[1])
    # What did not hold is not repeated.
    assert (read.state, read.sources) == ("Trusted", [])
    (ingredient,) = read.ingredients
    assert ingredient["relationship"] == "parentOf"
    assert ("validation_results" in ingredient) == broken
    if broken:
        failures = [entry["code"] for entry in ingredient["validation_results"]["activeManifest"]["failure"]]
        assert failures == list(made.provenance.failures)


def test_further_sizes_are_signed_with_the_same_verdict(
    make_clip: Maker, phones: Issuer, tmp_path: Path, signer: tuple[ClaimSigner, str]
) -> None:
    source = sign_file(
        make_clip(tmp_path / "hd.mp4", width=720, height=1280, frames=15), tmp_path / "signed.mp4", phones
    )
    with open_workshop(source, tmp_path / "work", credentials=Credentials(signer[0])) as workshop:
        facts = workshop.probe()
        (larger,) = workshop.rungs(facts, (720,), provenance=Provenance("unknown_issuer", source="digitalCapture"))
        read = read_file(larger.path, signer[1])
    assert read.state == "Trusted"
    assert read.sources == [AI.replace("trainedAlgorithmicMedia", "digitalCapture")]


def test_credentials_that_end_the_child_do_not_end_the_upload(
    signed: Path, tmp_path: Path, signer: tuple[ClaimSigner, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a crash of the library would: the child is killed as it is asked."""
    ask = MediaChild.ask

    def killed(child: MediaChild, request: Request, *options: Any, **named: Any) -> Any:
        if isinstance(request, Judge):
            os.kill(child.pid, signal.SIGKILL)
        return ask(child, request, *options, **named)

    monkeypatch.setattr(MediaChild, "ask", killed)
    made, kept = made_of(signed, tmp_path, signer)
    assert made.provenance == Provenance("broken", problem="unreadable")
    assert read_file(kept, signer[1]).state == "Trusted"


def test_an_expired_certificate_signs_nothing_and_the_rendition_plays(clip: Path, tmp_path: Path) -> None:
    ended = issuer("My Market", timedelta(days=10), datetime.now(UTC) - timedelta(days=100))
    signer = ClaimSigner(ended.key, x509.load_pem_x509_certificates(ended.chain.encode()))
    _, kept = made_of(clip, tmp_path, (signer, ended.anchor))
    assert b"jumd" not in kept.read_bytes()
    assert look(kept).frames == 30


def test_a_refused_signature_leaves_a_rendition_that_plays(
    clip: Path, tmp_path: Path, signer: tuple[ClaimSigner, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ClaimSigner, "sign", lambda *_: b"")
    _, kept = made_of(clip, tmp_path, signer)
    assert b"jumd" not in kept.read_bytes()
    assert look(kept).frames == 30


def test_a_child_gets_one_signature_for_each_request(
    clip: Path, tmp_path: Path, signer: tuple[ClaimSigner, str]
) -> None:
    asked = []

    def sign(content: bytes) -> bytes:
        asked.append(content)
        return signer[0].sign(content)

    shutil.copyfile(clip, tmp_path / "own.mp4")
    hand_over(tmp_path)
    (tmp_path / "own.mp4").chmod(0o666)
    with MediaChild(tmp_path) as child:
        answer = child.ask(Sign("own.mp4", signer[0].chain_pem, None), Signed, wall_s=30, on_sign=sign)
        assert 0 < answer.size_bytes < 20_000
        assert len(asked) == 1
        # Where none is to be had, its asking is no answer.
        with pytest.raises(MediaRefused) as caught:
            child.ask(Sign("own.mp4", signer[0].chain_pem, None), Signed, wall_s=30)
    assert caught.value.code == "crashed"


def test_no_room_for_the_signed_file_is_told_as_such(
    clip: Path, tmp_path: Path, signer: tuple[ClaimSigner, str]
) -> None:
    shutil.copyfile(clip, tmp_path / "own.mp4")
    # A limit on the size of files fails as a full disk does, in the middle of a write.
    limits = ChildLimits(file_bytes=clip.stat().st_size)
    with MediaChild(tmp_path, limits) as child, pytest.raises(MediaRefused) as caught:
        child.ask(Sign("own.mp4", signer[0].chain_pem, None), Signed, wall_s=30, on_sign=signer[0].sign)
    assert caught.value.code == "crashed"
    assert "File too large" in caught.value.detail
