"""Community notes: what people wrote and rated, and the runs that judged it."""

from alembic import op

revision = "0011"
down_revision = "0010"

_TABLES = """
CREATE TABLE notes (
    id BIGINT NOT NULL,
    video_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status TEXT NOT NULL,
    status_since TIMESTAMP WITH TIME ZONE NOT NULL,
    shown BOOLEAN DEFAULT false NOT NULL,
    locked BOOLEAN DEFAULT false NOT NULL,
    intercept_e6 BIGINT DEFAULT 0 NOT NULL,
    removed BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_notes PRIMARY KEY (id),
    CONSTRAINT uq_notes_video_id_author_id UNIQUE (video_id, author_id),
    CONSTRAINT ck_notes_status CHECK (status IN ('needs_more', 'helpful', 'not_helpful')),
    CONSTRAINT fk_notes_video_id FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE,
    CONSTRAINT fk_notes_author_id FOREIGN KEY(author_id) REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX ix_notes_author_id ON notes (author_id);
CREATE INDEX ix_notes_shown ON notes (video_id) WHERE shown AND NOT removed;
CREATE TABLE note_ratings (
    note_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    value TEXT NOT NULL,
    reasons TEXT[] NOT NULL,
    position BIGINT NOT NULL,
    rated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_note_ratings PRIMARY KEY (note_id, account_id),
    CONSTRAINT ck_note_ratings_value CHECK (value IN ('helpful', 'somewhat', 'not_helpful')),
    CONSTRAINT fk_note_ratings_note_id FOREIGN KEY(note_id) REFERENCES notes (id) ON DELETE CASCADE,
    CONSTRAINT fk_note_ratings_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX ix_note_ratings_account_id ON note_ratings (account_id);
CREATE INDEX ix_note_ratings_position ON note_ratings (position);
CREATE TABLE note_runs (
    id BIGINT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    position BIGINT NOT NULL,
    notes INTEGER NOT NULL,
    ratings INTEGER NOT NULL,
    version TEXT NOT NULL,
    input_digest TEXT NOT NULL,
    result_digest TEXT NOT NULL,
    file BYTEA,
    result BYTEA,
    CONSTRAINT pk_note_runs PRIMARY KEY (id)
);
"""


def upgrade() -> None:
    """Three tables; nobody has written a note yet."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
