"""The scorer finds what was planted, gives the same bytes in any order and process, and holds sybils off."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.lab.bridging_world import Rows, World, note_name
from penchant.safety.notes.model import Result, Rules
from penchant.safety.notes.scorer import canonical, digest, score

WORLD = World()
RULES = Rules()


@pytest.fixture(scope="module")
def honest() -> Rows:
    return WORLD.honest(np.random.default_rng(7))


def statuses(result: Result) -> dict[str, str]:
    return {found.note: found.status for found in result.notes}


def test_what_both_camps_find_helpful_rises_and_what_one_does_stays(honest: Rows):
    found = statuses(score(honest, RULES))
    by_kind: dict[str, list[str]] = {}
    for number, kind in enumerate(WORLD.kinds()):
        by_kind.setdefault(kind, []).append(found[note_name(number)])
    assert by_kind["good"].count("helpful") >= 0.8 * len(by_kind["good"])
    assert by_kind["bad"].count("not_helpful") >= 0.8 * len(by_kind["bad"])
    for kind in ("left", "right", "middling", "bad"):
        assert "helpful" not in by_kind[kind]


def test_a_camp_of_four_in_five_does_not_lift_what_only_it_likes(honest: Rows):
    """A plain mean would: this is what bridging is for."""
    left = [row for row in honest if int(row[1][-4:]) % 2 == 0 or int(row[1][-4:]) % 8 == 1]
    found, means = statuses(score(left, RULES)), {}
    for note, _, value in left:
        means.setdefault(note, []).append(value)
    camp = [note_name(number) for number, kind in enumerate(WORLD.kinds()) if kind == "left"]
    assert np.mean([np.mean(means[note]) for note in camp]) > 0.65
    assert [note for note in camp if found[note] == "helpful"] == []


@pytest.mark.slow
def test_another_order_another_process_and_more_threads_give_the_same_bytes(honest: Rows, tmp_path: Path):
    rows = [*honest, *WORLD.sybils(40, "both_camps", "show_bad", targets("bad", 5), "five", np.random.default_rng(1))]
    first = canonical(score(rows, RULES))
    shuffled = [rows[at] for at in np.random.default_rng(3).permutation(len(rows))]
    assert canonical(score(shuffled, RULES)) == first

    (tmp_path / "rows.json").write_text(json.dumps(shuffled))
    program = (
        "import json, sys; from pathlib import Path; from penchant.safety.notes.model import Rules;"
        "from penchant.safety.notes.scorer import canonical, score;"
        "rows = [tuple(row) for row in json.loads(Path(sys.argv[1]).read_text())];"
        "sys.stdout.buffer.write(canonical(score(rows, Rules())))"
    )
    for threads in ("1", "2"):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "PYTHONHASHSEED")
        environment = {**os.environ, **dict.fromkeys(names, threads)}
        command = [sys.executable, "-c", program, str(tmp_path / "rows.json")]
        again = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        assert digest(again) == digest(first)


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(0, 14), st.integers(0, 19), st.sampled_from((0.0, 0.5, 1.0))),
        unique_by=lambda row: row[:2],
        max_size=250,
    ),
    st.randoms(use_true_random=False),
)
def test_any_ratings_in_any_order(rows: list[tuple[int, int, float]], random):
    """Every rated note is judged once; too few voices are never enough; names and order say nothing."""
    named = [(f"n{note:02}", f"r{rater:02}", value) for note, rater, value in rows]
    first = score(named, RULES)
    assert [found.note for found in first.notes] == sorted({note for note, _, _ in named})
    for found in first.notes:
        if sum(note == found.note for note, _, _ in named) < RULES.note_ratings:
            assert found.status == "needs_more"
    random.shuffle(named)
    assert canonical(score(named, RULES)) == canonical(first)


@pytest.mark.slow
def test_a_rater_counts_only_after_ten_ratings(honest: Rows):
    """Nine ratings each, however many of these people, move nothing: the result is that of the others."""
    chosen = targets("bad", 9)
    newcomers = [(note_name(note), f"new-{number}", 1.0) for number in range(300) for note in chosen]
    before, after = score(honest, RULES), score([*honest, *newcomers], RULES)
    assert after == before


@pytest.mark.slow
def test_a_clique_is_one_voice(honest: Rows):
    """320 accounts that agree with both camps lift bad notes over the published factorisation, and not over ours."""
    chosen = targets("bad", 5)
    rows = [*honest, *WORLD.sybils(320, "both_camps", "show_bad", chosen, "five", np.random.default_rng(2))]
    names = {note_name(note) for note in chosen}
    assert {statuses(score(rows, RULES, safeguards=False))[note] for note in names} == {"helpful"}
    guarded = score(rows, RULES)
    assert "helpful" not in {statuses(guarded)[note] for note in names}
    assert sum(name.startswith("sybil") for name in guarded.cliques[0]) >= 300


@pytest.mark.slow
def test_few_who_hide_good_notes_hide_them_no_longer(honest: Rows):
    shown = [
        number
        for number, kind in enumerate(WORLD.kinds())
        if kind == "good" and statuses(score(honest, RULES))[note_name(number)] == "helpful"
    ][:5]
    rows = [*honest, *WORLD.sybils(40, "both_camps", "hide_good", shown, "five", np.random.default_rng(4))]
    plain, guarded = statuses(score(rows, RULES, safeguards=False)), statuses(score(rows, RULES))
    assert [plain[note_name(note)] for note in shown].count("helpful") == 0
    assert [guarded[note_name(note)] for note in shown].count("helpful") >= 4


def test_honest_people_are_hardly_ever_a_clique(honest: Rows):
    assert sum(len(members) for members in score(honest, RULES).cliques) <= 0.02 * WORLD.people


def test_nothing_rated_is_no_error():
    assert score([], RULES).notes == ()


def targets(kind: str, count: int) -> list[int]:
    return [number for number, own in enumerate(WORLD.kinds()) if own == kind][:count]
