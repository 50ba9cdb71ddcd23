"""Atom feeds (RFC 4287) of videos: what a reader elsewhere is told of a creator or a hashtag."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as Xml

from penchant.catalog.model import Video
from penchant.core.ids import format_id
from penchant.web.schemas import media_url, path_of

MEDIA_TYPE: Final = "application/atom+xml; charset=utf-8"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write: the writer would, and no reader could read it."""
_NEVER: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed without entries changed last: the time of asking would make a new file at each asking."""


def feed(videos: Sequence[Video], title: str, page: str, address: str) -> bytes:
    """A feed as bytes; the same videos give the same ones.

    Args:
        page: where on this site people see the same list.
        address: of this site, without a slash at its end.
    """
    root = Xml.Element("feed", xmlns=_ATOM)
    _add(root, "id", address + page)
    _add(root, "title", title)
    _add(root, "updated", _moment(max((video.created_at for video in videos), default=_NEVER)))
    _link(root, "self", f"{address}{page}/feed.xml", type="application/atom+xml")
    _link(root, "alternate", address + page, type="text/html")
    for video in videos:
        _add_entry(root, video, address)
    written: bytes = Xml.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + written


def _add_entry(root: Xml.Element, video: Video, address: str) -> None:
    entry, page = Xml.SubElement(root, "entry"), f"{address}/v/{format_id(video.id)}"
    _add(entry, "id", page)
    _add(entry, "title", video.title or f"@{video.creator.handle}")
    _add(entry, "updated", _moment(video.created_at))
    _add(entry, "published", _moment(video.created_at))
    author = Xml.SubElement(entry, "author")
    _add(author, "name", video.creator.name or video.creator.handle)
    _add(author, "uri", address + path_of(video.creator.handle))
    _link(entry, "alternate", page, type="text/html")
    if video.renditions:
        file = video.renditions[-1]
        where = address + media_url(video.id, f"{file.name}.mp4", file.sha256)
        _link(entry, "enclosure", where, type=file.content_type, length=str(file.size_bytes))
    for tag in video.hashtags:
        Xml.SubElement(entry, "category", term=_readable(tag))
    if video.alt_text:
        _add(entry, "summary", video.alt_text)


def _add(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(parent, name).text = _readable(text)


def _link(parent: Xml.Element, relation: str, address: str, **more: str) -> None:
    Xml.SubElement(parent, "link", {"rel": relation, "href": address, **more})


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _readable(text: str) -> str:
    return _NO_XML.sub("", text)
