"""What a video's original said of its own origin."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """One column; NULL where the original was never looked at."""
    op.execute("ALTER TABLE videos ADD COLUMN provenance JSONB")


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
