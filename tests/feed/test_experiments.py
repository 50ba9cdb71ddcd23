"""Files of experiments, and who is in what."""

from collections import Counter
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from penchant.core.errors import SettingWrong
from penchant.core.ids import SubjectId
from penchant.feed.changes import Changes
from penchant.feed.experiments import HOLDOUT, Experiment, arm_of, is_held, load_experiments
from penchant.feed.plans import INTERLEAVED, Plans
from penchant.feed.scorers.teams import Teams
from penchant.feed.selectors.team_draft import TeamDraft

FILE = """
version = 1

[[experiment]]
name = "explore-less"
kind = "split"
salt = "explore-less 1"
traffic_in_1000 = 500
arm = [{ name = "as-it-is" }, { name = "one-in-ten", change = { explore_in_10 = 1 } }]

[[experiment]]
name = "wider-spread"
kind = "interleave"
salt = "wider-spread 1"
traffic_in_1000 = 400
arm = [{ name = "as-it-is" }, { name = "wider", change = { spread = 0.3, without_sources = ["content"] } }]
"""


def load(folder: Path, text: str) -> tuple[Experiment, ...]:
    path = folder / "experiments.toml"
    path.write_text(text)
    return load_experiments(path)


def subjects(count: int) -> list[SubjectId]:
    rng = np.random.default_rng(1)
    return [SubjectId(UUID(bytes=rng.bytes(16), version=4)) for _ in range(count)]


def test_without_a_file_nothing_is_run_and_one_of_a_hundred_is_held_out():
    assert load_experiments(None) == ()
    plans = Plans()
    arms = Counter(plans.of(subject).arms for subject in subjects(20_000))
    assert arms.keys() == {(), (("holdout", "held"),)}
    assert arms[("holdout", "held"),] == pytest.approx(200, abs=5 * 200**0.5)


def test_arms_are_fixed_even_independent_and_the_held_out_are_in_none(tmp_path: Path):
    experiments = load(tmp_path, FILE)
    plans, again = Plans(experiments), Plans(load(tmp_path, FILE))
    counted = Counter[tuple[tuple[str, str], ...]]()
    for subject in subjects(10_000):
        arms = plans.of(subject).arms
        assert again.of(subject).arms == arms
        assert is_held(subject) == (arms == ((HOLDOUT.name, "held"),))
        counted[arms] += 1
    share = 0.99 * 0.5 / 2
    for arm in ("as-it-is", "one-in-ten"):
        alone = counted[("explore-less", arm),]
        both = counted[("explore-less", arm), ("wider-spread", INTERLEAVED)]
        assert (alone + both) / 10_000 == pytest.approx(share, abs=0.02)
        assert both / (alone + both) == pytest.approx(0.4, abs=0.05)


def test_more_traffic_moves_nobody_to_another_arm(tmp_path: Path):
    few, _ = load(tmp_path, FILE)
    many, _ = load(tmp_path, FILE.replace("traffic_in_1000 = 500", "traffic_in_1000 = 900"))
    before = {subject: arm for subject in subjects(2_000) if (arm := arm_of(few, subject))}
    assert len(before) > 800
    assert all(arm_of(many, subject) == arm for subject, arm in before.items())


def test_arms_make_the_recipe(tmp_path: Path):
    plans = Plans(load(tmp_path, FILE))
    for subject in subjects(200):
        plan = plans.of(subject)
        arms = dict(plan.arms)
        drafted = arms.get("wider-spread") == INTERLEAVED
        assert isinstance(plan.recipe.selector, TeamDraft) == isinstance(plan.recipe.scorer.own, Teams) == drafted
        changed = Changes(explore_in_10=1) if arms.get("explore-less") == "one-in-ten" else Changes()
        assert plan.recipe.changes == changed
    assert Changes(explore_in_10=1, without_sources=("content", "place")).told() == (
        "explore_in_10=1",
        "without_sources=content,place",
    )
    assert Changes(spread=0.0, blend=False).knobs == {"spread", "blend"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version = 1", "version = 2", "version = 2"),
        ("version = 1", "version = ", "cannot be read as TOML"),
        ('kind = "split"', 'kind = "toss"', "Invalid enum value 'toss'"),
        ("traffic_in_1000 = 500", "traffic_in_1000 = 5000", "<= 1000"),
        ("explore_in_10 = 1", "explore_in_ten = 1", "unknown field `explore_in_ten`"),
        ("explore_in_10 = 1", "audit_in_1000 = 0", "unknown field `audit_in_1000`"),
        ("explore_in_10 = 1", "temperature = 0.0", ">= 0.01"),
        ("explore_in_10 = 1", "spread = 0.2", "both change spread"),
        ("spread = 0.3", "explore_in_10 = 3", "cannot differ in explore_in_10"),
        ('name = "one-in-ten"', 'name = "as-it-is"', "two arms of one name"),
        ('name = "wider-spread"', 'name = "explore-less"', "the same name"),
        ('name = "wider-spread"', 'name = "holdout"', "permanent holdout"),
        ('salt = "wider-spread 1"', 'salt = "explore-less 1"', "the same salt"),
        ('arm = [{ name = "as-it-is" }, { name = "one-in-ten"', 'arm = [{ name = "one-in-ten"', "1 arms"),
        ('without_sources = ["content"]', 'without_sources = ["contents"]', "leaves out contents"),
        ('without_sources = ["content"]', 'without_sources = ["uniform"]', "leaves out uniform"),
    ],
)
def test_a_file_that_is_not_right_stops_the_start_and_says_where(tmp_path: Path, old: str, new: str, told: str):
    assert old in FILE
    with pytest.raises(SettingWrong) as refused:
        Plans(load(tmp_path, FILE.replace(old, new, 1)))
    assert told in refused.value.message


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(SettingWrong, match="cannot be read"):
        load_experiments(tmp_path / "none.toml")
