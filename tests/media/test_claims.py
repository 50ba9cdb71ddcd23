"""The worker signs its own claims about renditions, and no others."""

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.media.claims import ACTIONS, INGREDIENT, WrongClaim, check_claim

CHAIN = [b"certificate", b"authority"]


def _entry(label: str) -> dict[str, Any]:
    return {"url": f"self#jumbf=c2pa.assertions/{label}", "hash": bytes(32)}


CLAIM: dict[str, Any] = {
    "alg": "sha256",
    "claim_generator_info": {"name": "Penchant", "version": "1", "org.contentauth.c2pa_rs": "0.9"},
    "created_assertions": [_entry("c2pa.hash.bmff.v3"), _entry(INGREDIENT), _entry(ACTIONS)],
    "instanceID": "xmp.iid:1",
    "signature": "self#jumbf=/c2pa/urn:c2pa:ec44c40f-3ed4-405a-a826-ee2b75ad5f9e/c2pa.signature",
}
HEADERS: dict[int, Any] = {1: -7, 33: CHAIN}


def to_sign(claim: object = CLAIM, headers: object = HEADERS, context: str = "Signature1", extra: bytes = b"") -> bytes:
    return cbor2.dumps([context, cbor2.dumps(headers), extra, cbor2.dumps(claim)])


def test_a_claim_of_ours_is_signed() -> None:
    check_claim(to_sign(), CHAIN)
    gathered = {**CLAIM, "created_assertions": CLAIM["created_assertions"][:1]}
    check_claim(to_sign({**gathered, "gathered_assertions": CLAIM["created_assertions"][1:]}), CHAIN)
    check_claim(to_sign(headers={1: -7, 33: CHAIN[0]}), CHAIN[:1])


@pytest.mark.parametrize(
    "content",
    [
        to_sign({**CLAIM, "claim_generator_info": {"name": "Somebody"}}),
        to_sign({**CLAIM, "claim_generator_info": {"name": "Penchant", "icon": "x"}}),
        to_sign({**CLAIM, "redacted_assertions": ["self#jumbf=x"]}),
        to_sign({**CLAIM, "created_assertions": CLAIM["created_assertions"][:2]}),
        to_sign({**CLAIM, "created_assertions": [*CLAIM["created_assertions"], _entry("c2pa.metadata")]}),
        to_sign({**CLAIM, "created_assertions": [*CLAIM["created_assertions"][:2], _entry("c2pa.metadata")]}),
        to_sign({**CLAIM, "created_assertions": [{"url": "self#jumbf=c2pa.assertions/c2pa.actions.v2"}] * 3}),
        to_sign({**CLAIM, "created_assertions": 3}),
        to_sign({**CLAIM, "alg": "md5"}),
        to_sign({**CLAIM, "signature": "self#jumbf=/c2pa/elsewhere/c2pa.signature"}),
        to_sign("a letter"),
        to_sign(headers={1: -7, 33: [b"other"]}),
        to_sign(headers={1: -37, 33: CHAIN}),
        to_sign(headers={**HEADERS, 4: b"kid"}),
        to_sign(context="CounterSignature"),
        to_sign(extra=b"more"),
        to_sign({**CLAIM, "instanceID": "x" * 70_000}),
        b"",
        b"\x00" * 32,
        cbor2.dumps(["Signature1", b"\xff", b"", b"\xff"]),
        b"\x81" * 60_000,
    ],
)
def test_nothing_else_is_signed(content: bytes) -> None:
    with pytest.raises(WrongClaim):
        check_claim(content, CHAIN)


@given(st.binary(max_size=300))
def test_noise_is_refused_and_nothing_worse(content: bytes) -> None:
    with pytest.raises(WrongClaim):
        check_claim(content, CHAIN)
