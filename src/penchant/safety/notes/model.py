"""What a note, a rating and a run of the scorer are, and the rules that a note is judged by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from penchant.core.ids import NoteId, VideoId

NoteKind = Literal["misleading", "missing_context", "machine_made", "old_footage", "out_of_context", "satire"]
Value = Literal["helpful", "somewhat", "not_helpful"]
RatingReason = Literal[
    "clear",
    "good_sources",
    "answers_the_claim",
    "neutral_words",
    "wrong",
    "no_sources",
    "misses_the_point",
    "opinion",
    "not_needed",
    "insulting",
]
Status = Literal["needs_more", "helpful", "not_helpful"]

KINDS: Final[tuple[NoteKind, ...]] = get_args(NoteKind)
VALUES: Final[dict[Value, float]] = {"helpful": 1.0, "somewhat": 0.5, "not_helpful": 0.0}
"""What a rating counts as. Source: Community Notes guide, "Helpful Rating Mapping"."""
RATING_REASONS: Final[tuple[RatingReason, ...]] = get_args(RatingReason)
NOTE_CHARACTERS: Final = 500
REASONS_AT_MOST: Final = 4


class Rules(msgspec.Struct, frozen=True):
    """Every number that decides about a note. They stand in each public file, so that it says what it was judged by.

    Source: Community Notes guide, "Note ranking algorithm"; Wojcik et al. 2022, arXiv 2210.15723. What is ours says so.
    """

    intercept_penalty: float = 0.15
    """λ_i."""
    factor_penalty: float = 0.03
    """λ_f."""
    note_ratings: int = 5
    """A note with fewer voices needs more ratings."""
    rater_ratings: int = 10
    """Whoever rated fewer notes does not count yet."""
    helpful_intercept: float = 0.40
    helpful_factor: float = 0.50
    """A note that leans further to a side is not helpful to both."""
    not_helpful_intercept: float = -0.05
    not_helpful_slope: float = -0.8
    """Not helpful below `not_helpful_intercept + not_helpful_slope · |f_n|`."""
    rater_agreement: float = 0.66
    """Whose ratings agreed with fewer of the notes that were decided in the first round is left out of the second."""
    side_voices: float = 2.0
    """Ours: a helpful note was found so by this many voices of each side."""
    clique_chance: float = 1e-12
    """Ours: a clique shares marks (a note rated in one way) so often that chance does it less often than this."""
    clique_notes: int = 3
    """Ours: of at least so many notes."""
    clique_raters: int = 5
    """Ours: by at least so many people."""
    clique_alike: float = 0.75
    """Ours: its members made this share of its marks."""
    stable_minutes: int = 30
    """A status holds this long before it changes what is shown."""
    lock_days: int = 14
    """The status of a note of this age stays."""


@dataclass(frozen=True)
class Note:
    """A note as its readers get it: under its author's alias."""

    id: NoteId
    video: VideoId
    alias: str
    """Of its author."""
    kind: NoteKind
    text: str
    links: tuple[str, ...]
    created_at: datetime
    status: Status
    """What the last run of the scorer said."""
    shown: bool
    locked: bool
    ratings: int
    mine: bool
    my_rating: Value | None


class Score(msgspec.Struct, frozen=True):
    """What a run found about one note. Millionths, because whole numbers are the same bytes everywhere."""

    note: str
    status: Status
    intercept_e6: int
    factor_e6: int
    voices_e6: int
    """Ratings that counted; those of a clique are one."""


class Result(msgspec.Struct, frozen=True):
    """What a run of the scorer found: a function of its input and nothing else."""

    version: str
    notes: tuple[Score, ...]
    """By id."""
    raters: int
    """Whose ratings counted in the second round."""
    cliques: tuple[tuple[str, ...], ...]
    """Aliases, each in one clique at most."""


@dataclass(frozen=True)
class Run:
    """A run that was kept: what it was made from, and what came out."""

    id: int
    at: datetime
    position: int
    """Of the last rating in it."""
    notes: int
    ratings: int
    version: str
    input_digest: str
    result_digest: str
    filed: bool
    """Whether its public file is kept: that of the last one, until somebody's words go."""
