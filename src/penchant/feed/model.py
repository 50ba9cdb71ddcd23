"""What goes through the pipeline: the query, the candidates, and the page that comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

import numpy as np
import numpy.typing as npt

from penchant.accounts.model import Viewer
from penchant.accounts.muting.model import NOTHING, Mutes
from penchant.catalog.model import Video, VideoFacts
from penchant.core.ids import AccountId, PageId, SoundId, VideoId
from penchant.events.history import History
from penchant.taste.epochs import Epoch
from penchant.taste.model import ViewerTaste
from penchant.taste.service import PageTaste

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

Mode = Literal["taste", "no_profile"]
"""`no_profile`: the server knows nothing of what the viewer watched; the browser says what not to show again."""

Arm = Literal["exploit", "turn", "explore", "trial", "followed", "audit", "again"]
"""Which rule drew a slot: the best for this viewer; the best for who watched nothing but their last foreign long views,
where they turn; something unlike what they are known for; a new video on trial;
someone they follow; anything at all, uniformly (what stays unbiased for ever); or a second time, where nothing unseen
is left."""


class Drawing(Protocol):
    """What slots are drawn by, of all that a page depends on."""

    @property
    def count(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def turns_to(self) -> int: ...
    @property
    def followed(self) -> frozenset[AccountId]: ...


@dataclass(frozen=True)
class Query:
    """Everything that a page depends on."""

    viewer: Viewer
    tab: UUID
    count: int
    mode: Mode
    as_of_ms: int
    seed: int
    """64 bits, recorded; the same query with the same seed gives the same page."""
    epoch: Epoch
    history: History
    taste: ViewerTaste
    """The history as an input of the ranker; empty in the mode `no_profile`."""
    page_taste: PageTaste
    """What the taste engine says of videos for this page."""
    turns_to: int
    """How many of the viewer's last long views are unlike what came before; 0 where that is no turn."""
    followed: frozenset[AccountId]
    blocked: frozenset[AccountId]
    reported: frozenset[tuple[str, int]]
    """(kind, id) of what this viewer reported."""
    held: frozenset[int]
    """Served lately in some tab and still to be shown there."""
    tail: tuple[int, ...]
    """Videos just before this page in the same tab, oldest first: spacing looks back on them."""
    hidden: Int64s
    """(H,) ascending: seen and held."""
    reach_key: int
    """63 bits: which part of the viewers this one is in, where a video may reach only some."""
    newest: tuple[int, ...]
    """The newest videos of the catalogue, straight from it: one of a second ago is not in any epoch yet."""
    mutes: Mutes = NOTHING
    """What the viewer never wants to see."""
    left_out: frozenset[int] = frozenset()
    """What a minor watched of the policy's themes: no part of `taste`."""
    boosts: Mapping[int, int] = field(default_factory=dict)
    """Video → what the operator lends it, in Q16."""
    sealed_key: bytes | None = field(default=None, repr=False)
    """The viewer's data key as it rests: the page does not depend on it, its record is sealed under it."""


@dataclass(frozen=True)
class Candidates:
    """K candidates, in ascending order of their ids, with what the parts have found out so far."""

    ids: Int64s
    """(K,) int64, distinct."""
    sources: tuple[tuple[str, ...], ...]
    """(K) names of the sources that brought each."""
    facts: tuple[VideoFacts, ...] = ()
    """(K) after hydration."""
    before: tuple[VideoFacts, ...] = ()
    """After hydration: the videos just before this page, oldest first, as far as they are listed."""
    features: Int32s | None = None
    """(K, F) integer feature rows, after the first stage."""
    first: Int64s | None = None
    """(K,) scores of the first stage, by which the list is ordered for the blend."""
    scores: Int64s = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """(K,) integer scores, after scoring."""
    turned: Int64s = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """(K,) scores as if the viewer had watched long nothing but what they turn to; empty where they do not turn."""
    turned_features: Int32s | None = None
    """(K, F) rows of that; none where they do not turn."""
    beliefs: Int64s = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))
    """(K, 2) Q8: alpha and beta of the Beta distribution that is believed of each one's rate of long views."""
    worth: Int64s = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """(K,) what was added to each score because of other outcomes than long views."""
    pressure: Int64s = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """(K,) what was taken off each score because the video is served often."""
    lent: Int64s = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """(K,) what the operator lent each; empty where nothing is lent. In the scores already."""
    team_scores: Int64s = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    """(T, K) scores of each team, on a page that teams fill."""

    def __len__(self) -> int:
        return len(self.ids)

    def keep(self, kept: Bools) -> "Candidates":
        """Those where `kept` (K,) is true; only before scoring."""
        if kept.all():
            return self
        places = np.flatnonzero(kept)
        return Candidates(
            ids=self.ids[places],
            sources=tuple(self.sources[place] for place in places),
            facts=tuple(self.facts[place] for place in places) if self.facts else (),
            before=self.before,
            features=None if self.features is None else self.features[places],
            first=None if self.first is None else self.first[places],
        )


@dataclass(frozen=True)
class Slot:
    """One drawn slot."""

    index: int
    """Place among the candidates."""
    arm: Arm
    propensity_q30: int
    """Probability that this slot, given those before it, holds this candidate, in Q30."""
    relaxed: bool
    """The spacing rule could not be kept: everything else in the pool broke it."""
    team: int | None = None
    """Which team of an interleaving drafted it."""


@dataclass(frozen=True)
class Trace:
    """What happened on the way, for the page record."""

    removed: dict[str, tuple[int, ...]]
    """Name of a filter → ids that it took out."""
    failed: tuple[str, ...]
    """Names of parts that were skipped after an error."""
    reach: tuple[tuple[int, int], ...] = ()
    """(id, per cent) of candidates that may not reach everybody, those that a filter took out among them."""
    refused: tuple[int, ...] = ()
    """Places of candidates that the safety check took out after they had been drawn."""


@dataclass(frozen=True)
class Why:
    """Why a video is on the page, in a code, in words and in numbers."""

    code: Literal["similar", "alike", "rising", "fresh", "explore", "followed", "chosen", "again"]
    text: str
    numbers: dict[str, float]
    because: VideoId | None


@dataclass(frozen=True)
class Item:
    """A slot as it is served."""

    slot: int
    video: Video
    why: Why


@dataclass(frozen=True)
class Page:
    """A page as it is served; its record is written before."""

    id: PageId
    mode: Mode
    items: tuple[Item, ...]


@dataclass(frozen=True)
class SpacingFacts:
    """What spacing looks at, of the videos before and within a page."""

    creator: AccountId
    sound: SoundId | None
