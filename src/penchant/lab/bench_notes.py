"""Where the ranking of community notes breaks: how many accounts of one hand it takes among honest raters."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np

from penchant.lab.bridging_world import Goal, History, Kind, Rows, Tactic, World, note_name
from penchant.safety.notes.model import Rules
from penchant.safety.notes.scorer import score
from penchant.safety.notes.standing import advance, fresh

Tell = Callable[[str, int, int], None]

COUNTS: Final = (5, 10, 20, 40, 60, 80, 120, 160, 240, 320, 480, 800)
"""Of sybils, tried from the fewest on."""
_HISTORIES: Final[tuple[History, ...]] = ("fresh", "one_camp", "both_camps")
_GOALS: Final[tuple[Goal, ...]] = ("show_bad", "hide_good")
_TACTICS: Final[tuple[Tactic, ...]] = ("one", "five", "half_of_ten")
_DAYS, _WRITING_DAYS, _ROUND_HOURS = 14, 7, 2
_HOUR_MS: Final = 3_600_000
_RATED_AFTER_HOURS: Final = 24.0


class Attack(msgspec.Struct, frozen=True):
    """What sybils reach against a number of honest raters."""

    goal: Goal
    history: History
    tactic: Tactic
    plain: int | None
    """The fewest that reach it for most of their notes as published; None: more than were tried."""
    guarded: int | None
    """The same with the safeguards."""


class Shown(msgspec.Struct, frozen=True):
    """What becomes of honest notes, without an attack."""

    people: int
    notes: int
    safeguards: bool
    good_shown: float
    """Share of the notes that both camps find helpful."""
    others_shown: float
    """Share of all other notes."""
    in_cliques: float
    """Share of the honest raters that were taken for a clique."""


class Delay(msgspec.Struct, frozen=True):
    """Hours from the writing of a good note to its being shown, by a world of two weeks."""

    safeguards: bool
    good_shown: float
    median_hours: float
    mean_hours: float


class Report(msgspec.Struct, frozen=True):
    """All of it."""

    people: int
    notes: int
    most_tried: int
    attacks: list[Attack]
    shown: list[Shown]
    delay: list[Delay]


def measure(world: World, seeds: Sequence[int], tell: Tell, counts: Sequence[int] = COUNTS) -> Report:
    """Every attack with and without the safeguards, each number of sybils over all seeds."""
    plans = [(goal, history, tactic) for goal in _GOALS for history in _HISTORIES for tactic in _TACTICS]
    attacks = []
    for done, (goal, history, tactic) in enumerate(plans):
        tell("attacks", done, len(plans))
        plain, guarded = (
            _fewest(world, goal, history, tactic, seeds, counts, safeguards) for safeguards in (False, True)
        )
        attacks.append(Attack(goal, history, tactic, plain, guarded))
    tell("attacks", len(plans), len(plans))
    sizes = [World(60, 40, 0.4), world, World(2 * world.people, world.notes, world.rated_share)]
    shown = [_shown(size, seeds, safeguards) for size in sizes for safeguards in (False, True)]
    delay = [_delay(world, seeds[0], safeguards) for safeguards in (False, True)]
    return Report(world.people, world.notes, max(counts), attacks, shown, delay)


def _fewest(
    world: World,
    goal: Goal,
    history: History,
    tactic: Tactic,
    seeds: Sequence[int],
    counts: Sequence[int],
    safeguards: bool,
) -> int | None:
    """The least of the counts at which more than half of the notes aimed at are turned."""
    for count in counts:
        turned = [_turned(world, goal, history, tactic, count, seed, safeguards) for seed in seeds]
        if np.mean(turned) > 0.5:
            return count
    return None


def _turned(
    world: World, goal: Goal, history: History, tactic: Tactic, count: int, seed: int, safeguards: bool
) -> float:
    """The share of the notes aimed at that the sybils turned; good notes only those that were shown without them."""
    rng = np.random.default_rng(seed)
    rows = world.honest(rng)
    kind: Kind = "bad" if goal == "show_bad" else "good"
    before = _helpful(rows, safeguards)
    aims = [note for note in _of_kind(world, kind) if (note_name(note) in before) == (goal == "hide_good")]
    targets = sorted(rng.choice(aims, {"one": 1, "five": 5, "half_of_ten": 10}[tactic], replace=False).tolist())
    after = _helpful([*rows, *world.sybils(count, history, goal, targets, tactic, rng)], safeguards)
    return float(np.mean([(note_name(note) in after) == (goal == "show_bad") for note in targets]))


def _helpful(rows: Rows, safeguards: bool) -> set[str]:
    found = score(rows, Rules(), safeguards=safeguards)
    return {note.note for note in found.notes if note.status == "helpful"}


def _of_kind(world: World, wanted: Kind) -> list[int]:
    return [number for number, kind in enumerate(world.kinds()) if kind == wanted]


def _shown(world: World, seeds: Sequence[int], safeguards: bool) -> Shown:
    good = {note_name(note) for note in _of_kind(world, "good")}
    figures = []
    for seed in seeds:
        found = score(world.honest(np.random.default_rng(seed)), Rules(), safeguards=safeguards)
        helpful = {note.note for note in found.notes if note.status == "helpful"}
        others = world.notes - len(good)
        taken = sum(len(members) for members in found.cliques)
        figures.append((len(helpful & good) / len(good), len(helpful - good) / others, taken / world.people))
    shares = [round(float(share), 4) for share in np.mean(figures, axis=0)]
    return Shown(world.people, world.notes, safeguards, *shares)


def _delay(world: World, seed: int, safeguards: bool) -> Delay:
    """Notes are written over a week and rated from then on, half of the ratings within a day; a run every two hours."""
    rng = np.random.default_rng(seed)
    rows = world.honest(rng)
    written = rng.uniform(0, _WRITING_DAYS * 24, world.notes)
    number = {note_name(note): note for note in range(world.notes)}
    waits = rng.exponential(_RATED_AFTER_HOURS / np.log(2), len(rows))
    at = np.array([written[number[note]] for note, _, _ in rows]) + waits
    rules, standing = Rules(), {name: fresh(int(written[note] * _HOUR_MS)) for name, note in number.items()}
    shown_at: dict[str, float] = {}
    for hour in range(_ROUND_HOURS, _DAYS * 24 + 1, _ROUND_HOURS):
        known = [row for row, moment in zip(rows, at, strict=True) if moment <= hour]
        for found in score(known, rules, safeguards=safeguards).notes:
            created_ms = int(written[number[found.note]] * _HOUR_MS)
            standing[found.note] = advance(standing[found.note], found.status, hour * _HOUR_MS, created_ms, rules)
            if standing[found.note].shown:
                shown_at.setdefault(found.note, hour)
    good = [note_name(note) for note in _of_kind(world, "good")]
    hours = [shown_at[name] - written[number[name]] for name in good if name in shown_at]
    median, mean = (round(float(f(hours)), 1) for f in (np.median, np.mean))
    return Delay(safeguards, round(len(hours) / len(good), 4), median, mean)
