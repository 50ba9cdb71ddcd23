"""People who go on while processes are killed under them: what they were promised is written down here."""

import base64
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from tests.scale.browser import GIVE_UP_S, Browser

from penchant.core.clock import SystemClock
from penchant.core.ids import format_id

BATCH = 20
_clock = SystemClock()
_TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Promises:
    """What was acknowledged. Each list is written by whoever got the answer."""

    events: list[tuple[UUID, int, int]] = field(default_factory=list)
    """(session, sequence, video)"""
    accounts: list[str] = field(default_factory=list)
    likes: list[tuple[str, int]] = field(default_factory=list)
    """(handle, video)"""
    comments: list[tuple[str, str, int]] = field(default_factory=list)
    """(id, text, video)"""
    uploads: list[tuple[Browser, str]] = field(default_factory=list)
    """(whose, address of the upload)"""
    faults: list[str] = field(default_factory=list)
    """Answers of 500 and whatever else a person should never see."""

    def count(self) -> int:
        """How many promises there are."""
        return sum(map(len, (self.events, self.accounts, self.likes, self.comments, self.uploads)))


class Storm:
    """People at work, each in a thread, until everything has been promised."""

    def __init__(self, url: str, videos: list[int], seed: int, pause_s: float) -> None:
        self.promises = Promises()
        self._url = url
        self._videos = videos
        self._seed = seed
        self._pause_s = pause_s
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def start(self, events: int, senders: int, members: int, clip: bytes, uploads: int) -> None:
        """Begin: so many events by so many senders, so many members who like and comment, so many uploads."""
        for sender in range(senders):
            self._go(lambda rng: self._send(rng, events // senders), sender)
        self._go(lambda rng: self._join_in(rng, members), 100)
        self._go(lambda rng: self._upload(clip, uploads), 200)

    def is_over(self) -> bool:
        """Whether everybody is done.

        Raises:
            ExceptionGroup: somebody gave up.
        """
        if self._errors:
            raise BaseExceptionGroup("somebody gave up", self._errors)
        return not any(thread.is_alive() for thread in self._threads)

    def _go(self, work: Callable[[np.random.Generator], None], number: int) -> None:
        def run() -> None:
            try:
                work(np.random.default_rng([self._seed, number]))
            except BaseException as error:
                self._errors.append(error)

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _send(self, rng: np.random.Generator, events: int) -> None:
        """Batches as the page sends them: the same session and numbers again until they are accepted."""
        browser = self._browser()
        browser.get("/api/session")
        session, sequence = uuid4(), 0
        while sequence < events:
            batch, sent = [], []
            for _ in range(min(BATCH, events - sequence)):
                sequence += 1
                video = int(rng.choice(self._videos))
                batch.append(_event(sequence, video, rng))
                sent.append((session, sequence, video))
            body = {"session": str(session), "events": batch}
            answer = browser.ask("POST", "/api/events", body)
            assert answer.status == 202, answer
            assert answer.json["accepted"] == len(batch), answer.json
            self.promises.events += sent
            time.sleep(self._pause_s)
        self._note(browser)

    def _join_in(self, rng: np.random.Generator, members: int) -> None:
        """Sign-ups, each followed by likes and comments."""
        for _ in range(members):
            browser = self._browser()
            handle = f"member_{uuid4().hex[:10]}"
            self._sign_up(browser, handle)
            for video in rng.choice(self._videos, 3, replace=False).tolist():
                answer = browser.ask("PUT", f"/api/videos/{format_id(video)}/like")
                assert answer.status == 200, answer
                self.promises.likes.append((handle, video))
                self._comment(browser, video)
                time.sleep(self._pause_s)
            self._note(browser)

    def _sign_up(self, browser: Browser, handle: str) -> None:
        password = f"password of {handle}"
        answer = browser.ask("POST", "/api/accounts", {"handle": handle, "password": password, "birth_year": 1990})
        if answer.status == 409:
            # The answer to an earlier attempt was lost on its way; the account is there and opens.
            answer = browser.ask("POST", "/api/session", {"handle": handle, "password": password})
        assert answer.status in (200, 201), answer
        self.promises.accounts.append(handle)

    def _comment(self, browser: Browser, video: int) -> None:
        """A comment has no number: after no answer a person says it again, in other words here."""
        deadline = time.monotonic() + GIVE_UP_S
        for attempt in count(1):
            words = f"comment {uuid4().hex} at the {attempt}. attempt"
            try:
                answer = browser.once("POST", f"/api/videos/{format_id(video)}/comments", {"text": words})
            except OSError:
                answer = None
            except Exception:  # http.client's own: no whole answer came
                answer = None
            if answer is not None and answer.status == 201:
                self.promises.comments.append((answer.json["id"], words, video))
                return
            assert answer is None or answer.status in (429, 500, 503), answer
            if time.monotonic() > deadline:
                raise TimeoutError(f"comment: {answer}")
            time.sleep(0.3)

    def _upload(self, clip: bytes, uploads: int) -> None:
        """Files in three pieces; after a dropped line the server is asked how much it has."""
        browser = self._browser()
        self._sign_up(browser, f"maker_{uuid4().hex[:10]}")
        same = clip
        for number in range(uploads):
            # An empty box at the end makes it another file: the same one again would be told as a double.
            clip = same + struct.pack(">I4s16s", 24, b"free", uuid4().bytes)
            title = base64.b64encode(f"Upload {number}".encode()).decode()
            headers = _TUS | {"Upload-Length": str(len(clip)), "Upload-Metadata": f"title {title}"}
            answer = browser.ask("POST", "/api/uploads", b"", headers)
            assert answer.status == 201, answer
            place = answer.headers["location"]
            offset = 0
            while offset < len(clip):
                offset = self._send_piece(browser, place, clip, offset)
                time.sleep(self._pause_s)
            self.promises.uploads.append((browser, place))
        self._note(browser)

    def _send_piece(self, browser: Browser, place: str, clip: bytes, offset: int) -> int:
        piece = clip[offset : offset + -(-len(clip) // 3)]
        headers = _TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        try:
            answer = browser.once("PATCH", place, piece, headers)
            if answer.status == 204:
                return int(answer.headers["upload-offset"])
            assert answer.status in (409, 423, 500, 503), answer
        except AssertionError:
            raise
        except Exception:  # no whole answer: what came is asked for
            time.sleep(0.2)
        answer = browser.ask("HEAD", place, None, _TUS)
        assert answer.status == 200, answer
        return int(answer.headers["upload-offset"])

    def _browser(self) -> Browser:
        return Browser(self._url)

    def _note(self, browser: Browser) -> None:
        self.promises.faults += [answer.body[:300].decode(errors="replace") for answer in browser.faults]


def _event(sequence: int, video: int, rng: np.random.Generator) -> dict[str, Any]:
    common = {"sequence": sequence, "at_ms": _clock.now_ms(), "context": "feed", "video": format_id(video)}
    if sequence % 3 == 1:
        return common | {"kind": "shown"}
    watched_ms = int(rng.integers(100, 9_000))
    play = 1 + sequence // 3
    return common | {"kind": "watch", "play": play, "watched_ms": watched_ms, "duration_ms": 6_000}
