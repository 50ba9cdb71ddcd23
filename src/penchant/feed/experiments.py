"""Experiments: which there are, and which arm of each a viewer is in.

A file of experiments is TOML with `version = 1` and a table `[[experiment]]` for each. Assignment is a hash of the
experiment's salt and the subject, never of the account: the same viewer is always in the same arm, nobody keeps a list
of who is where, and raising an experiment's traffic moves nobody.

Several experiments may run at once if no two change the same knob: their salts make them independent of each other.
Source: Tang, Agarwal, O'Brien, Meyer 2010, KDD, "Overlapping Experiment Infrastructure", section 4.
"""

import hashlib
import tomllib
from itertools import combinations
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from penchant.core.errors import SettingWrong
from penchant.core.ids import SubjectId
from penchant.feed.changes import RANKING, Changes

VERSION: Final = 1
Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,39}$")]
Measure = Literal["long_views", "long_share", "watch_ms"]
"""Of one viewer: videos watched long; the share of the shown that were; milliseconds watched."""


class Arm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to make pages."""

    name: Name
    change: Changes = Changes()


class Experiment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question, with everything that has to be fixed before its first viewer."""

    name: Name
    kind: Literal["split", "interleave"]
    """split: each viewer gets pages of one arm. interleave: both arms fill each page in turn."""
    salt: Annotated[str, Meta(min_length=1)]
    """Another salt is another draw of viewers."""
    traffic_in_1000: Annotated[int, Meta(ge=0, le=1000)]
    """Viewers of a thousand who take part. 0 ends an experiment; it can still be reported."""
    arms: tuple[Arm, ...] = msgspec.field(name="arm")
    """The first is what the others are held against."""
    measure: Measure = "long_views"
    """What decides. Interleaving always counts long views."""
    window_hours: Annotated[int, Meta(ge=1, le=24 * 28)] = 24
    """What a viewer does in so many hours from their first page counts: so that a figure, once in, stays as it is."""
    alpha_in_1000: Annotated[int, Meta(ge=1, le=200)] = 50
    """How often of a thousand a difference is reported where there is none."""

    def arm(self, name: str) -> Arm:
        """The arm of that name."""
        return next(arm for arm in self.arms if arm.name == name)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    experiments: tuple[Experiment, ...] = msgspec.field(name="experiment", default=())


HOLDOUT: Final = Experiment(
    name="holdout",
    kind="split",
    salt="penchant holdout 1",
    traffic_in_1000=10,
    arms=(Arm("everyone"), Arm("held")),
    window_hours=24 * 7,
)
"""One viewer of a hundred is in no experiment ever and keeps the plain recipe: what all experiments together are worth
can be held against them. Never change the salt."""


def arm_of(experiment: Experiment, subject: SubjectId) -> str | None:
    """The arm that a viewer is in; None where they take no part."""
    place, choice = _drawn(experiment.salt, subject)
    if place >= experiment.traffic_in_1000:
        return None
    return experiment.arms[choice % len(experiment.arms)].name


def is_held(subject: SubjectId) -> bool:
    """Whether a viewer is in the permanent holdout."""
    return _drawn(HOLDOUT.salt, subject)[0] < HOLDOUT.traffic_in_1000


def _drawn(salt: str, subject: SubjectId) -> tuple[int, int]:
    """A place of a thousand, and an independent number: bytes 0-7 and 8-15 of SHA-256 over salt, a zero and subject."""
    digest = hashlib.sha256(salt.encode() + b"\0" + subject.bytes).digest()
    return int.from_bytes(digest[:8]) % 1000, int.from_bytes(digest[8:16])


def load_experiments(path: Path | None) -> tuple[Experiment, ...]:
    """The experiments of a file, checked; none without a file.

    Raises:
        SettingWrong: the file is not there, or something in it is not right; the message says where.
    """
    if path is None:
        return ()
    try:
        loaded = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingWrong(f"experiments is {path}, which cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingWrong(f"{path.name} cannot be read as TOML: {error}") from error
    if loaded.get("version") != VERSION:
        raise SettingWrong(f"{path.name} says version = {loaded.get('version')!r}; this Penchant reads version = 1")
    try:
        experiments = msgspec.convert(loaded, _File).experiments
    except msgspec.ValidationError as error:
        raise SettingWrong(f"{path.name}: {error}") from error
    problem = next((text for text in map(_problem_of, experiments) if text), None) or _problem_between(experiments)
    if problem:
        raise SettingWrong(f"{path.name}: {problem}")
    return experiments


def _problem_of(experiment: Experiment) -> str | None:
    """What is wrong with one experiment."""
    names = [arm.name for arm in experiment.arms]
    own = f"the experiment {experiment.name}"
    if experiment.name == HOLDOUT.name or experiment.salt == HOLDOUT.salt:
        return f"{own} has the name or the salt of the permanent holdout"
    if len(set(names)) != len(names):
        return f"{own} has two arms of one name"
    if len(names) < 2 or (experiment.kind == "interleave" and len(names) != 2):
        return f"{own} has {len(names)} arms; a split has two or more, an interleaving has two"
    for arm in experiment.arms:
        if experiment.kind == "interleave" and (others := arm.change.knobs - RANKING):
            return f"{own} interleaves two orders of one page, so its arms cannot differ in {', '.join(sorted(others))}"
    return None


def _problem_between(experiments: tuple[Experiment, ...]) -> str | None:
    """What keeps experiments from running at once."""
    names = [experiment.name for experiment in experiments]
    salts = [experiment.salt for experiment in experiments]
    if len(set(names)) != len(names) or len(set(salts)) != len(salts):
        return "two experiments have the same name or the same salt"
    running = [experiment for experiment in experiments if experiment.traffic_in_1000]
    for one, other in combinations(running, 2):
        if both := _knobs(one) & _knobs(other):
            return f"{one.name} and {other.name} both change {', '.join(sorted(both))}; run one at a time"
        if one.kind == other.kind == "interleave":
            return f"{one.name} and {other.name} both interleave; run one at a time"
    return None


def _knobs(experiment: Experiment) -> frozenset[str]:
    return frozenset().union(*(arm.change.knobs for arm in experiment.arms))
