"""When what is kept for a time may go: windows of rate limits, videos that their creators deleted."""

from alembic import op

revision = "0012"
down_revision = "0011"

_CHANGES = """
TRUNCATE rate_limits;
ALTER TABLE rate_limits ADD COLUMN ends_at TIMESTAMP WITH TIME ZONE NOT NULL;
ALTER TABLE videos ADD COLUMN deleted_at TIMESTAMP WITH TIME ZONE;
UPDATE videos SET deleted_at = now() WHERE state = 'removed' AND removed_by = 'creator';
"""


def upgrade() -> None:
    """Attempts are counted anew; of videos that were deleted before, the days begin now."""
    op.execute(_CHANGES)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
