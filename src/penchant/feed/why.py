"""Why a video is on the page: in a code, in words and in numbers."""

from penchant.catalog.model import Video
from penchant.core.ids import VideoId
from penchant.feed.model import Candidates, Query, Slot, Why
from penchant.taste.model import Reason
from penchant.taste.ranker import COLUMNS

_Q16 = 65_536
_Q30 = 1 << 30


def numbers_of(candidates: Candidates, slot: Slot) -> dict[str, float]:
    """Feature columns and score as base-2 logarithms, and the slot's propensity."""
    row = candidates.features[slot.index]
    numbers = {name: round(int(value) / _Q16, 3) for name, value in zip(COLUMNS, row, strict=False)}
    numbers["score"] = round(int(candidates.scores[slot.index]) / _Q16, 3)
    numbers["propensity"] = round(slot.propensity_q30 / _Q30, 6)
    return numbers


def explain(
    query: Query,
    candidates: Candidates,
    slot: Slot,
    video: Video,
    reason: Reason | None,
    titles: dict[VideoId, str],
) -> Why:
    """The reason that fits the rule by which the slot was drawn."""
    numbers = numbers_of(candidates, slot)
    sources = candidates.sources[slot.index]
    if slot.arm == "followed":
        return Why("followed", f"from @{video.creator.handle}, whom you follow", numbers, None)
    if slot.arm in ("explore", "audit"):
        return Why("explore", "to find out what else you like: few have seen it yet", numbers, None)
    if slot.arm == "again":
        return Why("again", "you have seen everything here; this was a while ago", numbers, None)
    if reason is not None:
        because = VideoId(reason.video)
        title = titles.get(because, "")
        what = f"“{title}”" if title else "something like it"
        how = "people who watched it watched this too" if reason.by == "rows" else "it looks and sounds alike"
        return Why("similar", f"because you watched {what}: {how}", numbers, because)
    if "rising" in sources and numbers["lift"] > 0:
        return Why("rising", "many here are watching it at the moment", numbers, None)
    if "fresh" in sources:
        return Why("fresh", "it is new here", numbers, None)
    return Why("explore", "to get to know what you like", numbers, None)
