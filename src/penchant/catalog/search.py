"""Search: what was typed, found among videos, people, hashtags and sounds that this viewer may see.

Nobody writes down who looked for what.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from penchant.accounts import people_rows
from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.accounts.people_rows import Person
from penchant.catalog import repository, search_rows
from penchant.catalog.model import Sound, Video
from penchant.catalog.search_rows import Place, Tag, Typed
from penchant.core.database import Connection, Engine
from penchant.core.errors import Invalid, NotFound
from penchant.core.ids import AccountId, SoundId, VideoId, format_id, parse_id

Kind = Literal["videos", "people", "hashtags", "sounds"]

CHARACTERS = 100
"""That may be typed."""
PAGE = 24
LITTLE = 5
"""Fewer videos than these are little: then words that are spelt alike count, too."""
SUGGESTED = 8
_ALIKE_WORDS = 3
"""Words of what was typed for which others are looked for."""
_NEAR = 4
"""Words that stand in for one."""
_LOOKED_AT = 24
"""Words with common trigrams whose distance is counted."""


@dataclass(frozen=True)
class Found:
    """A page of one kind of results; the other kinds are empty."""

    videos: tuple[Video, ...] = ()
    people: tuple[Person, ...] = ()
    hashtags: tuple[Tag, ...] = ()
    sounds: tuple[Sound, ...] = ()
    next: str | None = None
    """For the page that follows."""
    alike: bool = False
    """Words that are spelt alike count, as the ones that were typed find little."""


class Suggestion(NamedTuple):
    """What might be meant."""

    kind: Literal["person", "hashtag", "sound"]
    text: str
    """Handle, hashtag or title."""
    id: int | None = None
    name: str = ""
    """Of a person, or of a sound's creator."""


def clean(wanted: str) -> str:
    """What was typed, in one line.

    Raises:
        Invalid: there is nothing, too much, or what is no text.
    """
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in wanted):
        raise Invalid("nobody can look for a zero byte or half a character", fields={"q": "text"})
    words = " ".join(wanted.split())
    if not 1 <= len(words) <= CHARACTERS:
        raise Invalid(f"look for 1 to {CHARACTERS} characters", fields={"q": f"1 to {CHARACTERS} characters"})
    return words


class Search:
    """Finds what one viewer may see. What is private, held, for adults, of somebody suspended, or of somebody with whom
    there is a block, is found by those alone who come across it elsewhere, too.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, kind: Kind, wanted: str, language: str, viewer: Account | None, cursor: str | None = None) -> Found:
        """A page of results, the best first.

        Args:
            language: of the viewer, by whose grammar the words are taken; those of videos are by the video's own.
            cursor: `next` of the page before.

        Raises:
            Invalid: as `clean`, or the cursor is none.
        """
        words = clean(wanted)
        with self._engine.connect() as connection:
            hidden = _hidden(connection, viewer)
            plain, query = search_rows.prepare(connection, words, language)
            if kind == "videos":
                return _videos(connection, Typed(plain, query), language, viewer, hidden, cursor)
            if kind == "people":
                return _people(connection, plain, viewer, hidden, _place(cursor))
            if kind == "hashtags":
                return _hashtags(connection, _joined(plain), viewer, hidden, cursor)
            return _sounds(connection, plain, viewer, hidden, _place(cursor))

    def suggest(self, wanted: str, viewer: Account | None) -> list[Suggestion]:
        """What might be meant by the beginning of something: hashtags, people, sounds, as `SUGGESTED` have room.

        Raises:
            Invalid: as `clean`.
        """
        words = clean(wanted)
        with self._engine.connect() as connection:
            hidden = _hidden(connection, viewer)
            plain = search_rows.prepare(connection, words, "").plain.lstrip("#@")
            tag = _joined(plain)
            if not tag:
                return []
            tags: list[Tag] = []
            people: list[Person] = []
            sounds: list[Sound] = []
            if not words.startswith("@"):
                tags = search_rows.find_hashtags(connection, tag, viewer, hidden, None, SUGGESTED, alike=False)
            if not words.startswith("#"):
                people = people_rows.find_people(connection, plain, viewer, hidden, None, SUGGESTED)
            if not words.startswith(("#", "@")):
                places = search_rows.find_sounds(connection, plain, viewer, hidden, None, SUGGESTED)
                sounds = _sounds_at(connection, places)
        offered = [
            [Suggestion("hashtag", found.tag) for found in tags],
            [Suggestion("person", one.handle, one.id, one.name) for one in people],
            [Suggestion("sound", sound.title, sound.id, sound.creator.handle) for sound in sounds],
        ]
        return _fairly(offered)

    def tagged(self, tag: str, viewer: Account | None, before: int | None = None) -> tuple[list[Video], int | None]:
        """The newest videos with a hashtag, and before which id the next page begins.

        Raises:
            Invalid: as `clean`.
        """
        wanted = clean(tag.removeprefix("#")).casefold()
        with self._engine.connect() as connection:
            return _tagged(connection, wanted, viewer, before, PAGE)

    def in_public(self, tag: str, most: int) -> list[Video]:
        """The newest videos with a hashtag that everybody may see; none where there is no such hashtag."""
        with self._engine.connect() as connection:
            return _tagged(connection, tag.casefold(), None, None, most)[0]


def distance(one: str, other: str) -> int:
    """How many letters are to be put in, left out, exchanged or turned round to make one word of another.

    Source: Damerau, A technique for computer detection and correction of spelling errors, CACM 7(3), 1964, in the
    restricted form (optimal string alignment).
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        before, last = last, now
    return last[-1]


def _videos(
    connection: Connection,
    typed: Typed,
    language: str,
    viewer: Account | None,
    hidden: Sequence[AccountId],
    cursor: str | None,
) -> Found:
    alike = cursor is not None and cursor.startswith("~")
    after = _place(cursor.removeprefix("~") if cursor else None)
    if not typed.query:
        return Found()
    places: list[Place] = []
    if not alike:
        places = search_rows.find_videos(connection, typed.query, viewer, hidden, after, PAGE + 1)
    if alike or (after is None and len(places) < LITTLE):
        wider = _wider(connection, typed.plain, language)
        if wider is not None:
            found = search_rows.find_videos(connection, wider, viewer, hidden, after, PAGE + 1)
            if alike or len(found) > len(places):
                places, alike = found, True
    ids = [VideoId(int(place.id)) for place in places[:PAGE]]
    known = repository.listed_for(connection, ids, viewer)
    following = _cursor(places)
    return Found(
        videos=tuple(known[id_] for id_ in ids if id_ in known),
        next=f"~{following}" if alike and following else following,
        alike=alike,
    )


def _wider(connection: Connection, plain: str, language: str) -> str | None:
    """The query with other words in the place of those that no video has, or of the only one; None without any.

    So many letters may be wrong as usual: none of up to two, one of three to five, two of more.
    """
    typed = [word for word in plain.split() if word.isalnum()]
    unknown = typed if len(typed) == 1 else search_rows.unknown_words(connection, typed)
    others = {word: _near(connection, word) for word in dict.fromkeys(unknown[:_ALIKE_WORDS])}
    if not any(others.values()):
        return None
    parts = []
    for word in typed:
        own = search_rows.query_of(connection, word, language)
        choices = [f"({own})"] if own else []
        choices += [f"'{other}'" for other in others.get(word, ())]
        if choices:
            parts.append(f"({' | '.join(choices)})")
    return " & ".join(parts)


def _near(connection: Connection, word: str) -> list[str]:
    """Words of the vocabulary that may have been meant; they hold letters and digits only."""
    spelt = search_rows.spelling_of(connection, word)
    allowed = 0 if len(spelt) < 3 else 1 if len(spelt) < 6 else 2
    found = search_rows.spelling_like(connection, word, _LOOKED_AT)
    near = [(distance(spelt, spelling), other) for other, spelling in found if other != word]
    begun = [other for _, other in near if len(word) > 2 and other.startswith(word)]
    right = [other for far, other in sorted(near) if far <= allowed]
    return list(dict.fromkeys([*right, *begun]))[:_NEAR]


def _tagged(
    connection: Connection, tag: str, viewer: Account | None, before: int | None, limit: int
) -> tuple[list[Video], int | None]:
    """As `Search.tagged`, so many."""
    search_rows.prepare(connection, "", "")
    ids = search_rows.tagged_ids(connection, tag, viewer, _hidden(connection, viewer), before, limit + 1)
    known = repository.listed_for(connection, ids[:limit], viewer)
    return [known[id_] for id_ in ids[:limit] if id_ in known], ids[limit - 1] if len(ids) > limit else None


def _people(
    connection: Connection, plain: str, viewer: Account | None, hidden: Sequence[AccountId], after: Place | None
) -> Found:
    start = (after.score, int(after.id)) if after else None
    wanted = plain.removeprefix("@")
    found = people_rows.find_people(connection, wanted, viewer, hidden, start, PAGE + 1) if wanted else []
    return Found(people=tuple(found[:PAGE]), next=_cursor([Place(one.score, one.id) for one in found]))


def _hashtags(
    connection: Connection, wanted: str, viewer: Account | None, hidden: Sequence[AccountId], cursor: str | None
) -> Found:
    after = None
    if cursor is not None:
        score, _, tag = cursor.partition(".")
        after = Place(_number(score), tag)
    if not wanted:
        return Found()
    found = search_rows.find_hashtags(connection, wanted, viewer, hidden, after, PAGE + 1, alike=True)
    following = f"{found[PAGE - 1].score}.{found[PAGE - 1].tag}" if len(found) > PAGE else None
    return Found(hashtags=tuple(found[:PAGE]), next=following)


def _sounds(
    connection: Connection, plain: str, viewer: Account | None, hidden: Sequence[AccountId], after: Place | None
) -> Found:
    places = search_rows.find_sounds(connection, plain, viewer, hidden, after, PAGE + 1) if plain else []
    return Found(sounds=tuple(_sounds_at(connection, places[:PAGE])), next=_cursor(places))


def _sounds_at(connection: Connection, places: Sequence[Place]) -> list[Sound]:
    known = search_rows.sounds_by_id(connection, [int(place.id) for place in places])
    return [known[SoundId(int(place.id))] for place in places]


def _fairly(offered: Sequence[Sequence[Suggestion]]) -> list[Suggestion]:
    """Of each kind its share of the room, and what one leaves goes to the others; kind by kind."""
    counts = [0] * len(offered)
    for _ in range(SUGGESTED):
        open_ = [at for at, kind in enumerate(offered) if counts[at] < len(kind)]
        if not open_ or sum(counts) == SUGGESTED:
            break
        counts[min(open_, key=lambda at: counts[at])] += 1
    return [one for kind, count in zip(offered, counts, strict=True) for one in kind[:count]]


def _hidden(connection: Connection, viewer: Account | None) -> list[AccountId]:
    return sorted(accounts.blocked_either_way(connection, viewer.id)) if viewer else []


def _joined(plain: str) -> str:
    """As hashtags are written."""
    return "".join(letter for letter in plain if letter.isalnum())


def _cursor(places: Sequence[Place]) -> str | None:
    if len(places) <= PAGE:
        return None
    last = places[PAGE - 1]
    return f"{last.score}.{format_id(int(last.id))}"


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    score, _, id_ = cursor.partition(".")
    try:
        return Place(_number(score), parse_id(id_))
    except NotFound:
        raise _no_place() from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise _no_place()
    return int(text)


def _no_place() -> Invalid:
    return Invalid("this is no place in the results", fields={"cursor": "the `next` of the page before"})
