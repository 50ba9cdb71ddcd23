"""Whole words of any script, whatever their case and accents.

Scripts that put no spaces between words are compared letter by letter; in all others a word is a run of letters and
digits with their marks.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_ACCENT: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]")
"""Accents of Latin, Greek and Cyrillic letters, points of Hebrew, vowel marks of Arabic. Marks of other scripts are
letters of their own right: without them another word is left."""
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, Han, Kana."""
_ASCII_WORD: Final = re.compile("[a-z0-9]+")


_KNOWN_MOST: Final = 20_000


class _Room(dict[int, str]):
    """What stands for a character in a text whose words are apart; looked up once for each."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        is_of_word = unicodedata.category(letter)[0] in "LNM"
        found = (f" {letter} " if _UNSPACED.match(letter) else letter) if is_of_word else " "
        if len(self) < _KNOWN_MOST:
            self[code] = found
        return found


_ROOM: Final = _Room()


def spelled(text: str) -> str:
    """The words of a text, each between spaces: ` one two `; a single space where there is none."""
    if text.isascii():
        words = _ASCII_WORD.findall(text.lower())
    else:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        words = _ACCENT.sub("", plain).translate(_ROOM).split()
    return f" {' '.join(words)} " if words else " "


def count(word: str) -> int:
    """How many letters and digits a word has; an accented one is one."""
    return sum(unicodedata.category(letter)[0] in "LN" for letter in unicodedata.normalize("NFC", word))


@dataclass(frozen=True)
class Phrases:
    """Words to look for, each as a whole."""

    single: frozenset[str] = frozenset()
    several: tuple[str, ...] = ()
    """Of more than one word each, as `spelled`."""
    joined: frozenset[str] = frozenset()
    """All of them without spaces: a hashtag has none."""

    @classmethod
    def of(cls, words: Iterable[str]) -> "Phrases":
        spoken = [spelled(word) for word in words]
        single = [one.strip() for one in spoken if one.count(" ") == 2]
        return cls(
            frozenset(single),
            tuple(one for one in spoken if one.count(" ") > 2),
            frozenset(one.replace(" ", "") for one in spoken),
        )

    def __bool__(self) -> bool:
        return bool(self.joined)

    def stand_in(self, texts: Iterable[str], hashtags: Sequence[str] = ()) -> bool:
        """Whether one of them is in a text, or in a hashtag, or is one."""
        tags = [spelled(tag) for tag in hashtags]
        if any(tag.replace(" ", "") in self.joined for tag in tags):
            return True
        return any(
            not self.single.isdisjoint(text.split()) or any(one in text for one in self.several)
            for text in (*map(spelled, texts), *tags)
        )
