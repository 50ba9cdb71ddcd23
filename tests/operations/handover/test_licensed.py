"""What was learned crosses by a licence and not without; another answer later means another plan."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from tests.operations.handover.conftest import HOUR_MS, Place, killed, page_record, received, run

from penchant.core.clock import ManualClock, SystemClock
from penchant.feed.repository import pages
from penchant.ledger.leaves import Licence, decode
from penchant.ledger.notes import Signer
from penchant.ledger.repository import of_kinds
from penchant.ledger.verify import Trust, verify
from penchant.markets.licences import read_licence
from penchant.operations.handover.bundle import read_manifest
from penchant.operations.handover.keys import prepare

pytestmark = pytest.mark.service
ISSUER = Signer("authority.example", bytes(range(32)))
PEOPLE, VIDEOS = 40, 20


@pytest.fixture(scope="module")
def places(place_of: Any, root: Path) -> Iterator[dict[str, Place]]:
    """Both go in one set; the licence names one of them."""
    key = ISSUER.verifier.written()
    with ExitStack() as stack:
        found = {name: stack.enter_context(place_of(name, root, key)) for name in ("us", "ca")}
        for place in found.values():
            place.fill(PEOPLE, VIDEOS)
        yield found


def licence(root: Path, to: str, *, until: timedelta = timedelta(days=30), replaces: str = "") -> tuple[Path, str]:
    now = datetime.now(UTC)
    lines = ['issuer = "authority.example"', 'class = "epochs"', 'from = ["us"]', f'to = ["{to}"]']
    lines += [f"effective_from = {now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"]
    lines += [f"valid_until = {now + until:%Y-%m-%dT%H:%M:%SZ}"]
    lines += [f'replaces = "{replaces}"'] if replaces else []
    text = "\n".join(lines) + "\n"
    path = root / f"licence-{uuid4().hex[:6]}"
    path.write_text(f"{text}\n{ISSUER.sign(text)}", "utf-8")
    return path, read_licence(text).digest


def record(root: Path, path: Path) -> tuple[int, str]:
    return run(root / "us", "licence", path, "--data", root / "us")


def give(out: str) -> tuple[object, ...]:
    return ("handover", "us", "ca", "--to", "keys/receiver.json", "--out", out, "--part-mb", 1, "--yes", "--rehearsal")


def test_it_goes_by_a_licence_and_another_answer_means_another_plan(places: dict[str, Place], root: Path):
    receiver = prepare(root / "keys", ["us", "ca"])
    path, digest = licence(root, receiver.recipient)
    status, said = record(root, path)
    assert (status, digest[:16] in said) == (0, True), said
    assert ((again := record(root, path))[0], "recorded already" in again[1]) == (1, True)
    places["us"].cell.ledger.sequencer.run_empty()
    with places["us"].cell.engine.connect() as connection:
        (leaf,) = (decode(entry.leaf) for entry in of_kinds(connection, [Licence.kind]))
    assert isinstance(leaf, Licence)
    assert (leaf.digest.hex(), leaf.issuer) == (digest, b"authority.example")

    status, said = run(root, *give("bundle"))
    assert status == 0, said
    assert f"what was learned in us goes along by the licence {digest[:16]}" in said
    assert "what was learned in ca: epochs" in (root / "bundle" / "EXCLUDED.md").read_text("utf-8")
    learned = [market.learned for market in read_manifest(root / "bundle")[0].markets]
    assert learned[0] is not None
    assert (learned[0].of, learned[0].origin, learned[0].licence) == ("epochs", "us", digest)
    assert learned[0].epoch == places["us"].cell.taste.epoch().digest
    assert learned[1] is None
    status, said = run(root, "receive", "bundle", "--into", "there", "--identity", "keys/identity.txt")
    assert status == 0, said
    _compare(places["us"], root / "there" / "cells" / "us")
    assert not (root / "there" / "cells" / "ca" / "taste").exists()

    copying = lambda: any((root / "us" / ".handover").glob("*"))  # noqa: E731
    assert killed(root, copying, *give("pending"))
    ended, _ = licence(root, receiver.recipient, until=timedelta(hours=-1), replaces=digest)
    assert record(root, ended)[0] == 0
    status, said = run(root, *give("pending"))
    assert (status, f"planned with the licence {digest[:16]}" in said, "there is no licence" in said) == (1, True, True)
    status, said = run(root, *give("anew"))
    assert status == 0, said
    assert "what was learned in us, ca: epochs" in (root / "anew" / "EXCLUDED.md").read_text("utf-8")


def _compare(place: Place, data: Path) -> None:
    """Pages come from the same epoch, to the byte; it has to be in the log for that."""
    with received(data, "us", SystemClock()) as cell:
        cell.ledger.sequencer.run_empty()
        fetch, note = cell.ledger.sequencer.fetch, cell.ledger.checkpoint()
        assert note is not None
        assert verify(fetch, note[1], Trust([cell.ledger.verifier]), cell.clock.now_ms()).faults == []
        with cell.engine.connect() as connection:
            made_before = connection.execute(select(pages.c.id).limit(3)).scalars().all()
        for page in made_before:
            # What they were ranked with came along, so they are made again.
            assert not cell.replays.replay(page).faults
    place.clock.advance(HOUR_MS)
    with received(data, "us", ManualClock(place.clock.now_ms())) as cell:
        for number, viewer in enumerate(place.viewers[::8]):
            tab = uuid4()
            before, after = (page_record(at, viewer, tab, number) for at in (place.cell, cell))
            assert before == after


def test_what_nobody_who_counts_signed_is_refused(places: dict[str, Place], root: Path):
    receiver = prepare(root / "keys", ["us", "ca"])
    path, _ = licence(root, receiver.recipient)
    text = path.read_text("utf-8").rpartition("\n\n")[0] + "\n"
    stranger = Signer("authority.example", bytes(32))
    for content, words in (
        (f"{text}\n{stranger.sign(text)}", "no issuer of PENCHANT_LICENCE_ISSUERS signed"),
        (path.read_text("utf-8").replace('["us"]', '["us", "ca"]'), "no issuer of PENCHANT_LICENCE_ISSUERS signed"),
        (_signed(text.replace("authority.example", "other.example")), "other.example did not sign it"),
        (_signed(text + f'replaces = "{"ab" * 32}"\n'), "was never recorded here"),
    ):
        path.write_text(content, "utf-8")
        status, said = record(root, path)
        assert (status, words in said) == (1, True), said


def test_an_issuer_signs_with_the_command(root: Path):
    path, _ = licence(root, "age1somebody")
    plain = root / "plain.toml"
    plain.write_text(path.read_text("utf-8").rpartition("\n\n")[0] + "\n", "utf-8")
    (root / "issuer").write_bytes(bytes(range(32)))
    (root / "issuer").chmod(0o600)
    status, said = run(root, "sign-licence", plain, "--name", "authority.example", "--secret", root / "issuer")
    assert (status, said.startswith(path.read_text("utf-8"))) == (0, True), said
    assert ISSUER.verifier.written() in said
    plain.write_text(plain.read_text("utf-8").rstrip("\n"), "utf-8")
    status, said = run(root, "sign-licence", plain, "--name", "authority.example", "--secret", root / "issuer")
    assert (status, said.startswith(path.read_text("utf-8"))) == (0, True), said
    status, said = run(root, "sign-licence", plain, "--name", "other.example", "--secret", root / "issuer")
    assert (status, "does not say that other.example issues it" in said) == (1, True)


def _signed(text: str) -> str:
    return f"{text}\n{ISSUER.sign(text)}"
