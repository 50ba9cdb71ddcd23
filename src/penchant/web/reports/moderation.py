"""The public page on moderation: what was decided in a year, how fast, how well people agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from penchant.safety.transparency.service import LEAST, Report
from penchant.web.reports.layout import page, section
from penchant.web.reports.words import Words

PATH = "/transparency"
JSON_PATH = "/api/transparency"


@dataclass(frozen=True)
class TransparencyOut(Report):
    """The last year's moderation. Counts below `least` are not told; `few` stands for several small ones together."""

    least: int = LEAST


def transparency_out(report: Report) -> TransparencyOut:
    """As JSON."""
    return TransparencyOut(**vars(report))


def moderation_page(report: Report, words: Words) -> str:
    """The page, in one language."""
    lead = f'<p class="lead">{escape(words("mod.lead", least=LEAST))}</p>'
    total = sum(report.actions.values())
    share = report.automation.get("rule", 0) / total if total and "few" not in report.automation else None
    parts = [
        section(words("mod.actions"), "", _counts(words, "mod.action", report.actions)),
        section(words("mod.why"), "", _counts(words, "mod.category", report.categories)),
        section(words("mod.source"), "", _counts(words, "mod.source", report.sources)),
        section(
            words("mod.who"),
            "",
            _facts(
                (words("mod.rule_share"), _told(words, share, "percent")),
                (words("mod.moderators"), words.number(report.moderators)),
                (words("mod.flaggers"), words.number(report.flaggers)),
                (words("mod.trusted_reports"), _told(words, report.trusted_reports)),
            ),
        ),
        section(
            words("mod.time"),
            "",
            _facts(
                (words("mod.median"), _told(words, report.median_hours, "hours")),
                (words("mod.median_appeal"), _told(words, report.median_appeal_hours, "hours")),
                (words("mod.reversed"), _told(words, report.reversed)),
            ),
        ),
        section(words("mod.appeals"), "", _counts(words, "mod.outcome", report.appeals)),
        section(words("mod.reports"), "", _counts(words, "mod.reason", report.reports)),
        section(
            words("mod.agreement"),
            words("mod.agreement.text"),
            _facts(
                (words("mod.alpha"), _told(words, report.agreement, "alpha")),
                (words("mod.twice"), _told(words, report.judged_twice)),
            ),
        ),
        f'<p><a href="{JSON_PATH}">{escape(words("public.json"))}</a></p>',
    ]
    return page(words, words("mod.title"), lead + "".join(parts), PATH)


def _counts(words: Words, prefix: str, counts: Mapping[str, int]) -> str:
    if not counts:
        return f"<p>{escape(words('mod.too_few', least=LEAST))}</p>"
    rows = "".join(
        f'<tr><th scope="row">{escape(words("mod.few" if name == "few" else f"{prefix}.{_short(name)}"))}</th>'
        f"<td>{words.number(count)}</td></tr>"
        for name, count in counts.items()
    )
    return f'<div class="wide"><table><tbody>{rows}</tbody></table></div>'


def _facts(*facts: tuple[str, str]) -> str:
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(told)}</td></tr>' for name, told in facts)
    return f'<div class="wide"><table><tbody>{rows}</tbody></table></div>'


def _told(words: Words, value: float | None, kind: str = "count") -> str:
    if value is None:
        return words("mod.not_told")
    if kind == "hours":
        return words.seconds(value * 3600)
    return words.percent(value) if kind == "percent" else words.number(value, 2 if kind == "alpha" else 0)


def _short(name: str) -> str:
    return name.removeprefix("STATEMENT_CATEGORY_").removeprefix("SOURCE_").lower()
