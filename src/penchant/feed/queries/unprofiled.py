"""What a page in the mode `no_profile` is a function of: what its viewer refuses, and what their browser has seen."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import numpy as np
from sqlalchemy import select

from penchant.accounts import repository as accounts
from penchant.accounts.model import Viewer
from penchant.accounts.muting import repository as muting_rows
from penchant.accounts.muting.service import Muting
from penchant.catalog import repository as catalog
from penchant.core.database import Connection
from penchant.core.ids import SubjectId
from penchant.events.history import DISLIKES, History, HistoryVideo, dislikes_of
from penchant.feed.model import Query
from penchant.feed.queries.viewer import NEWEST
from penchant.safety import repository as safety
from penchant.taste.epochs import Epoch
from penchant.taste.model import ViewerTaste
from penchant.taste.service import PageTaste
from penchant.taste.values import Values

_REFUSALS = select(
    DISLIKES,
    *accounts.people_columns(),
    safety.reported_column(),
    catalog.newest_column(NEWEST),
    accounts.key_column(),
    muting_rows.mutes_column(),
)


def read_unprofiled_query(
    connection: Connection,
    asking: Viewer | None,
    seen: Sequence[int],
    *,
    count: int,
    as_of_ms: int,
    seed: int,
    epoch: Epoch,
    values: Values,
    muting: Muting,
) -> Query:
    """The query of one page for nobody in particular.

    Its subject and its tab are random and made for this page alone, so that what is recorded of it leads to nobody and
    to no other page. Who asks is looked at for what they refuse (blocks, reports, dislikes, mutes), and not passed on.

    Args:
        asking: whoever has a session; None where there is none.
        seen: ids that the browser does not want again, the oldest first.
    """
    nobody = Viewer(SubjectId(uuid4()), None, "minor")
    viewer = nobody if asking is None else replace(asking, subject=nobody.subject)
    who = asking.subject if asking is not None else nobody.subject
    row = connection.execute(_REFUSALS, {"subject": who, "account": viewer.account_id}).one()
    hidden = np.array(sorted(set(seen)), dtype=np.int64)
    taste = ViewerTaste()
    return Query(
        viewer=viewer,
        tab=uuid4(),
        count=count,
        mode="no_profile",
        as_of_ms=as_of_ms,
        seed=seed,
        epoch=epoch,
        history=History(recent=_as_history(seen), seen=frozenset(seen), dislikes=dislikes_of(row), offset=0),
        taste=taste,
        page_taste=PageTaste(epoch, taste, as_of_ms, hidden, values),
        turns_to=0,
        followed=frozenset(),
        blocked=frozenset(row.blocked or ()),
        reported=frozenset((kind, target) for kind, target in row.reported or ()),
        held=frozenset(),
        tail=(),
        hidden=hidden,
        # No number of the viewer may decide anything: each page draws anew.
        reach_key=seed,
        newest=tuple(row.newest or ()),
        mutes=muting.opened(who, row.sealed_key, row.mutes),
    )


def _as_history(seen: Sequence[int]) -> tuple[HistoryVideo, ...]:
    """Newest first: what comes again once nothing unseen is left."""
    return tuple(HistoryVideo(video, 0, True, 0, 0, False, False, False) for video in reversed(seen))
