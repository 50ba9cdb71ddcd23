"""A browser without a screen: cookies, JSON, and the page's own stubbornness when the server is away."""

import http.client
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

GIVE_UP_S = 90.0
_addresses = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """One browser with an address of its own: rate limits count by the one that a trusted proxy forwards."""

    def __init__(self, url: str) -> None:
        self._place = urlsplit(url)
        self._address = f"10.0.{next(_addresses)}.1"
        self._cookies: dict[str, str] = {}
        self.faults: list[Answer] = []
        """Answers of 500: the server's own mistakes, whoever was killed."""

    def once(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, timeout_s: float = 15
    ) -> Answer:
        """One attempt.

        Raises:
            OSError, http.client.HTTPException: no answer came; whether it was done is unknown.
        """
        connection = http.client.HTTPConnection(self._place.hostname or "", self._place.port, timeout=timeout_s)
        sent = {"X-Forwarded-For": self._address, **(headers or {})}
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()
        if cookie := answer.headers.get("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status == 500:
            self.faults.append(answer)
        return answer

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """The same request again and again until an answer comes that is not "later": what the page does.

        Raises:
            TimeoutError: none came for a minute and a half.
        """
        deadline = time.monotonic() + GIVE_UP_S
        said: object = None
        while time.monotonic() < deadline:
            try:
                answer = self.once(method, path, body, headers)
                if answer.status < 500 and answer.status not in (423, 429):
                    return answer
                said = answer
            except (OSError, http.client.HTTPException) as error:
                said = error
            time.sleep(0.2)
        raise TimeoutError(f"{method} {path}: {said}")

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.json
