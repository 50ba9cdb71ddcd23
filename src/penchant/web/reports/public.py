"""The public page: what fills the feed of this installation, by rule and by source."""

from collections.abc import Sequence
from html import escape

import msgspec

from penchant.operations.figures.model import ARMS, FINDING, SOURCES, Day, Kind, Share
from penchant.operations.figures.service import LEAST_VIEWERS
from penchant.web.reports.layout import arms_by_day, legend, page, section, table
from penchant.web.reports.plots import squares
from penchant.web.reports.words import Words

DAYS = 30
LATELY = 7
"""Days that the first sentence is about."""
JSON_PATH = "/api/figures"


class ShareOut(msgspec.Struct, frozen=True):
    """Shares of what was shown and of what was watched, from 0 to 1; and long views of a shown video."""

    shown: float
    watch_time: float
    long_views_per_shown: float


class DayOut(msgspec.Struct, frozen=True):
    """A day (UTC). `arms`: the rule that put a video there; `sources`: what had brought it."""

    day: str
    arms: dict[str, ShareOut]
    sources: dict[str, ShareOut]


class FiguresOut(msgspec.Struct, frozen=True):
    """What fills the feed, by day; days, rules and sources with too few people are left out."""

    least_viewers: int
    days: list[DayOut]


def figures_out(days: Sequence[Day]) -> FiguresOut:
    """From days as `in_public` tells them."""
    told = [DayOut(day.day.isoformat(), _shares(day, "arm"), _shares(day, "source")) for day in days]
    return FiguresOut(LEAST_VIEWERS, told)


def _shares(day: Day, kind: Kind) -> dict[str, ShareOut]:
    own = {name: share for (of, name), share in day.shares.items() if of == kind}
    shown, watched = sum(share.shown for share in own.values()), sum(share.watched_ms for share in own.values())
    return {
        name: ShareOut(
            round(share.shown / max(shown, 1e-9), 4),
            round(share.watched_ms / max(watched, 1e-9), 4),
            round(share.long / max(share.shown, 1e-9), 4),
        )
        for name, share in sorted(own.items())
    }


def public_page(days: Sequence[Day], words: Words) -> str:
    """The page, from days as `in_public` tells them."""
    title, how = words("public.title"), words("public.how.text", least=LEAST_VIEWERS)
    link = f'<p><a href="{JSON_PATH}">{escape(words("public.json"))}</a></p>'
    end = section(words("public.how"), how, link)
    if not days:
        nothing = f'<p class="lead">{escape(words("public.nothing", least=LEAST_VIEWERS))}</p>'
        return page(words, title, nothing + end, "/figures")
    lately = days[-LATELY:]
    arms, sources = together(lately, "arm", ARMS), together(lately, "source", SOURCES)
    by_day = arms_by_day(words, days, words("public.days"), words("public.days.text"))
    return page(words, title, _lead(words, lately, arms) + by_day + _sources(words, sources) + end, "/figures")


def together(days: Sequence[Day], kind: Kind, known: Sequence[str]) -> dict[str, Share]:
    """The sums of some days by name: the known ones in their order, then others."""
    names = [*known, *sorted({name for day in days for of, name in day.shares if of == kind} - set(known))]
    sums = {name: Share() for name in names}
    for day in days:
        for name, total in sums.items():
            share = day.share(kind, name)
            total.shown += share.shown
            total.watched_ms += share.watched_ms
            total.long += share.long
    return {name: total for name, total in sums.items() if total.shown}


def hundred(values: Sequence[float]) -> list[int]:
    """Whole numbers that add up to 100, in proportion (largest remainders)."""
    total = sum(values)
    if total <= 0:
        return [0] * len(values)
    exact = [100 * value / total for value in values]
    whole = [int(value) for value in exact]
    by_rest = sorted(range(len(exact)), key=lambda at: whole[at] - exact[at])
    for at in by_rest[: 100 - sum(whole)]:
        whole[at] += 1
    return whole


def _lead(words: Words, lately: Sequence[Day], arms: dict[str, Share]) -> str:
    names = list(arms)
    of_shown = dict(zip(names, hundred([share.shown for share in arms.values()]), strict=True))
    of_watched = dict(zip(names, hundred([share.watched_ms for share in arms.values()]), strict=True))
    days = words("days.one") if len(lately) == 1 else words("days.many", count=len(lately))
    sentence = words(
        "public.lead",
        days=days,
        exploit=of_shown.get("exploit", 0) + of_shown.get("turn", 0),
        finding=sum(of_shown.get(arm, 0) for arm in FINDING),
        followed=of_shown.get("followed", 0),
    )
    panels = "".join(
        f"<figure><figcaption>{escape(words(f'public.{which}'))}</figcaption>"
        + squares([(f"arm-{name}", count) for name, count in counts.items()], words(f"public.{which}"))
        + legend([(f"arm-{name}", words(f"arm.{name}"), str(count)) for name, count in counts.items()])
        + "</figure>"
        for which, counts in (("shown", of_shown), ("watched", of_watched))
    )
    return f'<p class="lead">{escape(sentence)}</p><div class="pair">{panels}</div>'


def _sources(words: Words, sources: dict[str, Share]) -> str:
    shown, watched = (
        max(sum(getattr(share, name) for share in sources.values()), 1e-9) for name in ("shown", "watched_ms")
    )
    bars, rows = [], []
    for name, share in sorted(sources.items(), key=lambda entry: -entry[1].shown):
        label, own, time = words(f"source.{name}"), share.shown / shown, share.watched_ms / watched
        bars.append(
            f'<li><span>{escape(label)}</span><svg viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">'
            f'<rect class="grid-fill" width="100" height="5" rx="1"/><rect class="arm-exploit" width="{100 * own:.1f}" '
            f'height="2.2"/><rect class="arm-explore" y="2.8" width="{100 * time:.1f}" height="2.2"/></svg>'
            f"<b>{words.percent(own)}</b> <i>{words.percent(time)}</i></li>"
        )
        rows.append([label, words.percent(own), words.percent(time)])
    keys = legend([("arm-exploit", words("share"), ""), ("arm-explore", words("watched"), "")])
    heads = [words("name"), words("share"), words("watched")]
    listed = f'<ul class="bars">{"".join(bars)}</ul>'
    return section(words("public.sources"), words("public.sources.text"), keys, listed, table(words, heads, rows))
