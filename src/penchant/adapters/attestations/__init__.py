"""Forms of signed proofs of age, behind `accounts.protection.ports.AttestationReader`."""

from pathlib import Path

from penchant.accounts.protection.ports import AttestationReader
from penchant.adapters.attestations.cose import CoseAttestations
from penchant.adapters.attestations.issuers import read_issuers
from penchant.adapters.attestations.jwt import JwtAttestations


def readers_for(issuers: Path | None) -> list[AttestationReader]:
    """A reader of each form, for the issuers of a PEM file; none without it.

    Raises:
        SettingWrong: it cannot be read, or holds something else than public keys.
    """
    if issuers is None:
        return []
    keys = read_issuers(issuers)
    return [JwtAttestations(keys), CoseAttestations(keys)]
