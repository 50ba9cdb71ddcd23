"""Bulk writes for throw-away installations: rows of thousands of videos in a second."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Index, Table, func, select, text

from penchant.accounts.model import Account
from penchant.accounts.repository import accounts, blocks, follows, subjects
from penchant.catalog.repository import renditions, sounds, videos
from penchant.catalog.search_rows import hashtags, video_hashtags, video_words, vocabulary
from penchant.core.database import Connection
from penchant.core.ids import AccountId


def add_sounds(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add sounds that videos may have."""
    _copy(connection, sounds, rows)


def add_videos(
    connection: Connection, video_rows: Sequence[dict[str, Any]], rendition_rows: Sequence[dict[str, Any]]
) -> None:
    """Add listed videos and their files' rows; the caller tells the event log."""
    _copy(connection, videos, video_rows)
    _copy(connection, renditions, rendition_rows)


def _copy(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Rows with the same columns, in the order of the first, by COPY: several times as fast as INSERT."""
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def settle_statistics(connection: Connection) -> None:
    """What the server's own maintenance would do within minutes: statistics for the planner."""
    connection.execute(text("ANALYZE"))


def server_settings(connection: Connection) -> dict[str, str]:
    """The settings of the database server that decide what durable means and costs, and its version."""
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "data_checksums")
    return {name: str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in names}


_SEARCH_INDEXES = [
    index
    for table in (accounts, sounds, videos, video_words, vocabulary, video_hashtags, hashtags)
    for index in table.indexes
    if "spelling" in str(index.name) or table in (video_words, vocabulary, video_hashtags, hashtags)
]
SEARCH_STEPS: tuple[tuple[str, str | Index], ...] = (
    (
        "words of videos",
        """INSERT INTO video_words (video_id, words)
        SELECT id, search_document(title, hashtags, alt_text, language, like_count) FROM videos
        WHERE state = 'ready'""",
    ),
    (
        "vocabulary",
        """INSERT INTO vocabulary (word, spelling) SELECT word, search_spelling(word)
        FROM ts_stat('SELECT words FROM video_words') WHERE word ~ '^[^[:space:][:punct:]]{3,40}$'""",
    ),
    (
        "hashtags of videos",
        """INSERT INTO video_hashtags (tag, video_id)
        SELECT DISTINCT tag, id FROM videos CROSS JOIN unnest(hashtags) AS tags (tag) WHERE state = 'ready'""",
    ),
    (
        "hashtags",
        """INSERT INTO hashtags (tag, plain, spelling, uses)
        SELECT tag, search_plain(replace(tag, '_', '')), search_spelling(search_plain(replace(tag, '_', ''))), count(*)
        FROM video_hashtags GROUP BY tag""",
    ),
    *((f"index {index.name}", index) for index in _SEARCH_INDEXES),
)
"""What search keeps, made at once from what is there: minutes, where the triggers would take an hour."""
_SEARCH_TRIGGERS = ("videos", "video_words", "video_hashtags")


def drop_search(connection: Connection) -> None:
    """Let nothing follow the videos until `SEARCH_STEPS` have run."""
    for table in _SEARCH_TRIGGERS:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    for index in _SEARCH_INDEXES:
        index.drop(connection)


def run_step(connection: Connection, step: str | Index) -> None:
    """Run one of `SEARCH_STEPS`."""
    if isinstance(step, Index):
        step.create(connection)
    else:
        connection.exec_driver_sql(step)


def vacuum(connection: Connection) -> None:
    """What the server's own maintenance would do within minutes, and the triggers are back."""
    for table in _SEARCH_TRIGGERS:
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    connection.commit()
    connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def add_people(connection: Connection, people: Sequence[Account], now: datetime) -> None:
    """Add accounts that nobody signs in to, and their subjects."""
    own = [
        {"id": one.subject, "home_market": one.home_market, "age_band": one.age_band, "created_at": now}
        for one in people
    ]
    _copy(connection, subjects, own)
    rows = [
        {
            "id": one.id,
            "handle": one.handle,
            "name": one.name,
            "age_band": one.age_band,
            "home_market": one.home_market,
            "role": one.role,
            "subject_id": one.subject,
            "is_demo": one.is_demo,
            "suspended_at": now if one.suspended else None,
            "created_at": now,
            "wants_private": one.private,
        }
        for one in people
    ]
    _copy(connection, accounts, rows)


def add_ties(
    connection: Connection,
    followed: Sequence[tuple[AccountId, AccountId]],
    blocked: Sequence[tuple[AccountId, AccountId]],
    now: datetime,
) -> None:
    """Add follows and blocks, each from one account to another."""
    rows = [{"follower_id": one, "followed_id": other, "created_at": now} for one, other in followed]
    _copy(connection, follows, rows)
    _copy(connection, blocks, [{"blocker_id": one, "blocked_id": other, "created_at": now} for one, other in blocked])


def search_counts(connection: Connection) -> dict[str, int]:
    """How many people, sounds, hashtags and words there are, by the table's name."""
    count = select(func.count())
    tables = (accounts, sounds, hashtags, vocabulary)
    return {str(table.name): int(connection.execute(count.select_from(table)).scalar_one()) for table in tables}


def search_sizes(connection: Connection) -> list[tuple[str, int]]:
    """The tables and indexes of search with their bytes, the largest first."""
    names = [str(table.name) for table in (video_words, vocabulary, video_hashtags, hashtags)]
    names += [str(index.name) for index in _SEARCH_INDEXES]
    sizes = [(name, int(connection.execute(select(func.pg_relation_size(name))).scalar_one())) for name in names]
    return sorted(sizes, key=lambda size: -size[1])


def server_process(connection: Connection) -> int:
    """The process of the server behind this connection."""
    return int(connection.execute(select(func.pg_backend_pid())).scalar_one())


def one(connection: Connection) -> int:
    """A round trip and no more."""
    return int(connection.execute(text("SELECT 1")).scalar_one())
