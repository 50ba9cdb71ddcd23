"""People who are looked for: the SQL about whom somebody may find, and in which order."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import case, func, select, union

from penchant.accounts.model import Account
from penchant.accounts.repository import accounts, follows, seen_by
from penchant.core.database import Connection, id_array
from penchant.core.ids import AccountId
from penchant.core.ranking import SCALE, as_score, behind, prefix, prior

PEOPLE = 100
"""How many are ranked at most, and as many again whose handle begins with what was typed."""
_FOLLOWERS = 63
_EXACT = 10 * SCALE
"""Above any other score."""


class Person(NamedTuple):
    """Somebody who was found."""

    score: int
    id: AccountId
    handle: str
    name: str


def may_know(viewer: Account | None, hidden: Iterable[int]) -> tuple[Any, ...]:
    """Of rows of `accounts`: whom this viewer may come across. Who publishes for followers only, as every minor does,
    is come across by them alone; nobody who is suspended or `hidden`.
    """
    own = (accounts.c.suspended_at.is_(None), accounts.c.id != func.all(id_array(hidden)))
    return own if viewer is not None and viewer.moderates else (*own, seen_by(viewer.id if viewer else None))


def find_people(
    connection: Connection,
    wanted: str,
    viewer: Account | None,
    hidden: Sequence[int],
    after: tuple[int, int] | None,
    limit: int,
) -> list[Person]:
    """People by handle and name, and whoever has exactly that handle first: that one also where their account is
    private, as its page opens by its address.

    Score: mean of word similarity and similarity of trigrams, 1 more where the handle begins so, times
    1 + log2(1 + followers) / 6, at most 2.

    Source: PostgreSQL 18, F.35.
    """
    spelt = func.search_spelling(wanted)
    spelling = func.search_spelling(func.search_plain(accounts.c.handle + " " + accounts.c.name))
    columns = (accounts.c.id, accounts.c.handle, accounts.c.name, spelling.label("spelling"))
    known, anybody = may_know(viewer, hidden), may_know(viewer, hidden)[:2]
    handle = wanted.replace(" ", "")
    begin = prefix(handle)
    found = union(
        select(*columns).where(accounts.c.handle == handle, *anybody),
        select(*columns).where(accounts.c.handle.like(begin), *known).order_by(accounts.c.handle).limit(PEOPLE),
        select(*columns).where(spelt.op("<%")(spelling), *known).limit(PEOPLE),
    ).subquery()
    following = select(follows.c.follower_id).where(follows.c.followed_id == found.c.id).limit(_FOLLOWERS)
    count = select(func.count()).select_from(following.correlate(found).subquery()).correlate(found).scalar_subquery()
    near = (func.word_similarity(spelt, found.c.spelling) + func.similarity(spelt, found.c.spelling)) / 2
    near += case((found.c.handle.like(begin), 1), else_=0)
    score = as_score(near * prior(count, _FOLLOWERS)) + case((found.c.handle == handle, _EXACT), else_=0)
    ranked = select(score.label("score"), found.c.id, found.c.handle, found.c.name).subquery()
    statement = select(ranked)
    if after is not None:
        statement = statement.where(behind(ranked.c.score, ranked.c.id, after))
    rows = connection.execute(statement.order_by(ranked.c.score.desc(), ranked.c.id.desc()).limit(limit))
    return [Person(row.score, AccountId(row.id), row.handle, row.name) for row in rows]
