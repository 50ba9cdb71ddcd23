"""Proofs of age as JSON Web Tokens (RFC 7519), signed with EdDSA or ES256."""

from collections.abc import Sequence

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.types import Options

from penchant.accounts.protection.ports import AttestationRefused, Attested
from penchant.adapters.attestations.claims import attested, check_length
from penchant.adapters.attestations.issuers import IssuerKey

_TIMES_ARE_OURS: Options = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
"""Whoever asked looks at audience and times, by their own clock."""


class JwtAttestations:
    """Three parts between dots; the claims are `aud`, `exp`, `nonce` and that of the age."""

    def __init__(self, issuers: Sequence[IssuerKey]) -> None:
        self._issuers = tuple(issuers)

    def knows(self, attestation: str) -> bool:
        return attestation.count(".") == 2

    def read(self, attestation: str, claim: str) -> Attested:
        check_length(attestation)
        for issuer in self._issuers:
            # By the key and never by what the token says of itself.
            algorithm = "EdDSA" if isinstance(issuer, Ed25519PublicKey) else "ES256"
            try:
                said = jwt.decode(attestation, issuer, algorithms=[algorithm], options=_TIMES_ARE_OURS)
            except (jwt.InvalidTokenError, ValueError, RecursionError):
                continue
            return attested(said, claim, audience="aud", expires="exp", nonce="nonce")
        raise AttestationRefused("nobody whom this place knows signed this proof of age")
