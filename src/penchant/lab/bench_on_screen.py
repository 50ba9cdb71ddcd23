"""How much of what is written on a video is read, and what of it the lists still find.

The labelled texts are drawn onto pictures of the demo's clips. Counted are those that the lists find as they are typed,
so that what a list cannot find is no fault of the reading.
"""

import time
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from penchant.lab.bench_texts import LabelledText, labelled_texts
from penchant.lab.written import write_on
from penchant.media.on_screen import ReadLines
from penchant.safety.detection.links import LinkDetector, read_links
from penchant.safety.detection.words import WordDetector, read_words
from penchant.safety.ports import Exhibit

SIZES_PX: Final = (18, 26, 34)
_AT_ONCE: Final = 6
"""Pictures that a reader is given, as many as of a video."""


class WrittenRow(msgspec.Struct, frozen=True):
    """Texts of one size and look."""

    size_px: int
    outlined: bool
    texts: int
    letters_read: int
    """Thousandths of the letters, in their order; spaces and case do not count."""
    found: int
    """Texts that the lists found."""


class OnScreen(msgspec.Struct, frozen=True):
    """What reading found."""

    rows: list[WrittenRow]
    clips: int
    """Of the demo's, without words in them."""
    pictures: int
    """Of those clips."""
    pictures_with_lines: int
    """Read wrongly: nothing is written there."""
    clips_found: int
    """Found wrongly by the lists."""
    picture_s: float
    """Seconds for each picture of a video of six, the model's start among them, median; by the clock."""


class Part(NamedTuple):
    """What is written on, and what reads."""

    clips: Sequence[NDArray[np.uint8]]
    """Of each clip (N, H, W, 3) RGB."""
    read: ReadLines


def measure_on_screen(part: Part, seed: int, tell: Callable[[str, int, int], None]) -> OnScreen:
    """Draw, read, look."""
    words, links = WordDetector(read_words()), LinkDetector(read_links())

    def finds(lines: Sequence[str], language: str = "") -> set[str]:
        item = Exhibit(texts={"on_screen": "\n".join(lines)}, language=language)
        return {finding.label for finding in (*words.look(item), *links.look(item))}

    texts = [one for one in labelled_texts() if one.label and one.label in finds([one.text], one.language)]
    looks = [(size, outlined) for size in SIZES_PX for outlined in (False, True)]
    rows, seconds = [], []
    for number, (size, outlined) in enumerate(looks):
        tell("texts written and read", number, len(looks))
        lines, spent = _read(part.read, _written(part.clips, texts, size, outlined, np.random.default_rng(seed)))
        seconds += spent
        found = sum(one.label in finds(own, one.language) for one, own in zip(texts, lines, strict=True))
        share = np.mean([_share(one.text, "".join(own)) for one, own in zip(texts, lines, strict=True)])
        rows.append(WrittenRow(size, outlined, len(texts), round(1000 * float(share)), found))
    plain = []
    for number, pictures in enumerate(part.clips):
        tell("clips without words read", number, len(part.clips))
        plain.append(part.read(pictures))
    return OnScreen(
        rows,
        len(plain),
        sum(len(clip) for clip in plain),
        sum(bool(lines) for clip in plain for lines in clip),
        sum(bool(finds([line for lines in clip for line in lines])) for clip in plain),
        round(float(np.median(seconds)), 2),
    )


def _written(
    clips: Sequence[NDArray[np.uint8]],
    texts: Sequence[LabelledText],
    size_px: int,
    outlined: bool,
    rng: np.random.Generator,
) -> list[NDArray[np.uint8]]:
    """Each text on a picture of another clip, anywhere between a tenth and three quarters of its height."""
    drawn = []
    for number, one in enumerate(texts):
        clip = clips[number % len(clips)]
        picture = clip[rng.integers(len(clip))]
        top = int(rng.uniform(0.1, 0.75) * picture.shape[0])
        drawn.append(write_on(picture, one.text, size_px, outlined=outlined, top_px=top))
    return drawn


def _read(read: ReadLines, pictures: Sequence[NDArray[np.uint8]]) -> tuple[list[list[str]], list[float]]:
    """The lines of each picture, and the seconds for one of each batch. Batches are of pictures of one shape."""
    lines: dict[int, list[str]] = {}
    seconds = []
    for shape in {picture.shape for picture in pictures}:
        places = [place for place, picture in enumerate(pictures) if picture.shape == shape]
        for start in range(0, len(places), _AT_ONCE):
            batch = places[start : start + _AT_ONCE]
            began = time.monotonic()
            lines.update(zip(batch, read(np.stack([pictures[place] for place in batch])), strict=True))
            if len(batch) == _AT_ONCE:
                seconds.append((time.monotonic() - began) / len(batch))
    return [lines[place] for place in range(len(pictures))], seconds


def _share(text: str, read: str) -> float:
    """Of a text's letters those that were read, in their order."""
    wanted, got = ("".join(one.casefold().split()) for one in (text, read))
    blocks = SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(wanted)
