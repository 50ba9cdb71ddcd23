"""Those who go through a list are one voice, those with an interest in common are many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.safety.notes.cliques import find_cliques, voices
from penchant.safety.notes.factors import Matrix
from penchant.safety.notes.model import Rules

RULES = Rules()
NOTES, HONEST, CROWD = 60, 200, 15
LIST = [3, 17, 29, 41, 55]


def a_town(share: float, crowd: int, skipped: int = 0) -> Matrix:
    """Honest people rate each note by themselves; a crowd rates some others as they do, and those of a list alike."""
    rng = np.random.default_rng(11)
    rated = rng.random((NOTES, HONEST + crowd)) < share
    value = rng.integers(0, 2, rated.shape).astype(np.float64)
    for number in range(crowd):
        for place, note in enumerate(LIST):
            rated[note, HONEST + number] = not (skipped and (place + number) % len(LIST) < skipped)
            value[note, HONEST + number] = 1.0
    note, rater = np.nonzero(rated)
    return Matrix(NOTES, HONEST + crowd, note, rater, value[note, rater], np.ones(len(note)))


def sides(matrix: Matrix) -> np.ndarray:
    return np.where(np.arange(matrix.raters) % 2, 1, -1)


def test_who_goes_through_a_list_is_found_whole():
    matrix = a_town(0.12, CROWD)
    (clique,) = find_cliques(matrix, sides(matrix), RULES)
    assert set(range(HONEST, HONEST + CROWD)) <= set(clique.tolist())
    assert len(clique) <= CROWD + 2


@pytest.mark.parametrize("share", [0.05, 0.12, 0.5, 1.0])
def test_people_who_rate_by_themselves_are_no_clique_however_much_they_rate(share: float):
    matrix = a_town(share, 0)
    assert find_cliques(matrix, sides(matrix), RULES) == []


def test_who_leaves_out_half_of_the_list_is_not_seen():
    """A limit, kept here so that a change of it is noticed; docs/reference/notes.md says it."""
    matrix = a_town(0.12, CROWD, skipped=2)
    assert all(
        len(set(clique.tolist()) & set(range(HONEST, HONEST + CROWD))) <= 5
        for clique in find_cliques(matrix, sides(matrix), RULES)
    )


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 11), st.sampled_from((0.0, 0.5, 1.0))), unique_by=lambda r: r[:2]
    )
)
def test_a_clique_has_one_voice_on_each_note_and_way_and_nobody_has_more(rows: list[tuple[int, int, float]]):
    rows.sort()
    note, rater, value = (np.array([row[at] for row in rows], dtype=kind) for at, kind in enumerate((int, int, float)))
    matrix = Matrix(6, 12, note, rater, value, np.ones(len(rows)))
    clique = np.array([1, 4, 5, 7, 9])
    weight = voices(matrix, [clique])
    inside = np.isin(rater, clique)
    assert (weight[~inside] == 1).all()
    for one in np.unique(note[inside]):
        for way in np.unique(value[inside & (note == one)]):
            assert np.isclose(weight[inside & (note == one) & (value == way)].sum(), 1.0)
