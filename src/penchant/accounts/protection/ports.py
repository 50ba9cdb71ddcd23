"""What a proof of age looks like: one Protocol for all forms of it (`testing.attestations` has the suite)."""

from datetime import datetime
from typing import NamedTuple, Protocol

from penchant.core.errors import Forbidden


class AttestationRefused(Forbidden):
    """It proves nothing: not signed by a known issuer, for somebody else, too old, or about something else."""

    code = "attestation_refused"


class Attested(NamedTuple):
    """What a signed statement says. Whoever signed it, and of whom, is not asked and not kept."""

    claim: bool
    """Of the claim that was asked for: that somebody has reached an age."""
    audience: str
    nonce: str
    expires_at: datetime


class AttestationReader(Protocol):
    """Reads one form of signed statements."""

    def knows(self, attestation: str) -> bool:
        """Whether it has this form, right or wrong."""
        ...

    def read(self, attestation: str, claim: str) -> Attested:
        """What a known issuer signed, of the claim of that name. Times and audience are not looked at here.

        Raises:
            AttestationRefused: the signature is no known issuer's, or something is missing.
        """
        ...
