"""The plan of the demo: which clips there are, in the order in which they are made. Pure data from one seed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from penchant.demo.sounds import PIECES, Piece
from penchant.demo.themes import THEMES
from penchant.demo.words import words_of

SEED = 2026
PER_THEME = 30
WIDTH, HEIGHT, FPS = 480, 854, 24
SHORTEST_S, LONGEST_S = 5.0, 8.0
_QUICK_ROUNDS = 3
"""Of the first rounds the clips are short, because somebody is waiting for them."""


class Clip(msgspec.Struct, frozen=True):
    """One clip of the demo: all that is needed to draw, name and publish it."""

    number: int
    """Its place in the plan, from 0; with the seed its name for ever."""
    theme: str
    style: str
    palette: str
    piece: str
    """The sound, by its name in the theme."""
    tempo: float
    """Beats per minute."""
    frames: int
    seed: int
    title: str
    language: str
    hashtags: tuple[str, ...]
    handle: str
    name: str
    """Of the creator."""
    sound_title: str
    spelled: str
    """What kinetic type spells, in capitals."""

    @property
    def duration_ms(self) -> int:
        return round(self.frames * 1000 / FPS)


def plan(seed: int = SEED, per_theme: int = PER_THEME) -> list[Clip]:
    """`8 * per_theme` clips, theme by theme in turns: the first 24 are three of each theme."""
    rows = {theme: list(_clips_of(theme, seed, per_theme)) for theme in THEMES}
    rng = np.random.default_rng([seed, 1])
    order: list[Clip] = []
    for place in range(per_theme):
        for theme in rng.permutation(list(THEMES)):
            order.append(rows[str(theme)][place])
    return [msgspec.structs.replace(clip, number=number) for number, clip in enumerate(order)]


def _clips_of(theme: str, seed: int, count: int) -> Iterator[Clip]:
    rng = np.random.default_rng([seed, 2, list(THEMES).index(theme)])
    words, look = words_of(theme), THEMES[theme]
    # Style and language go together, so that the titles of both are used evenly and none comes twice.
    ways = _rounds(rng, [f"{style} {language}" for style in look.styles for language in ("en", "fr")], count)
    creators = {language: _rounds(rng, list(words.creators[language]), count) for language in ("en", "fr")}
    palettes = _rounds(rng, list(look.palettes), count)
    pieces = _rounds(rng, list(PIECES[theme]), count)
    titles = {
        (style, language): _rounds(rng, list(words.titles[style][language]), count)
        for style in look.styles
        for language in ("en", "fr")
    }
    for place in range(count):
        style, language = ways[place].split()
        piece = pieces[place]
        handle = creators[language].pop(0)
        title = titles[style, language].pop(0)
        yield Clip(
            number=-1,
            theme=theme,
            style=style,
            palette=palettes[place],
            piece=piece,
            tempo=PIECES[theme][piece].tempo,
            frames=_frames(PIECES[theme][piece], rng, place < _QUICK_ROUNDS),
            seed=int(rng.integers(2**31)),
            title=title,
            language=language,
            hashtags=tuple(str(tag) for tag in rng.permutation(list(words.hashtags[language]))[: rng.integers(2, 5)]),
            handle=handle,
            name=words.creators[language][handle],
            sound_title=words.sounds[piece],
            spelled=spelled(title),
        )


def sound_owner(theme: str, piece: str) -> tuple[str, str]:
    """Whose sound it is: handle and name of one of the theme's creators; others use it too."""
    words = words_of(theme)
    everyone = [pair for creators in words.creators.values() for pair in creators.items()]
    return everyone[list(words.sounds).index(piece) % len(everyone)]


def spelled(title: str) -> str:
    """The title as type can set it: capitals, without marks of punctuation but the apostrophe and the hyphen."""
    kept = "".join(letter if letter.isalnum() or letter in "'- " else " " for letter in title.upper())
    return " ".join(kept.split())


def _rounds(rng: np.random.Generator, choices: list[str], count: int) -> list[str]:
    """`count` choices, each as often as the others, in rounds of a new order each."""
    picked: list[str] = []
    while len(picked) < count:
        picked += [str(choice) for choice in rng.permutation(choices)]
    return picked[:count]


def _frames(piece: Piece, rng: np.random.Generator, quick: bool) -> int:
    """A length of whole beats, so that picture and sound both close their loop; whole bars where one fits."""
    beat_s = 60 / piece.tempo
    fitting = [beats for beats in range(2, 40) if SHORTEST_S <= beats * beat_s <= LONGEST_S]
    even = [beats for beats in fitting if beats % 2 == 0] or fitting
    bars = [beats for beats in even if beats % 4 == 0] or even
    beats = even[0] if quick else int(rng.choice(bars))
    return round(beats * beat_s * FPS)
