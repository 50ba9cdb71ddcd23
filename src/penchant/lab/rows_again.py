"""Rows of a page computed again from the event log: the parameters by a fold up to where the epoch stood, the viewer's
history up to where the page had heard.

The recorded rows are integers, made from floats that were rounded once. The same code on the same machine gives the
same; another machine's mathematics may differ in the last bits, and an erasure since then takes somebody's events out
of the fold. So rows agree within `TOLERANCE_Q16`, or one step of a column that is rounded to larger ones, and the
report says how nearly.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np

from penchant.core.ids import SubjectId
from penchant.events.history import history_from
from penchant.events.model import StoredEvent
from penchant.events.ports import EventLog
from penchant.feed.effects.record import rows_of
from penchant.feed.queries.viewer import taste_of
from penchant.ledger.verify import Fault
from penchant.taste.epochs import Epoch, assemble, empty_epoch
from penchant.taste.fixed import random_bits
from penchant.taste.learner import Learner, plays_at_cut
from penchant.taste.parts import TABLE
from penchant.taste.publish import CatalogMaker, trials_of
from penchant.taste.service import PageTaste
from penchant.taste.similar import ItemRows, fit_rows

TOLERANCE_Q16: Final = 1 << 12
"""A sixteenth of a doubling."""
_STEPS_Q16: Final = {column.name: 1 << 16 >> column.places for column in TABLE}
_BATCH: Final = 2_000

Progress = Callable[[int, int], None]


class RowsAgain(msgspec.Struct, frozen=True):
    """How recorded rows and those made again compare."""

    rows: int
    numbers: int
    """Rows by columns."""
    equal: int
    """Of those, how many are the same to the last digit."""
    largest: float
    """The largest difference, in doublings."""
    beyond: dict[str, int]
    """Column → how many of its numbers differ by more than the tolerance."""
    faults: tuple[Fault, ...]

    def words(self) -> str:
        """For people."""
        return (
            f"{self.rows} rows made again from the event log: {self.equal:,} of {self.numbers:,} numbers are the same, "
            f"the largest difference is {self.largest:.4f} doublings"
        )


def rows_again(
    log: EventLog,
    subject: SubjectId,
    fields: dict[str, Any],
    positions: tuple[int, int],
    count: int,
    progress: Progress = lambda *_: None,
) -> RowsAgain:
    """Make `count` rows of a page again and compare.

    Args:
        fields: of the page record.
        positions: of the log, that its epoch and that epoch's item-item rows were learned up to.
    """
    epoch = epoch_at(log, *positions, progress) if positions[0] else empty_epoch()
    events = _until(log, subject, fields["history_offset"]) if fields["mode"] == "taste" else []
    taste = taste_of(history_from(events), frozenset(fields["left_out"]))
    ids = np.frombuffer(fields["candidates"], "<i8").astype(np.int64)
    # Which rows, the page's seed decides: nobody can prepare some for it.
    chosen = np.sort(np.argsort(random_bits(fields["seed"], ids))[:count])
    # `hidden` decides what may be brought, and says nothing of a row.
    found = PageTaste(epoch, taste, fields["as_of_ms"], ids[:0]).rows(ids[chosen]) >> 8
    recorded = rows_of(fields)[chosen] >> 8
    apart = np.abs(found.astype(np.int64) - recorded)
    most = np.array([max(TOLERANCE_Q16, _STEPS_Q16.get(name, 0)) for name in fields["columns"]])
    beyond = {
        name: int(many) for name, many in zip(fields["columns"], (apart << 8 > most).sum(axis=0), strict=True) if many
    }
    faults = [
        Fault("altered_rows", f"{many} numbers of {name} do not follow from the log") for name, many in beyond.items()
    ]
    return RowsAgain(
        len(chosen), apart.size, int((apart == 0).sum()), float(apart.max(initial=0)) / 256, beyond, tuple(faults)
    )


def epoch_at(log: EventLog, position: int, rows_position: int, progress: Progress) -> Epoch:
    """The parameters as they were at a position of the log, with item-item rows of an earlier one."""
    learner = Learner()
    rows = ItemRows.empty()
    while learner.state.position < position and (events := log.read(learner.state.position, _BATCH)):
        for event in events:
            if event.offset > position:
                break
            learner.fold([event])
            if learner.state.cut_position == rows_position != rows.position:
                rows = fit_rows(plays_at_cut(learner.state))
        else:
            progress(learner.state.position, position)
            continue
        break
    state = learner.state
    catalog = CatalogMaker(state.videos).catalog()
    return assemble("", position, catalog, rows, state.live, trials_of(state.videos))


def _until(log: EventLog, subject: SubjectId, offset: int) -> list[StoredEvent]:
    found: list[StoredEvent] = []
    after = 0
    while after < offset and (events := log.read_subject(subject, after, _BATCH)):
        found += [event for event in events if event.offset <= offset]
        after = events[-1].offset
    return found
