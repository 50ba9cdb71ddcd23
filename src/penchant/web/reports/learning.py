"""The moderators' page: how well the blend learns, what the feed covers, what finding out costs, kept promises."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from penchant.operations.figures.model import ARMS, FINDING, Bin, Day, Share
from penchant.taste.learning import Learning
from penchant.taste.live import SAMPLED
from penchant.web.reports.layout import arms_by_day, legend, page, section, table
from penchant.web.reports.plots import Axis, Line, lines, promises
from penchant.web.reports.words import Words

DAYS = 30
PATH = "/admin/figures"
JSON_PATH = "/api/admin/figures"
REFRESH_S = 30
_COLOURS = ("arm-exploit", "arm-explore", "arm-followed", "arm-audit")
_PERCENTS = [(0.0, "0"), (0.5, "50 %"), (1.0, "100 %")]


@dataclass(frozen=True)
class Lag:
    """How far the newest epoch is behind the log."""

    events: int
    oldest_s: float
    """Age of the oldest event that is not in it; 0 where there is none."""


class Promise(NamedTuple):
    """A group of predictions: the mean chance that was told, what happened, and how many there are."""

    told: float
    happened: float
    cases: float


@dataclass(frozen=True)
class Series:
    """One figure by day: its name among the words, and (place of the day, value) where there is one."""

    name: str
    points: Sequence[tuple[int, float]]


def learning_page(learning: Learning | None, lag: Lag, days: Sequence[Day], now_ms: int, words: Words) -> str:
    """The page; without an epoch it says so."""
    kept = calibration(learning, days)
    body = [
        _tiles(words, learning, lag, days, now_ms),
        _losses(words, learning),
        _by_day(words, "place", days, placed(days)),
        _by_day(words, "coverage", days, [covered(days)]),
        arms_by_day(words, days, words("public.days"), words("public.days.text")) if days else "",
        _by_day(words, "spend", days, spent(days)),
        _promises(words, kept) if kept else "",
        f'<p><a href="{JSON_PATH}">{escape(words("learning.json"))}</a> · {escape(words("learning.refresh"))}</p>',
    ]
    return page(words, words("learning.title"), "".join(body), PATH, refresh_s=REFRESH_S)


def placed(days: Sequence[Day]) -> list[Series]:
    """Where what was watched long stood."""
    names = ("long_in_first", "uniform_long", "uniform_left")
    return [
        Series(name, [(at, mean) for at, day in enumerate(days) if (mean := _mean(day, name)) is not None])
        for name in names
    ]


def covered(days: Sequence[Day]) -> Series:
    """Different videos shown, of all that are listed."""
    return Series("coverage.name", [(at, day.videos / day.listed) for at, day in enumerate(days) if day.listed])


def spent(days: Sequence[Day]) -> list[Series]:
    """What finding out takes of all that is shown, and long views per shown there and where the order decides."""
    points: dict[str, list[tuple[int, float]]] = {"spend.share": [], "spend.exploit": [], "spend.finding": []}
    for at, day in enumerate(days):
        own = {arm: day.share("arm", arm) for arm in ARMS}
        finding, all_shown = _sum([own[arm] for arm in FINDING]), sum(share.shown for share in own.values())
        if all_shown:
            points["spend.share"].append((at, finding.shown / all_shown))
        for name, share in (("spend.exploit", own["exploit"]), ("spend.finding", finding)):
            if share.shown:
                points[name].append((at, share.long / share.shown))
    return [Series(name, found) for name, found in points.items()]


def calibration(learning: Learning | None, days: Sequence[Day]) -> dict[str, list[Promise]]:
    """What was predicted → for each bin of chances what was told and what happened.

    The heads' as the learner holds them of late; that of the blend within its lists over all the days.
    """
    heads = {} if learning is None else learning.calibration
    found = {head: [Promise(*one) for one in own] for head, own in heads.items()}
    bins: dict[tuple[str, int], Bin] = {}
    for day in days:
        for key, own in day.bins.items():
            total = bins.setdefault(key, Bin())
            total.predicted += own.predicted
            total.observed += own.observed
            total.count += own.count
    for (name, _), own in sorted(bins.items()):
        told = Promise(own.predicted / own.count, own.observed / own.count, own.count)
        found.setdefault(name, []).append(told)
    return {name: sorted(own) for name, own in found.items() if own}


def _mean(day: Day, name: str) -> float | None:
    return day.means[name].value if name in day.means else None


def _sum(shares: Sequence[Share]) -> Share:
    return Share(shown=sum(share.shown for share in shares), long=sum(share.long for share in shares))


def _tiles(words: Words, learning: Learning | None, lag: Lag, days: Sequence[Day], now_ms: int) -> str:
    found: list[tuple[str, str]] = []
    if learning is not None:
        found += [
            ("age", words.seconds(max(now_ms - learning.published_at_ms, 0) / 1000)),
            ("lag", words.number(lag.events)),
            ("lag_s", words.seconds(lag.oldest_s)),
            ("examples", words.number(learning.examples)),
            ("rolled_back", words.number(learning.rolled_back)),
        ]
    if days:
        found += [("viewers", words.number(days[-1].viewers)), ("pages", words.number(days[-1].pages))]
    tiles = "".join(
        f"<div><dt>{escape(words(f'tile.{name}'))}</dt><dd>{escape(value)}</dd></div>" for name, value in found
    )
    return f'<dl class="tiles">{tiles}</dl>'


def _losses(words: Words, learning: Learning | None) -> str:
    guess = math.log(SAMPLED + 1)
    text = words("loss.text", list=SAMPLED + 1, guess=words.number(guess, 2))
    if learning is None or not learning.losses:
        return section(words("loss"), text, f"<p>{escape(words('learning.none'))}</p>")
    points = [((at + 1) * learning.stretch, loss) for at, loss in enumerate(learning.losses)]
    last = points[-1][0]
    bottom, top = min(learning.losses) // 0.5 * 0.5, max(guess, *learning.losses) * 1.05
    x = Axis(0, last, [(0, "0"), (last / 2, words.number(last / 2)), (last, words.number(last))])
    halves = range(int(bottom * 2), int(top * 2) + 1)
    y = Axis(bottom, top, [(half / 2, words.number(half / 2, 1)) for half in halves])
    drawn = lines([Line("arm-exploit", words("loss"), points)], x, y, words("loss"), (guess, words.number(guess, 2)))
    some = points[:: max(len(points) // 20, 1)]
    rows = [[words.number(examples), words.number(loss, 3)] for examples, loss in some]
    return section(words("loss"), text, drawn, table(words, [words("loss.x"), words("loss")], rows))


def _by_day(words: Words, name: str, days: Sequence[Day], series: Sequence[Series]) -> str:
    """Shares by day as lines, with the last value of each in the legend."""
    if not any(one.points for one in series):
        return ""
    every = max(len(days) // 6, 1)
    marks = [(float(at), words.day(day.day)) for at, day in enumerate(days) if at % every == 0]
    drawn = [Line(colour, words(one.name), one.points) for colour, one in zip(_COLOURS, series, strict=False)]
    plot = lines(drawn, Axis(0, len(days) - 1, marks), Axis(0, 1, _PERCENTS), words(name))
    told = [
        (colour, words(one.name), words.percent(one.points[-1][1]) if one.points else "–")
        for colour, one in zip(_COLOURS, series, strict=False)
    ]
    values: list[Mapping[int, float]] = [dict(one.points) for one in series]
    rows = [
        [words.day(day.day), *(words.percent(own[at]) if at in own else "–" for own in values)]
        for at, day in enumerate(days)
    ]
    heads = [words("day"), *(words(one.name) for one in series)]
    return section(words(name), words(f"{name}.text"), plot, legend(told), table(words, heads, rows))


def _promises(words: Words, found: Mapping[str, Sequence[Promise]]) -> str:
    panels, rows = [], []
    for name, own in found.items():
        label = words(f"prediction.{name}")
        most, all_ = max(one.cases for one in own), sum(one.cases for one in own)
        apart = sum(abs(one.told - one.happened) * one.cases for one in own) / all_
        plot = promises([(one.told, one.happened, one.cases / most) for one in own], label)
        told = words("calibration.apart", apart=words.percent(apart))
        panels.append(f"<div><h3>{escape(label)}</h3>{plot}<p>{escape(told)}</p></div>")
        rows += [[label, words.percent(one.told), words.percent(one.happened), words.number(one.cases)] for one in own]
    heads = [words("name"), words("predicted"), words("observed"), words("count")]
    grid = f'<div class="panels">{"".join(panels)}</div>'
    return section(words("calibration"), words("calibration.text"), grid, table(words, heads, rows))
