"""The token of an impression: the server's word that this viewer was served this video on this page and slot."""

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass

from penchant.core.ids import SubjectId

_PLACE = struct.Struct(">QB")
_MAC_BYTES = 12


@dataclass(frozen=True)
class Impression:
    """A place on a page record."""

    page: int
    slot: int


def sign_impression(key: bytes, subject: SubjectId, video: int, impression: Impression) -> str:
    """The token that an item carries; 21 bytes, base 64 without padding."""
    place = _PLACE.pack(impression.page, impression.slot)
    return base64.urlsafe_b64encode(place + _mac(key, subject, video, place)).decode()


def check_impression(key: bytes, subject: SubjectId, video: int, token: str) -> Impression | None:
    """The place, or None where the token was not made for this viewer and video."""
    try:
        raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        page, slot = _PLACE.unpack(raw[: _PLACE.size])
    except (ValueError, struct.error):
        return None
    if not hmac.compare_digest(raw[_PLACE.size :], _mac(key, subject, video, raw[: _PLACE.size])):
        return None
    return Impression(page, slot)


def _mac(key: bytes, subject: SubjectId, video: int, place: bytes) -> bytes:
    message = subject.bytes + struct.pack(">Q", video) + place
    return hmac.digest(key, message, hashlib.sha256)[:_MAC_BYTES]
