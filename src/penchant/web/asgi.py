"""The web application of one cell."""

from typing import Any

from litestar import Litestar, Request
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler

import penchant
from penchant.accounts.model import Viewer
from penchant.app import Penchant
from penchant.web import errors, pages
from penchant.web.auth import find_viewer, refuse_other_sites
from penchant.web.gate import gate
from penchant.web.headers import add_headers
from penchant.web.metrics import Metrics
from penchant.web.routes import (
    accounts,
    appeals,
    banks,
    captions,
    certificate,
    comments,
    controls,
    events,
    export,
    feed,
    gateway,
    health,
    inbox,
    ledger,
    market,
    media,
    moderation,
    notes,
    notices,
    partner,
    policy,
    protection,
    queue,
    reports,
    search,
    security,
    share,
    sounds,
    upload_news,
    uploads,
    videos,
)

_JSON_BYTES = 1_000_000


def create_web(cell: Penchant) -> Litestar:
    """The ASGI application that serves one cell: API, media and page."""
    metrics = Metrics()
    shell = pages.Shell()

    def provide_viewer(request: Request[Any, Any, Any]) -> Viewer | None:
        return find_viewer(cell, request)

    routes: list[ControllerRouterHandler] = [
        *accounts.ROUTES,
        *banks.ROUTES,
        *captions.ROUTES,
        *security.ROUTES,
        *share.ROUTES,
        *sounds.ROUTES,
        *certificate.ROUTES,
        *comments.ROUTES,
        *controls.ROUTES,
        *events.ROUTES,
        *export.ROUTES,
        *feed.ROUTES,
        *gateway.ROUTES,
        *health.ROUTES,
        *inbox.ROUTES,
        *ledger.ROUTES,
        *market.ROUTES,
        *media.ROUTES,
        *moderation.ROUTES,
        *notes.ROUTES,
        *notices.ROUTES,
        *partner.ROUTES,
        *policy.ROUTES,
        *protection.ROUTES,
        *queue.ROUTES,
        *appeals.ROUTES,
        *reports.ROUTES,
        *search.ROUTES,
        *upload_news.ROUTES,
        *uploads.ROUTES,
        *videos.ROUTES,
        *pages.ROUTES,
    ]
    return Litestar(
        routes,
        dependencies={
            "penchant": Provide(lambda: cell, sync_to_thread=False),
            "metrics": Provide(lambda: metrics, sync_to_thread=False),
            "shell": Provide(lambda: shell, sync_to_thread=False),
            "viewer": Provide(provide_viewer, sync_to_thread=True),
        },
        exception_handlers={**errors.HANDLERS, NotFoundException: lambda request, _: shell.lost(request)},
        middleware=[metrics.middleware, refuse_other_sites, gate(cell)],
        before_send=[add_headers((cell.settings.public_url or "").startswith("https://"))],
        # Ours is set up by the process: the framework's own would take its place, and write what is not JSON.
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title="Penchant",
            version=penchant.__version__,
            path="/schema",
            use_handler_docstrings=True,
            # JSON alone: the viewers that come with the framework load scripts from elsewhere.
            render_plugins=[JsonRenderPlugin()],
        ),
        request_max_body_size=_JSON_BYTES,
        on_startup=[cell.ledgered.begin, cell.taste.start],
        on_shutdown=[cell.close],
    )
