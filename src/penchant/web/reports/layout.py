"""What the pages of figures share: the shell, legends, tables."""

from collections.abc import Sequence
from html import escape

from penchant.operations.figures.model import ARMS, Day
from penchant.web.reports.plots import columns
from penchant.web.reports.words import TEXTS, Language, Words

STYLE_PATH = "/figures.css"


def page(words: Words, title: str, body: str, address: str, *, refresh_s: int = 0) -> str:
    """A whole page; `address` is its own, for the links to its other languages."""
    others = "".join(_language(name, words.language, address) for name in TEXTS)
    refresh = f'<meta http-equiv="refresh" content="{refresh_s}">' if refresh_s else ""
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        f'content="dark light">{refresh}<title>{escape(title)} · Penchant</title>'
        f'<link rel="stylesheet" href="{STYLE_PATH}">'
        '<link rel="icon" href="/icons/icon.svg" type="image/svg+xml"></head>'
        f'<body><header><a href="/">← {escape(words("back"))}</a><nav>{others}</nav></header>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def section(title: str, text: str, *parts: str) -> str:
    """A part of a page with its heading and what it means."""
    lead = f"<p>{escape(text)}</p>" if text else ""
    return f"<section><h2>{escape(title)}</h2>{lead}{''.join(parts)}</section>"


def legend(entries: Sequence[tuple[str, str, str]]) -> str:
    """(colour, name, value) each."""
    rows = "".join(
        f'<li><span class="key {colour}"></span>{escape(name)} <b>{escape(value)}</b></li>'
        for colour, name, value in entries
    )
    return f'<ul class="legend">{rows}</ul>'


def table(words: Words, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The numbers of a plot, folded away."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<details><summary>{escape(words("table"))}</summary><div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></details>"
    )


def arms_by_day(words: Words, days: Sequence[Day], title: str, text: str) -> str:
    """Share of the shown videos by arm, a column for each day, and as a table with the share of watch time."""
    known = [arm for arm in ARMS if any(day.share("arm", arm).shown for day in days)]
    plotted, rows = [], []
    for day in days:
        own = [(arm, day.share("arm", arm)) for arm in known]
        shown, watched = (max(sum(getattr(s, name) for _, s in own), 1e-9) for name in ("shown", "watched_ms"))
        shares = [(f"arm-{arm}", words(f"arm.{arm}"), share.shown / shown) for arm, share in own if share.shown]
        plotted.append((words.day(day.day), shares))
        cells = [f"{words.percent(s.shown / shown)} · {words.percent(s.watched_ms / watched)}" for _, s in own]
        rows.append([words.day(day.day), *cells])
    named = [(f"arm-{arm}", words(f"arm.{arm}"), "") for arm in known]
    what = f"{words('share')} · {words('watched')}"
    heads = [words("day"), *(f"{words(f'arm.{arm}')} ({what})" for arm in known)]
    return section(title, text, columns(plotted, title), legend(named), table(words, heads, rows))


def _language(name: Language, spoken: Language, address: str) -> str:
    here = ' aria-current="true"' if name == spoken else ""
    return f'<a href="{address}?lang={name}" hreflang="{name}" lang="{name}"{here}>{name.upper()}</a>'
