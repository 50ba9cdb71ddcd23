"""What a password may be: long enough, and not one that everybody tries first.

Source: OWASP ASVS 5.0, V6.2. No rule about kinds of characters: they make passwords worse.
"""

from functools import cache
from pathlib import Path

CHARACTERS = (8, 200)
_COMMON = Path(__file__).with_name("common_passwords.txt")
"""The 5,000 most frequent of at least 8 characters in what has leaked, in lower case, the most frequent first.

Source: zxcvbn's list (MIT, Copyright 2012-2016 Dan Wheeler and Dropbox, Inc.), without those that are too short.
"""


def what_is_wrong(password: str) -> str | None:
    """Words for the person who chose it, or None."""
    low, high = CHARACTERS
    if not low <= len(password) <= high:
        return f"{low} to {high} characters"
    if password.casefold() in _common():
        return "something that is not among the most common passwords"
    return None


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text("ascii").split())
