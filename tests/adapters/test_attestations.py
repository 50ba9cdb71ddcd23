"""Both forms of proofs of age, written here by libraries or by the specification, read by ours."""

import base64
import hmac
from pathlib import Path
from typing import Any

import cbor2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from penchant.accounts.protection.ports import AttestationReader, AttestationRefused
from penchant.adapters.attestations import readers_for
from penchant.adapters.attestations.cose import CoseAttestations
from penchant.adapters.attestations.jwt import JwtAttestations
from penchant.core.errors import SettingWrong
from penchant.testing.attestations import CLAIM, KEYS, SAID, AttestationSuite


def write_jwt(key: Any, **said: Any) -> str:
    names = {"claim": CLAIM, "audience": "aud", "nonce": "nonce", "expires": "exp"}
    algorithm = "ES256" if isinstance(key, EllipticCurvePrivateKey) else "EdDSA"
    return jwt.encode({names[name]: value for name, value in said.items()}, key, algorithm=algorithm)


def write_cose(key: Any, **said: Any) -> str:
    """RFC 9052, 4.4: the signature is over ["Signature1", protected, external, payload]."""
    names = {"claim": CLAIM, "audience": 3, "nonce": 10, "expires": 4}
    on_curve = isinstance(key, EllipticCurvePrivateKey)
    protected = cbor2.dumps({1: -7 if on_curve else -8})
    payload = cbor2.dumps({names[name]: value for name, value in said.items()})
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    if on_curve:
        signature = b"".join(
            part.to_bytes(32, "big") for part in decode_dss_signature(key.sign(signed, ECDSA(SHA256())))
        )
    else:
        signature = key.sign(signed)
    message = cbor2.CBORTag(61, cbor2.CBORTag(18, [protected, {}, payload, signature]))
    return part(cbor2.dumps(message))


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class TestJwt(AttestationSuite):
    def reader(self, issuers: list[Any]) -> AttestationReader:
        return JwtAttestations(issuers)

    def write(self, key: Any, **said: Any) -> str:
        return write_jwt(key, **said)

    def test_a_token_does_not_choose_how_it_is_checked(self) -> None:
        """Unsigned, or signed with the public key as if it were a shared secret: the two classic ways around."""
        public = KEYS["P-256"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        _, claims, _ = write_jwt(KEYS["P-256"], **SAID).split(".")
        unsigned = ".".join((part(b'{"alg":"none"}'), claims, ""))
        begun = ".".join((part(b'{"alg":"HS256"}'), claims))
        for said in (unsigned, f"{begun}.{part(hmac.digest(public, begun.encode(), 'sha256'))}"):
            with pytest.raises(AttestationRefused):
                self.knowing_both().read(said, CLAIM)


class TestCose(AttestationSuite):
    def reader(self, issuers: list[Any]) -> AttestationReader:
        return CoseAttestations(issuers)

    def write(self, key: Any, **said: Any) -> str:
        return write_cose(key, **said)


def pem(*keys: Any) -> bytes:
    return b"\n".join(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in keys)


def test_each_form_is_known_by_one_reader(tmp_path: Path) -> None:
    assert readers_for(None) == []
    (tmp_path / "issuers.pem").write_bytes(pem(*KEYS.values()))
    readers = readers_for(tmp_path / "issuers.pem")
    for write in (write_jwt, write_cose):
        said = write(KEYS["P-256"], **SAID)
        (reader,) = (reader for reader in readers if reader.knows(said))
        assert reader.read(said, CLAIM).claim is True


def test_a_file_of_anything_else_than_such_keys_stops_the_start(tmp_path: Path) -> None:
    rsa = generate_private_key(65_537, 2_048)
    for content in (b"", b"nothing", pem(rsa), pem(KEYS["P-256"], rsa)):
        (tmp_path / "issuers.pem").write_bytes(content)
        with pytest.raises(SettingWrong, match=r"issuers\.pem"):
            readers_for(tmp_path / "issuers.pem")
    with pytest.raises(SettingWrong, match="nowhere"):
        readers_for(tmp_path / "nowhere.pem")
