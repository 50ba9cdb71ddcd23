"""The table of uploads and the SQL about it."""

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from penchant.core.database import OPERATIONAL, PERSONAL, column, metadata

uploads = Table(
    "uploads",
    metadata,
    column("id", Uuid, PERSONAL, primary_key=True),
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("size_bytes", BigInteger, OPERATIONAL, nullable=False),
    column("metadata", JSONB, PERSONAL, nullable=False),
    column("video_id", BigInteger, PERSONAL, ForeignKey("videos.id", ondelete="CASCADE"), nullable=True),
    column("created_at", DateTime(timezone=True), PERSONAL, nullable=False),
    column("expires_at", DateTime(timezone=True), OPERATIONAL, nullable=False),
    column("finished_at", DateTime(timezone=True), PERSONAL, nullable=True),
    column("sha256", Text, PERSONAL, nullable=True),
    Index(None, "account_id"),
    Index(None, "expires_at", postgresql_where=text("finished_at IS NULL")),
)
"""One row per tus upload; the bytes received so far are a file named by the id, whose size is the offset."""
