"""Fits one model by its authors' package and scores every video for every question. Runs in the side environment.

    python fit.py MODEL SETTINGS FOLDER SCORES       SETTINGS as JSON; FOLDER as `penchant.lab.yardsticks` writes it

Writes SCORES, (Q, V) float32, and prints the versions of what it used, as JSON. Nothing of Penchant is imported here.
"""

import importlib.metadata
import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from scipy import sparse

BATCH = 256
SEED = 1


class Model(Protocol):
    """A package's model. Shapes: N viewers, V videos, B questions."""

    refits: bool
    """Whether it is fitted again at each stage; otherwise the first fit answers everything."""
    packages: tuple[str, ...]
    said: dict[str, str]
    """What else the report should say."""

    def fit(self, told: sparse.csr_matrix, sequences: list[list[int]]) -> None:
        """From (N, V) ones; and the same by viewer, the oldest first."""

    def scores(self, viewers: np.ndarray, profiles: list[list[int]], videos: int) -> np.ndarray:
        """(B, V) for viewers who have watched these by now."""


def as_rows(profiles: list[list[int]], videos: int) -> sparse.csr_matrix:
    """(B, V) ones."""
    starts = np.concatenate([[0], np.cumsum([len(own) for own in profiles])])
    places = np.array([place for own in profiles for place in own], dtype=np.int32)
    return sparse.csr_matrix((np.ones(len(places), dtype=np.float32), places, starts), shape=(len(profiles), videos))


class Als:
    """implicit's alternating least squares; a viewer's factors are computed anew for each question."""

    refits, packages, said = True, ("implicit",), {}

    def __init__(self, factors: int, regularization: float, alpha: float) -> None:
        from implicit.cpu.als import AlternatingLeastSquares

        self.model = AlternatingLeastSquares(
            factors=factors, regularization=regularization, alpha=alpha, num_threads=1, random_state=SEED
        )

    def fit(self, told: sparse.csr_matrix, sequences: list[list[int]]) -> None:
        self.model.fit(told, show_progress=False)

    def scores(self, viewers: np.ndarray, profiles: list[list[int]], videos: int) -> np.ndarray:
        factors = self.model.recalculate_user(np.arange(len(profiles)), as_rows(profiles, videos))
        return factors @ self.model.item_factors.T


class Bpr:
    """implicit's Bayesian personalised ranking, frozen: it has no way to let in what was watched since.

    A viewer whom the fit has not met has the mean viewer's factors.
    """

    refits, packages, said = False, ("implicit",), {}

    def __init__(self, factors: int, learning_rate: float, iterations: int) -> None:
        from implicit.cpu.bpr import BayesianPersonalizedRanking

        self.model = BayesianPersonalizedRanking(
            factors=factors, learning_rate=learning_rate, iterations=iterations, num_threads=1, random_state=SEED
        )

    def fit(self, told: sparse.csr_matrix, sequences: list[list[int]]) -> None:
        self.model.fit(told, show_progress=False)
        self.known = np.diff(told.indptr) > 0
        self.mean = self.model.user_factors[self.known].mean(axis=0)

    def scores(self, viewers: np.ndarray, profiles: list[list[int]], videos: int) -> np.ndarray:
        known = self.known[viewers]
        factors = np.where(known[:, None], self.model.user_factors[viewers], self.mean)
        return factors @ self.model.item_factors.T


class ItemKnn:
    """implicit's nearest neighbours, on the profile of the moment."""

    refits, packages, said = True, ("implicit",), {}

    def __init__(self, likeness: str, neighbours: int) -> None:
        from implicit import nearest_neighbours

        kinds = {
            "cosine": nearest_neighbours.CosineRecommender,
            "tfidf": nearest_neighbours.TFIDFRecommender,
            "bm25": nearest_neighbours.BM25Recommender,
        }
        self.model = kinds[likeness](K=neighbours, num_threads=1)

    def fit(self, told: sparse.csr_matrix, sequences: list[list[int]]) -> None:
        self.model.fit(told, show_progress=False)

    def scores(self, viewers: np.ndarray, profiles: list[list[int]], videos: int) -> np.ndarray:
        return (as_rows(profiles, videos) @ self.model.similarity).toarray()


def model_of(name: str, settings: dict[str, Any]) -> Model:
    """By its name in `penchant.lab.yardsticks.GRID`."""
    if name == "sasrec":
        from sasrec import SasRec

        return SasRec(**settings)
    return {"als": Als, "bpr": Bpr, "item_knn": ItemKnn}[name](**settings)


def batches(questions: np.ndarray) -> Iterator[np.ndarray]:
    """Of questions."""
    for start in range(0, len(questions), BATCH):
        yield questions[start : start + BATCH]


def main(name: str, settings: dict[str, Any], folder: Path, answer: Path) -> None:
    """Stage after stage: fit on what may be known by then, answer what is asked then."""
    told = {path.stem: np.load(path, allow_pickle=False) for path in folder.glob("*.npy")}
    videos = int(told["videos"][0])
    viewers, stages = told["question_viewers"], told["question_stages"]
    many = int(max(told["interaction_viewers"].max(initial=-1), viewers.max(initial=-1))) + 1
    cuts = told["profile_starts"]
    profiles = [told["profile_places"][first:last].tolist() for first, last in pairwise(cuts.tolist())]
    model = model_of(name, settings)
    scores = np.lib.format.open_memmap(answer, mode="w+", dtype=np.float32, shape=(len(viewers), videos))
    for stage in np.unique(stages).tolist():
        if model.refits or stage == stages.min():
            known = told["interaction_stages"] <= stage
            sequences: list[list[int]] = [[] for _ in range(many)]
            for viewer, place in zip(
                *(told[f"interaction_{one}"][known] for one in ("viewers", "places")), strict=True
            ):
                sequences[int(viewer)].append(int(place))
            model.fit(as_rows(sequences, videos), sequences)
        for batch in batches(np.flatnonzero(stages == stage)):
            scores[batch] = model.scores(viewers[batch], [profiles[number] for number in batch], videos)
    scores.flush()
    print(json.dumps({package: importlib.metadata.version(package) for package in model.packages} | model.said))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
