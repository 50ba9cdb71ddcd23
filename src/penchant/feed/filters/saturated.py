"""Themes that harm where they pile up: a minor is shown few of each."""

from collections.abc import Sequence

import numpy as np

from penchant.catalog.model import VideoFacts
from penchant.feed.model import Bools, Candidates, Query
from penchant.safety.themes import Theme
from penchant.taste.ranker import order


class Saturated:
    """Keeps of each theme only as many as may still come, those that the first stage puts first.

    So a page has no more of it whatever is drawn from what is left, and by whichever rule.
    """

    name = "saturated"

    def __init__(self, themes: Sequence[Theme]) -> None:
        self._themes = tuple(theme for theme in themes if theme.per_page is not None)

    def keep(self, query: Query, candidates: Candidates) -> Bools:
        kept = np.ones(len(candidates), dtype=np.bool_)
        if query.viewer.is_adult:
            return kept
        for theme in self._themes:
            of_theme = np.flatnonzero([_is(theme, facts) for facts in candidates.facts])
            room = max(0, (theme.per_page or 0) - sum(_is(theme, facts) for facts in candidates.before))
            if len(of_theme) > room:
                first = np.zeros(len(candidates), dtype=np.int64) if candidates.first is None else candidates.first
                best_first = order(first[of_theme], candidates.ids[of_theme])
                kept[of_theme[best_first[room:]]] = False
        return kept


def _is(theme: Theme, facts: VideoFacts) -> bool:
    return theme.holds(facts.hashtags, facts.warnings)
