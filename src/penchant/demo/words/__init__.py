"""What the demo says: titles, hashtags, creators and the names of sounds, one file per theme, in English and French."""

from importlib import resources

import msgspec


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one theme."""

    creators: dict[str, dict[str, str]]
    """Language → handle → name: everyone posts in their own language."""
    sounds: dict[str, str]
    """Piece → title."""
    hashtags: dict[str, tuple[str, ...]]
    """Language → hashtags."""
    titles: dict[str, dict[str, tuple[str, ...]]]
    """Style → language → titles."""


def words_of(theme: str) -> Words:
    """The words of a theme, read from its file."""
    text = resources.files(__name__).joinpath(f"{theme}.toml").read_bytes()
    return msgspec.toml.decode(text, type=Words)
