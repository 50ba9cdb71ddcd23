"""What an upload is by its content, and how far it is on its way."""

from alembic import op

revision = "0003"
down_revision = "0002"

_CHANGES = """
ALTER TABLE uploads ADD COLUMN sha256 TEXT;
ALTER TABLE uploads ADD COLUMN tus_metadata TEXT DEFAULT '' NOT NULL;
ALTER TABLE uploads ADD COLUMN step TEXT DEFAULT 'receiving' NOT NULL;
ALTER TABLE uploads ADD COLUMN share DOUBLE PRECISION DEFAULT 0 NOT NULL;
ALTER TABLE uploads ADD COLUMN changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL;
ALTER TABLE uploads ADD CONSTRAINT ck_uploads_step
    CHECK (step IN ('receiving', 'received', 'checked', 'picture', 'playable', 'complete'));
UPDATE uploads SET changed_at = coalesce(finished_at, created_at), step = CASE
    WHEN finished_at IS NULL THEN 'receiving'
    WHEN EXISTS (SELECT FROM videos WHERE videos.id = uploads.video_id AND videos.state = 'ready') THEN 'complete'
    ELSE 'received' END;
DROP INDEX ix_uploads_account_id;
CREATE INDEX ix_uploads_account_id_changed_at ON uploads (account_id, changed_at);
CREATE INDEX ix_uploads_account_id_sha256 ON uploads (account_id, sha256);
CREATE INDEX ix_uploads_video_id ON uploads (video_id);
"""


def upgrade() -> None:
    """Five columns, and the indexes that the owner's news and a file's twin are found by."""
    op.execute(_CHANGES)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
