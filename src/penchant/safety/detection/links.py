"""Links by list: domains that lead to fraud, and shorteners, which hide where they lead."""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from penchant.core.errors import SettingWrong
from penchant.safety.ports import Exhibit, Finding

_KINDS: Final = {"scam": ("scam_link", 900), "shortener": ("spam", 300)}
_LINK: Final = re.compile(r"(?:https?://|(?<![\w@.]))((?:[\w-]{1,63}\.)+[^\W\d_]{2,24})(?![\w-])", re.UNICODE)
_DOTS: Final = re.compile(r"\s*[\[({]\s*(?:\.|dot|point)\s*[\])}]\s*|(?<=\w)[。．｡](?=\w)", re.IGNORECASE)


class LinkDetector:
    """A `Detector` of listed domains and of everything below them."""

    name = "links"

    def __init__(self, domains: Mapping[str, str]) -> None:
        """domains: in their ASCII form, with what they are."""
        self._domains = dict(domains)

    def look(self, item: Exhibit) -> Sequence[Finding]:
        """A finding for each listed domain."""
        found = {}
        for field, text in item.texts.items():
            for domain in domains_in(text):
                if (listed := self._listed(domain)) and listed not in found:
                    label, confidence = _KINDS[self._domains[listed]]
                    found[listed] = Finding(label, self.name, confidence, {"field": field, "domain": listed})
        return list(found.values())

    def _listed(self, domain: str) -> str | None:
        """The domain or its nearest parent that is on the list."""
        parts = domain.split(".")
        return next((name for at in range(len(parts) - 1) if (name := ".".join(parts[at:])) in self._domains), None)


def domains_in(text: str) -> list[str]:
    """Every domain that a text names, in ASCII, with `[.]` and its like read as a dot."""
    found = _LINK.findall(_DOTS.sub(".", text))
    return [name for raw in found if (name := ascii_domain(raw))]


def ascii_domain(name: str) -> str:
    """A domain in lower-case ASCII (punycode), without `www.`; empty where it is none."""
    try:
        encoded = name.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    return encoded.removeprefix("www.") if "." in encoded else ""


def read_links(own: Path | None = None) -> dict[str, str]:
    """The package's list, then the operator's: domains in ASCII, with what they are.

    Raises:
        SettingWrong: a line of the operator's file is not right; the message names it.
    """
    shipped = files("penchant.safety.detection").joinpath("lists", "links.txt").read_text("utf-8").splitlines()
    domains = parse_links(shipped, "links.txt")
    if own is not None:
        try:
            domains |= parse_links(own.read_text("utf-8").splitlines(), own.name)
        except (OSError, UnicodeDecodeError) as error:
            raise SettingWrong(f"safety_links: {own} cannot be read: {error}") from error
    return domains


def parse_links(lines: Iterable[str], name: str) -> dict[str, str]:
    """One domain a line, after a space what it is; empty lines and # are skipped."""
    domains = {}
    for number, line in enumerate(lines, 1):
        fields = line.partition("#")[0].split()
        if not fields:
            continue
        domain, kind = ascii_domain(fields[0]), fields[1] if len(fields) > 1 else "scam"
        if not domain or kind not in _KINDS or len(fields) > 2:
            raise SettingWrong(f"safety_links: line {number} of {name} is no domain with {' or '.join(_KINDS)}")
        domains[domain] = kind
    return domains
