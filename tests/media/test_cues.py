"""Cues of spoken words: nothing is lost, nothing is longer than a person reads at one time."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from penchant.media.cues import CHARACTERS, LONGEST_MS, SHORTEST_MS, cues_of
from penchant.media.transcriber import SpokenWord


def said(text: str, each_ms: int = 300, pause_ms: int = 0) -> list[SpokenWord]:
    """Words one after the other."""
    step = each_ms + pause_ms
    return [SpokenWord(at * step, at * step + each_ms, word) for at, word in enumerate(text.split())]


def texts(words: list[SpokenWord]) -> list[str]:
    return [cue.text for cue in cues_of(words)]


def test_a_cue_ends_after_a_sentence_at_a_pause_and_when_it_is_full():
    assert cues_of([]) == []
    assert texts(said("Let us bake some bread today. Flour comes first.")) == [
        "Let us bake some bread today.",
        "Flour comes first.",
    ]
    assert texts(said("No. Not yet.")) == ["No. Not yet."]
    assert texts(said("one two", pause_ms=600)) == ["one", "two"]
    long = "Then let the dough rest for an hour, before you put it in a very hot oven"
    assert texts(said(long)) == ["Then let the dough rest for an hour,", "before you put it in a very hot oven"]
    assert texts(said("slow " * 4, each_ms=2_000)) == ["slow slow", "slow slow"]


def test_a_short_word_stays_long_enough_unless_the_next_one_comes():
    (alone,) = cues_of([SpokenWord(500, 600, "Oh")])
    assert (alone.start_ms, alone.end_ms) == (500, 500 + SHORTEST_MS)
    first, _ = cues_of([SpokenWord(0, 100, "Oh"), SpokenWord(700, 900, "dear")])
    assert first.end_ms == 700


@given(
    st.lists(
        st.tuples(
            st.integers(0, 900),
            st.integers(0, 2_500),
            st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=30),
        ),
        max_size=60,
    )
)
def test_all_words_are_there_once_in_cues_that_follow_each_other(steps: list[tuple[int, int, str]]):
    words, now_ms = [], 0
    for pause_ms, length_ms, text in steps:
        words.append(SpokenWord(now_ms + pause_ms, now_ms + pause_ms + length_ms, text))
        now_ms += pause_ms + length_ms
    cues = cues_of(words)
    assert " ".join(cue.text for cue in cues) == " ".join(word.text for word in words)
    for cue in cues:
        assert cue.start_ms < cue.end_ms
        assert len(cue.text) <= CHARACTERS
        assert cue.end_ms - cue.start_ms <= LONGEST_MS
    for earlier, later in pairwise(cues):
        assert earlier.end_ms <= max(later.start_ms, earlier.start_ms + 1)
