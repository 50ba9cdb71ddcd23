"""What anybody may see of a video, as SQL: answers to other markets are made from these columns and no others.

A test goes through the columns of every statement: all of them are of the class `PUBLIC`.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Text, cast, exists, func, not_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from penchant.accounts.repository import PRIVATE, accounts
from penchant.catalog.repository import LISTED, captions, renditions, videos
from penchant.core.clock import as_ms
from penchant.core.database import Connection
from penchant.markets.gateway_rows import counted, mirrors
from penchant.markets.messages import FILE_NAMES, Counted, PublicVideo

_FILE_COLUMNS = ("name", "content_type", "size_bytes", "sha256", "width", "height")
_CAPTION_COLUMNS = ("language", "body")
_PLAIN = ("handle", "name", "title", "alt_text", "language", "hashtags", "duration_ms", "width", "height")
CROSSES = (
    LISTED,
    videos.c.reach == 100,
    not_(videos.c.adults_only),
    func.cardinality(videos.c.warnings) == 0,
    accounts.c.suspended_at.is_(None),
    not_(PRIVATE),
    not_(exists().where(mirrors.c.video_id == videos.c.id)),
)
"""Which videos: listed, for everybody, of somebody who is neither private nor suspended, and from here."""


def public_videos() -> Any:
    """Everything that is told of videos; which of them: `CROSSES`."""
    files = (
        select(_rows(renditions, _FILE_COLUMNS, renditions.c.name))
        .where(renditions.c.video_id == videos.c.id, renditions.c.name.in_(FILE_NAMES))
        .scalar_subquery()
    )
    words = (
        select(_rows(captions, _CAPTION_COLUMNS, captions.c.language))
        .where(captions.c.video_id == videos.c.id)
        .scalar_subquery()
    )
    v = videos.c
    of_videos = (v.id, v.title, v.alt_text, v.language, v.hashtags, v.duration_ms, v.width, v.height, v.published_at)
    statement = select(*of_videos, accounts.c.handle, accounts.c.name, files.label("files"), words.label("captions"))
    return statement.join(accounts, accounts.c.id == v.creator_id)


def public_file() -> Any:
    """What is looked up to send a file, beside where it lies."""
    statement = select(renditions.c.sha256, renditions.c.size_bytes, renditions.c.content_type)
    statement = statement.join(videos, videos.c.id == renditions.c.video_id)
    return statement.join(accounts, accounts.c.id == videos.c.creator_id).where(renditions.c.name.in_(FILE_NAMES))


def counts() -> Any:
    """How many watched a video, where it was many; see `counting`."""
    statement = select(counted.c.video_id, counted.c.viewers, counted.c.finished, counted.c.liked)
    statement = statement.join(videos, videos.c.id == counted.c.video_id)
    return statement.join(accounts, accounts.c.id == videos.c.creator_id)


def counts_after(connection: Connection, after: int, limit: int) -> list[Counted]:
    """The next counts of videos that cross."""
    statement = counts().where(*CROSSES, counted.c.video_id > after).order_by(counted.c.video_id).limit(limit)
    return [Counted(*row) for row in connection.execute(statement)]


def digests() -> Any:
    """Subquery of (id, digest): every video that crosses, and a digest of all that is told of it."""
    told = public_videos().where(*CROSSES).subquery()
    said = func.jsonb_build_array(*(column for column in told.c if column.name != "id"))
    return select(told.c.id, func.md5(cast(said, Text)).label("digest")).where(told.c.files.is_not(None)).subquery()


def told(connection: Connection, ids: Sequence[int]) -> dict[int, PublicVideo]:
    """What is said of those of the given videos that cross."""
    rows = connection.execute(public_videos().where(*CROSSES, videos.c.id.in_(ids)))
    found = {row.id: _video(row) for row in rows if row.files}
    return {id_: video for id_, video in found.items() if video is not None}


def file_key(connection: Connection, id_: int, name: str, sha256: str) -> tuple[Any, str] | None:
    """A file of a video that crosses, and where it lies."""
    statement = public_file().add_columns(renditions.c.object_key).where(*CROSSES)
    row = connection.execute(
        statement.where(videos.c.id == id_, renditions.c.name == name, renditions.c.sha256 == sha256)
    ).first()
    return None if row is None else (row, row.object_key)


def _video(row: Any) -> PublicVideo | None:
    """None where it says more than a message may hold: no other market would read the answer that it is in."""
    said = {name: getattr(row, name) for name in _PLAIN}
    said["published_at_ms"] = as_ms(row.published_at)
    said["files"] = [dict(zip(_FILE_COLUMNS, file, strict=True)) for file in row.files]
    said["captions"] = [dict(zip(_CAPTION_COLUMNS, words, strict=True)) for words in row.captions or ()]
    try:
        return msgspec.convert(said, PublicVideo)
    except msgspec.ValidationError:
        return None


def _rows(table: Any, names: Sequence[str], order: Any) -> Any:
    return func.json_agg(aggregate_order_by(func.json_build_array(*(table.c[name] for name in names)), order))
