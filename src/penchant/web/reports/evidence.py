"""The public page of evidence: what can be checked here, and who did."""

from html import escape

import msgspec

from penchant.ledger.leaves import WHAT
from penchant.operations.evidence import DAYS, Evidence
from penchant.web.reports.layout import page, section
from penchant.web.reports.words import Words

JSON_PATH = "/api/evidence"


class StopOut(msgspec.Struct, frozen=True):
    by: str
    at: str
    reason: str


class EvidenceOut(msgspec.Struct, frozen=True):
    """`pages`: of the last 24 hours; `crossings` by kind and `looks` of partners: of the last 30 days."""

    origin: str
    key: str
    leaves: int
    root: str
    pages: int
    pages_with_receipt: int
    witnesses: list[str]
    quorum: int
    cosigned_s_ago: float | None
    crossings: dict[str, int]
    looks: int
    boosts: int
    stop: StopOut | None
    version: str
    code: str
    lock: str
    files: dict[str, str]


def evidence_out(found: Evidence) -> EvidenceOut:
    """As JSON."""
    own = {name: getattr(found, name) for name in EvidenceOut.__struct_fields__ if hasattr(found, name)}
    stop = found.stop
    return EvidenceOut(
        **own
        | {
            "witnesses": list(found.witnesses),
            "stop": None if stop is None else StopOut(stop.by, stop.at.isoformat(), stop.reason),
            "files": {WHAT[what]: digest for what, digest in found.files.items()},
        }
    )


def evidence_page(found: Evidence, words: Words) -> str:
    """The page."""
    stop = ""
    if found.stop is not None:
        stop = f'<p class="warning">{escape(words("ev.stopped", by=found.stop.by, reason=found.stop.reason))}</p>'
    lead = f'<p class="lead">{escape(_lead(found, words))}</p>'
    json = f'<p><a href="{JSON_PATH}">{escape(words("public.json"))}</a></p>'
    body = "".join(
        (
            stop,
            lead,
            _tiles(found, words),
            section(words("ev.crossings"), words("ev.crossings.text", days=DAYS), _crossings(found, words)),
            section(words("ev.log"), words("ev.log.text"), _facts(found)),
            section(words("ev.check"), words("ev.check.text"), _commands(found), json),
        )
    )
    return page(words, words("ev.title"), body, "/evidence")


def _lead(found: Evidence, words: Words) -> str:
    if not found.pages:
        return words("ev.no_pages")
    return words(
        "ev.lead", share=words.percent(found.pages_with_receipt / found.pages), pages=words.number(found.pages)
    )


def _tiles(found: Evidence, words: Words) -> str:
    cosigned = words("ev.never") if found.cosigned_s_ago is None else words.seconds(found.cosigned_s_ago)
    tiles = [
        (words.number(found.leaves), words("ev.leaves")),
        (cosigned if found.witnesses else "—", words("ev.cosigned") if found.witnesses else words("ev.no_witness")),
        (words.number(found.looks), words("ev.looks", days=DAYS)),
        (words.number(found.boosts), words("ev.boosts")),
    ]
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for value, name in tiles)
    return f'<dl class="tiles">{cells}</dl>'


def _crossings(found: Evidence, words: Words) -> str:
    if not found.crossings:
        return f"<p>{escape(words('ev.none'))}</p>"
    rows = "".join(
        f"<dt>{escape(words(f'ev.crossing.{kind}'))}</dt><dd>{words.number(count)}</dd>"
        for kind, count in sorted(found.crossings.items())
    )
    return f'<dl class="facts">{rows}</dl>'


def _facts(found: Evidence) -> str:
    facts = {
        "origin": found.origin,
        "root": found.root,
        "witnesses": ", ".join(found.witnesses) or "—",
        "version": found.version,
        "code": found.code,
        "lock": found.lock,
        **{WHAT[what]: digest for what, digest in sorted(found.files.items())},
    }
    rows = "".join(f"<dt>{name}</dt><dd><code>{escape(value)}</code></dd>" for name, value in facts.items() if value)
    return f'<dl class="facts">{rows}</dl>'


def _commands(found: Evidence) -> str:
    lines = [
        f"verify_ledger.py log …/ledger --key '{found.key}'",
        "penchant ledger monitor …/ledger --key '…' --state seen",
    ]
    return "".join(f"<pre><code>{escape(line)}</code></pre>" for line in lines)
