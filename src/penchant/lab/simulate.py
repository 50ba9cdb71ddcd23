"""`penchant taste simulate`: worlds whose truth is known, one report. What each number means stands in `trajectory`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from penchant.feed.recipe import SHARES, TEMPERATURE_Q16
from penchant.lab import bench_report, off_policy
from penchant.lab.false_story import false_stories
from penchant.lab.metrics import Floats, paired_gain, rounded
from penchant.lab.policies import POLICIES
from penchant.lab.policy import SLOTS
from penchant.lab.reality import Reality
from penchant.lab.served import Penchant, Variant
from penchant.lab.trajectory import (
    WEEK,
    Progress,
    Trajectory,
    adapted,
    by_day,
    coverage,
    creator_gini,
    discovered,
    run,
    shares,
    top1_share,
    topic_entropy,
)
from penchant.lab.turning import Turning, after_long_views, by_a_listener
from penchant.lab.world import DEFAULT, World, WorldRefused, read_world, sha256_of
from penchant.taste.fixed import Q16


class Part(StrEnum):
    """What there is to simulate."""

    POLICIES = "policies"
    HOMOPHILY = "homophily"
    WORLDS = "worlds"
    OFF_POLICY = "off-policy"
    TURN = "turn"
    STORIES = "stories"


OURS: Final = "penchant"
ORACLE: Final = "oracle"
UNIFORM: Final = "uniform"
HOMOPHILIES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
HOMOPHILY_DAYS: Final = 7
"""The first week, in which contacts are worth most: little is known yet of what a viewer does."""
OTHER_WORLDS: Final = ("one-taste", "telling-tags", "friends", "village", "restless")
RIVALS: Final = ("penchant", "ease", "popularity", "last-k", "contacts")
"""Who is compared in the other worlds, beside the oracle and the uniform policy."""
MOMENTS: Final = 1_000
OFF_POLICY_DAYS: Final = 7
TURN_SEEDS: Final = 4
"""Worlds in which a turn is looked at if none are named: in one of them some thirty viewers turn."""
WITH_CONTENT: Final = "seen-and-heard"
"""The world in which a turn is looked at besides: a live feed knows what its videos look and sound like."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to simulate."""

    world: str | Path = DEFAULT
    seeds: Sequence[int] = ()
    """Of world and policies, one run of the policies each; none: the world's own."""
    parts: Sequence[Part] = tuple(Part)
    policies: Sequence[str] = tuple(POLICIES)
    days: int | None = None
    """Instead of the world's, to be done sooner."""


def simulate(wanted: Wanted, progress: Progress) -> dict[str, Any]:
    """Runs it and returns the report, ready for JSON.

    Raises:
        WorldRefused: the world or a policy is not there, or nothing can be shown in it.
    """
    began = time.perf_counter()
    machine = bench_report.this_machine()
    if unknown := set(wanted.policies) - set(POLICIES):
        raise WorldRefused(f"no such policy: {', '.join(sorted(unknown))}; there are {', '.join(POLICIES)}")
    world = _shortened(read_world(wanted.world), wanted.days)
    report: dict[str, Any] = {
        "world": world.name,
        "sha256": sha256_of(wanted.world),
        "seeds": list(wanted.seeds) or [world.seed],
        "viewers": world.viewers,
        "videos": world.videos,
        "days": world.days,
        "slots": SLOTS,
    }
    if Part.POLICIES in wanted.parts:
        report["policies"] = _policies(world, report["seeds"], wanted.policies, progress)
    if Part.HOMOPHILY in wanted.parts:
        report["homophily"] = _homophily(world, progress)
    if Part.WORLDS in wanted.parts:
        report["worlds"] = {
            name: _against_rivals(_shortened(read_world(name), wanted.days), progress) for name in OTHER_WORLDS
        }
    if Part.OFF_POLICY in wanted.parts:
        report["off_policy"] = _off_policy(world, progress)
    if Part.TURN in wanted.parts:
        seeds = wanted.seeds or range(world.seed, world.seed + TURN_SEEDS)
        report["turn"] = _turn(world, seeds, progress)
    if Part.STORIES in wanted.parts:
        report["stories"] = false_stories(Reality(world), world.seed, progress)
    return report | {
        "seconds": round(time.perf_counter() - began, 1),
        "machine": msgspec.to_builtins(machine),
        "versions": bench_report.versions(),
    }


def _shortened(world: World, days: int | None) -> World:
    return world if days is None else msgspec.structs.replace(world, days=days)


def trajectories(world: World, names: Sequence[str], progress: Progress, words: str) -> dict[str, Trajectory]:
    """Policies through one world, by name. Raises WorldRefused where nobody can be shown a page."""
    reality = Reality(world)
    return {name: run(reality, POLICIES[name][1](reality, world.seed), progress, f"{words}: {name}") for name in names}


def _policies(world: World, seeds: Sequence[int], chosen: Sequence[str], progress: Progress) -> dict[str, Any]:
    names = [name for name in POLICIES if name in {ORACLE, UNIFORM, *chosen}]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    values: dict[str, list[Floats]] = {name: [] for name in names}
    owners = []
    for seed in seeds:
        own = msgspec.structs.replace(world, seed=seed)
        reality, runs = Reality(own), trajectories(own, names, progress, f"seed {seed}")
        owners.append(runs[ORACLE].viewers + seed * own.viewers)
        for name, one in runs.items():
            found[name].append(figures(reality, one, runs[ORACLE], runs[UNIFORM]))
            values[name].append(one.value.mean(axis=1))
    viewers = np.concatenate(owners)
    report = {name: _mean(figured) for name, figured in found.items()}
    for name in names:
        report[name]["value_of_seeds"] = [figured["value"] for figured in found[name]]
        if OURS in names and name != OURS:
            gain = paired_gain(np.concatenate(values[OURS]), np.concatenate(values[name]), viewers)
            report[name]["behind"] = dict(zip(("value", "low", "high"), map(rounded, gain), strict=True))
    return report


def figures(reality: Reality, one: Trajectory, oracle: Trajectory, uniform: Trajectory) -> dict[str, Any]:
    """Everything that is measured of a policy in one world."""
    best, none = float(oracle.value.mean()), float(uniform.value.mean())
    value = float(one.value.mean())
    turned, found = adapted(reality, one, oracle, uniform), discovered(reality, one)
    return {
        "value": rounded(value),
        "regret": rounded(best - value),
        "way": rounded((value - none) / max(best - none, 1e-9)),
        "watched_s": rounded(float(one.watch_ms.mean()) / 1000),
        "served_before": rounded(turned.before),
        "served_after": rounded(turned.after),
        "adapted_videos": turned.videos,
        "adapted_ms": turned.ms,
        "discovered_share": rounded(found.share),
        "discovered_hours": None if found.hours is None else rounded(found.hours),
        "creator_gini": rounded(creator_gini(reality, one.places)),
        "topic_entropy": rounded(topic_entropy(reality, one.viewers, one.places)),
        "coverage": rounded(coverage(reality, one.places)),
        "top1_share": rounded(top1_share(reality, one.places)),
        "shares": {name: rounded(share) for name, share in shares(reality, one).items()},
        "regret_by_day": [
            rounded(each) for each in by_day(oracle, reality.world.days) - by_day(one, reality.world.days)
        ],
        "weeks": _weeks(reality, one, oracle),
    }


def _weeks(reality: Reality, one: Trajectory, oracle: Trajectory) -> list[dict[str, float]]:
    weeks = []
    for first in range(0, reality.world.days, WEEK):
        inside = (one.days >= first) & (one.days < first + WEEK)
        if inside.any():
            viewers, places = one.viewers[inside], one.places[inside]
            weeks.append(
                {
                    "regret": rounded(float((oracle.value[inside] - one.value[inside]).mean())),
                    "topic_entropy": rounded(topic_entropy(reality, viewers, places)),
                    "creator_gini": rounded(creator_gini(reality, places)),
                    "top1_share": rounded(top1_share(reality, places)),
                }
            )
    return weeks


def _mean(of: Sequence[Any]) -> Any:
    """Of reports alike, entry by entry; of medians those that there are."""
    if isinstance(of[0], Mapping):
        return {key: _mean([each[key] for each in of]) for key in of[0]}
    if isinstance(of[0], list):
        return [_mean(entries) for entries in zip(*of, strict=True)]
    known = [each for each in of if each is not None]
    return rounded(float(np.mean(known))) if known else None


def _homophily(world: World, progress: Progress) -> list[dict[str, float]]:
    """What contacts are worth, what watch events, and what both: values, by homophily."""
    world = _shortened(world, min(HOMOPHILY_DAYS, world.days))
    # Who follows whom is all that differs between these worlds, so whoever does not know it does the same in each.
    blind = trajectories(world, (ORACLE, UNIFORM, "no-contacts"), progress, "homophily")
    best, neither, watching = (float(one.value.mean()) for one in blind.values())
    found = []
    for share in HOMOPHILIES:
        own = msgspec.structs.replace(world, homophily=share)
        runs = trajectories(own, ("contacts", OURS), progress, f"homophily {share}")
        values = {"neither": neither, "contacts": float(runs["contacts"].value.mean()), "watching": watching}
        values |= {"both": float(runs[OURS].value.mean()), "oracle": best}
        found.append({"homophily": share} | {name: rounded(value) for name, value in values.items()})
    return found


def _against_rivals(world: World, progress: Progress) -> dict[str, Any]:
    """Values of the rivals in another world, and who is best."""
    runs = trajectories(world, (ORACLE, UNIFORM, *RIVALS), progress, world.name)
    viewers = runs[ORACLE].viewers
    values = {name: rounded(float(one.value.mean())) for name, one in runs.items()}
    best = max(RIVALS, key=lambda name: values[name])
    gain = paired_gain(runs[OURS].value.mean(axis=1), runs[best].value.mean(axis=1), viewers)
    return {
        "values": values,
        "best": best,
        "ours_over_best": dict(zip(("value", "low", "high"), map(rounded, gain), strict=True)),
    }


def _turn(world: World, seeds: Sequence[int], progress: Progress) -> dict[str, Any]:
    """What a page is made of after the videos of a turn, with slots that follow it and without, in two worlds."""
    found: dict[str, Any] = {}
    like = msgspec.structs.replace(world, content=read_world(WITH_CONTENT).content, name=WITH_CONTENT)
    for own in (world, like):
        runs = [_turns(msgspec.structs.replace(own, seed=seed), progress) for seed in seeds]
        found[own.name] = {
            name: _curve(Turning.of(np.concatenate([run[name] for run in runs]))) for name in (OURS, "no-turn")
        }
    # Content makes no difference to who knows the topics.
    ways = [by_a_listener(Reality(msgspec.structs.replace(world, seed=seed))) for seed in seeds]
    found["listener"] = [rounded(float(way)) for way in np.mean(ways, axis=0)]
    return found | {"seeds": list(seeds)}


def _turns(world: World, progress: Progress) -> dict[str, Floats]:
    reality = Reality(world)
    policy = Penchant(reality, Variant(), world.seed)
    words = f"turn: {world.name}, seed {world.seed}"
    before = run(reality, policy, progress, words, until_ms=reality.switch_ms)
    straight = Penchant(reality, Variant(shares=replace(SHARES, turn_in_10=())), world.seed)
    straight.engine = policy.engine
    return {name: after_long_views(reality, one, before) for name, one in ((OURS, policy), ("no-turn", straight))}


def _curve(turning: Turning | None) -> dict[str, Any] | None:
    if turning is None:
        return None
    curves = {"share": turning.share, "error": turning.error, "new": turning.new, "old": turning.old}
    lists = {name: [rounded(float(value)) for value in curve] for name, curve in curves.items()}
    return {**lists, "videos": turning.videos, "viewers": turning.viewers}


def _off_policy(world: World, progress: Progress) -> dict[str, Any]:
    """Three logs of the same moments; what other policies would be worth, estimated from them and true."""
    world = _shortened(world, min(OFF_POLICY_DAYS, world.days))
    reality = Reality(world)
    policy = Penchant(reality, Variant(), world.seed)
    policy.moments = []
    run(reality, policy, progress, "off-policy: the log")
    moments = policy.moments[-MOMENTS:]
    names = [column.name for column in policy.engine.ranker.recipe.columns]
    # There is one surface here, so what is played on it is what is played.
    plays = names.index("surface_2d")
    targets = {
        "colder": [off_policy.propensities(moment.scores, Q16 // 2) for moment in moments],
        "popularity": [off_policy.propensities(moment.rows[:, plays].astype(np.int64), Q16) for moment in moments],
        "uniform": [np.full(len(moment.scores), 1 / len(moment.scores)) for moment in moments],
    }
    found = {}
    anything = [replace(moment, scores=np.zeros_like(moment.scores)) for moment in moments]
    for name, drawn_from, temperature in (
        ("one doubling", moments, Q16),
        ("an eighth, as served", moments, TEMPERATURE_Q16),
        ("uniformly, as audit slots", anything, Q16),
    ):
        progress(f"off-policy: {name}", 0, 1)
        log = off_policy.logged(reality, drawn_from, temperature)
        found[name] = {
            "value_of_log": rounded(off_policy.true_value(log, log.behaviour)),
            "targets": off_policy.compare(log, temperature, targets, world.seed),
        }
        progress(f"off-policy: {name}", 1, 1)
    return {"moments": len(moments), "redrawn": off_policy.REDRAWN, "logs": found}
