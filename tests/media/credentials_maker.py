"""Content credentials for tests: authorities of their own, files signed by them, and what a reader says of a file."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from c2pa import Builder, C2paSigningAlg, Context, Reader, Signer
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from penchant.core.certificates import certificate_builder, key_usage, private_pem, subject_name

OFFLINE: dict[str, Any] = {
    "core": {"allowed_network_hosts": []},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
LOCATION = {
    "label": "c2pa.metadata",
    "data": {"@context": {"exif": "http://ns.adobe.com/exif/1.0/"}, "exif:GPSLatitude": "48,51.4N"},
}
CREATED_BY_AI = {"actions": [{"action": "c2pa.created", "digitalSourceType": AI}, {"action": "c2pa.edited"}]}


class Issuer(NamedTuple):
    """A signer and the authority that vouches for it."""

    key: ec.EllipticCurvePrivateKey
    chain: str
    anchor: str

    def write(self, folder: Path) -> tuple[Path, Path, Path]:
        """Files of the chain, of the key and of the anchor."""
        paths = folder / "chain.pem", folder / "chain.key", folder / "anchor.pem"
        for path, content in zip(
            paths, (self.chain.encode(), private_pem(self.key), self.anchor.encode()), strict=True
        ):
            path.write_bytes(content)
            path.chmod(0o600)
        return paths


def issuer(name: str = "Test Phones", life: timedelta = timedelta(days=300), begin: datetime | None = None) -> Issuer:
    """A new authority with one signer of that organization."""
    now = begin or datetime.now(UTC)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    subject = subject_name("Root", name)
    root = (
        certificate_builder(subject, subject, root_key.public_key(), now, timedelta(days=3000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        certificate_builder(subject_name("Signer", name), subject, key.public_key(), now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = [one.public_bytes(Encoding.PEM).decode() for one in (leaf, root)]
    return Issuer(key, "".join(pem), pem[1])


def sign_file(source: Path, target: Path, by: Issuer, *assertions: dict[str, Any], remote: str = "") -> Path:
    """A copy of an MP4 with credentials: actions that say AI, and further assertions.

    remote: an address where they are said to be, instead of in the file.
    """

    def signature(content: bytes) -> bytes:
        numbers = decode_dss_signature(by.key.sign(content, ec.ECDSA(hashes.SHA256())))
        return b"".join(number.to_bytes(32, "big") for number in numbers)

    manifest = {
        "claim_generator_info": [{"name": "Test Camera", "version": "2.0"}],
        "title": "Secret-Title",
        "assertions": [{"label": "c2pa.actions.v2", "data": CREATED_BY_AI}, *assertions],
    }
    signed = io.BytesIO()
    unchecked = {**OFFLINE, "verify": {**OFFLINE["verify"], "verify_after_sign": False}}
    with (
        Signer.from_callback(signature, C2paSigningAlg.ES256, by.chain) as signer,
        Context.from_dict(unchecked) as context,
        Builder(manifest, context) as builder,
        source.open("rb") as file,
    ):
        if remote:
            builder.set_no_embed()
            builder.set_remote_url(remote)
        builder.sign(signer, "video/mp4", file, signed)
    target.write_bytes(signed.getvalue())
    return target


class Read(NamedTuple):
    """What a reader of the C2PA library says of a file."""

    state: str
    generator: str
    issuer: str
    actions: list[str]
    sources: list[str]
    ingredients: list[dict[str, Any]]
    manifests: int


def read_file(path: Path, anchor: str = "") -> Read:
    """Validate an MP4 against one authority."""
    settings = {**OFFLINE, "trust": {"trust_anchors": anchor}} if anchor else OFFLINE
    with (
        path.open("rb") as file,
        Context.from_dict(settings) as context,
        Reader("video/mp4", file, context=context) as reader,
    ):
        report = json.loads(reader.json())
    active = report["manifests"][report["active_manifest"]]
    actions = [
        action
        for assertion in active["assertions"]
        if assertion["label"].startswith("c2pa.actions")
        for action in assertion["data"]["actions"]
    ]
    return Read(
        report["validation_state"],
        active["claim_generator_info"][0]["name"],
        active["signature_info"]["issuer"],
        [action["action"] for action in actions],
        [action["digitalSourceType"] for action in actions if "digitalSourceType" in action],
        active.get("ingredients", []),
        len(report["manifests"]),
    )
