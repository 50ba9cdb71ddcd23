"""Counters and timings of one web process, in a registry of its own so that two apps do not mix."""

import time

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram


class Metrics:
    """What a web process counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "penchant_http_requests_total", "Requests", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "penchant_http_seconds",
            "Time to the first byte of the answer",
            ["route"],
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
            registry=self.registry,
        )
        self.feed_parts = Counter(
            "penchant_feed_parts_failed_total", "Feed parts skipped after an error", ["part"], registry=self.registry
        )

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """Count and time every request by its route template, never by its address."""

        async def measured(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            began = time.perf_counter()

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    route = str(scope.get("path_template") or "other")
                    self.requests.labels(route, scope["method"], str(message["status"])).inc()
                    self.seconds.labels(route).observe(time.perf_counter() - began)
                await send(message)

            await app(scope, receive, answer)

        return measured
