"""Quasi-cliques: people who rate the same notes the same way far more often than by chance speak with one voice."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from penchant.safety.notes.factors import Bools, Floats, Ints, Matrix
from penchant.safety.notes.model import Rules

_SEED_CHANCE: Final = 1e-3
_SIDES: Final = (-1, 0, 1)


def find_cliques(matrix: Matrix, side: Ints, rules: Rules) -> list[Ints]:
    """Groups of raters, each ascending, no rater in two, the most striking first.

    A *mark* is one note rated in one way. From each pair of marks that more people share than chance explains a set is
    grown, mark by mark, each the one that most of its people share; of the sets on the way the one with the largest
    area (people × marks) stays. It is a clique where that many people sharing all of it are too many for chance, and
    where whoever made all of its marks but one made the last one too, as those do who follow a list. People with an
    interest in common come upon each other as well, but part again at every further note.

    Chance means that everyone rates by themselves, and is counted on each side alone: those who think alike are not
    taken for a crowd.

    Args:
        side: (raters,) −1, 0 or 1: the sign of each rater's factor.
    """
    marks = _Marks(matrix, side, rules)
    found = []
    for first, second in marks.seeds():
        chosen = marks.grown(first, second)
        if len(chosen) >= rules.clique_notes and marks.beyond_chance(chosen) and marks.go_together(chosen):
            members = np.flatnonzero(marks.mostly(chosen))
            marks.leave_out(members)
            found.append(members)
    return found


def voices(matrix: Matrix, cliques: list[Ints]) -> Floats:
    """(N,) The weight of each rating: members of a clique who rated a note the same way share one voice on it."""
    weight = np.ones(len(matrix.note))
    for members in cliques:
        inside = np.flatnonzero(np.isin(matrix.rater, members))
        way = matrix.note[inside] * 3 + np.rint(matrix.value[inside] * 2).astype(np.int64)
        _, which, count = np.unique(way, return_inverse=True, return_counts=True)
        weight[inside] = 1.0 / count[which]
    return weight


class _Marks:
    """Who made which mark: M marks that enough people made, "somewhat" not being one."""

    def __init__(self, matrix: Matrix, side: Ints, rules: Rules) -> None:
        self._rules = rules
        way = np.where(matrix.value == 1.0, 2 * matrix.note, np.where(matrix.value == 0.0, 2 * matrix.note + 1, -1))
        kinds = np.flatnonzero(np.bincount(way[way >= 0], minlength=2 * matrix.notes) >= rules.clique_raters)
        column = np.full(2 * matrix.notes + 1, -1, dtype=np.int64)
        column[kinds] = np.arange(len(kinds))
        mine = column[way]
        self._made: Bools = np.zeros((matrix.raters, len(kinds)), dtype=bool)
        self._made[matrix.rater[mine >= 0], mine[mine >= 0]] = True
        """(raters, M)"""
        present = np.bincount(matrix.rater, minlength=matrix.raters) > 0
        on_side = np.stack([present & (side == sign) for sign in _SIDES])
        self._people = np.maximum(np.count_nonzero(on_side, axis=1), 1).astype(np.float64)
        self._counts = on_side.astype(np.float64) @ self._made.astype(np.float64)
        """(sides, M) whole numbers, so that no order of adding them makes a difference"""

    def seeds(self) -> Iterator[tuple[int, int]]:
        """Pairs of marks that more people share than chance explains, the most surprising first."""
        from scipy.special import gammainc  # a tenth of a second that only who scores should wait for

        made = self._made.astype(np.float64)
        both = np.triu(made.T @ made, 1)
        expected = np.zeros_like(both)
        for own, people in zip(self._counts, self._people, strict=True):
            expected += np.outer(own / people, own)
        first, second = np.nonzero(both >= self._rules.clique_raters)
        count, chance = both[first, second], expected[first, second]
        unlikely = gammainc(count, chance) < _SEED_CHANCE
        first, second, count, chance = first[unlikely], second[unlikely], count[unlikely], chance[unlikely]
        for at in np.lexsort((second, first, chance - count)).tolist():
            yield int(first[at]), int(second[at])

    def grown(self, first: int, second: int) -> list[int]:
        """The set with the largest area on the way from a pair of marks."""
        chosen = best = [first, second]
        sharing = self.sharing(chosen)
        area = 0
        while True:
            counts = np.count_nonzero(self._made[sharing], axis=0)
            counts[chosen] = 0
            following = int(np.argmax(counts))
            if counts[following] < self._rules.clique_raters:
                return best
            chosen = [*chosen, following]
            sharing = sharing & self._made[:, following]
            if len(chosen) * counts[following] > area:
                area, best = len(chosen) * counts[following], chosen

    def beyond_chance(self, chosen: list[int]) -> bool:
        """Whether this many people sharing all these marks are too many for chance."""
        from scipy.special import gammainc

        expected = float((self._people * (self._counts[:, chosen].T / self._people).prod(axis=0)).sum())
        # P(X ≥ n) of a Poisson variable is the regularised lower incomplete gamma function.
        return bool(gammainc(np.count_nonzero(self.sharing(chosen)), expected) < self._rules.clique_chance)

    def go_together(self, chosen: list[int]) -> bool:
        """Whether of those who made all of these marks but one, whichever, most made that one too."""
        least = np.count_nonzero(self.sharing(chosen)) / self._rules.clique_alike
        rest = ([mark for mark in chosen if mark != left_out] for left_out in chosen)
        return all(np.count_nonzero(self.sharing(marks)) <= least for marks in rest)

    def leave_out(self, members: Ints) -> None:
        """What members of a clique did makes no further one."""
        self._made[members] = False

    def sharing(self, chosen: list[int]) -> Bools:
        """(raters,) Who made all of these marks."""
        made: Bools = np.logical_and.reduce(self._made[:, chosen], axis=1)
        return made

    def mostly(self, chosen: list[int]) -> Bools:
        """(raters,) Who made most of them."""
        least = self._rules.clique_alike * len(chosen)
        most: Bools = self._made[:, chosen].sum(axis=1) >= least
        return most
