"""What the worker agrees to sign: a claim of ours about one rendition, and nothing else.

The claim comes from a child that has opened a file made from foreign bytes. Were that child taken over, it could ask
for a signature over anything; so the bytes are read here, by a plain CBOR decoder, before they are signed.

Source: C2PA technical specification 2.2, sections 10 (claims) and 13 (signatures); RFC 9052 section 4.4.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import cbor2

GENERATOR: Final = "Penchant"
ACTIONS: Final = "c2pa.actions.v2"
INGREDIENT: Final = "c2pa.ingredient.v3"
_HASH: Final = "c2pa.hash.bmff.v3"
_ASSERTIONS: Final = frozenset({f"self#jumbf=c2pa.assertions/{label}" for label in (ACTIONS, INGREDIENT, _HASH)})
_SIGNATURE: Final = re.compile(r"self#jumbf=/c2pa/urn:c2pa:[0-9a-f-]{36}/c2pa\.signature")
_KEYS: Final = frozenset(
    {"alg", "claim_generator_info", "created_assertions", "gathered_assertions", "instanceID", "signature"}
)
_GENERATOR_KEYS: Final = frozenset({"name", "version", "org.contentauth.c2pa_rs"})
_MOST_BYTES: Final = 64 * 1024
_ALGORITHM, _CHAIN, _ES256 = 1, 33, -7


class WrongClaim(Exception):
    """It is not what we sign."""


def check_claim(content: bytes, chain: Sequence[bytes]) -> None:
    """Refuse whatever is no claim of ours: another generator, other assertions, redactions, other certificates.

    Args:
        content: a COSE `Sig_structure`.
        chain: our certificates, DER, the signing one first.

    Raises:
        WrongClaim: and in which respect.
    """
    if len(content) > _MOST_BYTES:
        raise WrongClaim("too long")
    match _decode(content):
        case ["Signature1", bytes(protected), b"", bytes(payload)]:
            headers, claim = _decode(protected), _decode(payload)
        case _:
            raise WrongClaim("no signature structure")
    # A chain of one is no list: RFC 9360 section 2.
    if headers != {_ALGORITHM: _ES256, _CHAIN: list(chain) if len(chain) > 1 else chain[0]}:
        raise WrongClaim("other headers")
    if not isinstance(claim, dict) or not claim.keys() <= _KEYS or claim.get("alg") != "sha256":
        raise WrongClaim("no claim of this kind")
    generator = claim.get("claim_generator_info")
    if not isinstance(generator, dict) or not generator.keys() <= _GENERATOR_KEYS or generator.get("name") != GENERATOR:
        raise WrongClaim("another generator")
    if not _SIGNATURE.fullmatch(str(claim.get("signature"))):
        raise WrongClaim("another place for the signature")
    lists = [claim.get(name, []) for name in ("created_assertions", "gathered_assertions")]
    if not all(isinstance(entries, list) for entries in lists):
        raise WrongClaim("no list of assertions")
    assertions = [entry for entries in lists for entry in entries]
    if len(assertions) != len(_ASSERTIONS) or {_address(entry) for entry in assertions} != _ASSERTIONS:
        raise WrongClaim("other assertions")


def _address(entry: Any) -> str:
    match entry:
        case {"url": str(address), "hash": bytes(digest), **rest} if len(digest) == 32 and not rest:
            return address
    raise WrongClaim("an assertion without its hash")


def _decode(content: bytes) -> Any:
    try:
        return cbor2.loads(content)
    except (cbor2.CBORDecodeError, ValueError, RecursionError) as error:
        raise WrongClaim("no CBOR") from error
