"""A certificate authority of one's own, for HTTPS on the local network, and the certificate that it signs.

The authority may vouch only for private addresses, `.local` names and the machine's own addresses (name
constraints, RFC 5280 section 4.2.1.10): whoever trusts it on a phone does not trust it for anyone's bank.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from penchant.core.certificates import certificate_builder, key_usage, private_pem, subject_name, write_private
from penchant.core.errors import SettingWrong

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

AUTHORITY_KEY = "ca.key"
AUTHORITY = "ca.crt"
SERVER = "lan.pem"
"""Key and certificate of the server in one file, so that they are replaced in one step."""

AUTHORITY_LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=397)
"""Longest life that browsers accept for certificates of authorities that the user added."""
RENEW_BEFORE = timedelta(days=30)

_PRIVATE = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8"),
        *("fc00::/7", "fe80::/10", "::1/128"),
    )
)
_NAMES = ("local", "localhost")


@dataclass(frozen=True)
class Authority:
    """The local certificate authority."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def may_sign(self, address: Address) -> bool:
        """Whether its name constraints cover an address."""
        limits = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        allowed = (name.value for name in limits.permitted_subtrees or () if isinstance(name, x509.IPAddress))
        return any(address.version == net.version and address in net for net in allowed if isinstance(net, Network))


def ensure_authority(secrets: Path, host: str, addresses: Sequence[Address], now: datetime) -> Authority:
    """The authority, made where there is none or where it is about to end.

    Args:
        host: name of the machine, for people to recognise it.
        addresses: of this machine now; public ones among them become part of what the authority may sign.

    Raises:
        SettingWrong: its key is open to others or cannot be read; nothing is overwritten.
    """
    key_path, path = secrets / AUTHORITY_KEY, secrets / AUTHORITY
    if key_path.exists() and path.exists():
        authority = _read_authority(key_path, path)
        if authority.certificate.not_valid_after_utc - now > SERVER_LIFE:
            return authority
    key = ec.generate_private_key(ec.SECP256R1())
    own = [ip_network(address) for address in addresses if not any(address in network for network in _PRIVATE)]
    subject = subject_name(f"Penchant on {host} ({now:%Y-%m-%d})")
    permitted = [*(x509.DNSName(name) for name in _NAMES), *(x509.IPAddress(net) for net in (*_PRIVATE, *own))]
    certificate = (
        certificate_builder(subject, subject, key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(key_path, private_pem(key))
    write_private(path, certificate.public_bytes(Encoding.PEM))
    return Authority(certificate, key)


def ensure_server_certificate(
    secrets: Path, authority: Authority, host: str, addresses: Sequence[Address], now: datetime
) -> bool:
    """Make the server's certificate where there is none that fits; returns whether a new one was made.

    It fits while the authority signed it, it names exactly these addresses, and more than 30 days are left.
    Addresses that the authority may not sign are left out.
    """
    path = secrets / SERVER
    signed = [address for address in addresses if authority.may_sign(address)]
    names = [x509.DNSName("localhost"), x509.DNSName(f"{_label(host)}.local")]
    wanted: list[x509.GeneralName] = [*names, *(x509.IPAddress(address) for address in [*_loopback(), *signed])]
    if path.exists() and _fits(path, authority, wanted, now):
        return False
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    certificate = (
        certificate_builder(subject_name(f"Penchant on {host}"), issuer.subject, key.public_key(), now, SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(dict.fromkeys(wanted)), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    write_private(path, private_pem(key) + certificate.public_bytes(Encoding.PEM))
    return True


def _fits(path: Path, authority: Authority, wanted: Sequence[x509.GeneralName], now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(names) == set(wanted) and certificate.not_valid_after_utc - now > RENEW_BEFORE


def _read_authority(key_path: Path, path: Path) -> Authority:
    if key_path.stat().st_mode & 0o077:
        raise SettingWrong(f"{key_path} can be read by others; make it private: chmod 600 {key_path}")
    try:
        key = load_pem_private_key(key_path.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise SettingWrong(f"{path} or its key cannot be read ({error}); remove both, and trust the new one") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise SettingWrong(f"{path} and {key_path.name} do not belong together; remove both, and trust the new one")
    return Authority(certificate, key)


def _loopback() -> list[Address]:
    return [ip_address("127.0.0.1"), ip_address("::1")]


def _label(host: str) -> str:
    """A host name as one label of a DNS name."""
    short = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in host.partition(".")[0].lower())
    return short.strip("-")[:63] or "penchant"
