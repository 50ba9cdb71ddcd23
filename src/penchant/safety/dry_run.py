"""What another policy would change, looked up over everything that is labelled, without changing anything."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from penchant.core.database import Connection
from penchant.safety import repository
from penchant.safety.model import TargetKind
from penchant.safety.policy import Match, Policy


class Change(NamedTuple):
    """What becomes of one target."""

    kind: TargetKind
    target: int
    before: tuple[str, ...]
    """Actions of the policy in force, each with `?` behind it where a person is asked."""
    after: tuple[str, ...]


@dataclass
class Outcome:
    """What a dry run found."""

    looked_at: int = 0
    changes: list[Change] = field(default_factory=list)

    def starting(self) -> Counter[str]:
        """Actions that would begin, with how many targets each would reach."""
        return Counter(action for change in self.changes for action in set(change.after) - set(change.before))

    def ending(self) -> Counter[str]:
        """Actions that would end."""
        return Counter(action for change in self.changes for action in set(change.before) - set(change.after))


def dry_run(
    connection: Connection, old: Policy, new: Policy, targets: Iterable[tuple[TargetKind, int]]
) -> Iterator[Outcome]:
    """Judge every target by both policies; the outcome so far after each, so that progress can be shown."""
    outcome = Outcome()
    for kind, target in targets:
        labels = repository.labels_of(connection, kind, target)
        before, after = (_actions(policy.judge(kind, labels)) for policy in (old, new))
        outcome.looked_at += 1
        if before != after:
            outcome.changes.append(Change(kind, target, before, after))
        yield outcome


def _actions(matches: Iterable[Match]) -> tuple[str, ...]:
    return tuple(sorted({match.rule.do + ("" if match.rule.alone else "?") for match in matches}))
