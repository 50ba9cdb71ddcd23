"""Bulk writes for throw-away installations: rows of thousands of videos in a second."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, text

from penchant.catalog.repository import renditions, sounds, videos
from penchant.core.database import Connection


def add_sounds(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add sounds that videos may have."""
    connection.execute(insert(sounds), list(rows))


def add_videos(
    connection: Connection, video_rows: Sequence[dict[str, Any]], rendition_rows: Sequence[dict[str, Any]]
) -> None:
    """Add listed videos and their files' rows; the caller tells the event log."""
    connection.execute(insert(videos), list(video_rows))
    connection.execute(insert(renditions), list(rendition_rows))


def settle_statistics(connection: Connection) -> None:
    """What the server's own maintenance would do within minutes: statistics for the planner."""
    connection.execute(text("ANALYZE"))


def server_settings(connection: Connection) -> dict[str, str]:
    """The settings of the database server that decide what durable means and costs, and its version."""
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "data_checksums")
    return {name: str(connection.execute(text(f"SHOW {name}")).scalar_one()) for name in names}
