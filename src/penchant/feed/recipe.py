"""The page as one readable list: which parts, in which order, with which shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from penchant.feed.changes import Changes
from penchant.feed.experiments import Arm
from penchant.feed.filters.blocked import Blocked
from penchant.feed.filters.disliked import Disliked
from penchant.feed.filters.muted import Muted
from penchant.feed.filters.private import Private
from penchant.feed.filters.reported import Reported
from penchant.feed.filters.restricted import Restricted
from penchant.feed.filters.saturated import Saturated
from penchant.feed.filters.seen import Seen
from penchant.feed.hydrators.catalog import CatalogFacts
from penchant.feed.ports import Cut, Filter, Hydrator, Scorer, Selector, Source
from penchant.feed.scorers.blend import Blend
from penchant.feed.scorers.first import FirstStage
from penchant.feed.scorers.lent import WithBoosts
from penchant.feed.scorers.teams import Teams
from penchant.feed.selectors.slots import Shares, Slots
from penchant.feed.selectors.team_draft import Team, TeamDraft
from penchant.feed.sources.alike import Alike
from penchant.feed.sources.boosted import Boosted
from penchant.feed.sources.followed import Followed
from penchant.feed.sources.fresh import Fresh
from penchant.feed.sources.latest import Latest
from penchant.feed.sources.part import Part
from penchant.feed.sources.promoted import Promoted
from penchant.feed.sources.turn import Turn
from penchant.feed.sources.uniform import Uniform
from penchant.safety.themes import Theme
from penchant.taste.fixed import Q16
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
class Budget:
    """What the operator gives to finding out."""

    shares: Shares = SHARES
    creator_percent: int = CREATOR_PERCENT

    @classmethod
    def of(cls, told: Mapping[str, int]) -> "Budget":
        """The inverse of `told`; the other shares are those of this version."""
        shares = replace(
            SHARES,
            explore_in_10=told["explore_in_10"],
            trial_in_10=told["trial_in_10"],
            audit_in_1000=told["audit_in_1000"],
            trials_of_a_creator=told["trials_of_a_creator"],
        )
        return cls(shares, told["creator_percent"])

    def told(self) -> dict[str, int]:
        """For the page record."""
        own = self.shares
        return {
            "explore_in_10": own.explore_in_10,
            "trial_in_10": own.trial_in_10,
            "audit_in_1000": own.audit_in_1000,
            "trials_of_a_creator": own.trials_of_a_creator,
            "creator_percent": self.creator_percent,
        }


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
    budget: Budget
    """What the operator gives to finding out."""
    changes: Changes = Changes()
    """What experiments changed of it."""
    teams: tuple[Arm, ...] = ()
    """Two where they fill its pages in turn."""


def told(recipe: FeedRecipe) -> str:
    """A recipe in words that a diff shows changes of: its parts in their order, its shares, its temperature."""
    lines = [f"recipe {recipe.name}"]
    for kind in ("sources", "hydrators", "filters"):
        lines += [f"{kind} {part.name}" for part in getattr(recipe, kind)]
    lines += [f"cut {recipe.cut.name} {KEPT}", f"scorer {recipe.scorer.name}", f"selector {recipe.selector.name}"]
    shares = recipe.budget.shares
    lines += [f"followed_in_10 {shares.followed_in_10}", f"turn_in_10 {' '.join(map(str, shares.turn_in_10))}"]
    lines += [f"{name} {value}" for name, value in recipe.budget.told().items()]
    return "\n".join([*lines, f"temperature_q16 {TEMPERATURE_Q16}", ""])


def for_you(
    changes: Changes = Changes(),
    *,
    teams: Sequence[Arm] = (),
    budget: Budget = Budget(),
    themes: Sequence[Theme] = (),
) -> FeedRecipe:
    """The feed "for you"; changed where an experiment changes it, filled by two teams where one interleaves.

    themes: what minors are shown few of.
    """
    parts = [column for column in SERVED.columns if column.quota]
    sources: list[Source] = [
        *(Part(column) for column in parts),
        Alike(ALIKE),
        Turn(TURN_PARTS, TURN_ALIKE),
        Fresh(FRESH, budget.creator_percent),
        Latest(),
        Boosted(),
        Promoted(PROMOTED),
        Followed(FOLLOWED),
        Uniform(UNIFORM),
    ]
    near = ("content", *(column.name for column in parts if column.group == "rows"))
    own = {name: value for name in ("explore_in_10", "followed_in_10") if (value := getattr(changes, name)) is not None}
    shares = replace(budget.shares, **own)
    scorer, temperature = _scorer(changes), _temperature_q16(changes)
    of_teams = [changes.and_also(team.change) for team in teams]
    drafting = [Team(_temperature_q16(one), frozenset(one.without_sources)) for one in of_teams]
    return FeedRecipe(
        name="for-you-7",
        sources=[source for source in sources if source.name not in changes.without_sources],
        cut=FirstStage(KEPT, staying=("turn", "fresh", "latest", "boosted", "promoted", "followed", "uniform")),
        hydrators=(CatalogFacts(),),
        filters=(Private(), Restricted(), Seen(), Blocked(), Muted(), Disliked(), Reported(), Saturated(themes)),
        scorer=WithBoosts(Teams(scorer, [_scorer(one) for one in of_teams]) if teams else scorer),
        selector=TeamDraft(shares, temperature, near, drafting) if teams else Slots(shares, temperature, near),
        budget=budget,
        changes=changes,
        teams=tuple(teams),
    )


def _scorer(changes: Changes) -> Blend:
    spread = SERVED.spread if changes.spread is None else changes.spread
    return Blend(spread, learned=changes.blend is not False)


def _temperature_q16(changes: Changes) -> int:
    return TEMPERATURE_Q16 if changes.temperature is None else round(changes.temperature * Q16)
