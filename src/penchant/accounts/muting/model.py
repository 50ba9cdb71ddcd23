"""What is muted, as it is kept and as it is asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from penchant.accounts.muting.words import Phrases

MuteTarget = Literal["word", "creator", "sound", "hashtag", "language"]

MOST_WORDS = 200
MOST_OTHERS = 500
"""Creators, sounds, hashtags and languages together."""
LEAST_CHARACTERS = 2
MOST_CHARACTERS = 60


class Mute(msgspec.Struct, frozen=True):
    """One entry of a viewer's list."""

    id: int
    target: MuteTarget
    name: str
    """A word as it was written, a hashtag without its sign, a language as `pt`, or an id in digits."""
    since_ms: int


@dataclass(frozen=True)
class Mutes:
    """What a viewer mutes, ready to be asked."""

    creators: frozenset[int] = frozenset()
    sounds: frozenset[int] = frozenset()
    hashtags: frozenset[str] = frozenset()
    phrases: Phrases = Phrases()
    languages: frozenset[str] = frozenset()
    """In the form of whatever country."""

    @classmethod
    def of(cls, entries: Iterable[Mute]) -> "Mutes":
        names: dict[str, list[str]] = {target: [] for target in get_args(MuteTarget)}
        for entry in entries:
            names[entry.target].append(entry.name)
        return cls(
            creators=frozenset(map(int, names["creator"])),
            sounds=frozenset(map(int, names["sound"])),
            hashtags=frozenset(names["hashtag"]),
            phrases=Phrases.of(names["word"]),
            languages=frozenset(names["language"]),
        )

    def __bool__(self) -> bool:
        return bool(self.creators or self.sounds or self.hashtags or self.phrases or self.languages)

    def silence(
        self,
        *,
        creator: int,
        sound: int | None = None,
        language: str = "",
        hashtags: Sequence[str] = (),
        texts: Sequence[str] = (),
    ) -> bool:
        """Whether something by this creator, with this sound, in this language and with these words, is muted."""
        return (
            creator in self.creators
            or primary(language) in self.languages
            or (sound is not None and sound in self.sounds)
            or any(tag in self.hashtags for tag in hashtags)
            or (bool(self.phrases) and self.phrases.stand_in(texts, hashtags))
        )


def primary(language: str) -> str:
    """`pt` of `pt-BR`."""
    return language.partition("-")[0].lower()


NOTHING = Mutes()
