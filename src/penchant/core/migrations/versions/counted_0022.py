"""How many watched a public video, as other markets are told."""

from alembic import op

revision = "0022"
down_revision = "0021"

_CHANGES = """
CREATE TABLE counted (
    video_id BIGINT NOT NULL,
    day DATE NOT NULL,
    viewers BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    liked BIGINT NOT NULL,
    CONSTRAINT pk_counted PRIMARY KEY (video_id),
    CONSTRAINT ck_counted_viewers_many CHECK (viewers >= 20 AND viewers % 20 = 0),
    CONSTRAINT ck_counted_finished_many CHECK (finished >= 0 AND finished % 20 = 0),
    CONSTRAINT ck_counted_liked_many CHECK (liked >= 0 AND liked % 20 = 0)
);
ALTER TABLE mirrors ADD COLUMN counted JSONB;
ALTER TABLE mirrored_markets ADD COLUMN counted_on DATE;
"""


def upgrade() -> None:
    op.execute(_CHANGES)
