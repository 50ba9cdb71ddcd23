"""Policies in small worlds whose truth is known, and what is measured of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from penchant.feed.recipe import SHARES
from penchant.lab import off_policy
from penchant.lab.policies import POLICIES
from penchant.lab.policy import ARMS, SLOTS, Visit
from penchant.lab.reality import DAY_MS, START_MS, Reality
from penchant.lab.served import Moment, Penchant, Variant
from penchant.lab.simulate import Part, Wanted, figures, simulate
from penchant.lab.trajectory import Trajectory, adapted, discovered, gini, run, topic_entropy
from penchant.lab.turning import Turning, after_long_views, by_a_listener
from penchant.lab.world import World, WorldRefused, read_world
from penchant.taste.fixed import Q16


def quiet(_words: str, _done: int, _total: int) -> None:
    """No progress."""


SMALL = {"viewers": 16, "videos": 300, "days": 2, "topics": 8, "pages_a_day": 1.5, "switch_day": 1}


@pytest.fixture(scope="module")
def world() -> World:
    return msgspec.structs.replace(read_world("kuairand-1"), **SMALL)


@pytest.fixture(scope="module")
def reality(world: World) -> Reality:
    return Reality(world)


@pytest.fixture(scope="module")
def runs(reality: Reality) -> Mapping[str, Trajectory]:
    return {name: run(reality, make(reality, 1), quiet) for name, (_, make) in POLICIES.items()}


@pytest.mark.slow
def test_every_policy_fills_every_page_with_what_is_new_to_the_viewer(reality: Reality, runs: Mapping[str, Trajectory]):
    for name, one in runs.items():
        assert one.places.shape == (len(one.viewers), SLOTS), name
        assert np.array_equal(one.at_ms, runs["oracle"].at_ms), name
        assert (reality.published_ms[one.places] <= one.at_ms[:, None]).all(), name
        shown = list(zip(np.repeat(one.viewers, SLOTS).tolist(), one.places.ravel().tolist(), strict=True))
        assert len(set(shown)) == len(shown), name


@pytest.mark.slow
def test_same_seed_same_result(reality: Reality, runs: Mapping[str, Trajectory]):
    again = run(reality, POLICIES["penchant"][1](reality, 1), quiet)
    other = run(reality, POLICIES["penchant"][1](reality, 2), quiet)
    assert np.array_equal(again.places, runs["penchant"].places)
    assert not np.array_equal(other.places, again.places)


@pytest.mark.slow
def test_the_oracle_regrets_nothing_and_nobody_is_better(reality: Reality, runs: Mapping[str, Trajectory]):
    oracle, uniform = runs["oracle"], runs["uniform"]
    found = {name: figures(reality, one, oracle, uniform) for name, one in runs.items()}
    assert found["oracle"]["regret"] == 0
    assert set(found["oracle"]["regret_by_day"]) == {0}
    assert found["oracle"]["way"] == 1
    assert found["uniform"]["way"] == 0
    assert all(own["regret"] > 0.01 for name, own in found.items() if name != "oracle")
    assert found["uniform"]["regret"] > found["penchant"]["regret"] + 0.02
    assert found["penchant"]["shares"]["explore"] == pytest.approx(0.2, abs=0.01)
    assert found["no-exploration"]["shares"]["explore"] == found["no-exploration"]["shares"]["audit"] == 0
    assert sum(found["penchant"]["shares"][arm] for arm in ARMS) == pytest.approx(1, abs=len(ARMS) * 5e-7)


@pytest.mark.slow
def test_contacts_are_known_only_to_those_who_use_them(world: World, runs: Mapping[str, Trajectory]):
    alone = Reality(msgspec.structs.replace(world, homophily=1.0))
    for name, differs in (("no-contacts", False), ("ease", False), ("penchant", True), ("contacts", True)):
        one = run(alone, POLICIES[name][1](alone, 1), quiet)
        assert np.array_equal(one.places, runs[name].places) is not differs, name


def test_only_the_parts_of_the_co_exposed_learn_from_being_shown(reality: Reality):
    """What all are shown and nobody looks at: played by nobody, by whoever was shown it, or watched long by them."""
    counted = {}
    for counts in ("watched", "shown_as_play", "shown_as_long"):
        policy = Penchant(reality, Variant(counts=counts), 1)
        visit = Visit(0, 0, START_MS, reality.published(START_MS))
        served = policy.page(visit)
        unseen = reality.watch(0, served.places, START_MS)
        nothing = type(unseen)(*(np.zeros_like(getattr(unseen, name)) for name in unseen.__slots__))
        policy.take(visit, served, nothing)
        signals = policy.engine.signals
        counted[counts] = int(signals.played.sum()), int(signals.long.sum()), int(signals.shown.sum())
    assert counted == {"watched": (0, 0, 10), "shown_as_play": (10, 0, 10), "shown_as_long": (10, 10, 10)}


def _line(reality: Reality, before: list[float], after: list[float]) -> Trajectory:
    """Pages of two viewers whose taste switches, with given affinities; each video watched for a second."""
    pages = np.repeat([before + after], SLOTS, axis=0).T
    moments = reality.switch_ms - len(before) + np.arange(len(pages))
    viewers = np.repeat(np.flatnonzero(reality.switches)[:2], len(pages))
    pages, moments = np.concatenate([pages, pages]), np.concatenate([moments, moments])
    order = np.argsort(moments, kind="stable")
    none = np.zeros(pages.shape, dtype=np.int64)
    return Trajectory(
        viewers[order], moments[order], none, none, pages[order], pages[order], none.astype(bool), none + 1000
    )


def test_a_switch_of_taste_is_noticed_when_what_fits_is_shown(reality: Reality):
    oracle, uniform = (_line(reality, [level] * 4, [level] * 8) for level in (0.9, 0.1))
    turned = adapted(reality, _line(reality, [0.5] * 4, [0.1] * 3 + [0.5] * 5), oracle, uniform)
    assert turned.before == pytest.approx(0.5)
    assert turned.after == pytest.approx(0.5 * 5 / 8)
    # Half of what was before is there again when two of the last three pages are as they were: after the fifth.
    assert turned.videos == 5 * SLOTS
    assert turned.ms == 5 * SLOTS * 1700
    assert adapted(reality, _line(reality, [0.5] * 4, [0.1] * 8), oracle, uniform).videos is None
    assert adapted(reality, oracle, oracle, uniform).videos == 3 * SLOTS
    assert adapted(reality, uniform, oracle, uniform).videos is None


def test_what_is_new_and_good_is_discovered_with_its_tenth_long_view(world: World):
    reality = Reality(msgspec.structs.replace(world, viewers=60, days=3))
    oracle = run(reality, POLICIES["oracle"][1](reality, 1), quiet)
    found = discovered(reality, oracle)
    assert found.share == 1
    assert found.hours is not None
    assert 0 < found.hours < 24 * 3
    silent = msgspec.structs.replace(world, at_start=1.0)
    assert discovered(Reality(silent), oracle).share == 0


def test_inequality_and_entropy():
    assert gini(np.array([3, 3, 3, 3])) == pytest.approx(0)
    assert gini(np.array([0, 0, 0, 8])) == pytest.approx(0.75)
    small = Reality(msgspec.structs.replace(read_world("kuairand-1"), viewers=8, videos=100, topics=4))
    by_topic = [np.flatnonzero(small.topic == topic)[0] for topic in (0, 1)]
    pages = np.array([[by_topic[0]] * 4, [by_topic[0], by_topic[1]] * 2])
    assert topic_entropy(small, np.array([0, 1]), pages) == pytest.approx(0.5)


def _moments(reality: Reality, count: int) -> list[Moment]:
    rng = np.random.default_rng(5)
    return [
        Moment(
            viewer=int(rng.integers(0, reality.world.viewers)),
            at_ms=START_MS + DAY_MS,
            places=np.sort(rng.permutation(reality.world.videos)[:12]),
            scores=rng.integers(-2 * Q16, 2 * Q16, 12),
            rows=rng.integers(-4 * Q16, 4 * Q16, (12, 3)).astype(np.int32),
        )
        for _ in range(count)
    ]


@pytest.mark.slow
def test_estimates_are_unbiased_and_their_intervals_cover(reality: Reality):
    moments = _moments(reality, 250)
    log = off_policy.logged(reality, moments, Q16)
    targets = {
        "colder": [off_policy.propensities(moment.scores, Q16 // 2) for moment in moments],
        "uniform": [np.full(12, 1 / 12) for _ in moments],
    }
    found = off_policy.compare(log, Q16, targets, seed=3, redrawn=40)
    for name, target in targets.items():
        assert found[name]["true"] == pytest.approx(off_policy.true_value(log, target), abs=1e-6)
        for estimator in ("ips", "snips", "dr"):
            own = found[name][estimator]
            assert abs(own["bias"]) < 4 * own["rmse"] / 40**0.5, (name, estimator)
            assert own["said_error"] == pytest.approx(own["rmse"], rel=0.5), (name, estimator)
            assert own["covered"] >= 0.8, (name, estimator)
    assert found["uniform"]["effective"] < 1


def test_the_value_of_the_log_itself_needs_no_weights(reality: Reality):
    moments = _moments(reality, 300)
    log = off_policy.logged(reality, moments, Q16)
    drawn, logged_as, rewards = off_policy.draw_log(log, Q16, 4)
    own = np.array([chances[at] for chances, at in zip(log.behaviour, drawn, strict=True)])
    assert np.allclose(own, logged_as)
    estimate = off_policy.ips(own / logged_as, rewards)
    assert estimate.value == pytest.approx(rewards.mean())
    assert off_policy.snips(own / logged_as, rewards).value == pytest.approx(estimate.value)


@pytest.mark.slow
def test_a_report_of_some_policies(tmp_path: Path):
    path = tmp_path / "small.toml"
    small = "name = 'small'\nviewers = 12\nvideos = 200\ndays = 2\nswitch_day = 1\npages_a_day = 1.5"
    path.write_text(f"based_on = 'kuairand-1'\n{small}")
    wanted = Wanted(path, (1, 2), (Part.POLICIES, Part.HOMOPHILY), ("popularity", "last-k"))
    report = simulate(wanted, quiet)
    assert report == simulate(wanted, quiet) | {name: report[name] for name in ("seconds", "machine")}
    assert set(report["policies"]) == {"oracle", "uniform", "popularity", "last-k"}
    assert report["world"] == "small"
    values = report["policies"]["popularity"]["value_of_seeds"]
    assert report["policies"]["popularity"]["value"] == pytest.approx(np.mean(values), abs=1e-6)
    assert [row["homophily"] for row in report["homophily"]] == [0, 0.25, 0.5, 0.75, 1]
    assert len({row["watching"] for row in report["homophily"]}) == 1
    assert len({row["contacts"] for row in report["homophily"]}) == 5
    with pytest.raises(WorldRefused, match="no such policy: luck"):
        simulate(Wanted(path, policies=("luck",)), quiet)


@pytest.mark.slow
def test_off_policy_estimates_of_a_log_of_the_feed(tmp_path: Path):
    path = tmp_path / "small.toml"
    path.write_text("based_on = 'kuairand-1'\nname = 'small'\nviewers = 12\nvideos = 200\ndays = 2\npages_a_day = 1.0")
    logs = simulate(Wanted(path, parts=(Part.OFF_POLICY,)), quiet)["off_policy"]["logs"]
    warm, served, uniform = logs.values()
    assert uniform["value_of_log"] == uniform["targets"]["uniform"]["true"]
    assert uniform["targets"]["uniform"]["effective"] == pytest.approx(1, abs=1e-3)
    for target in ("colder", "popularity", "uniform"):
        assert warm["targets"][target]["true"] == served["targets"][target]["true"]
        assert warm["targets"][target]["effective"] > 10 * served["targets"][target]["effective"]


@pytest.mark.slow
def test_a_page_turns_with_its_viewer_where_content_tells(world: World):
    own = msgspec.structs.replace(world, viewers=24, videos=500, days=4, switch_day=3, pages_a_day=4, content=3.0)
    own = msgspec.structs.replace(own, switching=1.0)
    reality = Reality(own)
    policy = Penchant(reality, Variant(), 1)
    before = run(reality, policy, quiet, until_ms=reality.switch_ms)
    assert (before.at_ms < reality.switch_ms).all()
    profiles = {viewer: list(policy.engine.profile(viewer).long) for viewer in range(24)}
    turning = Turning.of(after_long_views(reality, policy, before))
    assert turning is not None
    assert (turning.error > 0).all()
    assert turning.share.shape == turning.new.shape == turning.old.shape == (11,)
    assert turning.share[5:].mean() > turning.share[:2].mean() + 0.1
    assert turning.new[5:].mean() > turning.new[0]
    assert turning.old[5:].mean() < turning.old[0]
    assert Turning.of(np.empty((0, 7, 11))) is None
    # What was supposed of a viewer is taken back.
    assert profiles == {viewer: list(policy.engine.profile(viewer).long) for viewer in range(24)}
    straight = Penchant(reality, Variant(shares=replace(SHARES, turn_in_10=())), 1)
    straight.engine = policy.engine
    without = Turning.of(after_long_views(reality, straight, before))
    assert without is not None
    assert turning.share[5:].mean() > without.share[5:].mean()


def test_a_listener_who_knows_all_but_the_taste_needs_some_videos_too(reality: Reality):
    way = by_a_listener(reality)
    assert way.shape == (40,)
    assert way[20:].mean() > way[:5].mean()


def test_content_tells_what_a_video_is_about(world: World):
    reality = Reality(msgspec.structs.replace(world, content=2.0))
    assert reality.content is not None
    unit = reality.content / np.linalg.norm(reality.content, axis=1, keepdims=True)
    alike = unit @ unit.T
    same = reality.topic[:, None] == reality.topic[None]
    np.fill_diagonal(same, False)
    assert alike[same].mean() > alike[~same].mean() + 0.2
    assert Reality(world).content is None
    # Nothing else of the world depends on it.
    assert np.array_equal(Reality(world).mixtures, reality.mixtures)
