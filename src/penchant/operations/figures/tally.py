"""Counts one day's pages and what followed them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from penchant.core.ids import SubjectId
from penchant.feed.follow_up import FollowedPage, FollowedSlot
from penchant.operations.figures.calibration import CHOSEN, bin_of, chosen
from penchant.operations.figures.model import Bin, Day, Kind, Mean, Share
from penchant.taste.parts import TABLE

FIRST: Final = 10
"""Places of a list that count as its first ones."""
_GROUPS: Final = {
    "rows": "similar",
    "place": "similar",
    "walk": "similar",
    "facts": "similar",
    "crowd": "crowd",
    "played": "popular",
    "surface": "popular",
    "past": "popular",
}
_FAMILIES: Final = {
    **{column.name: _GROUPS[column.group] for column in TABLE if column.group in _GROUPS},
    **{name: name for name in ("content", "fresh", "followed", "uniform", "again")},
}


def families(sources: Sequence[str]) -> list[str]:
    """The families of some sources, each once; sources that are new here stand for themselves."""
    return sorted({_FAMILIES.get(source, source) for source in sources})


def tally(day: date, pages: Iterable[FollowedPage], listed: int) -> Day:
    """The counts of a day."""
    counts = Day(day, listed=listed)
    viewers: dict[tuple[Kind, str], set[SubjectId]] = defaultdict(set)
    everybody: set[SubjectId] = set()
    videos: set[int] = set()
    for page in pages:
        counts.pages += 1
        for slot in page.shown:
            everybody.add(page.subject)
            videos.add(slot.video)
            brought = families(page.fields["sources"][slot.candidate].split(","))
            named: list[tuple[Kind, list[str]]] = [("arm", [slot.arm]), ("source", brought)]
            for kind, names in named:
                for name in names:
                    _add(counts, kind, name, slot, 1 / len(names))
                    viewers[kind, name].add(page.subject)
        _measure(counts, page)
        for chance, came_true in chosen(page):
            entry = counts.bins.setdefault((CHOSEN, bin_of(chance)), Bin())
            entry.predicted += chance
            entry.observed += came_true
            entry.count += 1
    counts.viewers, counts.videos = len(everybody), len(videos)
    for key, own in viewers.items():
        counts.shares[key].viewers = len(own)
    return counts


def _add(counts: Day, kind: Kind, name: str, slot: FollowedSlot, part: float) -> None:
    share = counts.shares.setdefault((kind, name), Share())
    share.shown += part
    share.watched_ms += part * slot.watched_ms
    share.long += part * slot.long


def _measure(counts: Day, page: FollowedPage) -> None:
    """Where what was watched long stood in the order that the page was drawn from.

    `long_in_first`: whether among the first ten. Of audit slots, whose place in the list chance decided,
    `uniform_long` and `uniform_left`: the share of the list that stood below what was watched long, and below what
    was not. Where the order says nothing both are one half.
    """
    if not page.fields["order"]:
        return
    for slot, stood in zip(page.slots, page.stood, strict=True):
        if not slot.shown:
            continue
        if slot.long:
            counts.means.setdefault("long_in_first", Mean()).add(float(stood.above < FIRST))
        if slot.arm == "audit":
            below = stood.below / max(len(page.fields["sources"]) - 1, 1)
            counts.means.setdefault("uniform_long" if slot.long else "uniform_left", Mean()).add(below)
