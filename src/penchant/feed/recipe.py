"""The page as one readable list: which parts, in which order, with which shares."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from penchant.feed.filters.blocked import Blocked
from penchant.feed.filters.disliked import Disliked
from penchant.feed.filters.reported import Reported
from penchant.feed.filters.seen import Seen
from penchant.feed.hydrators.catalog import CatalogFacts
from penchant.feed.ports import Cut, Filter, Hydrator, Scorer, Selector, Source
from penchant.feed.scorers.blend import Blend
from penchant.feed.scorers.first import FirstStage
from penchant.feed.selectors.slots import Shares, Slots
from penchant.feed.sources.alike import Alike
from penchant.feed.sources.followed import Followed
from penchant.feed.sources.fresh import Fresh
from penchant.feed.sources.latest import Latest
from penchant.feed.sources.part import Part
from penchant.feed.sources.promoted import Promoted
from penchant.feed.sources.turn import Turn
from penchant.feed.sources.uniform import Uniform
from penchant.taste.recipe import KEPT, SERVED

TEMPERATURE_Q16: Final = 8_192
"""An eighth of a doubling: noise over hundreds of candidates adds up."""

SHARES: Final = Shares(explore_in_10=2, trial_in_10=1, audit_in_1000=5, followed_in_10=2, turn_in_10=(0, 0, 3, 5))
ALIKE, FRESH, PROMOTED, FOLLOWED, UNIFORM, TURN_ALIKE = 60, 40, 20, 20, 40, 30
"""How many the sources bring that are no parts of the taste engine."""


TURN_PARTS: Final = tuple(
    replace(column, quota=quota)
    for column in SERVED.columns
    for name, quota in (("rows", 60), ("place", 40), ("crowd", 40))
    if column.name == name
)
"""What brings candidates for who turns."""
CREATOR_PERCENT: Final = 20
"""Of what is shown of the videos on trial one creator has at most so much."""


@dataclass(frozen=True)
class FeedRecipe:
    """One version of the feed; page records name it."""

    name: str
    sources: Sequence[Source]
    cut: Cut
    hydrators: Sequence[Hydrator]
    filters: Sequence[Filter]
    scorer: Scorer
    selector: Selector
    budget: dict[str, int]
    """What the operator sets of it, for the page record."""


def for_you(shares: Shares = SHARES, creator_percent: int = CREATOR_PERCENT) -> FeedRecipe:
    """The feed "for you", with what the operator wants to spend on exploration.

    Args:
        creator_percent: of what is shown of the videos on trial one creator may have so much.
    """
    parts = [column for column in SERVED.columns if column.quota]
    return FeedRecipe(
        name="for-you-3",
        sources=(
            *(Part(column) for column in parts),
            Alike(ALIKE),
            Turn(TURN_PARTS, TURN_ALIKE),
            Fresh(FRESH, creator_percent),
            Latest(),
            Promoted(PROMOTED),
            Followed(FOLLOWED),
            Uniform(UNIFORM),
        ),
        cut=FirstStage(KEPT, staying=("turn", "fresh", "latest", "promoted", "followed", "uniform")),
        hydrators=(CatalogFacts(),),
        filters=(Seen(), Blocked(), Disliked(), Reported()),
        scorer=Blend(),
        selector=Slots(
            shares,
            TEMPERATURE_Q16,
            near=("content", *(column.name for column in parts if column.group == "rows")),
        ),
        budget={
            "explore_in_10": shares.explore_in_10,
            "trial_in_10": shares.trial_in_10,
            "audit_in_1000": shares.audit_in_1000,
            "trials_of_a_creator": shares.trials_of_a_creator,
            "creator_percent": creator_percent,
        },
    )
