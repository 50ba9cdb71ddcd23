"""What every certificate that we make has in common, and how its key is kept. ECDSA on P-256 throughout.

The authorities themselves are elsewhere: for HTTPS on the local network (`operations`), for signing renditions
(`media`).
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_SKEW = timedelta(days=1)
"""Machines whose clock is behind must not find a certificate from the future."""
_COMMON_NAME_CHARACTERS = 64


def certificate_builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    """A certificate that is valid from a day before `now` and knows its own key, without further extensions."""
    begin = now.astimezone(UTC) - _SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """For an authority, or for whoever signs anything but certificates."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def subject_name(common_name: str, organization: str = "Penchant") -> x509.Name:
    """A name of two parts, cut to what X.509 allows."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:_COMMON_NAME_CHARACTERS]),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:_COMMON_NAME_CHARACTERS]),
        ]
    )


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The key as PKCS #8, not encrypted: its file is what protects it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 in one step: whoever reads it finds the old content or the new."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
