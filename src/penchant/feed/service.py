"""Pages for viewers."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np

from penchant.accounts.model import Viewer
from penchant.accounts.muting.service import Muting
from penchant.catalog import repository as catalog
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.ids import Ids, PageId
from penchant.events.history import RECENT
from penchant.feed import repository
from penchant.feed.boosts import Boosts
from penchant.feed.effects.record import page_record
from penchant.feed.filters.seen import Seen
from penchant.feed.model import Candidates, Item, Page, Query, Slot, Trace
from penchant.feed.pipeline import Result, filtered, hydrated, run
from penchant.feed.plans import Plan, Plans
from penchant.feed.queries.unprofiled import read_unprofiled_query
from penchant.feed.queries.viewer import read_query
from penchant.feed.recipe import FeedRecipe
from penchant.feed.records import PageRecords
from penchant.feed.why import explain, numbers_of
from penchant.taste.service import TasteService

PAGE_SLOTS = 10
MOST_SLOTS = 20
_Q30 = 1 << 30


class FeedService:
    """Makes pages and keeps their records."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        taste: TasteService,
        plans: Plans,
        records: PageRecords,
        boosts: Boosts,
        muting: Muting,
    ) -> None:
        self._engine = engine
        self._records = records
        self._boosts = boosts
        self._muting = muting
        self._clock = clock
        self._ids = Ids(clock)
        self._taste = taste
        self._plans = plans

    def page(
        self,
        viewer: Viewer,
        tab: UUID,
        *,
        count: int = PAGE_SLOTS,
        replaces: PageId | None = None,
        from_slot: int = 0,
        seed: int | None = None,
        count_failure: Callable[[str], None] = lambda _: None,
    ) -> Page:
        """The next page of a tab, as of every event that was acknowledged to this viewer.

        Args:
            replaces, from_slot: of that page the slots from `from_slot` on are thrown away and return to the pool.
            seed: for tests and replays; drawn anew otherwise.
        """
        epoch, plan = self._taste.epoch(), self._plans.of(viewer.subject)
        with self._engine.begin() as connection:
            repository.lock_subject(connection, viewer.subject)
            if replaces is not None:
                repository.give_back(connection, replaces, viewer.subject, from_slot)
            query = read_query(
                connection,
                viewer,
                tab=tab,
                count=count,
                as_of_ms=self._clock.now_ms(),
                seed=secrets.randbits(63) if seed is None else seed,
                epoch=epoch,
                values=self._taste.values,
                muting=self._muting,
                themes=self._plans.themes,
            )
            query = replace(query, boosts=self._boosts.at(query.as_of_ms))
            return self._make(connection, query, plan, count_failure)

    def page_without_profile(
        self,
        asking: Viewer | None,
        seen: Sequence[int],
        *,
        count: int = PAGE_SLOTS,
        seed: int | None = None,
        count_failure: Callable[[str], None] = lambda _: None,
    ) -> Page:
        """A page for nobody in particular: its record leads to no person, no session and no other page.

        Args:
            asking: looked at for what they refuse, and for nothing else; None where there is no session.
            seen: ids of what is not to come again, the oldest first, as the viewer's browser keeps them.
        """
        with self._engine.begin() as connection:
            query = read_unprofiled_query(
                connection,
                asking,
                seen,
                count=count,
                as_of_ms=self._clock.now_ms(),
                seed=secrets.randbits(63) if seed is None else seed,
                epoch=self._taste.epoch(),
                values=self._taste.values,
                muting=self._muting,
            )
            query = replace(query, boosts=self._boosts.at(query.as_of_ms))
            return self._make(connection, query, self._plans.plain, count_failure)

    def _make(self, connection: Connection, query: Query, plan: Plan, count_failure: Callable[[str], None]) -> Page:
        result = run(plan.recipe, query, connection, count_failure)
        if not result.slots:
            result = _again(plan.recipe, query, connection, result.trace)
        page = Page(PageId(self._ids.new()), query.mode, self._items(query, result, connection))
        self._record(connection, page, query, plan, result)
        return page

    def _record(self, connection: Connection, page: Page, query: Query, plan: Plan, result: Result) -> None:
        self._records.add(
            connection,
            query.sealed_key,
            page_record(query, plan, result),
            id=page.id,
            subject_id=query.viewer.subject,
            tab=query.tab,
            served_at=as_datetime(query.as_of_ms),
            video_ids=[video.id for video in result.videos],
            kept=len(result.videos),
            recipe=plan.recipe.name,
            epoch=query.epoch.digest,
            experiments=[f"{experiment}:{arm}" for experiment, arm in plan.arms],
        )

    def _items(self, query: Query, result: Result, connection: Connection) -> tuple[Item, ...]:
        turn = query.page_taste.turn
        tastes = {"exploit": query.taste} | ({"turn": turn.viewer} if turn is not None else {})
        reasons = [
            self._taste.why(query.epoch, tastes[slot.arm], video.id) if slot.arm in tastes else None
            for slot, video in zip(result.slots, result.videos, strict=True)
        ]
        titles = catalog.titles(connection, sorted({reason.video for reason in reasons if reason is not None}))
        numbers = numbers_of(result.candidates, result.slots, query)
        return tuple(
            Item(place, video, explain(result.candidates, slot, video, of_slot, reason, titles))
            for place, (slot, video, of_slot, reason) in enumerate(
                zip(result.slots, result.videos, numbers, reasons, strict=True)
            )
        )


def _again(recipe: FeedRecipe, query: Query, connection: Connection, trace: Trace) -> Result:
    """Nothing unseen is left: what was seen longest ago, by every filter but that of what was seen.

    trace: of the run that found nothing; it says why.
    """
    recent = [entry.video for entry in reversed(query.history.recent) if entry.video not in query.held]
    # Longer ago than the history goes back, or taken out of it.
    before = sorted(query.history.seen - query.held - set(recent))[:RECENT]
    oldest = [*before, *recent]
    age = {video: place for place, video in enumerate(oldest)}
    ids = np.array(sorted(age), dtype=np.int64)
    # The longest ago stands first, for filters that keep some of many.
    first = -np.array([age[video] for video in ids.tolist()], dtype=np.int64)
    found = hydrated(recipe, query, Candidates(ids, (("again",),) * len(ids), first=first), connection)
    found, _ = filtered([one for one in recipe.filters if one.name != Seen.name], query, found)
    videos = catalog.ready_videos(connection, found.ids.tolist())
    chosen = sorted(videos.values(), key=lambda video: age[video.id])[: query.count]
    ids = np.array([video.id for video in chosen], dtype=np.int64)
    nothing = np.zeros(len(ids), dtype=np.int64)
    candidates = Candidates(ids, (("again",),) * len(ids), scores=nothing, worth=nothing, pressure=nothing)
    slots = tuple(Slot(place, "again", _Q30, relaxed=True) for place in range(len(ids)))
    return Result(candidates, slots, tuple(chosen), trace)
