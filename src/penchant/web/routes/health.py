"""For those who run it: `/healthz` and Prometheus metrics."""

import prometheus_client
from litestar import Response, get
from sqlalchemy import text

from penchant.media.readiness import read_readiness
from penchant.web.dependencies import Cell, Counting
from penchant.web.documentation import refusals
from penchant.web.threads import in_thread


@get("/healthz", tags=["operation"], responses=refusals())
@in_thread
def healthz(penchant: Cell) -> dict[str, str]:
    """200 where the database answers, else 503 `unavailable`. `media`: `on`, or why no video is converted."""
    with penchant.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return {"status": "ok", "media": read_readiness(penchant.settings.data)}


@get("/metrics", tags=["operation"], media_type="text/plain", responses=refusals())
@in_thread
def show_metrics(metrics: Counting) -> Response[bytes]:
    """Counters and timings of this web process in Prometheus' text format; nothing about anyone."""
    content = prometheus_client.generate_latest(metrics.registry)
    return Response(content, headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST})


ROUTES = [healthz, show_metrics]
