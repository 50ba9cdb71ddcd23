"""A planted world of raters in two camps, and sybils that join it: the truth about every note is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

Kind = Literal["good", "left", "right", "bad", "middling"]
History = Literal["fresh", "one_camp", "both_camps"]
Goal = Literal["show_bad", "hide_good"]
Tactic = Literal["one", "five", "half_of_ten"]
Rows = list[tuple[str, str, float]]

HELPFUL: Final[dict[Kind, tuple[float, float]]] = {
    "good": (0.92, 0.92),
    "left": (0.88, 0.12),
    "right": (0.12, 0.88),
    "bad": (0.08, 0.08),
    "middling": (0.50, 0.50),
}
"""How likely someone of the left and of the right camp finds a note of each kind helpful."""
_SHARES: Final[dict[Kind, float]] = {"good": 0.3, "left": 0.2, "right": 0.2, "bad": 0.2, "middling": 0.1}
_SOMEWHAT: Final = 0.1
_TOPICS: Final = 6
_OWN_TOPICS: Final = 2
_OWN_RATINGS: Final = 12
"""Of a sybil, before it rates what it was made for."""
_KEENER: Final = 4.0
"""How much likelier someone rates a note of their own topics."""


@dataclass(frozen=True)
class World:
    """Honest people, half of them of each camp, and the notes that they rate."""

    people: int = 400
    notes: int = 120
    rated_share: float = 0.12
    """Of the notes that one person rates, on average."""

    def kinds(self) -> list[Kind]:
        """Of every note, in order: kinds take turns, so that a note's number says nothing."""
        counts = {kind: round(share * self.notes) for kind, share in _SHARES.items()}
        kinds: list[Kind] = [kind for kind, count in counts.items() for _ in range(count)]
        order = np.random.default_rng(0).permutation(len(kinds))
        return [kinds[at] for at in order]

    def honest(self, rng: np.random.Generator) -> Rows:
        """Ratings (note, rater, value) of those who rate what they see, each mostly on topics of their own."""
        kinds = self.kinds()
        topic = rng.integers(_TOPICS, size=self.notes)
        rows: Rows = []
        for person in range(self.people):
            own = rng.choice(_TOPICS, _OWN_TOPICS, replace=False)
            appeal = np.where(np.isin(topic, own), _KEENER, 1.0) * rng.lognormal(0.0, 0.5)
            chance = np.minimum(appeal * self.rated_share / (1 + (_KEENER - 1) * _OWN_TOPICS / _TOPICS), 1.0)
            for note in np.flatnonzero(rng.random(self.notes) < chance):
                rows.append((note_name(int(note)), f"honest-{person:04}", _opinion(kinds[note], person % 2, rng)))
        return rows

    def sybils(
        self, count: int, history: History, goal: Goal, targets: list[int], tactic: Tactic, rng: np.random.Generator
    ) -> Iterator[tuple[str, str, float]]:
        """Accounts of one hand: each has rated some notes in its way, then rates the targets, all in the same way.

        fresh: its own ratings are drawn without a look, as many as it takes to count. one_camp: as a member of one
        camp would. both_camps: as a member of either would, so that it agrees with what bridges. half_of_ten: each
        takes a half of the targets by lot, so as to be like the others less.
        """
        kinds = self.kinds()
        others = [note for note in range(self.notes) if note not in targets]
        camp = int(rng.integers(2))
        for number in range(count):
            name = f"sybil-{number:04}"
            for note in rng.choice(others, _OWN_RATINGS, replace=False):
                if history == "fresh":
                    value = float(rng.integers(2))
                else:
                    value = _opinion(kinds[note], camp if history == "one_camp" else int(rng.integers(2)), rng)
                yield note_name(int(note)), name, value
            half = tactic == "half_of_ten"
            for note in rng.choice(targets, len(targets) // 2, replace=False) if half else targets:
                yield note_name(int(note)), name, 1.0 if goal == "show_bad" else 0.0


def note_name(number: int) -> str:
    return f"note-{number:04}"


def _opinion(kind: Kind, camp: int, rng: np.random.Generator) -> float:
    if rng.random() < _SOMEWHAT:
        return 0.5
    return float(rng.random() < HELPFUL[kind][camp])
