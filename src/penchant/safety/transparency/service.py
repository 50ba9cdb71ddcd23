"""What the public report says: a year of decisions, with small counts put together so that nobody is found out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from penchant.accounts import repository as accounts
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Engine
from penchant.safety.casework import repository as casework
from penchant.safety.casework.agreement import krippendorff_alpha
from penchant.safety.transparency import repository

LEAST = 10
"""Counts below it are never told."""
FEW = "few"
"""The name under which small counts stand together."""
_DAYS = 365


@dataclass(frozen=True)
class Report:
    """The last year. Every count is at least `LEAST`, or is not there."""

    since: datetime
    actions: Mapping[str, int]
    categories: Mapping[str, int]
    sources: Mapping[str, int]
    automation: Mapping[str, int]
    """`rule`: a rule acted alone; `person`: somebody decided."""
    reversed: int | None
    """Restrictions that were taken back, for whatever reason."""
    appeals: Mapping[str, int]
    """By outcome: `upheld`, `reversed`, `waiting`."""
    reports: Mapping[str, int]
    """By reason."""
    trusted_reports: int | None
    median_hours: float | None
    """From a case's opening to a person's decision."""
    median_appeal_hours: float | None
    agreement: float | None
    """Krippendorff's α of those who judged the same case without knowing of each other."""
    judged_twice: int | None
    moderators: int
    flaggers: int


def grouped(counts: Mapping[str, int], least: int = LEAST) -> dict[str, int]:
    """Counts with everything small put together under `FEW`, the largest first.

    Whoever knows the sum must not find a single small count: where the small ones together are still small, the next
    larger one goes in with them. Where even the sum is small, nothing is told.
    """
    ordered = sorted(((name, count) for name, count in counts.items() if count > 0), key=lambda one: (-one[1], one[0]))
    kept = [one for one in ordered if one[1] >= least]
    few = sum(count for _, count in ordered[len(kept) :])
    while 0 < few < least and kept:
        few += kept.pop()[1]
    told = dict(kept)
    if few >= least:
        told[FEW] = few
    return told


def enough(count: int, least: int = LEAST) -> int | None:
    """A count, where it is not small; none at all is told."""
    return count if count >= least else None


class Transparency:
    """Makes the report anew whenever it is asked for."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def report(self) -> Report:
        """The report on the last 365 days."""
        since = as_datetime(self._clock.now_ms()) - timedelta(days=_DAYS)
        actions: Counter[str] = Counter()
        categories: Counter[str] = Counter()
        sources: Counter[str] = Counter()
        automation: Counter[str] = Counter()
        answers: Counter[str] = Counter()
        reasons: Counter[str] = Counter()
        reversed_, trusted = 0, 0
        with self._engine.connect() as connection:
            for row in repository.count_restrictions(connection, since):
                actions[row.action] += row.count
                categories[row.category or "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"] += row.count
                sources[row.source or "SOURCE_VOLUNTARY"] += row.count
                automation["rule" if row.automated else "person"] += row.count
                reversed_ += row.reversed
            for row in repository.count_appeals(connection, since):
                answers[row.outcome or "waiting"] += row.count
            for row in repository.count_reports(connection, since):
                reasons[row.reason] += row.count
                trusted += row.count if row.trusted else 0
            decided, median = repository.hours_to_decision(connection, since)
            answered, median_appeal = repository.hours_to_answer(connection, since)
            twice = casework.judged_twice(connection, since)
            moderators = accounts.count_moderators(connection)
            flaggers = len(casework.flaggers(connection))
        return Report(
            since=since,
            actions=grouped(actions),
            categories=grouped(categories),
            sources=grouped(sources),
            automation=grouped(automation),
            reversed=enough(reversed_),
            appeals=grouped(answers),
            reports=grouped(reasons),
            trusted_reports=enough(trusted),
            median_hours=median if enough(decided) else None,
            median_appeal_hours=median_appeal if enough(answered) else None,
            agreement=krippendorff_alpha(twice.values()) if enough(len(twice)) else None,
            judged_twice=enough(len(twice)),
            moderators=moderators,
            flaggers=flaggers,
        )
