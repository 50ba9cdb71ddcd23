"""How well the lists of words and links do on labelled texts, of which half of the harmless ones are traps."""

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec

from penchant.safety.detection.links import LinkDetector, ascii_domain, read_links
from penchant.safety.detection.words import LANGUAGES, WordDetector, read_words
from penchant.safety.ports import Exhibit


class LabelledText(NamedTuple):
    """A text with what it is."""

    language: str
    label: str
    """Empty: harmless."""
    text: str


class TextRow(msgspec.Struct, frozen=True):
    """One detector on texts of one language and label."""

    detector: str
    language: str
    label: str
    of: int
    found: int
    """With the right label."""
    harmless: int
    false_positives: int
    """Harmless texts of the language that were found."""


def labelled_texts() -> list[LabelledText]:
    """The set in `labelled_texts.toml`."""
    return [LabelledText(*row) for row in _read()["texts"]]


def labelled_links() -> tuple[list[LabelledText], list[str]]:
    """Texts with links, and the domains that are listed for them beside the shipped ones."""
    read = _read()
    return [LabelledText("", *row) for row in read["links"]], [str(name) for name in read["listed"]]


def measure_words(texts: Sequence[LabelledText]) -> list[TextRow]:
    """The shipped lists, by language and label, and all labels of a language together."""
    detector, rows = WordDetector(read_words()), []
    for language in LANGUAGES:
        own = [(one, _labels(detector, one)) for one in texts if one.language == language]
        harmless = [found for one, found in own if not one.label]
        wrong = sum(bool(found) for found in harmless)
        labels = sorted({one.label for one, _ in own if one.label})
        for name, wanted in [*((label, {label}) for label in labels), ("all", set(labels))]:
            of = [(one, found) for one, found in own if one.label in wanted]
            right = sum(one.label in found for one, found in of)
            rows.append(TextRow("words", language, name, len(of), right, len(harmless), wrong))
    return rows


def measure_links(texts: Sequence[LabelledText], listed: Sequence[str]) -> list[TextRow]:
    """The shipped list with further domains."""
    detector = LinkDetector(read_links() | {ascii_domain(name): "scam" for name in listed})
    bad, harmless = [one for one in texts if one.label], [one for one in texts if not one.label]
    found = sum(one.label in _labels(detector, one) for one in bad)
    wrong = sum(bool(_labels(detector, one)) for one in harmless)
    return [TextRow("links", "", "all", len(bad), found, len(harmless), wrong)]


def _labels(detector: WordDetector | LinkDetector, one: LabelledText) -> set[str]:
    return {finding.label for finding in detector.look(Exhibit(texts={"comment": one.text}, language=one.language))}


def _read() -> dict[str, Any]:
    return tomllib.loads(files("penchant.lab").joinpath("labelled_texts.toml").read_text("utf-8"))
