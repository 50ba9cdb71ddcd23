"""The one page of a market that has ended: why, by whose order, and the way to one's data. It needs no script."""

from datetime import datetime
from html import escape

from penchant.markets.lifecycle import Standing
from penchant.web.reports.layout import STYLE_PATH, section
from penchant.web.reports.words import Words

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def closed_page(name: str, standing: Standing, words: Words) -> tuple[str, str]:
    """The page and its content security policy. name: of the market."""
    title = words("closed.title", name=name)
    body = f"<p>{escape(_since(standing, words))}</p>"
    if standing.step is not None and standing.step.moved_to:
        address = escape(standing.step.moved_to, quote=True)
        body += f'<p>{escape(words("closed.moved"))} <a href="{address}" rel="noopener">{address}</a></p>'
    order = standing.order
    if order is not None:
        who = f"<p>{escape(words('closed.issuer', issuer=order.issuer))}</p>"
        basis = f"<p>{escape(words('closed.basis', basis=order.legal_basis))}</p>"
        body += section(words("closed.order"), "", who, basis, f"<blockquote>{_paragraphs(order.text)}</blockquote>")
    elif standing.step is not None:
        body += _paragraphs(standing.step.reason)
    if standing.keys_destroyed_at is not None:
        body += section(words("closed.data"), words("closed.destroyed", at=_moment(standing.keys_destroyed_at)))
    else:
        way = f'<p><a href="/market">{escape(words("closed.way"))}</a></p>'
        body += section(words("closed.data"), words("closed.export"), way)
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="dark light"><meta name="robots" content="noindex">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{STYLE_PATH}">'
        f"</head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    ), _POLICY


def _since(standing: Standing, words: Words) -> str:
    key = "closed.handed_over" if standing.state == "handed_over" else "closed.since"
    return words(key, at=_moment(standing.since)) if standing.since is not None else ""


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.splitlines() if part.strip())


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
