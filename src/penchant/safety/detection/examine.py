"""Everything that is posted is looked at: videos before they are listed, words when they change.

Findings go to whoever decides (`ports.Found`). What a sure match with a bank that acts alone removed is held as well,
because then nobody may see it, not even to decide.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import structlog
from numpy.typing import NDArray

from penchant.catalog import repository as catalog_repository
from penchant.catalog.model import Video
from penchant.catalog.provenance import Provenance
from penchant.core.database import Connection, Engine
from penchant.core.ids import AccountId, VideoId
from penchant.safety.detection import bank_rows
from penchant.safety.detection.banks import BankService
from penchant.safety.detection.duplicates import DuplicateDetector
from penchant.safety.detection.hash_detector import HashDetector, acts_alone
from penchant.safety.detection.hold import Quarantine
from penchant.safety.detection.views import LAYOUT, hash_clip, pack, unpack
from penchant.safety.model import TargetKind
from penchant.safety.ports import Detector, Exhibit, Finding, Found

_AT_ONCE = 20
"""Older videos in one transaction: an import into the same bank waits for it, and gives up after ten seconds."""

_log = structlog.get_logger("safety")


class Examined(NamedTuple):
    """What a look at a video's pictures found."""

    hashes: bytes
    """What it is known by from now on."""
    findings: tuple[Finding, ...]

    @property
    def stops(self) -> bool:
        """Whether it must not be seen by anybody."""
        return any(acts_alone(finding) for finding in self.findings)


class Examiner:
    """Asks the detectors. One that fails is logged and the others go on: a video does not wait for it."""

    def __init__(
        self,
        engine: Engine,
        banks: BankService,
        quarantine: Quarantine,
        found: Found,
        of_pictures: Sequence[Detector] = (),
        of_words: Sequence[Detector] = (),
    ) -> None:
        """of_pictures, of_words: further detectors, beside those of hashes."""
        self._engine = engine
        self._banks = banks
        self._hashes = HashDetector(engine, banks)
        self._quarantine = quarantine
        self._found = found
        self._of_pictures = (DuplicateDetector(engine), *of_pictures)
        self._of_words = tuple(of_words)

    def look(
        self,
        video: Video,
        pictures: NDArray[np.uint8],
        times_ms: tuple[int, ...],
        provenance: Provenance | None = None,
    ) -> Examined:
        """Look at a video's pictures, (F, H, W, 3) RGB with F times, and at what it says of itself. Writes nothing.

        What banks know fails closed: an exception of theirs is the caller's, who tries again.
        """
        clip = hash_clip(pictures, times_ms)
        item = Exhibit(pictures, times_ms, clip, creator=video.creator.id, target=video.id)
        known = self._hashes.look(item)
        return Examined(pack(clip), (*known, *self._ask(self._of_pictures, item), *_of_itself(provenance)))

    def note(self, connection: Connection, video: Video, examined: Examined) -> bool:
        """Keep what a look found, in the transaction that lists the video; whether the policy removed it at once. One
        that it removed because a bank knows it is held.
        """
        bank_rows.put_video_hashes(connection, video.id, LAYOUT, examined.hashes)
        if examined.findings:
            self._found(connection, "video", video.id, examined.findings)
        stopped: bool = catalog_repository.lock_video(connection, video.id).state == "removed"
        if stopped and examined.stops:
            sure = next(finding for finding in examined.findings if acts_alone(finding))
            self._quarantine.begin(connection, video, {"label": sure.label, **sure.evidence})
        return stopped

    def read(
        self,
        connection: Connection,
        kind: TargetKind,
        target: int,
        texts: Mapping[str, str],
        language: str = "",
        creator: AccountId | None = None,
    ) -> list[Finding]:
        """Look at words that were written or changed, by field; what is found is told at once."""
        kept = {name: text for name, text in texts.items() if text.strip()}
        item = Exhibit(texts=kept, language=language, creator=creator, target=target)
        findings = self._ask(self._of_words, item) if kept else []
        if findings:
            self._found(connection, kind, target, findings)
        return findings

    def look_again(self, bank: str) -> int:
        """Compare a bank that has grown with every video of before, step by step; returns how many it knows.

        Each step is a transaction of its own, so that a job that is killed is gone on with.
        """
        known = 0
        with self._engine.connect() as connection:
            self._banks.gallery(connection, bank)  # takes a while of a large bank: before its row is locked
        while True:
            with self._engine.begin() as connection:
                row = bank_rows.bank(connection, bank, lock=True)
                if row is None:
                    return known
                number = row.looked_until if row.looked_revision == row.revision else 0
                videos = bank_rows.listed_after(connection, number, LAYOUT, _AT_ONCE)
                for one in videos:
                    known += self._compare(connection, bank, one)
                until = videos[-1].number if videos else bank_rows.newest_number(connection)
                bank_rows.change_bank(connection, bank, looked_revision=row.revision, looked_until=until)
            if len(videos) < _AT_ONCE:
                return known

    def _compare(self, connection: Connection, bank: str, one: bank_rows.KnownVideo) -> bool:
        findings = self._hashes.look_in(bank, unpack(one.hashes))
        found = catalog_repository.video(connection, VideoId(one.video)) if findings else None
        if found is None:
            return False
        self.note(connection, found[0], Examined(one.hashes, tuple(findings)))
        return True

    def _ask(self, detectors: Sequence[Detector], item: Exhibit) -> list[Finding]:
        findings: list[Finding] = []
        for detector in detectors:
            try:
                findings += detector.look(item)
            except Exception as error:
                _log.exception("detector_failed", detector=detector.name, error=type(error).__name__)
        return findings


def _of_itself(provenance: Provenance | None) -> tuple[Finding, ...]:
    """That content credentials say that a machine made it: whoever signed them, nobody claims that for nothing."""
    if provenance is None or not provenance.made_by_ai:
        return ()
    sure = 1000 if provenance.status == "trusted" else 950
    said: dict[str, str | int | list[str | int]] = {"status": provenance.status, "source": provenance.source}
    return (Finding("synthetic", "provenance", sure, said),)
