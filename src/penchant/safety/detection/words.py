"""Words and patterns by language: in titles, captions, comments, what is said and what is written in the picture."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from penchant.core.errors import SettingWrong
from penchant.safety.detection.normal_text import stem, words_of
from penchant.safety.ports import Exhibit, Finding

LANGUAGES: Final = ("en", "fr")
_BETWEEN: Final = 3
"""Words that `*` stands for at most."""
_LETTERS_BETWEEN: Final = 5 * _BETWEEN
_LOSES_SPACES: Final = frozenset({"on_screen"})
"""Fields that a reader of pictures writes, which takes narrow spaces for none."""
_LEAST_TOGETHER: Final = 9
"""Letters of a phrase from which on it is no chance that they follow each other across words."""


class WordList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases that mean one thing."""

    label: str
    phrases: tuple[str, ...]
    confidence: int = 700
    languages: tuple[str, ...] = ()
    """In which it counts; empty: in every one."""


_Phrase = tuple[tuple[str, ...], WordList]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    list: tuple[WordList, ...]


class WordDetector:
    """A `Detector` of listed phrases, found as whole words however they are written."""

    name = "words"

    def __init__(self, lists: Iterable[WordList]) -> None:
        self._phrases: dict[str, list[_Phrase]] = {}
        self._together: list[tuple[re.Pattern[str], _Phrase]] = []
        for one in lists:
            for phrase in one.phrases:
                if words := _words(phrase):
                    self._phrases.setdefault(words[0], []).append((words, one))
                    if len(words) > 1 and sum(map(len, words)) >= _LEAST_TOGETHER:
                        self._together.append((_together(words), (words, one)))

    def look(self, item: Exhibit) -> Sequence[Finding]:
        """A finding for each label and field; the phrase itself is the evidence, the text is not."""
        found: dict[tuple[str, str], Finding] = {}
        for field, text in item.texts.items():
            words = words_of(text)
            phrases = [*self._in(words), *(self._run_together(words) if field in _LOSES_SPACES else ())]
            for phrase, one in phrases:
                known = found.get((one.label, field))
                if _counts(one, item.language) and (known is None or known.confidence < one.confidence):
                    evidence: dict[str, str | int | list[str | int]] = {"field": field, "phrase": " ".join(phrase)}
                    found[one.label, field] = Finding(one.label, self.name, one.confidence, evidence)
        return list(found.values())

    def _in(self, words: Sequence[str]) -> Iterator[_Phrase]:
        for place, word in enumerate(words):
            for phrase, one in self._phrases.get(word, ()):
                if _follows(words[place + 1 :], phrase[1:]):
                    yield phrase, one

    def _run_together(self, words: Sequence[str]) -> Iterator[_Phrase]:
        """Phrases of several words whose letters follow each other, wherever spaces are lost."""
        letters = stem("".join(words))
        return (found for pattern, found in self._together if pattern.search(letters))


def read_words(own: Path | None = None) -> list[WordList]:
    """The lists of the package, then those of a file of the operator's.

    Raises:
        SettingWrong: the file cannot be read; the message says where.
    """
    shipped = files("penchant.safety.detection").joinpath("lists")
    lists = [one for name in LANGUAGES for one in _parsed(shipped.joinpath(f"{name}.toml").read_text("utf-8"), name)]
    if own is not None:
        try:
            lists += _parsed(own.read_text("utf-8"), own.name)
        except (OSError, UnicodeDecodeError) as error:
            raise SettingWrong(f"safety_words: {own} cannot be read: {error}") from error
    return lists


def _parsed(text: str, name: str) -> tuple[WordList, ...]:
    try:
        return msgspec.convert(tomllib.loads(text), _File).list
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingWrong(f"safety_words: {name} is not right: {error}") from error


def _words(phrase: str) -> tuple[str, ...]:
    """`*` stays what it is."""
    parts = [[part] if part == "*" else words_of(part) for part in phrase.split()]
    return tuple(word for part in parts for word in part)


def _together(phrase: Sequence[str]) -> re.Pattern[str]:
    """A phrase without its spaces; `*` stands for letters of some words."""
    parts = [stem("".join(group)) for star, group in groupby(phrase, "*".__eq__) if not star]
    return re.compile(f".{{0,{_LETTERS_BETWEEN}}}".join(map(re.escape, parts)))


def _counts(one: WordList, language: str) -> bool:
    primary = language.partition("-")[0]
    return not one.languages or not primary or primary in one.languages


def _follows(words: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether the rest of a phrase comes next."""
    if not phrase:
        return True
    if phrase[0] == "*":
        return any(_follows(words[skipped:], phrase[1:]) for skipped in range(min(_BETWEEN, len(words)) + 1))
    return bool(words) and words[0] == phrase[0] and _follows(words[1:], phrase[1:])
