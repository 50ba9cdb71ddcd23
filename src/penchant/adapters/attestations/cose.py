"""Proofs of age as CBOR Web Tokens (RFC 8392) in COSE_Sign1 (RFC 9052, 4.4), signed with EdDSA or ES256."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from penchant.accounts.protection.ports import AttestationRefused, Attested
from penchant.adapters.attestations.claims import attested, check_length
from penchant.adapters.attestations.issuers import IssuerKey

_AUDIENCE, _EXPIRES, _NONCE = 3, 4, 10
"""Claim keys of RFC 8392 and, for the nonce, RFC 9711; that of the age has none yet and is named."""
_ALGORITHM, _EDDSA, _ES256 = 1, -8, -7
_SIGN1, _CWT = 18, 61


class CoseAttestations:
    """URL-safe base 64 of CBOR, tagged or not."""

    def __init__(self, issuers: Sequence[IssuerKey]) -> None:
        self._issuers = tuple(issuers)

    def knows(self, attestation: str) -> bool:
        return "." not in attestation and attestation != ""

    def read(self, attestation: str, claim: str) -> Attested:
        protected, payload, signature = _parts(attestation)
        signed = cbor2.dumps(["Signature1", protected, b"", payload])
        header = _loads(protected)
        if not any(_signed(key, header, signature, signed) for key in self._issuers):
            raise AttestationRefused("nobody whom this place knows signed this proof of age")
        return attested(_loads(payload), claim, audience=_AUDIENCE, expires=_EXPIRES, nonce=_NONCE)


def _parts(attestation: str) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload and signature."""
    check_length(attestation)
    try:
        raw = base64.b64decode(attestation + "=" * (-len(attestation) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise AttestationRefused("this is no proof of age that is known here") from None
    message = _loads(raw)
    while isinstance(message, cbor2.CBORTag) and message.tag in (_CWT, _SIGN1):
        message = message.value
    match message:
        case [bytes(protected), Mapping(), bytes(payload), bytes(signature)]:
            return protected, payload, signature
    raise AttestationRefused("this is no proof of age that is known here")


def _loads(content: bytes) -> Any:
    try:
        return cbor2.loads(content)
    except (cbor2.CBORDecodeError, ValueError, RecursionError):
        raise AttestationRefused("this is no proof of age that is known here") from None


def _signed(key: IssuerKey, header: object, signature: bytes, signed: bytes) -> bool:
    algorithm = header.get(_ALGORITHM) if isinstance(header, dict) else None
    try:
        if isinstance(key, Ed25519PublicKey):
            if algorithm != _EDDSA:
                return False
            key.verify(signature, signed)
        else:
            if algorithm != _ES256 or len(signature) != 64:
                return False
            numbers = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
            key.verify(encode_dss_signature(*numbers), signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
