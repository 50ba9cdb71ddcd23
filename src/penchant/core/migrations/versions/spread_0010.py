"""How far and how fast videos spread."""

from alembic import op

revision = "0010"
down_revision = "0009"

_CHANGES = """
CREATE TABLE spread (
    video_id BIGINT NOT NULL,
    shown BIGINT NOT NULL,
    CONSTRAINT pk_spread PRIMARY KEY (video_id)
);
CREATE TABLE spread_windows (
    video_id BIGINT NOT NULL,
    ten_minutes BIGINT NOT NULL,
    shown INTEGER NOT NULL,
    CONSTRAINT pk_spread_windows PRIMARY KEY (video_id, ten_minutes)
);
CREATE INDEX ix_spread_windows_ten_minutes ON spread_windows (ten_minutes);
CREATE TABLE spread_place (
    id INTEGER NOT NULL,
    log_offset BIGINT NOT NULL,
    CONSTRAINT pk_spread_place PRIMARY KEY (id)
);
INSERT INTO spread_place (id, log_offset) VALUES (1, 0);
"""


def upgrade() -> None:
    """Three tables, filled from the log by the worker."""
    op.execute(_CHANGES)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
