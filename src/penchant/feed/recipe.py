"""The page as one readable list: which parts, in which order, with which shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from penchant.feed.filters.blocked import Blocked
from penchant.feed.filters.disliked import Disliked
from penchant.feed.filters.reported import Reported
from penchant.feed.filters.seen import Seen
from penchant.feed.hydrators.catalog import CatalogFacts
from penchant.feed.ports import Filter, Hydrator, Scorer, Selector, Source
from penchant.feed.scorers.value import Value
from penchant.feed.selectors.slots import Shares, Slots
from penchant.feed.sources.followed import Followed
from penchant.feed.sources.fresh import Fresh
from penchant.feed.sources.rising import Rising
from penchant.feed.sources.similar import Similar
from penchant.feed.sources.uniform import Uniform
from penchant.taste.ranker import load_recipe
from penchant.taste.service import TasteService


@dataclass(frozen=True)
class FeedRecipe:
    """One version of the feed; page records name it."""

    name: str
    sources: Sequence[Source]
    hydrators: Sequence[Hydrator]
    filters: Sequence[Filter]
    scorer: Scorer
    selector: Selector


def for_you(taste: TasteService) -> FeedRecipe:
    """The feed "for you"."""
    weights = load_recipe("value-1")
    return FeedRecipe(
        name=f"for-you-1 {weights.name}",
        sources=(
            Similar(taste, limit=120),
            Rising(taste, limit=60),
            Fresh(taste, limit=40),
            Followed(limit=20),
            Uniform(limit=60),
        ),
        hydrators=(CatalogFacts(),),
        filters=(Seen(), Blocked(), Disliked(), Reported()),
        scorer=Value(taste, weights),
        selector=Slots(
            Shares(explore_in_10=2, audit_in_1000=5, followed_in_10=2),
            weights.temperature_q16,
        ),
    )
