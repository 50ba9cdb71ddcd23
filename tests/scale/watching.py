"""A viewer who watches through the API as the page does."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from tests.scale.browser import Browser

from penchant.core.clock import SystemClock
from penchant.core.ids import format_id

_clock = SystemClock()


class Watcher:
    """A browser with one tab, whose events are numbered from 1."""

    def __init__(self, url: str) -> None:
        self.browser = Browser(url)
        self.tab = str(uuid4())
        self._sequence = 0
        self._play = 0
        self.browser.get("/api/session")

    def sign_up(self, handle: str) -> None:
        body = {"handle": handle, "password": f"password of {handle}", "birth_year": 1990}
        assert self.browser.ask("POST", "/api/accounts", body).status == 201

    def page(self, count: int = 10) -> dict[str, Any]:
        page: dict[str, Any] = self.browser.get(f"/api/feed?tab={self.tab}&count={count}")
        return page

    def watch(self, watched: Iterable[tuple[int, int, int]]) -> None:
        """(video, watched_ms, duration_ms) of each, in one batch."""
        events: list[dict[str, Any]] = []
        for video, watched_ms, duration_ms in watched:
            self._play += 1
            events.append(self._event("shown", video))
            lengths = {"watched_ms": watched_ms, "duration_ms": duration_ms, "foreground_ms": watched_ms}
            events.append(self._event("watch", video) | lengths | {"play": self._play})
        answer = self.browser.ask("POST", "/api/events", {"session": self.tab, "events": events})
        assert answer.status == 202, answer
        assert answer.json["refused"] == []

    def _event(self, kind: str, video: int) -> dict[str, Any]:
        self._sequence += 1
        moment = {"sequence": self._sequence, "at_ms": _clock.now_ms(), "context": "feed"}
        return {"kind": kind, "video": format_id(video), **moment}
