"""The world of `penchant bench search`, and that it asks everything and finds most of it."""

from collections import Counter

import numpy as np
import pytest

from penchant.core.database import make_engine
from penchant.lab.bench_search import LANGUAGES, made_words, measure, misspelt, zipf


def test_words_are_as_unequal_as_words_are():
    ranks = zipf(np.random.default_rng(1), 1_000, 50_000)
    counts = Counter(ranks.tolist())
    assert min(counts) >= 0 and max(counts) < 1_000
    # Mandelbrot's law: the ratio of two ranks' frequencies.
    assert counts[0] / counts[9] == pytest.approx(11.7 / 2.7, rel=0.2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_of_its_own(language: str):
    words = made_words(language, np.random.default_rng(1), 500)
    assert len(set(words)) == 500 and all(word == word.lower() and word.isalpha() for word in words)


def test_one_letter_of_the_longest_word_is_wrong():
    rng = np.random.default_rng(1)
    for _ in range(200):
        wrong = misspelt(rng, "a kaleidoscope of birds").split()
        assert (wrong[0], wrong[2], wrong[3]) == ("a", "of", "birds")
        assert abs(len(wrong[1]) - len("kaleidoscope")) <= 1


@pytest.mark.service
def test_all_that_is_asked_is_timed_and_most_of_it_found(database_url: str):
    engine = make_engine(database_url, pool_size=1)
    found = measure(engine, 1_500, 3, 7, lambda *_: None)
    engine.dispose()
    assert found.videos == 1_500 and found.words > 1_000 and found.hashtags > 100
    assert all(row.times.count == row.cpu.count == 3 for row in (*found.queries, *found.baseline))
    assert all(row.cpu.p50_ms > 0 for row in found.queries)
    assert sum(row.found_nothing for row in found.queries) < sum(row.times.count for row in found.queries) / 3
    assert {"ix_video_words_words", "ix_vocabulary_spelling", "video_words"} <= {one.name for one in found.relations}
