"""Who vouches for a manifest: the ledger key of each market that it names, on one signed note."""

import hashlib
from collections.abc import Iterable, Sequence

from penchant.ledger.notes import NoteWrong, Signer, Verifier, open_note, read_verifier
from penchant.operations.handover.model import HandOverWrong, Manifest

_TITLE = "penchant hand-over"


def sign(manifest: bytes, signers: Iterable[Signer]) -> str:
    """The note that goes beside a manifest."""
    text = f"{_TITLE}\n{hashlib.sha256(manifest).hexdigest()}\n"
    return f"{text}\n" + "".join(signer.sign(text) for signer in signers)


def check(manifest: Manifest, content: bytes, note: str, pinned: Sequence[str]) -> None:
    """That every market of the manifest signed it; and, where the receiver says so, with keys known from elsewhere.

    Raises:
        HandOverWrong: a signature is missing or wrong, or a market's key is none of those.
    """
    try:
        named = {one.market: read_verifier(one.log.key) for one in manifest.markets}
        known = [read_verifier(text) for text in pinned]
        opened = open_note(note, named.values())
    except NoteWrong as error:
        raise HandOverWrong(f"the manifest is not signed as it has to be: {error.message}") from error
    if opened.text != f"{_TITLE}\n{hashlib.sha256(content).hexdigest()}\n":
        raise HandOverWrong("the manifest is not the one that was signed: it was changed")
    signed = {one.by for one in opened.signed}
    for market, key in named.items():
        if key not in signed:
            raise HandOverWrong(f"the ledger key of {market} did not sign this manifest")
        if known and key not in known:
            raise HandOverWrong(f"{market} signed with {_short(key)}, which is none of the keys that --key names")


def _short(key: Verifier) -> str:
    return key.written()[:60]
