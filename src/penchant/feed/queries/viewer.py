"""Reads what a page is a function of: history, follows, blocks, what other tabs hold."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import numpy as np
from sqlalchemy import select

from penchant.accounts import repository as accounts
from penchant.accounts.model import Viewer
from penchant.accounts.muting import repository as muting_rows
from penchant.accounts.muting.service import Muting
from penchant.catalog import repository as catalog
from penchant.core.clock import as_datetime
from penchant.core.database import Connection
from penchant.events.history import COLUMNS, History, HistoryVideo, history_of
from penchant.feed import repository
from penchant.feed.model import Query
from penchant.safety import repository as safety
from penchant.safety.themes import Theme
from penchant.taste.context import SESSION_MS, Last
from penchant.taste.epochs import Epoch
from penchant.taste.labels import Outcome, looked_at, outcome
from penchant.taste.live import FEED
from penchant.taste.model import REFUSAL_STRENGTH_Q16, SKIP_STRENGTH_Q16, Heard, ViewerTaste, strength_q16
from penchant.taste.service import PageTaste
from penchant.taste.values import Values

HOLD = timedelta(minutes=30)
"""So long a served video that was not shown yet stays out of other pages."""

NEWEST = 20
"""Of the catalogue, whether the learner has heard of them or not."""
_EVERYTHING = select(
    *COLUMNS,
    repository.pages_column(),
    *accounts.people_columns(),
    safety.reported_column(),
    catalog.newest_column(NEWEST),
    accounts.key_column(),
    muting_rows.mutes_column(),
)
"""One statement, so one round trip: each room says what its part looks like."""


def read_query(
    connection: Connection,
    viewer: Viewer,
    *,
    tab: UUID,
    count: int,
    as_of_ms: int,
    seed: int,
    epoch: Epoch,
    values: Values,
    muting: Muting,
    themes: Sequence[Theme] = (),
) -> Query:
    """The query of one page, as of everything acknowledged so far.

    themes: by what they watched of these nothing is chosen for a minor.
    """
    since = as_datetime(as_of_ms) - HOLD
    row = connection.execute(
        _EVERYTHING, {"subject": viewer.subject, "account": viewer.account_id, "since": since}
    ).one()
    history = history_of(row)
    held, tail = repository.held_videos(row.pages or (), tab)
    held -= history.seen
    hidden = np.array(sorted(history.seen | held), dtype=np.int64)
    left_out = frozenset() if viewer.is_adult else _of_themes(connection, history, themes)
    taste = taste_of(history, left_out)
    page_taste = PageTaste(epoch, taste, as_of_ms, hidden, values)
    return Query(
        viewer=viewer,
        tab=tab,
        count=count,
        mode="taste",
        as_of_ms=as_of_ms,
        seed=seed,
        epoch=epoch,
        history=history,
        taste=taste,
        page_taste=page_taste,
        turns_to=len(page_taste.turns_to),
        followed=frozenset(row.followed or ()),
        blocked=frozenset(row.blocked or ()),
        reported=frozenset((kind, target) for kind, target in row.reported or ()),
        held=frozenset(held),
        tail=tail,
        hidden=hidden,
        reach_key=viewer.subject.int & 0x7FFF_FFFF_FFFF_FFFF,
        mutes=muting.opened(viewer.subject, row.sealed_key, row.mutes),
        left_out=left_out,
        newest=tuple(row.newest or ()),
        sealed_key=row.sealed_key,
    )


def _of_themes(connection: Connection, history: History, themes: Sequence[Theme]) -> frozenset[int]:
    ids = [entry.video for entry in history.recent]
    if not ids or not themes:
        return frozenset()
    hashtags = {tag for theme in themes for tag in theme.hashtags}
    return catalog.about_any(connection, ids, hashtags, {label for theme in themes for label in theme.labels})


def taste_of(history: History, left_out: frozenset[int] = frozenset()) -> ViewerTaste:
    """The history as an input of the ranker: what was played, what was left, oldest first.

    left_out: ids of which it says nothing.
    """
    history = replace(history, recent=tuple(entry for entry in history.recent if entry.video not in left_out))
    refused = {int(name) for target, name in history.dislikes if target == "video"}
    liked: list[Heard] = []
    skipped: list[Heard] = []
    past = [entry for entry in reversed(history.recent) if entry.video not in refused]
    for entry in reversed(history.recent):
        if entry.video in refused:
            skipped.append(Heard(entry.video, REFUSAL_STRENGTH_Q16))
        elif (strength := _strength(entry)) > 0:
            liked.append(Heard(entry.video, strength))
        elif entry.shown:
            skipped.append(Heard(entry.video, SKIP_STRENGTH_Q16))
    return ViewerTaste(
        tuple(liked),
        tuple(skipped),
        long=tuple(entry.video for entry in past if _outcome(entry) is Outcome.LONG),
        looked=tuple(entry.video for entry in past if looked_at(entry.watched_ms, entry.duration_ms)),
        hearted=tuple(entry.video for entry in past if entry.liked),
        last=_last(history),
    )


def _last(history: History) -> Last | None:
    """The newest impression; the session is as long as the history goes back without a pause."""
    if not history.recent:
        return None
    newest = history.recent[0]
    in_session = 1
    for later, earlier in pairwise(history.recent):
        if later.last_at_ms - earlier.last_at_ms >= SESSION_MS:
            break
        in_session += 1
    return Last(
        newest.last_at_ms, FEED, _outcome(newest) is Outcome.LONG, in_session, len(history.seen) - history.taken_out
    )


def _strength(entry: HistoryVideo) -> int:
    return strength_q16(_outcome(entry), liked=entry.liked, shared=entry.shared)


def _outcome(entry: HistoryVideo) -> Outcome:
    return outcome(entry.watched_ms, entry.duration_ms) if entry.watched_ms else Outcome.SKIPPED
