"""Licences for recommendation technology."""

from alembic import op

revision = "0021"
down_revision = "0020"

_CHANGES = """
CREATE TABLE licences (
    digest BYTEA NOT NULL,
    note TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_licences PRIMARY KEY (digest)
);
"""


def upgrade() -> None:
    op.execute(_CHANGES)
