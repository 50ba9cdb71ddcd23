"""Experiments on page records, and the daily figures of the feed."""

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = """
ALTER TABLE pages ADD COLUMN experiments TEXT[] DEFAULT '{}' NOT NULL;
CREATE TABLE feed_days (
    day DATE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    pages INTEGER NOT NULL,
    viewers INTEGER NOT NULL,
    videos INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    CONSTRAINT pk_feed_days PRIMARY KEY (day)
);
CREATE TABLE feed_shares (
    day DATE NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    viewers INTEGER NOT NULL,
    shown DOUBLE PRECISION NOT NULL,
    watched_ms DOUBLE PRECISION NOT NULL,
    long DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_feed_shares PRIMARY KEY (day, kind, name)
);
CREATE TABLE feed_measures (
    day DATE NOT NULL,
    name TEXT NOT NULL,
    total DOUBLE PRECISION NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_feed_measures PRIMARY KEY (day, name)
);
CREATE TABLE feed_calibration (
    day DATE NOT NULL,
    prediction TEXT NOT NULL,
    bin SMALLINT NOT NULL,
    predicted DOUBLE PRECISION NOT NULL,
    observed DOUBLE PRECISION NOT NULL,
    count INTEGER NOT NULL,
    CONSTRAINT pk_feed_calibration PRIMARY KEY (day, prediction, bin)
);
"""


def upgrade() -> None:
    """One column, four small tables; nothing in the tables is about a person."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
