"""The public keys of those whose word on an age counts."""

import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from penchant.core.errors import SettingWrong

IssuerKey = Ed25519PublicKey | EllipticCurvePublicKey
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)


def read_issuers(path: Path) -> list[IssuerKey]:
    """The keys of a PEM file: Ed25519, or ECDSA on P-256.

    Raises:
        SettingWrong: it cannot be read, holds none, or holds another kind.
    """
    try:
        found = _PEM.findall(path.read_bytes())
        keys = [load_pem_public_key(pem) for pem in found]
    except (OSError, ValueError, UnsupportedAlgorithm) as problem:
        raise SettingWrong(f"the file of issuers {path} cannot be read: {problem}") from problem
    right = [key for key in keys if isinstance(key, Ed25519PublicKey) or _on_p256(key)]
    if not keys or len(right) != len(keys):
        raise SettingWrong(f"the file of issuers {path} has to hold public keys, of Ed25519 or ECDSA on P-256")
    return right  # type: ignore[return-value]


def _on_p256(key: object) -> bool:
    return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)
