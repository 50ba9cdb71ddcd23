"""How surely known videos are known again after what people do to them, and how often others are taken for them.

Half of the clips are in a bank; the others are of the same themes and styles, and ought not to be found. What is
asked about is a file that another program encoded, looked at by the sandboxed child as an upload is.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from penchant.lab.bench_on_screen import OnScreen, Part, measure_on_screen
from penchant.lab.bench_texts import TextRow, labelled_links, labelled_texts, measure_links, measure_words
from penchant.media.on_screen import MOST_STILLS, SHORT_SIDE, ReadLines
from penchant.media.workshop import open_workshop
from penchant.safety.detection.matching import ACT_FROM, QUEUE_FROM, Gallery, Known
from penchant.safety.detection.nearest import HashIndex
from penchant.safety.detection.pdq import BYTES
from penchant.safety.detection.views import ClipHashes, hash_clip
from penchant.safety.ports import Detector, Exhibit

ALTERATIONS: Final = (
    "re-encoded",
    "half size",
    "cropped 5 %",
    "cropped 10 %",
    "cropped 15 %",
    "cropped 10 %, one corner",
    "mirrored",
    "bordered",
    "letterboxed",
    "captioned",
    "caption bar above",
    "watermarked",
    "brighter",
    "darker",
    "slower",
    "faster",
    "trimmed to half",
    "mirrored, cropped, faster",
    "cropped, captioned, slower",
)
"""Names of `lab.child.altered.ALTERATIONS`."""
OF_STRANGERS: Final = ("re-encoded", "captioned", "letterboxed", "mirrored, cropped, faster")
"""What clips outside the bank are asked about as: bars make different pictures more alike."""
_INDEXED: Final = 1_000_000

Tell = Callable[[str, int, int], None]


class Drawn(NamedTuple):
    """A clip to work with."""

    theme: str
    file: Path
    duration_ms: int


class HashRow(msgspec.Struct, frozen=True):
    """One way of changing a clip, against one kind of bank."""

    bank: str
    """`house`: made here, of a video's pictures and parts of them. `list`: imported, a plain hash a second."""
    alteration: str
    asked: int
    queued: int
    """From 40 % on: somebody is asked to look."""
    stopped: int
    """From 80 % on: a bank that acts alone stops it."""
    wrong_entry: int
    """Found, but as another clip of the bank."""
    strangers: int
    strangers_queued: int
    median_share: int
    """Thousandths, of those of the bank."""


class NudityRow(msgspec.Struct, frozen=True):
    """A detector of nudity on clips that show none. Recall is not measured: no lawful labelled set is here."""

    clips: int
    pictures: int
    over_half: int
    """Pictures with a score of 0.5 or more."""
    highest: float
    clips_found: int
    """Found wrongly."""


class Costs(msgspec.Struct, frozen=True):
    """What looking costs, processor time."""

    hash_ms: float
    """All hashes of a clip, median."""
    look_up_ms: float
    """All of a clip's hashes in an index of a million, median."""
    stored_bytes: int
    """Of a clip's hashes, median."""


class Report(msgspec.Struct, frozen=True):
    """What was found."""

    known: int
    strangers: int
    themes: int
    flat: int
    """Clips whose pictures are too flat to be known by."""
    hashes: list[HashRow]
    texts: list[TextRow]
    costs: Costs
    nudity: NudityRow | None
    """None where the extra is not installed."""
    on_screen: OnScreen | None
    """None where the extra is not installed."""


class Nudity(NamedTuple):
    """A detector of nudity to measure, with the scores that it judges by."""

    scores: Callable[[NDArray[np.uint8]], list[float]]
    detector: Detector


def measure(
    clips: Sequence[Drawn],
    folder: Path,
    seed: int,
    tell: Tell,
    nudity: Nudity | None = None,
    read: ReadLines | None = None,
) -> Report:
    """clips: in pairs, the first of each for the bank."""
    looked: list[dict[str, ClipHashes]] = []
    for number, clip in enumerate(clips):
        tell("clips changed and looked at", number, len(clips))
        names = ALTERATIONS if number % 2 == 0 else OF_STRANGERS
        looked.append(_look(clip, names, folder))
    known, strangers = looked[::2], looked[1::2]
    usable = [one for one in known if len(one["as it was"].known)]
    house = [one["as it was"].known for one in usable]
    banks = {"house": house, "list": [hashes[::4, :1] for hashes in house]}
    rows = []
    for bank, entries in banks.items():
        gallery = Gallery([Known(str(number), entry) for number, entry in enumerate(entries)])
        rows += [_row(bank, name, gallery, usable, strangers) for name in ("as it was", *ALTERATIONS)]
    texts = [*measure_words(labelled_texts()), *measure_links(*labelled_links())]
    return Report(
        len(known),
        len(strangers),
        len({clip.theme for clip in clips}),
        len(known) - len(usable),
        rows,
        texts,
        _costs(clips[0], folder, seed),
        _nudity(nudity, clips, folder) if nudity is not None else None,
        measure_on_screen(Part(_readable(clips, folder), read), seed, tell) if read is not None else None,
    )


def _look(clip: Drawn, names: Sequence[str], folder: Path) -> dict[str, ClipHashes]:
    command = [sys.executable, "-m", "penchant.lab.child.altered", str(clip.file), str(folder)]
    subprocess.run(command, input="\n".join(names).encode(), check=True, stdout=subprocess.DEVNULL)
    found = {"as it was": _hashes(clip.file, clip.duration_ms, folder)}
    for name in names:
        file = folder / f"{name}.mp4"
        found[name] = _hashes(file, clip.duration_ms, folder)
        file.unlink()
    return found


def _hashes(file: Path, duration_ms: int, folder: Path) -> ClipHashes:
    with open_workshop(None, folder / "work") as workshop:
        return hash_clip(*workshop.stills([file.read_bytes()], duration_ms))


def _readable(clips: Sequence[Drawn], folder: Path) -> list[NDArray[np.uint8]]:
    """Of each clip the pictures that would be read."""
    found = []
    for clip in clips:
        with open_workshop(None, folder / "work") as workshop:
            pictures = workshop.stills([clip.file.read_bytes()], clip.duration_ms, SHORT_SIDE, MOST_STILLS)
        found.append(pictures.frames)
    return found


def _row(
    bank: str,
    alteration: str,
    gallery: Gallery,
    known: Sequence[dict[str, ClipHashes]],
    strangers: Sequence[dict[str, ClipHashes]],
) -> HashRow:
    shares, wrong = [], 0
    for number, one in enumerate(known):
        best = {match.entry: match.share for match in gallery.matches(one[alteration], least=1)}
        shares.append(best.get(number, 0))
        wrong += any(share >= QUEUE_FROM for entry, share in best.items() if entry != number)
    asked = [one[alteration] for one in strangers if alteration in one]
    return HashRow(
        bank,
        alteration,
        len(known),
        sum(share >= QUEUE_FROM for share in shares),
        sum(share >= ACT_FROM for share in shares),
        wrong,
        len(asked),
        sum(bool(gallery.matches(clip)) for clip in asked),
        int(np.median(shares)),
    )


def _nudity(nudity: Nudity, clips: Sequence[Drawn], folder: Path) -> NudityRow:
    scores: list[float] = []
    found = 0
    for clip in clips:
        with open_workshop(None, folder / "work") as workshop:
            pictures = workshop.stills([clip.file.read_bytes()], clip.duration_ms)
        scores += nudity.scores(pictures.frames[::4])
        found += bool(nudity.detector.look(Exhibit(*pictures)))
    half = sum(score >= 0.5 for score in scores)
    return NudityRow(len(clips), len(scores), half, round(max(scores), 4), found)


def _costs(clip: Drawn, folder: Path, seed: int) -> Costs:
    with open_workshop(None, folder / "work") as workshop:
        pictures = workshop.stills([clip.file.read_bytes()], clip.duration_ms)
    rng = np.random.default_rng(seed)
    index = HashIndex(rng.integers(0, 256, (_INDEXED, BYTES), dtype=np.uint8))
    times: list[tuple[float, float]] = []
    for _ in range(5):
        began = time.process_time()
        made = hash_clip(*pictures)
        hashed = time.process_time()
        index.near(made.asked.reshape(-1, BYTES))
        times.append((hashed - began, time.process_time() - hashed))
    hash_s, near_s = np.median(times, axis=0)
    stored = made.asked.nbytes + made.known[:, made.asked.shape[1] // 2 :].nbytes + 5 * len(made.times_ms)
    return Costs(round(1000 * float(hash_s), 1), round(1000 * float(near_s), 1), stored)
