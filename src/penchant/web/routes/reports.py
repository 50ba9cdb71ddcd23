"""Figures in the open: what fills the feed and what is moderated, for everyone; how it learns, for moderators."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.params import QueryParameter
from litestar.response import File

from penchant.app import Penchant
from penchant.core.errors import Forbidden, SignInNeeded
from penchant.operations.figures.model import Day
from penchant.operations.figures.service import in_public
from penchant.taste.learning import Learning, read_learning
from penchant.web import reports
from penchant.web.auth import moderator
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import refusals
from penchant.web.reports import learning as own
from penchant.web.reports.evidence import EvidenceOut, evidence_out, evidence_page
from penchant.web.reports.layout import STYLE_PATH, page
from penchant.web.reports.moderation import TransparencyOut, moderation_page, transparency_out
from penchant.web.reports.public import DAYS, FiguresOut, figures_out, public_page
from penchant.web.reports.words import speak
from penchant.web.threads import in_thread

Ask = Request[Any, Any, Any]
Wanted = Annotated[str | None, QueryParameter(name="lang", description="en or fr")]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Vary": "Accept-Language, Cookie",
}
_STYLE = Path(reports.__file__).parent / "figures.css"


class BinOut(msgspec.Struct, frozen=True):
    predicted: float
    observed: float
    count: float


class LearningOut(msgspec.Struct, frozen=True):
    epoch: str
    position: int
    published_at_ms: int
    lag_events: int
    lag_seconds: float
    examples: int
    rolled_back: int
    losses: list[float]
    """Prequential, in nats, as means of equal stretches."""
    examples_per_loss: int


class DayFiguresOut(msgspec.Struct, frozen=True):
    day: str
    pages: int
    viewers: int
    videos: int
    listed: int
    measures: dict[str, float]


class AdminFiguresOut(msgspec.Struct, frozen=True):
    learning: LearningOut | None
    days: list[DayFiguresOut]
    calibration: dict[str, list[BinOut]]


@get("/figures", include_in_schema=False)
@in_thread
def show_public_page(penchant: Cell, request: Ask, lang: Wanted = None) -> Response[str]:
    """What fills the feed here; anyone may read it."""
    words = speak(lang, request.headers.get("accept-language", ""))
    return _html(public_page(_told(penchant), words), "public, max-age=60")


@get("/api/figures", tags=["feed"], responses=refusals())
@in_thread
def show_public_figures(penchant: Cell) -> FiguresOut:
    """Shares of what was shown and watched, by rule and by source, of the last 30 days; nothing that few people did."""
    return figures_out(_told(penchant))


@get("/evidence", include_in_schema=False)
@in_thread
def show_evidence_page(penchant: Cell, request: Ask, lang: Wanted = None) -> Response[str]:
    """What can be checked here, and who did; anyone may read it."""
    words = speak(lang, request.headers.get("accept-language", ""))
    return _html(evidence_page(penchant.evidence.now(), words), "public, max-age=10")


@get("/api/evidence", tags=["feed"], responses=refusals())
@in_thread
def show_evidence(penchant: Cell) -> EvidenceOut:
    """Share of pages with receipts, age of the last cosignature, crossings by kind, what runs and what is in force."""
    return evidence_out(penchant.evidence.now())


@get("/transparency", include_in_schema=False)
@in_thread
def show_moderation_page(penchant: Cell, request: Ask, lang: Wanted = None) -> Response[str]:
    """What was moderated in a year; anyone may read it."""
    words = speak(lang, request.headers.get("accept-language", ""))
    return _html(moderation_page(penchant.desk.transparency.report(), words), "public, max-age=600")


@get("/api/transparency", tags=["safety"], responses=refusals())
@in_thread
def show_moderation(penchant: Cell) -> TransparencyOut:
    """Moderation of the last 365 days: counts and medians, nothing that few people are behind."""
    return transparency_out(penchant.desk.transparency.report())


@get("/admin/figures", include_in_schema=False)
@in_thread
def show_learning_page(penchant: Cell, viewer: Asking, request: Ask, lang: Wanted = None) -> Response[str]:
    """How it learns; for moderators."""
    words = speak(lang, request.headers.get("accept-language", ""))
    try:
        moderator(viewer)
    except (SignInNeeded, Forbidden) as refused:
        link = f'<p class="lead">{words("denied")}</p><p><a href="/sign-in">{words("sign_in")}</a></p>'
        status = 401 if isinstance(refused, SignInNeeded) else 403
        return _html(page(words, words("learning.title"), link, own.PATH), "no-store", status)
    learning, lag = _learner(penchant)
    days = penchant.figures.days(own.DAYS)
    return _html(own.learning_page(learning, lag, days, penchant.clock.now_ms(), words), "no-store")


@get("/api/admin/figures", tags=["admin"], responses=refusals(SignInNeeded, Forbidden))
@in_thread
def show_learning(penchant: Cell, viewer: Asking) -> AdminFiguresOut:
    """How the blend learns, what the feed covers, which chances came true. 403 for members."""
    moderator(viewer)
    learning, lag = _learner(penchant)
    days = penchant.figures.days(own.DAYS)
    series = [*own.placed(days), own.covered(days), *own.spent(days)]
    values = [(one.name.replace(".", "_"), dict(one.points)) for one in series]
    return AdminFiguresOut(
        learning=None if learning is None else _learning_out(learning, lag),
        days=[
            DayFiguresOut(
                day.day.isoformat(),
                day.pages,
                day.viewers,
                day.videos,
                day.listed,
                {name: points[at] for name, points in values if at in points},
            )
            for at, day in enumerate(days)
        ],
        calibration={
            name: [BinOut(one.told, one.happened, one.cases) for one in found]
            for name, found in own.calibration(learning, days).items()
        },
    )


@get(STYLE_PATH, include_in_schema=False, sync_to_thread=False)
def show_style() -> File:
    """How pages of figures look."""
    headers = {"Cache-Control": "public, max-age=3600"}
    return File(_STYLE, media_type="text/css; charset=utf-8", content_disposition_type="inline", headers=headers)


def _told(penchant: Penchant) -> list[Day]:
    return [told for day in penchant.figures.days(DAYS) if (told := in_public(day)) is not None]


def _learner(penchant: Penchant) -> tuple[Learning | None, own.Lag]:
    learning = read_learning(penchant.settings.data / "taste")
    position = learning.position if learning is not None else 0
    behind = max(penchant.events.log.last_offset() - position, 0)
    oldest = penchant.events.log.read(position, 1) if behind else []
    age_s = max(penchant.clock.now_ms() - oldest[0].received_at_ms, 0) / 1000 if oldest else 0.0
    return learning, own.Lag(behind, age_s)


def _learning_out(learning: Learning, lag: own.Lag) -> LearningOut:
    return LearningOut(
        epoch=learning.epoch,
        position=learning.position,
        published_at_ms=learning.published_at_ms,
        lag_events=lag.events,
        lag_seconds=lag.oldest_s,
        examples=learning.examples,
        rolled_back=learning.rolled_back,
        losses=learning.losses,
        examples_per_loss=learning.stretch,
    )


def _html(text: str, cache: str, status: int = 200) -> Response[str]:
    headers = {**_HEADERS, "Cache-Control": cache}
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)


ROUTES = [
    show_evidence_page,
    show_evidence,
    show_public_page,
    show_public_figures,
    show_moderation_page,
    show_moderation,
    show_learning_page,
    show_learning,
    show_style,
]
