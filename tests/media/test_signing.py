"""The signer of an installation: made once, kept closed, renewed in time; or the operator's own, checked first."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from tests.media.credentials_maker import issuer

from penchant.core.certificates import private_pem
from penchant.core.errors import SettingWrong
from penchant.core.settings import Settings
from penchant.media.signing import (
    AUTHORITY,
    AUTHORITY_KEY,
    RENEW_BEFORE,
    SIGNER,
    SIGNER_LIFE,
    credentials_from,
    ensure_signer,
)

NOW = datetime(2026, 9, 21, tzinfo=UTC)


def certificates(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(path.read_bytes())


def test_it_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = ensure_signer(tmp_path / "secrets", "My Market", NOW)
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {
        AUTHORITY: 0o600,
        AUTHORITY_KEY: 0o600,
        SIGNER: 0o600,
    }
    signer, authority = certificates(tmp_path / "secrets" / SIGNER)
    signer.verify_directly_issued_by(authority)
    assert authority.subject != signer.subject
    assert "O=My Market" in signer.subject.rfc4514_string()
    assert ensure_signer(tmp_path / "secrets", "My Market", NOW).chain_pem == first.chain_pem


def test_it_is_renewed_by_the_same_authority_while_what_it_signed_still_holds(tmp_path: Path) -> None:
    first = ensure_signer(tmp_path, "My Market", NOW)
    later = NOW + SIGNER_LIFE - RENEW_BEFORE
    assert ensure_signer(tmp_path, "My Market", later - timedelta(days=2)).chain_pem == first.chain_pem
    second = ensure_signer(tmp_path, "My Market", later)
    assert second.chain_pem != first.chain_pem
    certificates(tmp_path / SIGNER)[0].verify_directly_issued_by(certificates(tmp_path / AUTHORITY)[0])
    assert second.chain_pem.partition("-----END")[2].endswith((tmp_path / AUTHORITY).read_text())


def test_nothing_of_another_kind_is_signed(tmp_path: Path) -> None:
    assert ensure_signer(tmp_path, "My Market", NOW).sign(b"pay 1000 to me") == b""


def test_a_key_that_others_can_read_is_refused_and_kept(tmp_path: Path) -> None:
    ensure_signer(tmp_path, "My Market", NOW)
    (tmp_path / SIGNER).chmod(0o644)
    with pytest.raises(SettingWrong, match="chmod 600"):
        ensure_signer(tmp_path, "My Market", NOW)
    (tmp_path / SIGNER).write_text("nonsense")
    (tmp_path / SIGNER).chmod(0o600)
    with pytest.raises(SettingWrong, match="cannot be used"):
        ensure_signer(tmp_path, "My Market", NOW)
    assert (tmp_path / SIGNER).read_text() == "nonsense"


def test_an_operators_own_certificate_and_list_are_used(tmp_path: Path) -> None:
    own = issuer("Broadcaster")
    chain, key, anchor = own.write(tmp_path)
    settings = Settings(
        data=tmp_path / "data", provenance_certificate=chain, provenance_key=key, provenance_trust=anchor
    )
    credentials = credentials_from(settings)()
    assert credentials.signer is not None
    assert (credentials.signer.chain_pem, credentials.anchors) == (own.chain, own.anchor)
    both = tmp_path / "both.pem"
    both.write_bytes(key.read_bytes() + chain.read_bytes())
    both.chmod(0o600)
    joined = credentials_from(Settings(data=tmp_path / "data", provenance_certificate=both))()
    assert joined.signer is not None
    assert joined.signer.chain_pem == own.chain
    assert not (tmp_path / "data").exists()


def test_files_that_cannot_sign_are_refused_at_the_start(tmp_path: Path) -> None:
    chain, key, _ = issuer("Broadcaster").write(tmp_path)
    wrong = tmp_path / "wrong.key"

    def refusal(**settings: Path) -> str:
        with pytest.raises(SettingWrong) as caught:
            credentials_from(Settings(data=tmp_path / "data", **settings))
        return str(caught.value)

    wrong.write_bytes(private_pem(ec.generate_private_key(ec.SECP256R1())))
    wrong.chmod(0o600)
    assert "is not the key" in refusal(provenance_certificate=chain, provenance_key=wrong)
    wrong.write_bytes(private_pem(ec.generate_private_key(ec.SECP384R1())))
    assert "P-256" in refusal(provenance_certificate=chain, provenance_key=wrong)
    assert "cannot be used" in refusal(provenance_certificate=chain)
    assert "cannot be used" in refusal(provenance_certificate=tmp_path / "missing.pem")
    assert "no PEM" in refusal(provenance_trust=wrong)
    key.chmod(0o640)
    assert "chmod 600" in refusal(provenance_certificate=chain, provenance_key=key)
