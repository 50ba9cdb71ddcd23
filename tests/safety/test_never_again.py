"""What was removed is never shown again: stopped before anybody saw it, held, let go, deleted after its term."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select
from tests.media.conftest import make_clip as make_clip

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.core.clock import ManualClock
from penchant.core.database import Connection
from penchant.core.errors import NotFound
from penchant.core.ids import VideoId, format_id
from penchant.operations.repository import named_objects
from penchant.safety.detection.hold import FOLDER
from penchant.safety.model import TargetKind
from penchant.safety.ports import Finding, Found
from penchant.safety.repository import cases

pytestmark = [pytest.mark.service, pytest.mark.media]

DAY_MS = 86_400_000


class Notebook:
    """A `Found` that remembers, and passes on."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self.findings: list[tuple[int, Finding]] = []

    def __call__(self, connection: Connection, kind: TargetKind, target: int, findings: list[Finding]) -> None:
        self.findings += [(target, finding) for finding in findings]
        self._found(connection, kind, target, findings)


@pytest.fixture
def told(cell: Penchant) -> Notebook:
    notebook = Notebook(cell.safety.found)
    cell.detection.examiner._found = notebook
    return notebook


def post(cell: Penchant, handle: str, content: bytes, title: str = "a clip") -> VideoId:
    """Upload as somebody and process it here."""
    with cell.engine.connect() as connection:
        account = accounts.account_by_handle(connection, handle)
    if account is None:
        account = cell.accounts.sign_up(None, handle, "correct horse", 1980)[1].account
    assert account is not None
    uploads = cell.media.uploads
    new = uploads.create(account, len(content), title, [], "en")
    with uploads.piece(new, 0) as piece:
        piece.write(content)
    video = uploads.settle(new).video
    assert video is not None
    cell.media.processor.first_playable(video)
    return video


def state_of(cell: Penchant, video: VideoId) -> str:
    with cell.engine.connect() as connection:
        found = catalog.video(connection, video)
    return "gone" if found is None else found[0].state


def hold_what_waits(cell: Penchant, video: VideoId, why: dict[str, Any]) -> None:
    """What the worker does with the job of `Quarantine.begin`."""
    cell.detection.quarantine.hold(video, why, cell.media.uploads.original_of(video))


def house(cell: Penchant, video: VideoId, *, acts_alone: bool = True) -> None:
    with cell.engine.begin() as connection:
        cell.detection.banks.create(connection, "house", "us", "known_bad", acts_alone=acts_alone)
        cell.detection.banks.add_video(connection, "house", video)


@pytest.fixture
def clip(make_clip: Callable[..., Path], tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=60)


def altered(clip: Path, name: str) -> bytes:
    command = [sys.executable, "-m", "penchant.lab.child.altered", str(clip), str(clip.parent)]
    subprocess.run(command, input=name.encode(), check=True, stdout=subprocess.DEVNULL)
    return (clip.parent / f"{name}.mp4").read_bytes()


def test_what_was_removed_comes_back_changed_and_nobody_sees_it(
    cell: Penchant, web: Litestar, clock: ManualClock, told: Notebook, clip: Path
):
    first = post(cell, "ada", clip.read_bytes())
    assert state_of(cell, first) == "ready"
    house(cell, first)
    again = post(cell, "eve", altered(clip, "mirrored"))
    assert state_of(cell, again) == "removed"
    published = [event for event in cell.events.log.read(0, 100) if getattr(event.event, "video", None) == again]
    assert [type(stored.event).__name__ for stored in published] == ["Published", "Withdrawn"], "in one transaction"
    ((target, finding),) = [one for one in told.findings if one[1].source == "bank"]
    assert (target, finding.label, finding.evidence["bank"]) == (again, "known_bad", "house")
    assert finding.confidence >= 800

    hold_what_waits(cell, again, dict(finding.evidence))
    hold_what_waits(cell, again, dict(finding.evidence))  # delivered twice
    (held,) = cell.detection.quarantine.held()
    assert (held.video, held.handle, held.why["bank"]) == (again, "eve", "house")
    kept = set(cell.objects.keys(f"{FOLDER}/{format_id(again)}"))
    assert len(kept) == held.files, "every file, the poster being a cover; and what was uploaded"
    with cell.engine.connect() as connection:
        assert kept - named_objects(connection) == {f"{FOLDER}/{format_id(again)}/original"}, "backups take them along"
    with TestClient(web) as client:
        client.post("/api/sessions", json={"handle": "eve", "password": "correct horse"})
        for file in ("480p.mp4", "poster.jpg", "cover-1.jpg"):
            assert client.get(f"/media/{format_id(again)}/{file}").status_code in (404, 410)
        assert client.get(f"/api/videos/{format_id(again)}").status_code == 410

    with cell.engine.connect() as connection:
        eve = accounts.account_by_handle(connection, "eve")
    assert eve is not None
    cell.erasure.erase(eve)
    assert state_of(cell, again) == "gone"
    assert set(cell.objects.keys(f"{FOLDER}/{format_id(again)}")) == kept, "the account goes, what is held stays"
    assert len(cell.detection.quarantine.held()) == 1
    assert cell.detection.quarantine.sweep() == 0
    clock.advance(366 * DAY_MS)
    assert cell.detection.quarantine.sweep() == 1
    assert cell.detection.quarantine.held() == []


def test_a_bank_that_does_not_act_alone_lets_somebody_decide(cell: Penchant, told: Notebook, clip: Path):
    first = post(cell, "ada", clip.read_bytes())
    house(cell, first, acts_alone=False)
    again = post(cell, "eve", altered(clip, "re-encoded"))
    assert state_of(cell, again) == "ready"
    labels = {finding.label: finding for target, finding in told.findings if target == again}
    assert set(labels) == {"known_bad", "duplicate"}
    assert labels["duplicate"].evidence["video"] == format_id(first)
    assert labels["known_bad"].source == "hash"
    with cell.engine.connect() as connection:
        assert cell.safety.history(connection, "video", again) == []
        waiting = connection.execute(select(cases.c.target_id, cases.c.harm).where(cases.c.decision_id.is_(None)))
        assert [tuple(row) for row in waiting] == [(again, 4)]


def test_ones_own_video_again_is_no_duplicate(cell: Penchant, told: Notebook, clip: Path):
    post(cell, "ada", clip.read_bytes())
    post(cell, "ada", altered(clip, "half size"))
    assert told.findings == []


def test_a_bank_that_grows_is_looked_for_among_older_videos_and_one_is_let_go_again(
    cell: Penchant, told: Notebook, clip: Path, make_clip: Callable[..., Path], tmp_path: Path
):
    bad = post(cell, "ada", clip.read_bytes())
    other = post(cell, "bob", make_clip(tmp_path / "other.mp4", frames=60, seed=99).read_bytes())
    with cell.engine.begin() as connection:
        cell.detection.banks.create(connection, "partner", "a partner", "known_illegal", acts_alone=True)
    house(cell, bad, acts_alone=False)
    cell.detection.banks.import_list("partner", list(cell.detection.banks.export("house")))
    before = cell.detection.banks.banks()
    assert [(bank.name, bank.looked_at, bank.videos) for bank in before] == [("house", 0, 2), ("partner", 0, 2)]
    assert cell.detection.examiner.look_again("partner") == 1
    assert (state_of(cell, bad), state_of(cell, other)) == ("removed", "ready")
    assert cell.detection.banks.banks()[1].looked_at == 2
    assert cell.detection.examiner.look_again("nobody") == 0

    hold_what_waits(cell, bad, {"bank": "partner"})
    with pytest.raises(NotFound):
        cell.detection.quarantine.release(other)
    cell.detection.quarantine.release(bad)
    cell.events.deliver()
    assert state_of(cell, bad) == "ready"
    assert cell.detection.quarantine.held() == []
    with cell.engine.connect() as connection:
        found = catalog.video(connection, bad)
    assert found is not None
    assert cell.objects.size_bytes(found[0].renditions[0].object_key) == found[0].renditions[0].size_bytes
