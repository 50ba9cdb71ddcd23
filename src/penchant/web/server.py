"""The process that serves: one event loop on the socket that the supervisor opened."""

import gc
import os
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from penchant.app import build
from penchant.core.settings import Settings
from penchant.web.asgi import create_web


class _Server(uvicorn.Server):
    """Tells open streams that it is time to end: it would wait for them."""

    on_exit: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        _keep_what_is_there()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.on_exit()
        super().handle_exit(sig, frame)


def _keep_what_is_there() -> None:
    """Have the collector look at what requests leave behind, seldom, and never again at what lives as long as we do.

    By Python's own measure it walks over all modules, routes and statements every few dozen pages, 0.1 s each time:
    that made the slowest hundredth of all answers.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def serve(settings: Settings) -> None:
    """Serve pages and the API until a signal says to end."""
    cell = build(settings, application="penchant-web")
    app = create_web(cell)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    server.on_exit = lambda: app.state.update({"closing": True})
    descriptor = os.environ.get("PENCHANT_LISTEN_FD")
    # The supervisor's socket outlives us: requests wait in it while a killed process is started again.
    server.run(sockets=[socket.socket(fileno=int(descriptor))] if descriptor else None)
