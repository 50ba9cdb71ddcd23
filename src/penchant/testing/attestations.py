"""What every reader of signed proofs of age has to do; each form inherits it."""

import base64
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from penchant.accounts.protection.ports import AttestationReader, AttestationRefused, Attested

CLAIM = "age_over_18"
SAID = {"claim": True, "audience": "https://video.example", "nonce": "7.abc", "expires": 1_800_000_000}
KEYS: dict[str, Any] = {"Ed25519": Ed25519PrivateKey.generate(), "P-256": generate_private_key(SECP256R1())}


class AttestationSuite(ABC):
    """Inherit it, and say how the form is written."""

    @abstractmethod
    def reader(self, issuers: list[Any]) -> AttestationReader:
        """A reader that knows these public keys."""

    @abstractmethod
    def write(self, key: Any, **said: Any) -> str:
        """A statement signed with a private key: `claim`, `audience`, `nonce` and `expires`, as far as they are given;
        `claim` stands under the name `CLAIM`.
        """

    def knowing_both(self) -> AttestationReader:
        return self.reader([key.public_key() for key in KEYS.values()])

    @pytest.mark.parametrize("kind", KEYS)
    @pytest.mark.parametrize("adult", [True, False])
    def test_what_a_known_issuer_signed_is_read(self, kind: str, adult: bool) -> None:
        said = self.write(KEYS[kind], **SAID | {"claim": adult})
        assert self.knowing_both().knows(said)
        found = self.knowing_both().read(said, CLAIM)
        assert found == Attested(adult, "https://video.example", "7.abc", datetime.fromtimestamp(1_800_000_000, UTC))

    @pytest.mark.parametrize("kind", KEYS)
    def test_what_somebody_else_signed_is_refused(self, kind: str) -> None:
        stranger = Ed25519PrivateKey.generate() if kind == "Ed25519" else generate_private_key(SECP256R1())
        with pytest.raises(AttestationRefused):
            self.knowing_both().read(self.write(stranger, **SAID), CLAIM)
        with pytest.raises(AttestationRefused):
            self.reader([]).read(self.write(KEYS[kind], **SAID), CLAIM)

    @pytest.mark.parametrize("missing", SAID)
    def test_nothing_may_be_missing(self, missing: str) -> None:
        said = {name: value for name, value in SAID.items() if name != missing}
        with pytest.raises(AttestationRefused):
            self.knowing_both().read(self.write(KEYS["Ed25519"], **said), CLAIM)

    @pytest.mark.parametrize(
        "wrong",
        [{"claim": "yes"}, {"claim": 1}, {"audience": 7}, {"nonce": 7}, {"expires": "soon"}, {"expires": 1 << 70}],
        ids=str,
    )
    def test_nothing_may_be_of_another_kind(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(AttestationRefused):
            self.knowing_both().read(self.write(KEYS["Ed25519"], **SAID | wrong), CLAIM)

    def test_another_age_is_another_claim(self) -> None:
        with pytest.raises(AttestationRefused):
            self.knowing_both().read(self.write(KEYS["P-256"], **SAID), "age_over_21")

    def test_nothing_in_it_can_be_changed(self) -> None:
        said = self.write(KEYS["Ed25519"], **SAID)
        reader, found = self.knowing_both(), None
        for at, letter in enumerate(said):
            changed = said[:at] + ("A" if letter != "A" else "B") + said[at + 1 :]
            try:
                found = reader.read(changed, CLAIM)
            except AttestationRefused:
                continue
            # The last bits of base 64 may say nothing.
            assert found == reader.read(said, CLAIM)

    def test_anything_else_is_refused_in_words(self) -> None:
        reader = self.knowing_both()

        # Within, since each form inherits the test and an example belongs to one of them.
        @given(st.text(max_size=300) | st.binary(max_size=300).map(_as_base64))
        def refused(said: str) -> None:
            with pytest.raises(AttestationRefused):
                reader.read(said, CLAIM)

        refused()

    def test_what_is_endless_or_deep_is_refused(self) -> None:
        for said in ("A" * 1_000_000, "gYGB" * 2_000, ".".join(["W1tb" * 600] * 3)):
            with pytest.raises(AttestationRefused):
                self.knowing_both().read(said, CLAIM)


def _as_base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
