"""Whether a video is about a topic that the operator listed: by its hashtags and the words of its title."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")


def topic_of(topics: Sequence[str], title: str, hashtags: Iterable[str]) -> str | None:
    """The first listed topic that a video is about, or None. A topic of several words must stand in the title as
    such, or joined as a hashtag; accents and case do not matter.
    """
    words = _words(title)
    tags = {"".join(_words(tag)) for tag in hashtags}
    for topic in topics:
        wanted = _words(topic)
        in_title = any(words[at : at + len(wanted)] == wanted for at in range(len(words) - len(wanted) + 1))
        if wanted and (in_title or "".join(wanted) in tags):
            return topic
    return None


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)).replace("_", " "))
