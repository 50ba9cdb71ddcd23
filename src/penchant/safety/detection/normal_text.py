"""Words as they are meant, whatever they are written like: one alphabet, one case, one of each letter, no tricks.

Source: Unicode Standard Annex 15 (NFKC); Unicode Technical Standard 39, section 4 (confusables), of which a few
letters of Cyrillic and Greek that look like Latin ones are taken.
"""

import re
import unicodedata
from typing import Final

_CONFUSABLE: Final = str.maketrans("абвгеѕіїјкмнорстухүһԁԛԝαβεικνορτυχ", "abbreslijkmhopctyxyhdqwabeikvoptux")
_LEET: Final = str.maketrans("0134578@$!|€", "oieastbasiie")
_INVISIBLE: Final = dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF])
_WORD: Final = re.compile(r"[^\W_](?:[^\W_]|[@$!|€](?=[^\W_]))*|[@$](?:[^\W_]|[@$!|€](?=[^\W_]))+")
_SPACED: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_][\s.\-_*·]{1,2}){3,}[^\W\d_](?![^\W_])")
_REPEATED: Final = re.compile(r"(.)\1+")


def plain(text: str) -> str:
    """Lower case, without accents, invisible marks and look-alikes of another alphabet; numbers stay."""
    folded = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).casefold()
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(letter))
    return " ".join(_one_alphabet(word) for word in bare.split())


def words_of(text: str) -> list[str]:
    """The words of a text in their order; letters that are written apart (`s p a m`) are one word."""
    joined = _SPACED.sub(lambda found: re.sub(r"[\s.\-_*·]", "", found.group()), plain(text))
    return [stem(word) for word in _WORD.findall(joined)]


def stem(word: str) -> str:
    """A word with digits and signs read as the letters that they stand for, and of letters in a row only one.

    Words of digits alone stay: years and prices are no letters.
    """
    if any(letter.isalpha() for letter in word):
        word = word.translate(_LEET)
    return _REPEATED.sub(r"\1", word)


def _one_alphabet(word: str) -> str:
    """Look-alikes count as Latin only in words that have Latin letters: Russian stays Russian."""
    return word.translate(_CONFUSABLE) if re.search("[a-z]", word) else word
