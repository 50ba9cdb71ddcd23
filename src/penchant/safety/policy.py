"""The policy of a market: one versioned file that says what follows from which label.

Rules are read from the top. A rule matches a target by one of its labels, from one of its sources, with at least its
confidence; a label answers to the first rule that it fits. An `allow` that matches ends the reading: what stands above
it acts even on what a person has cleared.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from penchant.core.errors import SettingWrong
from penchant.safety.categories import CATEGORIES
from penchant.safety.model import ALLOWED, Label, TargetKind
from penchant.safety.themes import Theme, problems_of

CLEARED = "cleared"
"""The label that a moderator's "nothing is wrong" leaves."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of the policy, as the file has it."""

    name: str
    when: list[str]
    """Labels, any of them."""
    do: Literal["allow", "warn", "age_gate", "limit", "hold", "remove", "suspend"]
    by: tuple[str, ...] = ()
    """Sources whose labels count; empty: all."""
    at_least: float = 0.0
    """Confidence from 0 to 1."""
    on: tuple[TargetKind, ...] = ("video",)
    alone: bool = False
    """It acts by itself; without it a person is asked."""
    reach: int = 25
    """Per cent of viewers, where it limits."""
    hours: int | None = None
    """So long it lasts; for good without it."""
    harm: int = 1
    """How bad it is if it is true, from 1 to 5: the queue goes by it."""
    ground: Literal["illegal", "terms"] = "terms"
    basis: str = ""
    """The law, or the clause of the terms."""
    category: str = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
    words: dict[str, str] = {}
    """What the person concerned is told, by language."""


class Breaker(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a video spreads so fast, on which topics, that somebody should look (`safety.spread.circuit_breaker`)."""

    topics: tuple[str, ...] = ()
    """Hashtags, and words of titles; none: it is off."""
    shown: int = 500
    """Showings within `minutes` from which on it looks."""
    minutes: int = 60
    times: float = 3.0
    """So many times as often as in the same time before."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person is asked once removals add up on an account."""

    name: str
    """The label that the account gets."""
    points: int
    """Of strikes that count; where it is about one category, removals of that."""
    rule: str
    """What is proposed."""
    category: str | None = None
    """Only removals of this category count."""


class Match(NamedTuple):
    """A rule that follows from what is known of a target."""

    rule: Rule
    labels: tuple[Label, ...]
    """Those that it stands on, the surest first."""

    @property
    def confidence(self) -> int:
        return self.labels[0].confidence


@dataclass(frozen=True)
class Policy:
    """The rules of one version."""

    number: int
    rules: tuple[Rule, ...]
    text: str
    """The file."""
    circuit_breaker: Breaker = Breaker()
    steps: tuple[Step, ...] = ()
    """What follows when strikes add up, the mildest first."""
    strike_days: int = 90
    """So long a removal counts against an account."""
    second_opinion_from: int = 6
    """Removals of this harm and above need two people; 6: none does."""
    themes: tuple[Theme, ...] = ()
    """What minors are shown little of, and not by what they watched of it."""

    @property
    def version(self) -> str:
        """Number and the first 12 digits of the file's SHA-256: another text is another version."""
        return f"{self.number}-{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    def rule(self, name: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.name == name), None)

    def judge(self, kind: TargetKind, labels: Sequence[Label]) -> list[Match]:
        """The rules that follow from the labels of a target, in the order of the file; none after an `allow`."""
        matches, left = [], list(labels)
        for rule in self.rules:
            fitting = [label for label in left if _fits(rule, kind, label)]
            if not fitting:
                continue
            if rule.do == "allow":
                break
            left = [label for label in left if label not in fitting]
            matches.append(Match(rule, tuple(sorted(fitting, key=lambda label: (-label.confidence, label.id)))))
        return matches


def _fits(rule: Rule, kind: TargetKind, label: Label) -> bool:
    return (
        kind in rule.on
        and label.label in rule.when
        and (not rule.by or label.source in rule.by)
        and label.confidence >= round(rule.at_least * 1000)
    )


def read_policy(path: Path | None = None) -> Policy:
    """The policy of a file; without one that which comes with this version.

    Raises:
        SettingWrong: it cannot be read, or is no policy; the message says where.
    """
    try:
        raw = path.read_bytes() if path is not None else files("penchant.safety").joinpath("policy.toml").read_bytes()
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingWrong(f"the policy {path or ''} cannot be read: {problem}") from problem
    return parse_policy(text, str(path or "policy.toml"))


def parse_policy(text: str, where: str) -> Policy:
    """The policy that a text in TOML says.

    Raises:
        SettingWrong: it is none.
    """
    try:
        said = tomllib.loads(text)
        number, breaker = said.pop("version", None), said.pop("circuit_breaker", {})
        rules, steps, themes = said.pop("rules", []), said.pop("steps", []), said.pop("themes", [])
        days, second = said.pop("strike_days", 90), said.pop("second_opinion_from", 6)
        if said or not isinstance(number, int) or number < 1:
            raise ValueError(
                "there must be a whole number `version` from 1 on, [[rules]], and where wanted `strike_days`, "
                "`second_opinion_from`, [[steps]], [[themes]] and [circuit_breaker], and nothing else"
            )
        read, stairs = msgspec.convert(rules, tuple[Rule, ...]), msgspec.convert(steps, tuple[Step, ...])
        slowing, of_minors = msgspec.convert(breaker, Breaker), msgspec.convert(themes, tuple[Theme, ...])
        if not (isinstance(days, int) and days > 0 and isinstance(second, int) and 1 <= second <= 6):
            raise ValueError("`strike_days` is at least 1, and `second_opinion_from` from 1 to 6")
    except (ValueError, msgspec.ValidationError) as problem:
        raise SettingWrong(f"the policy {where} is not right: {problem}") from problem
    problems = [*_problems(read), *_uneven(stairs, read), *_problems_of_breaker(slowing), *problems_of(of_minors)]
    if problems:
        raise SettingWrong(f"the policy {where} is not right: {'; '.join(problems)}")
    return Policy(number, read, text, slowing, stairs, days, second, of_minors)


def _uneven(steps: Sequence[Step], rules: Sequence[Rule]) -> list[str]:
    suspending = {rule.name for rule in rules if rule.do == "suspend" and not rule.alone}
    problems = [f"two steps are called {name}" for name in _twice([step.name for step in steps])]
    for step in steps:
        if step.points < 1:
            problems.append(f"{step.name}: `points` are at least 1")
        if step.rule not in suspending:
            problems.append(f"{step.name}: `rule` names one that suspends and asks a person")
        if step.category is not None and step.category not in CATEGORIES:
            problems.append(f"{step.name}: `category` is one of the rules' categories")
    points = [step.points for step in steps if step.category is None]
    if points != sorted(points):
        problems.append("steps go up: the fewest points first")
    return problems


def _problems(rules: Sequence[Rule]) -> list[str]:
    problems = [f"two rules are called {name}" for name in _twice([rule.name for rule in rules])]
    for rule in rules:
        checks: list[tuple[Any, str]] = [
            (rule.when, "it needs labels in `when`"),
            (0 <= rule.at_least <= 1, "`at_least` is from 0 to 1"),
            (1 <= rule.harm <= 5, "`harm` is from 1 to 5"),
            (1 <= rule.reach <= 99, "`reach` is from 1 to 99"),
            (rule.hours is None or rule.hours > 0, "`hours` are at least 1"),
            (rule.category in CATEGORIES, f"`category` is one of {', '.join(sorted(CATEGORIES))}"),
            (rule.do == "allow" or rule.words.get("en"), "it needs `words` in English: what the person is told"),
            (rule.do == "allow" or rule.basis, "it needs a `basis`: the law or the clause that it stands on"),
            (all(rule.do in ("allow", *ALLOWED[kind]) for kind in rule.on), f"`{rule.do}` fits none of those in `on`"),
        ]
        problems += [f"{rule.name}: {words}" for right, words in checks if not right]
    return problems


def _problems_of_breaker(breaker: Breaker) -> list[str]:
    right = breaker.shown >= 1 and 10 <= breaker.minutes <= 1440 and breaker.times >= 1
    return [] if right else ["circuit_breaker: `shown` is at least 1, `minutes` from 10 to 1440, `times` at least 1"]


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
