"""What is to be seen in a video, for people who cannot see it."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """One column. How a file is to be cut stands in the metadata of its upload, which has the room."""
    op.execute("ALTER TABLE videos ADD COLUMN alt_text TEXT DEFAULT '' NOT NULL")


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
