"""People as the server sees them: a cookie, a tab, pages asked for, events sent in order."""

from dataclasses import dataclass
from uuid import UUID

import msgspec
import numpy as np

from penchant.core.errors import Unavailable
from penchant.lab.bench_client import HttpConnection
from penchant.lab.bench_world import Asker


class VideoSeen(msgspec.Struct, frozen=True):
    """What a client needs of a video on a page."""

    id: str
    duration_ms: int


class ItemSeen(msgspec.Struct, frozen=True):
    """What a client needs of a slot."""

    impression: str
    video: VideoSeen


class PageSeen(msgspec.Struct, frozen=True):
    """What a client needs of a page."""

    page: str
    items: list[ItemSeen]


_decoder = msgspec.json.Decoder(PageSeen)


@dataclass
class Person:
    """An asker with one tab and how far its events have come."""

    asker: Asker
    tab: UUID
    page: PageSeen = PageSeen("", [])
    sequence: int = 0
    play: int = 0

    def shown(self, item: ItemSeen, at_ms: int) -> dict[str, object]:
        """A new video is the current one."""
        self.play += 1
        return self._event("shown", item, at_ms)

    def watch(self, item: ItemSeen, at_ms: int, watched_ms: int) -> dict[str, object]:
        """How far its play has come."""
        length_ms = item.video.duration_ms
        return self._event("watch", item, at_ms) | {
            "play": self.play,
            "watched_ms": watched_ms,
            "duration_ms": length_ms,
            "foreground_ms": watched_ms,
            "loops": watched_ms // length_ms,
        }

    def batch(self, events: list[dict[str, object]]) -> bytes:
        """The body of a request."""
        return msgspec.json.encode({"session": self.tab, "events": events})

    def _event(self, kind: str, item: ItemSeen, at_ms: int) -> dict[str, object]:
        self.sequence += 1
        return {
            "kind": kind,
            "sequence": self.sequence,
            "at_ms": at_ms,
            "context": "feed",
            "video": item.video.id,
            "impression": item.impression,
        }


def people_of(askers: list[Asker], seed: int) -> list[Person]:
    """Each asker with a tab of their own."""
    rng = np.random.default_rng([seed, 2])
    return [Person(asker, UUID(bytes=rng.bytes(16), version=4)) for asker in askers]


async def next_page(http: HttpConnection, person: Person, count: int = 10) -> None:
    """Ask for the person's next page and keep it."""
    status, body = await http.get(f"/api/feed?tab={person.tab}&count={count}", person.asker.cookie)
    expect(200, status, body)
    person.page = _decoder.decode(body)


async def send(http: HttpConnection, person: Person, events: list[dict[str, object]]) -> None:
    """Send events and wait until they are accepted."""
    status, body = await http.post("/api/events", person.asker.cookie, person.batch(events))
    expect(202, status, body)


def expect(wanted: int, status: int, body: bytes) -> None:
    """Raises: Unavailable where the answer is another; a bench does not count failures, it ends with them."""
    if status != wanted:
        raise Unavailable(f"the server answered {status}: {body[:300].decode(errors='replace')}")
