"""Worlds: read from their files, the same for the same seed, near what they were fitted to."""

from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest

from penchant.lab import marginals
from penchant.lab.reality import DAY_MS, START_MS, Reality
from penchant.lab.world import World, WorldRefused, read_world, sha256_of, shipped
from penchant.taste.labels import Outcome, looked_at, outcome

SHA256 = "f5ce55388fc63edfba055ee00702eadfc0da1cdced715c00a93039bfe559b4f0"
"""Of the constants that the reference's figures were made with. They were committed before any policy was run."""


@pytest.fixture(scope="module")
def world() -> World:
    return read_world("kuairand-1")


@pytest.fixture(scope="module")
def reality(world: World) -> Reality:
    return Reality(world)


def test_the_constants_are_those_that_were_committed():
    assert sha256_of("kuairand-1") == SHA256


def test_every_shipped_world_can_be_made():
    for name in shipped():
        found = read_world(name)
        assert found.name == name
        assert len(Reality(msgspec.structs.replace(found, videos=100, viewers=20)).visit_ms) > 20


def test_same_seed_same_world(world: World, reality: Reality):
    again, other = Reality(world), Reality(msgspec.structs.replace(world, seed=2))
    for name in ("quality", "topic", "durations_ms", "contacts", "visit_ms", "published_ms"):
        assert np.array_equal(getattr(reality, name), getattr(again, name)), name
    assert not np.array_equal(reality.quality, other.quality)
    places = np.arange(50)
    same = [each.watch(3, places, START_MS).watch_ms for each in (reality, again)]
    assert np.array_equal(*same)


def test_what_a_viewer_does_depends_on_nothing_else_that_is_shown(reality: Reality):
    whole = reality.watch(5, np.arange(30), START_MS)
    part = reality.watch(5, np.array([17, 4]), START_MS)
    assert np.array_equal(part.watch_ms, whole.watch_ms[[17, 4]])


def test_outcomes_come_as_often_as_is_true_and_labels_say_the_same(world: World, reality: Reality):
    """Also that a watch time gives the label that was drawn, by the thresholds of `taste.labels`."""
    places = np.arange(world.videos)
    looked, long, chances = [], [], []
    for viewer in range(0, world.viewers, 6):
        seen = reality.watch(viewer, places, START_MS)
        for place in range(0, world.videos, 97):
            duration = int(reality.durations_ms[place])
            assert (outcome(int(seen.watch_ms[place]), duration) is Outcome.LONG) == seen.long[place]
            assert looked_at(int(seen.watch_ms[place]), duration) == seen.looked[place]
        looked.append(seen.looked.mean())
        long.append(seen.long.mean())
        chances.append([chance.mean() for chance in reality.chances(viewer, START_MS)])
    wanted = np.mean(chances, axis=0)
    assert np.mean(looked) == pytest.approx(wanted[0], abs=0.006)
    assert np.mean(long) == pytest.approx(wanted[1], abs=0.006)


@pytest.mark.slow
def test_marginals_are_near_those_of_the_data(world: World):
    """Those that `--fit` prints of KuaiRand-Pure, 25-30 April 2022."""
    found = marginals.of_world(world)
    wanted = {"looked": 0.676, "played": 0.419, "long": 0.311, "tag_entropy": 4.38, "top1_share": 0.21}
    wanted |= {"log_length_mean": 11.135, "log_length_spread": 1.034, "liked_of_long": 0.055}
    wanted |= {"long_viewer_spread": 0.867, "long_video_spread": 0.694, "same_tag_long_view": 1.43}
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, rel=0.1), name


def test_tastes_switch_at_once_and_drift_slowly(reality: Reality):
    def turned(viewer: int, before_ms: int, after_ms: int) -> float:
        before, after = reality.taste(viewer, before_ms), reality.taste(viewer, after_ms)
        return float(before @ after / np.linalg.norm(before) / np.linalg.norm(after))

    switching, staying = np.flatnonzero(reality.switches), np.flatnonzero(~reality.switches)
    assert len(switching) > 20
    at_ms = reality.switch_ms
    assert np.mean([turned(viewer, at_ms - 1, at_ms) for viewer in switching]) < 0.3
    assert min(turned(viewer, at_ms - 1, at_ms) for viewer in staying) > 0.999
    later = [turned(viewer, START_MS, START_MS + 13 * DAY_MS) for viewer in staying]
    assert 0.8 < np.mean(later) < 0.99


def test_homophily_is_who_is_followed_and_changes_nothing_else(world: World):
    worlds = [Reality(msgspec.structs.replace(world, homophily=share)) for share in (0.0, 0.5, 1.0)]
    likeness = []
    for reality in worlds:
        taste = np.array([reality.taste(viewer, START_MS) for viewer in range(world.viewers)])
        taste /= np.linalg.norm(taste, axis=1, keepdims=True)
        likeness.append(np.einsum("nd,ncd->nc", taste, taste[reality.contacts]).mean())
    assert all(later > earlier + 0.1 for earlier, later in pairwise(likeness))
    assert np.array_equal(worlds[0].quality, worlds[2].quality)
    assert np.array_equal(worlds[0].visit_ms, worlds[2].visit_ms)


def test_nobody_follows_themselves_or_anyone_twice(reality: Reality):
    for viewer, contacts in enumerate(reality.contacts.tolist()):
        assert viewer not in contacts
        assert len(set(contacts)) == len(contacts)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("based_on = 'kuairand-1'\nluck = 1", "unknown field `luck`"),
        ("based_on = 'kuairand-1'\nhomophily = 1.5", "homophily"),
        ("based_on = 'nowhere'", "neither a file nor one of"),
        ("name = 'x'", "missing required field"),
        ("name = ", "Invalid value"),
    ],
)
def test_a_file_that_is_no_world_is_refused_in_a_sentence(tmp_path: Path, text: str, says: str):
    (tmp_path / "world.toml").write_text(text)
    with pytest.raises(WorldRefused, match=says):
        read_world(tmp_path / "world.toml")
