"""A receiver's keys: made before the hand-over, so that the old ledger can name the one that it goes on under."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyrage

from penchant.core.errors import Invalid
from penchant.core.secrets import secret_file
from penchant.ledger.notes import NoteWrong, Signer, read_verifier
from penchant.ledger.service import signer_of
from penchant.operations.handover.model import Receiver, decode, encode
from penchant.operations.handover.sealing import identity_from, recipient_from

IDENTITY, RECEIVER = "identity.txt", "receiver.json"


def prepare(folder: Path, markets: Sequence[str]) -> Receiver:
    """Make what is missing: the identity, one ledger key a market (secret), and the public file that goes to the giver.

    Raises:
        SettingWrong: a secret file is open to others.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / IDENTITY
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{pyrage.x25519.Identity.generate()}\n")
    keys = {market: ledger_signer(folder, market).verifier.written() for market in markets}
    receiver = Receiver(str(identity_from(path).to_public()), keys)
    (folder / RECEIVER).write_bytes(encode(receiver))
    return receiver


def ledger_secret(folder: Path, market: str) -> Path:
    """Where a prepared ledger key lies."""
    return folder / f"ledger-{market}"


def ledger_signer(folder: Path, market: str) -> Signer:
    """Who signs a market's log at the receiver's."""
    return signer_of(market, secret_file(folder, ledger_secret(folder, market).name))


def read_receivers(texts: Iterable[str], markets: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """`--to`: age recipients and receivers' files → recipients, and the ledger key of each market that one announced.

    Raises:
        Invalid: one is neither; two announce ledger keys; a market has none, or one of another market.
    """
    recipients: list[str] = []
    next_keys: dict[str, str] = {}
    for text in texts:
        path = Path(text)
        if text.startswith("age1") or not path.is_file():
            recipients.append(str(recipient_from(text)))
            continue
        receiver = decode(path.read_bytes(), Receiver, text)
        recipients.append(str(recipient_from(receiver.recipient)))
        if next_keys and receiver.next_keys != next_keys:
            raise Invalid("two receivers announce ledger keys: a log goes on in one place only")
        next_keys = receiver.next_keys
    if not recipients:
        raise Invalid("name a receiver with --to")
    if next_keys:
        _check(next_keys, markets)
    return tuple(dict.fromkeys(recipients)), {market: next_keys[market] for market in markets if next_keys}


def _check(next_keys: dict[str, str], markets: Sequence[str]) -> None:
    for market in markets:
        if market not in next_keys:
            raise Invalid(f"the receiver announced no ledger key for {market}: prepare it for all markets of the set")
        try:
            named = read_verifier(next_keys[market]).name
        except NoteWrong as error:
            raise Invalid(f"the ledger key for {market}: {error.message}") from error
        if not named.startswith(f"{market}.penchant/"):
            raise Invalid(f"the ledger key for {market} is of another log: {named}")
