"""Captions: WebVTT or SRT from a creator in, plain WebVTT of our own writing out.

Nothing of the file is passed on but times and words: no styles, regions, positions, notes, voices or markup, so that
what a browser is given is known. Reading is a library's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from itertools import pairwise
from typing import Final, NamedTuple

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from penchant.core.errors import Invalid

CHARACTERS: Final = 200_000
"""Longest file that is read."""
CUES: Final = 2_000
LINES: Final = 4
"""Of one cue; further ones are joined to the last."""
CUE_CHARACTERS: Final = 500
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
"""BCP 47 as far as it is used here: fr, zh-Hant, pt-BR."""
_MARKUP: Final = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
"""Tags of WebVTT and SRT, and the overrides of SSA that some SRT files carry."""


class Cue(NamedTuple):
    """Words and when they are shown."""

    start_ms: int
    end_ms: int
    text: str
    """One to `LINES` lines; once `clean`, without markup."""


def read(text: str) -> list[Cue]:
    """Cues of a WebVTT or SRT file, in the order of time.

    Raises:
        Invalid: it is neither, too long, has no words or times that cannot be.
    """
    if len(text) > CHARACTERS:
        raise _wrong(f"at most {CHARACTERS:,} characters")
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip()
    is_webvtt = text.startswith("WEBVTT")
    try:
        parsed = webvtt.from_string(text) if is_webvtt else webvtt.from_buffer(iter(text.splitlines()), format="srt")
    except (MalformedFileError, MalformedCaptionError, ValueError) as error:
        raise _wrong("this is neither WebVTT nor SRT") from error
    return clean([Cue(_ms(caption.start), _ms(caption.end), caption.raw_text) for caption in parsed.captions])


def clean(cues: Iterable[Cue]) -> list[Cue]:
    """Cues without anything but words, in the order of time; those without words are left out.

    Raises:
        Invalid: one ends before it begins, none has words, or there are too many.
    """
    kept = []
    for number, cue in enumerate(cues, 1):
        if cue.end_ms <= cue.start_ms:
            raise _wrong(f"cue {number} ends before it begins")
        if words := _plain(cue.text):
            kept.append(cue._replace(text=words))
    if not kept:
        raise _wrong("there are no words in it")
    if len(kept) > CUES:
        raise _wrong(f"at most {CUES:,} cues")
    return sorted(kept)


def write(cues: list[Cue]) -> str:
    """As a WebVTT file."""
    blocks = [f"{_stamp(cue.start_ms)} --> {_stamp(cue.end_ms)}\n{_escaped(cue.text)}" for cue in cues]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def overlapping(cues: list[Cue]) -> int:
    """How many cues begin before the one before them has ended: players then stack them."""
    return sum(later.start_ms < earlier.end_ms for earlier, later in pairwise(cues))


def clean_language(language: str) -> str:
    """A language tag as it is kept.

    Raises:
        Invalid: it is none.
    """
    if not LANGUAGE.fullmatch(language):
        raise Invalid("this is no language", fields={"language": "a tag such as en, fr or pt-BR"})
    return language


def _plain(raw: str) -> str:
    # Entities after the tags, so that &lt;b&gt; stays words; control characters go, they are no words.
    lines = [unescape(_MARKUP.sub("", line)) for line in raw.splitlines()]
    clean = [" ".join("".join(letter if letter.isprintable() else " " for letter in line).split()) for line in lines]
    kept = [line for line in clean if line]
    if len(kept) > LINES:
        kept[LINES - 1 :] = [" ".join(kept[LINES - 1 :])]
    return "\n".join(kept)[:CUE_CHARACTERS].rstrip()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _ms(stamp: str) -> int:
    hours, minutes, seconds = stamp.split(":")
    return round(1000 * (3600 * int(hours) + 60 * int(minutes) + float(seconds)))


def _stamp(ms: int) -> str:
    seconds, thousandths = divmod(ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{thousandths:03d}"


def _wrong(why: str) -> Invalid:
    return Invalid("these captions cannot be read", fields={"text": why})
