"""Captions of videos, a file for each language."""

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = """
CREATE TABLE captions (
    video_id BIGINT NOT NULL,
    language TEXT NOT NULL,
    cues INTEGER NOT NULL,
    body TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_captions PRIMARY KEY (video_id, language),
    CONSTRAINT fk_captions_video_id_videos FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE
);
"""


def upgrade() -> None:
    """One table; words that a creator publishes with a video."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
