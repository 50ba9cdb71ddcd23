"""Why a video is on the page: in a code, in words and in numbers."""

from collections.abc import Sequence

import numpy as np

from penchant.catalog.model import Video
from penchant.core.ids import VideoId
from penchant.feed.model import Candidates, Query, Slot, Why
from penchant.taste.model import Reason

_Q16 = 65_536
_Q30 = 1 << 30


def numbers_of(candidates: Candidates, slots: Sequence[Slot], query: Query) -> list[dict[str, float]]:
    """For each slot: what its score comes from, what was taken off, all together against the middle of the candidates.

    Doublings of odds, so as factors they are powers of two. And the slot's propensity, and `chance_…`: that of each
    outcome, if it is shown.
    """
    shares: list[dict[str, int]] = [{} for _ in slots]
    chances: list[dict[str, float]] = [{} for _ in slots]
    if candidates.features is not None and candidates.first is not None:
        chosen = [slot.index for slot in slots]
        shares = query.page_taste.shares(candidates.ids, candidates.features, candidates.first, chosen)
        chances = query.page_taste.chances(candidates.features[chosen])
    numbers = []
    middle = float(np.median(candidates.scores)) if len(candidates) else 0.0
    for slot, share, chance in zip(slots, shares, chances, strict=True):
        parts = {name: round(value / _Q16, 3) for name, value in share.items()}
        parts["worth"] = round(int(candidates.worth[slot.index]) / _Q16, 3)
        # What takes off is a factor below one, like the others.
        parts["often"] = -round(int(candidates.pressure[slot.index]) / _Q16, 3)
        if len(candidates.lent) and (lent := int(candidates.lent[slot.index])):
            parts["lent"] = round(lent / _Q16, 3)
        parts["score"] = round((int(candidates.scores[slot.index]) - middle) / _Q16, 3)
        parts["propensity"] = round(slot.propensity_q30 / _Q30, 6)
        parts |= {f"chance_{name}": round(value, 4) for name, value in chance.items()}
        numbers.append(parts)
    return numbers


def explain(
    candidates: Candidates,
    slot: Slot,
    video: Video,
    numbers: dict[str, float],
    reason: Reason | None,
    titles: dict[VideoId, str],
) -> Why:
    """The reason that fits the rule by which the slot was drawn."""
    sources = candidates.sources[slot.index]
    if len(candidates.lent) and candidates.lent[slot.index]:
        return Why("chosen", "the people who run this place chose it", numbers, None)
    if slot.arm == "followed":
        return Why("followed", f"from @{video.creator.handle}, whom you follow", numbers, None)
    if slot.arm in ("explore", "audit"):
        return Why("explore", "to find out what else you like", numbers, None)
    if slot.arm == "trial":
        return Why("fresh", "it is new here, and few have seen it yet", numbers, None)
    if slot.arm == "again":
        return Why("again", "you have seen everything here; this was a while ago", numbers, None)
    if reason is not None:
        because = VideoId(reason.video)
        title = titles.get(because, "")
        what = f"“{title}”" if title else "something like it"
        how = "people who watched it watched this too" if reason.by == "rows" else "it looks and sounds alike"
        return Why("similar", f"because you watched {what}: {how}", numbers, because)
    if any(name.startswith("crowd") for name in sources):
        return Why("alike", "people whose taste is like yours are watching it", numbers, None)
    if any(name.startswith(("played", "surface")) for name in sources):
        return Why("rising", "many here are watching it at the moment", numbers, None)
    if "fresh" in sources:
        return Why("fresh", "it is new here", numbers, None)
    return Why("explore", "to get to know what you like", numbers, None)
