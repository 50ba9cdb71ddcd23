"""Two orders of the same candidates, for an interleaved page."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from penchant.feed.model import Candidates, Query
from penchant.feed.ports import Scorer


class Teams:
    """The page's own scores, and those of each team beside them."""

    name = "teams"

    def __init__(self, own: Scorer, teams: Sequence[Scorer]) -> None:
        self._own = own
        self._teams = tuple(teams)

    def score(self, query: Query, candidates: Candidates) -> Candidates:
        of_teams = [team.score(query, candidates).scores for team in self._teams]
        return replace(self._own.score(query, candidates), team_scores=np.stack(of_teams))
