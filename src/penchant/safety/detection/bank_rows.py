"""The tables of hash banks and of what videos are known by, and the SQL about them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.catalog.repository import videos
from penchant.core.database import OPERATIONAL, Connection, column, metadata
from penchant.core.holdings import THE_VIDEO, AsLongAs, ForGood, holding
from penchant.core.ids import AccountId, VideoId

hash_banks = Table(
    "hash_banks",
    metadata,
    column("name", Text, OPERATIONAL, primary_key=True),
    column("owner", Text, OPERATIONAL, nullable=False),
    column("label", Text, OPERATIONAL, nullable=False),
    column("acts_alone", Boolean, OPERATIONAL, nullable=False),
    column("revision", BigInteger, OPERATIONAL, nullable=False),
    column("looked_revision", BigInteger, OPERATIONAL, nullable=False),
    column("looked_until", BigInteger, OPERATIONAL, nullable=False),
    column("changed_at", DateTime(timezone=True), OPERATIONAL, nullable=False),
    info=holding("lists of what is known to be bad", ForGood("about nobody")),
)
"""`revision` goes up with every change; of `looked_revision` videos were looked at up to number `looked_until`."""

bank_entries = Table(
    "bank_entries",
    metadata,
    column("bank", Text, OPERATIONAL, ForeignKey("hash_banks.name", ondelete="CASCADE"), primary_key=True),
    column("digest", Text, OPERATIONAL, primary_key=True),
    column("name", Text, OPERATIONAL, nullable=False),
    column("views", SmallInteger, OPERATIONAL, nullable=False),
    column("hashes", LargeBinary, OPERATIONAL, nullable=False),
    column("qualities", LargeBinary, OPERATIONAL, nullable=False),
    column("times_ms", ARRAY(Integer), OPERATIONAL, nullable=False),
    info=holding("what is known to be bad", AsLongAs("the bank")),
)
"""A picture or a video: for each of its frames `views` hashes of 32 bytes, the whole picture's first."""

video_hashes = Table(
    "video_hashes",
    metadata,
    column("number", BigInteger, OPERATIONAL, Identity()),
    column("video_id", BigInteger, OPERATIONAL, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    column("layout", SmallInteger, OPERATIONAL, nullable=False),
    column("hashes", LargeBinary, OPERATIONAL, nullable=False),
    Index(None, "number", unique=True),
    info=holding("knows a video again", THE_VIDEO, video_id="video"),
)
"""What each video is known by (`views.pack`), in the order in which they came."""

_AT_ONCE = 2_000


class EntryRow(NamedTuple):
    """An entry as it is stored."""

    digest: str
    name: str
    views: int
    hashes: bytes
    qualities: bytes
    times_ms: list[int]


class KnownVideo(NamedTuple):
    """A listed video with its hashes."""

    number: int
    video: VideoId
    creator: AccountId
    hashes: bytes


def bank(connection: Connection, name: str, *, lock: bool = False) -> Any:
    statement = select(hash_banks).where(hash_banks.c.name == name)
    return connection.execute(statement.with_for_update() if lock else statement).first()


def banks(connection: Connection) -> list[Any]:
    """Every bank with the number of its entries as `entries`."""
    count = select(func.count()).where(bank_entries.c.bank == hash_banks.c.name).scalar_subquery()
    return list(connection.execute(select(hash_banks, count.label("entries")).order_by(hash_banks.c.name)))


def revisions(connection: Connection) -> dict[str, int]:
    return {row.name: row.revision for row in connection.execute(select(hash_banks.c.name, hash_banks.c.revision))}


def put_bank(connection: Connection, name: str, owner: str, label: str, acts_alone: bool, now: datetime) -> None:
    """Add a bank, or say anew whose it is, what its matches are called, and whether they act alone."""
    values = {"owner": owner, "label": label, "acts_alone": acts_alone, "changed_at": now}
    statement = upsert(hash_banks).values(name=name, revision=1, looked_revision=0, looked_until=0, **values)
    changed = {**values, "revision": hash_banks.c.revision + 1}
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))


def add_entries(connection: Connection, name: str, rows: Sequence[EntryRow]) -> int:
    """Entries that the bank does not have yet; returns how many those were."""
    added = 0
    for start in range(0, len(rows), _AT_ONCE):
        values = [{"bank": name, **row._asdict()} for row in rows[start : start + _AT_ONCE]]
        statement = upsert(bank_entries).values(values).on_conflict_do_nothing().returning(bank_entries.c.digest)
        added += len(connection.execute(statement).all())
    return added


def change_bank(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(update(hash_banks).where(hash_banks.c.name == name).values(**values))


def remove_bank(connection: Connection, name: str) -> bool:
    return connection.execute(delete(hash_banks).where(hash_banks.c.name == name)).rowcount > 0


def entries(connection: Connection, name: str) -> Iterator[EntryRow]:
    """In a fixed order, so that an export does not change by itself."""
    c = bank_entries.c
    statement = select(c.digest, c.name, c.views, c.hashes, c.qualities, c.times_ms).where(c.bank == name)
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(statement.order_by(c.digest)):
        yield EntryRow(*row)


def put_video_hashes(connection: Connection, video: VideoId, layout: int, hashes: bytes) -> None:
    statement = upsert(video_hashes).values(video_id=video, layout=layout, hashes=hashes)
    changed = {"layout": layout, "hashes": hashes}
    connection.execute(statement.on_conflict_do_update(index_elements=["video_id"], set_=changed))


def hashes_of(connection: Connection, video: VideoId, layout: int) -> bytes | None:
    c = video_hashes.c
    return connection.execute(select(c.hashes).where(c.video_id == video, c.layout == layout)).scalar_one_or_none()


def listed_after(connection: Connection, number: int, layout: int, limit: int) -> list[KnownVideo]:
    """Listed videos that came after a number, in that order."""
    c = video_hashes.c
    statement = (
        select(c.number, c.video_id, videos.c.creator_id, c.hashes)
        .join(videos, videos.c.id == c.video_id)
        .where(c.number > number, c.layout == layout, videos.c.state == "ready")
        .order_by(c.number)
        .limit(limit)
    )
    return [
        KnownVideo(row.number, VideoId(row.video_id), AccountId(row.creator_id), row.hashes)
        for row in connection.execute(statement)
    ]


def newest_number(connection: Connection, back: int = 0) -> int:
    """The number of the video that came last, or of that which came `back` before it; 0 where there is none."""
    statement = select(video_hashes.c.number).order_by(video_hashes.c.number.desc()).offset(back).limit(1)
    return int(connection.execute(statement).scalar_one_or_none() or 0)


def not_hashed(connection: Connection, layout: int, limit: int = 1_000_000) -> list[VideoId]:
    """Listed videos that nobody hashed by this layout, the newest first."""
    known = select(video_hashes.c.video_id).where(video_hashes.c.layout == layout)
    statement = select(videos.c.id).where(videos.c.state == "ready", videos.c.id.not_in(known))
    return [VideoId(row.id) for row in connection.execute(statement.order_by(videos.c.id.desc()).limit(limit))]


def count_until(connection: Connection, number: int) -> int:
    statement = select(func.count()).where(video_hashes.c.number <= number)
    return int(connection.execute(statement).scalar_one())
