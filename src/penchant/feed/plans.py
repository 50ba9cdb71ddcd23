"""Which recipe a viewer's pages are made by: the plain one, changed by the arms of the experiments they are in."""

from collections.abc import Sequence
from dataclasses import dataclass

from penchant.core.errors import SettingWrong
from penchant.core.ids import SubjectId
from penchant.feed.changes import Changes
from penchant.feed.experiments import HOLDOUT, Arm, Experiment, arm_of, is_held
from penchant.feed.recipe import Budget, FeedRecipe, for_you
from penchant.safety.themes import Theme

INTERLEAVED = "interleaved"
"""What stands for the arm of a viewer whose pages two teams fill."""


@dataclass(frozen=True)
class Plan:
    """How the pages of one viewer are made."""

    recipe: FeedRecipe
    arms: tuple[tuple[str, str], ...] = ()
    """(experiment, arm) for each that the viewer is in."""


class Plans:
    """Recipes by arms; each is made once."""

    def __init__(
        self, experiments: Sequence[Experiment] = (), budget: Budget = Budget(), themes: Sequence[Theme] = ()
    ) -> None:
        """Raises SettingWrong where an arm leaves out a source that there is not."""
        self.experiments = tuple(experiments)
        self.themes = tuple(themes)
        self._budget = budget
        self._plain = for_you(budget=budget, themes=themes)
        self._made: dict[tuple[tuple[str, str], ...], FeedRecipe] = {(): self._plain}
        # Slots that explore and the audit slot draw from it.
        may_go = {source.name for source in self._plain.sources} - {"uniform"}
        for experiment in experiments:
            for arm in experiment.arms:
                if unknown := set(arm.change.without_sources) - may_go:
                    raise SettingWrong(
                        f"the experiment {experiment.name} leaves out {', '.join(sorted(unknown))}; "
                        f"what can be left out is {', '.join(sorted(may_go))}"
                    )

    @property
    def plain(self) -> Plan:
        """For whoever is in no experiment."""
        return Plan(self._plain)

    def of(self, subject: SubjectId) -> Plan:
        """The plan of a viewer: a function of the experiments and the subject."""
        if is_held(subject):
            return Plan(self._plain, ((HOLDOUT.name, "held"),))
        arms = tuple(
            (experiment.name, INTERLEAVED if experiment.kind == "interleave" else arm)
            for experiment in self.experiments
            if (arm := arm_of(experiment, subject)) is not None
        )
        if arms not in self._made:
            self._made[arms] = self._recipe(arms)
        return Plan(self._made[arms], arms)

    def _recipe(self, arms: tuple[tuple[str, str], ...]) -> FeedRecipe:
        changes, teams = Changes(), tuple[Arm, ...]()
        by_name = {experiment.name: experiment for experiment in self.experiments}
        for name, arm in arms:
            if arm == INTERLEAVED:
                teams = by_name[name].arms
            else:
                changes = changes.and_also(by_name[name].arm(arm).change)
        return for_you(changes, teams=teams, budget=self._budget, themes=self.themes)
