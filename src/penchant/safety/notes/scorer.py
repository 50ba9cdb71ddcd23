"""The bridging scorer: from all ratings to the status of each note, a pure function that anyone can run again."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec
import numpy as np

from penchant.safety.notes.cliques import find_cliques, voices
from penchant.safety.notes.factors import Bools, Fit, Floats, Ints, Matrix, fit
from penchant.safety.notes.model import Result, Rules, Score, Status

VERSION: Final = "1"
"""Changes with anything that can change a result; the rules are told apart from it."""
_MILLION: Final = 1_000_000


@dataclass(frozen=True)
class Named:
    """A matrix and the names of its rows and columns, in order."""

    matrix: Matrix
    notes: tuple[str, ...]
    raters: tuple[str, ...]


def score(ratings: Iterable[tuple[str, str, float]], rules: Rules, *, safeguards: bool = True) -> Result:
    """Judge every note that was rated.

    Ratings are (note, rater, value in [0, 1]) in any order. Two rounds: the first finds out whose ratings agree with
    what bridges, and who speaks as a clique; the second judges by those ratings alone, a clique being one voice.

    Args:
        safeguards: without them the published factorisation alone, for comparison.

    Source: Community Notes guide, "Complete algorithm steps"; Wojcik et al. 2022, arXiv 2210.15723.
    """
    named = _numbered(ratings)
    enough = _enough(named.matrix, rules)
    first = fit(enough, rules)
    judged = _judge(first, _sums(enough.note, enough.weight, enough.notes), rules)
    matrix = enough.only(_agreeing(enough, judged, rules)[enough.rater])
    cliques: list[Ints] = []
    if safeguards:
        cliques = find_cliques(matrix, np.sign(_millionths(first.rater_factor)), rules)
        matrix = matrix.weighed(voices(matrix, cliques))
    second = fit(matrix, rules)
    heard = _sums(matrix.note, matrix.weight, matrix.notes)
    status = _judge(second, heard, rules)
    if safeguards:
        status = np.where((status == _HELPFUL) & ~_both_sides(matrix, second, rules), _NEEDS_MORE, status)
    return _result(named, second, status, heard, matrix, cliques)


def canonical(result: Result) -> bytes:
    """The bytes of a result: JSON with sorted keys and whole numbers."""
    return msgspec.json.encode(result, order="sorted")


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


_NEEDS_MORE, _HELPFUL, _NOT_HELPFUL = 0, 1, 2
_STATUS: tuple[Status, ...] = ("needs_more", "helpful", "not_helpful")


def _numbered(ratings: Iterable[tuple[str, str, float]]) -> Named:
    rows = sorted(ratings)
    notes = sorted({note for note, _, _ in rows})
    raters = sorted({rater for _, rater, _ in rows})
    note_number = {name: number for number, name in enumerate(notes)}
    rater_number = {name: number for number, name in enumerate(raters)}
    matrix = Matrix(
        len(notes),
        len(raters),
        np.array([note_number[note] for note, _, _ in rows], dtype=np.int64),
        np.array([rater_number[rater] for _, rater, _ in rows], dtype=np.int64),
        np.array([value for _, _, value in rows], dtype=np.float64),
        np.ones(len(rows)),
    )
    return Named(matrix, tuple(notes), tuple(raters))


def _sums(index: Ints, weight: Floats, size: int) -> Floats:
    return np.bincount(index, weight, size).astype(np.float64)


def _enough(matrix: Matrix, rules: Rules) -> Matrix:
    """Notes with enough ratings by people with enough ratings, both counted once, as published."""
    of_note = np.bincount(matrix.note, minlength=matrix.notes) >= rules.note_ratings
    of_rater = np.bincount(matrix.rater, minlength=matrix.raters) >= rules.rater_ratings
    return matrix.only(of_note[matrix.note] & of_rater[matrix.rater])


def _judge(found: Fit, heard: Floats, rules: Rules) -> Ints:
    """(notes,) The status of each note by its intercept and factor, and by how many voices it has."""
    intercept, lean = found.note_intercept, np.abs(found.note_factor)
    helpful = (intercept >= rules.helpful_intercept) & (lean < rules.helpful_factor)
    bad = intercept < rules.not_helpful_intercept + rules.not_helpful_slope * lean
    status = np.where(helpful, _HELPFUL, np.where(bad, _NOT_HELPFUL, _NEEDS_MORE))
    # Shares of a clique's voice add up to a whole only nearly.
    return np.where(heard >= rules.note_ratings - 1e-6, status, _NEEDS_MORE)


def _agreeing(matrix: Matrix, status: Ints, rules: Rules) -> Bools:
    """(raters,) Whose ratings agreed with what was decided often enough; who rated nothing decided counts not yet."""
    theirs = status[matrix.note]
    says = np.where(matrix.value == 1.0, _HELPFUL, np.where(matrix.value == 0.0, _NOT_HELPFUL, _NEEDS_MORE))
    counts = (theirs != _NEEDS_MORE) & (says != _NEEDS_MORE)
    agreed = _sums(matrix.rater, (counts & (theirs == says)).astype(np.float64), matrix.raters)
    decided = _sums(matrix.rater, counts.astype(np.float64), matrix.raters)
    return (decided > 0) & (agreed >= rules.rater_agreement * decided)


def _both_sides(matrix: Matrix, found: Fit, rules: Rules) -> Bools:
    """(notes,) Whether enough voices of each side found it helpful."""
    yes = matrix.weight * (matrix.value == 1.0)
    sign = np.sign(_millionths(found.rater_factor))[matrix.rater]
    left, right = (_sums(matrix.note, yes * (sign == side), matrix.notes) for side in (-1, 1))
    return np.minimum(left, right) >= rules.side_voices - 1e-6


def _millionths(values: Floats) -> Ints:
    return np.rint(values * _MILLION).astype(np.int64)


def _result(named: Named, found: Fit, status: Ints, heard: Floats, matrix: Matrix, cliques: list[Ints]) -> Result:
    columns = (_millionths(values).tolist() for values in (found.note_intercept, found.note_factor, heard))
    rows = zip(named.notes, status.tolist(), *columns, strict=True)
    return Result(
        VERSION,
        tuple(Score(note, _STATUS[own], *numbers) for note, own, *numbers in rows),
        len(np.unique(matrix.rater)),
        tuple(tuple(named.raters[rater] for rater in members.tolist()) for members in cliques),
    )
