"""The languages of the pages of figures (`en.toml`, `fr.toml`), and how numbers are written in them."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final, Literal

Language = Literal["en", "fr"]

LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")
TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    language: tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES
}
_MONTHS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}


class Words:
    """One language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._texts = TEXTS[language]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of that name; a name that nobody has put into words stands for itself."""
        return self._texts.get(key, key.rpartition(".")[2].replace("_", " ")).format(**values)

    def percent(self, share: float) -> str:
        """A share, with one digit below 10 %."""
        value = f"{100 * share:.1f}" if 0 < share < 0.0995 else f"{100 * share:.0f}"
        return self._local(value) + (" %" if self.language == "fr" else "%")

    def number(self, value: float, digits: int = 0) -> str:
        """Grouped by thousands."""
        return self._local(f"{value:,.{digits}f}")

    def seconds(self, value: float) -> str:
        """A length of time, in its largest unit."""
        for unit, size in (("d" if self.language == "en" else "j", 86_400), ("h", 3_600), ("min", 60)):
            if value >= size:
                return f"{self.number(value / size, 1 if value < 10 * size else 0)} {unit}"
        return f"{self.number(value, 1 if value < 10 else 0)} s"

    def day(self, day: date) -> str:
        """Without the year."""
        month = _MONTHS[self.language][day.month - 1]
        return f"{day.day} {month}"

    def _local(self, text: str) -> str:
        return text if self.language == "en" else text.replace(",", " ").replace(".", ",")


def speak(wanted: str | None, accepted: str) -> Words:
    """The language that was asked for by `?lang=`, else the first of the browser's that we speak, else English."""
    tags = [wanted or "", *(part.split(";")[0].strip() for part in accepted.split(","))]
    for tag in tags:
        if tag[:2].lower() == "fr":
            return Words("fr")
        if tag[:2].lower() == "en":
            break
    return Words("en")
