"""The key that vouches for renditions, its certificates, and whose credentials this installation trusts.

Without certificates of the operator's, an installation is its own authority: made on first use, kept in the secrets.
The key never enters a child: a child asks for a signature, and `ClaimSigner` gives it for claims of ours only.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from penchant.core.certificates import certificate_builder, key_usage, private_pem, subject_name, write_private
from penchant.core.errors import SettingWrong
from penchant.core.settings import Settings
from penchant.media.claims import WrongClaim, check_claim

AUTHORITY_KEY = "provenance-ca.key"
AUTHORITY = "provenance-ca.crt"
SIGNER = "provenance.pem"
"""Key and certificate of the signer in one file, so that they are replaced in one step."""

AUTHORITY_LIFE = timedelta(days=30 * 365)
SIGNER_LIFE = timedelta(days=10 * 365)
"""Long, because a signature without a time stamp holds no longer than its certificate."""
RENEW_BEFORE = timedelta(days=5 * 365)
_PURPOSE = ExtendedKeyUsageOID.EMAIL_PROTECTION
"""The one that readers of C2PA take without being told to."""

_log = structlog.get_logger("media")


class ClaimSigner:
    """Signs claims about renditions with ECDSA on P-256 and SHA-256 (ES256)."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, chain: Sequence[x509.Certificate]) -> None:
        """chain: the key's certificate first; the root may be missing."""
        self._key = key
        self._chain = [certificate.public_bytes(Encoding.DER) for certificate in chain]
        self.chain_pem = "".join(certificate.public_bytes(Encoding.PEM).decode("ascii") for certificate in chain)

    def sign(self, content: bytes) -> bytes:
        """r and s of 32 bytes each; nothing where the content is no claim of ours, which is logged."""
        try:
            check_claim(content, self._chain)
        except WrongClaim as error:
            _log.warning("claim_refused", reason=str(error))
            return b""
        numbers = decode_dss_signature(self._key.sign(content, ec.ECDSA(hashes.SHA256())))
        return b"".join(number.to_bytes(32, "big") for number in numbers)


class Credentials(NamedTuple):
    """What a workshop judges and signs with."""

    signer: ClaimSigner | None = None
    """Without one, renditions carry no credentials."""
    anchors: str = ""
    """Authorities whose issuers are trusted, as PEM."""


def credentials_from(settings: Settings) -> Callable[[], Credentials]:
    """A source of credentials that makes and renews those of the installation's own authority when it is asked.

    Raises:
        SettingWrong: a file of the operator's cannot be used.
    """
    anchors = _read_anchors(settings.provenance_trust) if settings.provenance_trust is not None else ""
    if settings.provenance_certificate is not None:
        own = Credentials(read_signer(settings.provenance_certificate, settings.provenance_key), anchors)
        return lambda: own
    secrets, name = settings.data / "secrets", settings.market_name
    return lambda: Credentials(ensure_signer(secrets, name, datetime.now(UTC)), anchors)


def ensure_signer(secrets: Path, name: str, now: datetime) -> ClaimSigner:
    """The signer of the installation's own authority; both are made where there is none, or where it is about to end.

    Args:
        name: of the market, which a reader of the credentials is shown as their issuer.
        now: by the real clock: others read the certificate by theirs.

    Raises:
        SettingWrong: a key is open to others or cannot be read; nothing is overwritten.
    """
    path = secrets / SIGNER
    if path.exists():
        signer, certificate = _read(path, path)
        if certificate.not_valid_after_utc - now > RENEW_BEFORE:
            return signer
    authority_key, authority = _ensure_authority(secrets, name, now)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        certificate_builder(subject_name("Penchant", name), authority.subject, key.public_key(), now, SIGNER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_PURPOSE]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    chain = [certificate, authority]
    write_private(path, private_pem(key) + b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    return ClaimSigner(key, chain)


def read_signer(certificate: Path, key: Path | None) -> ClaimSigner:
    """A signer from the operator's files.

    Raises:
        SettingWrong: they cannot be read, do not belong together, or are of a kind that cannot sign here.
    """
    return _read(certificate, key or certificate)[0]


def _ensure_authority(secrets: Path, name: str, now: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_path, path = secrets / AUTHORITY_KEY, secrets / AUTHORITY
    if key_path.exists() and path.exists():
        key, certificates = _load(path, key_path)
        if certificates[0].not_valid_after_utc - now > SIGNER_LIFE:
            return key, certificates[0]
    key = ec.generate_private_key(ec.SECP256R1())
    subject = subject_name(f"Provenance of {name} ({now:%Y-%m-%d})", name)
    certificate = (
        certificate_builder(subject, subject, key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(key_path, private_pem(key))
    write_private(path, certificate.public_bytes(Encoding.PEM))
    return key, certificate


def _read(path: Path, key_path: Path) -> tuple[ClaimSigner, x509.Certificate]:
    key, chain = _load(path, key_path)
    return ClaimSigner(key, chain), chain[0]


def _load(path: Path, key_path: Path) -> tuple[ec.EllipticCurvePrivateKey, list[x509.Certificate]]:
    try:
        if key_path.stat().st_mode & 0o077:
            raise SettingWrong(f"{key_path} can be read by others; make it private: chmod 600 {key_path}")
        key = load_pem_private_key(key_path.read_bytes(), None)
        chain = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise SettingWrong(f"{path} or its key {key_path} cannot be used: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise SettingWrong(f"{key_path} is no key for ES256: it has to be an elliptic curve key on P-256")
    if key.public_key() != chain[0].public_key():
        raise SettingWrong(f"{key_path} is not the key of the first certificate in {path}")
    return key, chain


def _read_anchors(path: Path) -> str:
    try:
        text = path.read_text("ascii")
        x509.load_pem_x509_certificates(text.encode("ascii"))
    except (OSError, ValueError) as error:
        raise SettingWrong(f"{path} holds no PEM certificates to trust: {error}") from error
    return text
