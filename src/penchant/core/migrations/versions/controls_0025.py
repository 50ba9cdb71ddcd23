"""What viewers take out of their history, and what they mute."""

from alembic import op

revision = "0025"
down_revision = "0024"

_CHANGES = """
ALTER TABLE history_videos
    ADD COLUMN met BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN counts BOOLEAN NOT NULL DEFAULT true,
    ADD COLUMN folded_offset BIGINT NOT NULL DEFAULT 0;
UPDATE history_videos SET met = true WHERE shown_at_ms IS NOT NULL OR watched_ms > 0;
CREATE INDEX ix_history_videos_taken_out ON history_videos (subject_id) WHERE met AND NOT counts;
CREATE TABLE mutes (
    subject_id UUID NOT NULL,
    list_sealed BYTEA NOT NULL,
    CONSTRAINT pk_mutes PRIMARY KEY (subject_id),
    CONSTRAINT fk_mutes_subject_id_subjects FOREIGN KEY (subject_id) REFERENCES subjects (id) ON DELETE CASCADE
);
"""


def upgrade() -> None:
    op.execute(_CHANGES)
