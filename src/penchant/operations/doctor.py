"""`penchant doctor`: what is wrong with an installation or its machine, and how to mend it.

A check is a small function that returns a `Finding`; what it looks at is handed in, so a test can make it fail.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

State = Literal["good", "warning", "bad"]


class Finding(msgspec.Struct, frozen=True):
    """What one check found.

    Attributes:
        check: short stable name, such as `disk`.
        text: what is so, in a few words.
        mend: what to do about it; empty where all is well.
    """

    check: str
    state: State
    text: str
    mend: str = ""


Check = Callable[[], Finding]


def good(check: str, text: str) -> Finding:
    return Finding(check, "good", text)


def warning(check: str, text: str, mend: str) -> Finding:
    return Finding(check, "warning", text, mend)


def bad(check: str, text: str, mend: str) -> Finding:
    return Finding(check, "bad", text, mend)


def examine(checks: Sequence[tuple[str, Check]]) -> list[Finding]:
    """Run every check; one that breaks is a finding itself and stops no other."""
    findings = []
    for name, check in checks:
        try:
            findings.append(check())
        except Exception as error:
            findings.append(bad(name, f"the check itself failed: {error}", "report this as a bug of Penchant"))
    return findings


def is_well(findings: Sequence[Finding]) -> bool:
    """True where nothing is bad; warnings do not count."""
    return all(finding.state != "bad" for finding in findings)
