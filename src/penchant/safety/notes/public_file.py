"""The public file: all notes and ratings under aliases, with the rules, so that anyone can run the scorer again."""

from collections.abc import Sequence
from typing import Final

import msgspec

from penchant.core.errors import Invalid
from penchant.safety.notes.model import VALUES, NoteKind, RatingReason, Result, Rules, Value
from penchant.safety.notes.scorer import VERSION, canonical, digest, score

FORMAT: Final = 1


class FiledNote(msgspec.Struct, frozen=True):
    """One note."""

    id: str
    video: str
    author: str
    """Alias."""
    kind: NoteKind
    text: str
    created_ms: int
    removed: bool
    """By a moderator; its words are left out. It is judged all the same."""


class FiledRating(msgspec.Struct, frozen=True):
    """One rating; when it was made is not told, because that would tie aliases to people seen elsewhere."""

    note: str
    rater: str
    """Alias."""
    value: Value
    reasons: tuple[RatingReason, ...]


class PublicFile(msgspec.Struct, frozen=True):
    """Everything that a run of the scorer is a function of, and the words that were judged."""

    format: int
    scorer: str
    """Its version."""
    rules: Rules
    notes: tuple[FiledNote, ...]
    """By id."""
    ratings: tuple[FiledRating, ...]
    """By note, then rater."""

    @classmethod
    def of(cls, notes: Sequence[FiledNote], ratings: Sequence[FiledRating], rules: Rules) -> "PublicFile":
        in_order = sorted(ratings, key=lambda rating: (rating.note, rating.rater))
        return cls(FORMAT, VERSION, rules, tuple(sorted(notes, key=lambda note: note.id)), tuple(in_order))

    def encode(self) -> bytes:
        """The bytes that `input_digest` is of."""
        return msgspec.json.encode(self, order="sorted")


class Rerun(msgspec.Struct, frozen=True):
    """What comes out of a file."""

    input_digest: str
    result_digest: str
    result: Result


def read_file(content: bytes) -> PublicFile:
    """Raises: Invalid where it is not such a file, or of a scorer of another version."""
    try:
        found = msgspec.json.decode(content, type=PublicFile)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Invalid(f"this is not a file of notes and ratings: {error}") from error
    if (found.format, found.scorer) != (FORMAT, VERSION):
        raise Invalid(
            f"this file is for version {found.scorer} of the scorer (format {found.format}); "
            f"here is version {VERSION} (format {FORMAT})"
        )
    return found


def rerun(file: PublicFile) -> Rerun:
    """Run the scorer on a file."""
    result = score(((one.note, one.rater, VALUES[one.value]) for one in file.ratings), file.rules)
    return Rerun(digest(file.encode()), digest(canonical(result)), result)
