"""What is in the words of a comment: whom they name, and whether they hold it back."""

import re
from collections.abc import Sequence
from typing import Final

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.community.model import COMMENT_CHARACTERS, MENTIONS, WORDS, WORDS_CHARACTERS
from penchant.core.database import Connection
from penchant.core.errors import Invalid
from penchant.core.ids import AccountId
from penchant.safety.detection.normal_text import words_of
from penchant.safety.detection.words import WordDetector, WordList
from penchant.safety.ports import Exhibit

_MENTION: Final = re.compile(r"(?<![\w@.])@([a-z0-9_]{3,24}(?:\.[a-z][a-z0-9-]{0,30})?)(?!\w)", re.IGNORECASE)
"""A handle after @, with the market of somebody who is at home in another: as in ui/src/sheets/comment-parts.ts."""


def clean_words(words: str) -> str:
    """What somebody says, without space around it.

    Raises:
        Invalid: nothing was said, or too much, or it names too many.
    """
    words = words.strip()
    if not words or len(words) > COMMENT_CHARACTERS:
        raise Invalid("the comment is not right", fields={"text": f"1 to {COMMENT_CHARACTERS} characters"})
    if len(named_in(words)) > MENTIONS:
        raise Invalid("the comment names too many", fields={"text": f"at most {MENTIONS} people"})
    return words


def named_in(words: str) -> list[str]:
    """The handles after @, in lower case, each once, whether or not there is anybody of that name."""
    return list(dict.fromkeys(handle.lower() for handle in _MENTION.findall(words)))


def named(connection: Connection, words: str, by: Account) -> dict[str, AccountId]:
    """Whom somebody names: accounts that they may know of, by handle.

    Who publishes for followers only, as everybody under age does, is called by those alone whom they let follow.
    """
    found = {}
    for handle in named_in(words):
        them = accounts.account_by_handle(connection, handle)
        if them is None or them.suspended or accounts.has_block_between(connection, by.id, them.id):
            continue
        if them.id == by.id or not them.private or accounts.follows_them(connection, by.id, them.id):
            found[handle] = them.id
    return found


def clean_held_words(words: Sequence[str]) -> list[str]:
    """Words that hold comments back, each once, in one line.

    Raises:
        Invalid: there are too many, one is too long, or one has neither letters nor digits.
    """
    lines = {line.casefold(): line for line in (" ".join(one.split()) for one in words) if line}
    wrong = [line for line in lines.values() if len(line) > WORDS_CHARACTERS or not words_of(line)]
    if wrong or len(lines) > WORDS:
        least = f"at most {WORDS}, each of 1 to {WORDS_CHARACTERS} characters with letters or digits"
        raise Invalid("the words are not right", fields={"words": least})
    return list(lines.values())


def holds(held: Sequence[str], words: str) -> bool:
    """Whether one of a creator's words is in a comment, as whole words however they are written."""
    if not held:
        return False
    return bool(WordDetector([WordList("held", tuple(held))]).look(Exhibit(texts={"comment": words})))
