"""What both forms of a proof of age have to say."""

from datetime import UTC, datetime
from typing import Any, Final

from penchant.accounts.protection.ports import AttestationRefused, Attested

MOST_CHARACTERS: Final = 8_192


def check_length(attestation: str) -> None:
    """Raises: AttestationRefused where it is too long to be looked at."""
    if len(attestation) > MOST_CHARACTERS:
        raise AttestationRefused("this is too long for a proof of age")


def attested(said: Any, claim: str, *, audience: int | str, expires: int | str, nonce: int | str) -> Attested:
    """What signed claims say; the names of three of them depend on the form.

    Raises:
        AttestationRefused: one is missing, or of another kind.
    """
    found = [said.get(name) for name in (claim, audience, nonce, expires)] if isinstance(said, dict) else []
    match found:
        case [bool(over), str(whose), str(answers), int(seconds)]:
            try:
                return Attested(over, whose, answers, datetime.fromtimestamp(seconds, UTC))
            except (OverflowError, ValueError, OSError):
                raise AttestationRefused("this proof of age ends at no time that there is") from None
    raise AttestationRefused(f"this proof of age does not say {claim}, or for whom, or until when")
