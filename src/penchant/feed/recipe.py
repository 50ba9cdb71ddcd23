"""The page as one readable list: which parts, in which order, with which shares."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from penchant.feed.changes import Changes
from penchant.feed.experiments import Arm
from penchant.feed.filters.blocked import Blocked
from penchant.feed.filters.disliked import Disliked
from penchant.feed.filters.reported import Reported
from penchant.feed.filters.seen import Seen
from penchant.feed.hydrators.catalog import CatalogFacts
from penchant.feed.ports import Cut, Filter, Hydrator, Scorer, Selector, Source
from penchant.feed.scorers.blend import Blend
from penchant.feed.scorers.first import FirstStage
from penchant.feed.scorers.teams import Teams
from penchant.feed.selectors.slots import Shares, Slots
from penchant.feed.selectors.team_draft import Team, TeamDraft
from penchant.feed.sources.alike import Alike
from penchant.feed.sources.followed import Followed
from penchant.feed.sources.fresh import Fresh
from penchant.feed.sources.part import Part
from penchant.feed.sources.uniform import Uniform
from penchant.taste.fixed import Q16
from penchant.taste.recipe import KEPT, SERVED

TEMPERATURE_Q16: Final = 8_192
"""An eighth of a doubling: noise over hundreds of candidates adds up."""

SHARES: Final = Shares(explore_in_10=2, audit_in_1000=5, followed_in_10=2)
ALIKE, FRESH, FOLLOWED, UNIFORM = 60, 20, 20, 40
"""How many the sources bring that are no parts of the taste engine."""


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
    changes: Changes = Changes()
    """What experiments changed of it."""
    teams: tuple[Arm, ...] = ()
    """Two where they fill its pages in turn."""


def for_you(changes: Changes = Changes(), *, teams: Sequence[Arm] = ()) -> FeedRecipe:
    """The feed "for you"; changed where an experiment changes it, filled by two teams where one interleaves."""
    parts = [column for column in SERVED.columns if column.quota]
    sources: list[Source] = [
        *(Part(column) for column in parts),
        Alike(ALIKE),
        Fresh(FRESH),
        Followed(FOLLOWED),
        Uniform(UNIFORM),
    ]
    near = ("content", *(column.name for column in parts if column.group == "rows"))
    own = {name: value for name in ("explore_in_10", "followed_in_10") if (value := getattr(changes, name)) is not None}
    shares = replace(SHARES, **own)
    scorer, temperature = _scorer(changes), _temperature_q16(changes)
    of_teams = [changes.and_also(team.change) for team in teams]
    drafting = [Team(_temperature_q16(one), frozenset(one.without_sources)) for one in of_teams]
    return FeedRecipe(
        name="for-you-2",
        sources=[source for source in sources if source.name not in changes.without_sources],
        cut=FirstStage(KEPT, staying=("fresh", "followed", "uniform")),
        hydrators=(CatalogFacts(),),
        filters=(Seen(), Blocked(), Disliked(), Reported()),
        scorer=Teams(scorer, [_scorer(one) for one in of_teams]) if teams else scorer,
        selector=TeamDraft(shares, temperature, near, drafting) if teams else Slots(shares, temperature, near),
        changes=changes,
        teams=tuple(teams),
    )


def _scorer(changes: Changes) -> Blend:
    spread = SERVED.spread if changes.spread is None else changes.spread
    return Blend(spread, learned=changes.blend is not False)


def _temperature_q16(changes: Changes) -> int:
    return TEMPERATURE_Q16 if changes.temperature is None else round(changes.temperature * Q16)
