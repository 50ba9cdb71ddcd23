"""Writes content credentials of ours into a rendition: what was done, from what. The signature is the parent's."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import uuid4

from c2pa import Builder, C2paError, C2paSigningAlg, Context, Signer

from penchant import __version__
from penchant.catalog.provenance import Provenance
from penchant.media.child.credentials import OFFLINE
from penchant.media.claims import ACTIONS, GENERATOR, INGREDIENT
from penchant.media.cut import Cut
from penchant.media.messages import Sign, Signature, Signed, ToSign

AskParent = Callable[[ToSign], Signature]

_ORIGINAL = "original"
_DRAFT = "signed.mp4"
_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SETTINGS: Final[dict[str, Any]] = {
    **OFFLINE,
    "verify": {**OFFLINE["verify"], "verify_after_sign": False},
    "builder": {**OFFLINE["builder"], "created_assertion_labels": [ACTIONS, INGREDIENT]},
}
_WORDS: Final = {
    "absent": "The original carried no content credentials.",
    "trusted": "The original carried content credentials by an issuer whom this installation trusts.",
    "unknown_issuer": "The original carried valid content credentials by an issuer unknown to this installation.",
    "broken": "The original carried content credentials that did not hold.",
}


def sign(request: Sign, ask_parent: AskParent) -> Signed:
    """Put a signed manifest in front of the rendition's table of contents; the file is replaced in one step.

    Raises:
        OSError: no room for it.
    """
    draft = Path(_DRAFT)
    try:
        # Buffered, because the library takes every write to be whole.
        with (
            Path(request.rendition).open("rb") as source,
            _Target(_DRAFT) as target,
            io.BufferedRandom(target) as buffered,
        ):
            try:
                size_bytes = _sign(request, source, buffered, ask_parent)
            except C2paError as error:
                if target.failure is not None:
                    raise target.failure from error
                return Signed(0, repr(error)[:500])
        os.replace(draft, request.rendition)
    finally:
        draft.unlink(missing_ok=True)
    return Signed(size_bytes)


def _sign(request: Sign, source: BinaryIO, target: BinaryIO, ask_parent: AskParent) -> int:
    signer = Signer.from_callback(
        lambda content: ask_parent(ToSign(content)).signature, C2paSigningAlg.ES256, request.chain
    )
    with (
        signer,
        Context.from_dict(_SETTINGS) as context,
        Builder(_manifest(request.original, request.cut), context) as builder,
    ):
        return len(builder.sign(signer, "video/mp4", source, target))


def _manifest(original: Provenance | None, cut: Cut) -> dict[str, Any]:
    """Nothing of the original's own manifest: who it may name and where it may have been stays with us."""
    opened: dict[str, Any] = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_ORIGINAL]}}
    if original is not None and original.source and original.status in ("trusted", "unknown_issuer"):
        opened["digitalSourceType"] = _SOURCE_TYPES + original.source
    ingredient: dict[str, Any] = {
        "label": _ORIGINAL,
        "title": _ORIGINAL,
        "relationship": "parentOf",
        "instance_id": f"xmp:iid:{uuid4()}",
    }
    if original is not None:
        ingredient["description"] = _WORDS[original.status]
        if original.status != "absent":
            ingredient["validation_results"] = _results(original)
    return {
        "claim_generator_info": [{"name": GENERATOR, "version": __version__}],
        "ingredients": [ingredient],
        "assertions": [{"label": ACTIONS, "data": {"actions": [opened, *_done(cut)]}}],
    }


def _done(cut: Cut) -> list[dict[str, str]]:
    """Actions by the C2PA technical specification 2.2, section 18.15.3."""
    done = [{"action": "c2pa.trimmed"}] if cut.trims else []
    if cut.mute:
        done.append({"action": "c2pa.edited", "description": "Without its sound."})
    return [*done, {"action": "c2pa.transcoded"}]


def _results(original: Provenance) -> dict[str, Any]:
    good = {
        "trusted": ["signingCredential.trusted", "claimSignature.validated"],
        "unknown_issuer": ["claimSignature.validated"],
    }.get(original.status, [])
    # What could not be read at all has no code of its own.
    bad = original.failures or (("general.error",) if original.status == "broken" else ())
    lists = {"success": good, "informational": [], "failure": list(bad)}
    return {"activeManifest": {name: [{"code": code} for code in codes] for name, codes in lists.items()}}


class _Target(io.FileIO):
    """The file to write; remembers the error that the library only calls an error."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "w+b")
        self.failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.failure = error
            raise
