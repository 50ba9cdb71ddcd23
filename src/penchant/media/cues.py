"""From single words to what is read at one time: as much as two lines on a phone hold, no longer than a breath."""

from collections.abc import Iterator, Sequence
from typing import Final

from penchant.catalog.captions import Cue
from penchant.media.transcriber import SpokenWord

CHARACTERS: Final = 60
"""In one cue: two lines between the margins of a phone."""
LONGEST_MS: Final = 6_000
SHORTEST_MS: Final = 1_000
"""What is gone sooner is not read; only the next words cut it shorter."""
_PAUSE_MS: Final = 600
_SENTENCE_CHARACTERS: Final = 20
"""A sentence that is shorter than this takes the next one in."""
_COMMA_WORTH: Final = 20
"""Characters by which a part may be longer than the other if the cut is at a comma."""

Words = Sequence[SpokenWord]


def cues_of(words: Words) -> list[Cue]:
    """All the words, in order: cut at pauses and after sentences, and in halves what is still too long."""
    parts = [part for phrase in _phrases(words) for part in _halved(phrase)]
    starts = [part[0].start_ms for part in parts[1:]]
    return [
        Cue(part[0].start_ms, _end_ms(part, next_ms), _text(part))
        for part, next_ms in zip(parts, [*starts, None], strict=False)
    ]


def _phrases(words: Words) -> Iterator[Words]:
    start = 0
    for at in range(1, len(words)):
        said = _text(words[start:at])
        sentence = len(said) >= _SENTENCE_CHARACTERS and said.endswith((".", "!", "?", "…"))
        if sentence or words[at].start_ms - words[at - 1].end_ms >= _PAUSE_MS:
            yield words[start:at]
            start = at
    if words:
        yield words[start:]


def _halved(phrase: Words) -> list[Words]:
    short = len(_text(phrase)) <= CHARACTERS and phrase[-1].end_ms - phrase[0].start_ms <= LONGEST_MS
    if short or len(phrase) == 1:
        return [phrase]
    cut = min(range(1, len(phrase)), key=lambda at: _unevenness(phrase, at))
    return _halved(phrase[:cut]) + _halved(phrase[cut:])


def _unevenness(phrase: Words, at: int) -> int:
    left, right = _text(phrase[:at]), _text(phrase[at:])
    return abs(len(left) - len(right)) - (_COMMA_WORTH if left.endswith((",", ";", ":")) else 0)


def _end_ms(part: Words, next_ms: int | None) -> int:
    """Long enough to be read, never into the next cue, never before its own beginning."""
    start_ms = part[0].start_ms
    end_ms = max(part[-1].end_ms, start_ms + SHORTEST_MS)
    return max(end_ms if next_ms is None else min(end_ms, next_ms), start_ms + 1)


def _text(words: Words) -> str:
    return " ".join(word.text for word in words)
