"""Captions that a program wrote are told from those of people, and how far that writing is."""

from alembic import op

revision = "0005"
down_revision = "0004"

_CHANGES = """
ALTER TABLE captions ADD COLUMN automatic BOOLEAN DEFAULT false NOT NULL;
CREATE TABLE transcriptions (
    video_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_transcriptions PRIMARY KEY (video_id),
    CONSTRAINT ck_transcriptions_state CHECK (state IN ('waiting', 'written', 'silent', 'kept', 'failed')),
    CONSTRAINT fk_transcriptions_video_id_videos FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE
);
"""


def upgrade() -> None:
    """A column and a table; captions that are there are people's."""
    op.execute(_CHANGES)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
