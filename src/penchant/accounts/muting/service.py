"""Muting, and reading what is muted."""

import re
from collections.abc import Sequence

import msgspec

from penchant.accounts import repository as accounts
from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Viewer
from penchant.accounts.muting import repository
from penchant.accounts.muting.model import (
    LEAST_CHARACTERS,
    MOST_CHARACTERS,
    MOST_OTHERS,
    MOST_WORDS,
    NOTHING,
    Mute,
    Mutes,
    MuteTarget,
    primary,
)
from penchant.accounts.muting.words import count, spelled
from penchant.core.clock import Clock
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Invalid, NotFound
from penchant.core.ids import AccountId, Ids, SubjectId

_LANGUAGE = re.compile("[a-z]{2,3}")
_decoder = msgspec.json.Decoder(tuple[Mute, ...])


class TooManyMutes(Conflict):
    """The list of what is muted is full."""

    code = "too_many_mutes"


class Muting:
    """Keeps one list for each viewer, sealed under their key."""

    def __init__(self, engine: Engine, clock: Clock, keys: DataKeys) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = keys
        self._ids = Ids(clock)

    def entries(self, viewer: Viewer) -> list[Mute]:
        """What a viewer mutes, newest first."""
        with self._engine.connect() as connection:
            return list(reversed(self._read(connection, viewer.subject)))

    def of(self, viewer: Viewer | None) -> Mutes:
        """The same, to be asked; nothing for nobody."""
        if viewer is None:
            return NOTHING
        with self._engine.connect() as connection:
            return Mutes.of(self._read(connection, viewer.subject))

    def people(self, connection: Connection, subject: SubjectId) -> frozenset[AccountId]:
        """Whom a viewer mutes."""
        return frozenset(
            AccountId(int(entry.name)) for entry in self._read(connection, subject) if entry.target == "creator"
        )

    def opened(self, subject: SubjectId, sealed_key: bytes | None, sealed_list: bytes | None) -> Mutes:
        """What a viewer mutes, from columns that were read together with other things."""
        if sealed_list is None or sealed_key is None:
            return NOTHING
        content = self._keys.open_with(sealed_key, subject, sealed_list, b"content")
        return Mutes.of(_decoder.decode(content))

    def mute(self, viewer: Viewer, target: MuteTarget, name: str) -> Mute:
        """Never show this again; what is muted already stays as it is.

        name: a word, a hashtag, a language, or an id in digits.

        Raises:
            Invalid: a word has too few or too many letters, or a language is none.
            TooManyMutes: see there.
        """
        name = _checked(target, name)
        with self._engine.begin() as connection:
            accounts.lock_subject(connection, viewer.subject)
            known = self._read(connection, viewer.subject)
            for entry in known:
                if entry.target == target and _same(target, entry.name, name):
                    return entry
            words = sum(entry.target == "word" for entry in known)
            if target == "word" and words >= MOST_WORDS:
                raise TooManyMutes(f"{MOST_WORDS} words are muted already: take one back first")
            if target != "word" and len(known) - words >= MOST_OTHERS:
                raise TooManyMutes(f"{MOST_OTHERS} people, sounds and tags are muted already: take one back first")
            added = Mute(self._ids.new(), target, name, self._clock.now_ms())
            self._write(connection, viewer.subject, [*known, added])
        return added

    def unmute(self, viewer: Viewer, id_: int) -> None:
        """Take one back.

        Raises:
            NotFound: it is not in the list.
        """
        with self._engine.begin() as connection:
            accounts.lock_subject(connection, viewer.subject)
            known = self._read(connection, viewer.subject)
            left = [entry for entry in known if entry.id != id_]
            if len(left) == len(known):
                raise NotFound("that is not muted")
            self._write(connection, viewer.subject, left)

    def _read(self, connection: Connection, subject: SubjectId) -> Sequence[Mute]:
        sealed = repository.sealed_list(connection, subject)
        return () if sealed is None else _decoder.decode(self._keys.open(connection, subject, sealed))

    def _write(self, connection: Connection, subject: SubjectId, entries: Sequence[Mute]) -> None:
        sealed = self._keys.seal(connection, subject, msgspec.json.encode(entries))
        repository.put_list(connection, subject, sealed)


def _checked(target: MuteTarget, name: str) -> str:
    if target == "hashtag":
        name = name.strip().lstrip("#").casefold()
    if target == "language":
        name = primary(name.strip())
        if not _LANGUAGE.fullmatch(name):
            raise Invalid("the language is not right", fields={"id": "two or three letters, as pt"})
    if target == "word":
        name = " ".join(name.split())
        if count(name) < LEAST_CHARACTERS or len(name) > MOST_CHARACTERS:
            raise Invalid(
                "the word is not right",
                fields={"id": f"{LEAST_CHARACTERS} to {MOST_CHARACTERS} characters, letters or digits among them"},
            )
    elif not name or len(name) > MOST_CHARACTERS:
        raise Invalid("what is to be muted is not right", fields={"id": "a hashtag, or the id of a creator or sound"})
    return name


def _same(target: MuteTarget, known: str, name: str) -> bool:
    return spelled(known) == spelled(name) if target == "word" else known == name
