"""Where a sound comes from, whether others may use it, and what it is known by."""

from alembic import op

revision = "0008"
down_revision = "0007"

_CHANGES = """
CREATE TABLE original_sounds (
    sound_id BIGINT NOT NULL,
    video_id BIGINT NOT NULL,
    shared BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_original_sounds PRIMARY KEY (sound_id),
    CONSTRAINT fk_original_sounds_sound_id_sounds FOREIGN KEY(sound_id) REFERENCES sounds (id) ON DELETE CASCADE,
    CONSTRAINT fk_original_sounds_video_id_videos FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ix_original_sounds_video_id ON original_sounds (video_id);
CREATE INDEX ix_videos_sound_id ON videos (sound_id, id);
CREATE TABLE sound_hashes (
    sound_id BIGINT NOT NULL,
    hash INTEGER NOT NULL,
    at SMALLINT NOT NULL,
    CONSTRAINT pk_sound_hashes PRIMARY KEY (hash, at, sound_id),
    CONSTRAINT fk_sound_hashes_sound_id_sounds FOREIGN KEY(sound_id) REFERENCES sounds (id) ON DELETE CASCADE
);
CREATE INDEX ix_sound_hashes_sound_id ON sound_hashes (sound_id);
CREATE TABLE sound_checks (
    video_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    like_sound_id BIGINT,
    offset_ms INTEGER,
    share DOUBLE PRECISION,
    hits INTEGER,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sound_checks PRIMARY KEY (video_id),
    CONSTRAINT ck_sound_checks_state CHECK (state IN ('waiting', 'own', 'linked', 'chosen', 'silent', 'failed')),
    CONSTRAINT fk_sound_checks_video_id_videos FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE,
    CONSTRAINT fk_sound_checks_like_sound_id_sounds FOREIGN KEY(like_sound_id) REFERENCES sounds (id) ON DELETE SET NULL
);
CREATE INDEX ix_sound_checks_like_sound_id ON sound_checks (like_sound_id);
INSERT INTO original_sounds (sound_id, video_id)
SELECT sound_id, min(videos.id) FROM videos JOIN sounds ON sounds.id = videos.sound_id
WHERE sounds.creator_id = videos.creator_id GROUP BY sound_id;
"""


def upgrade() -> None:
    """Three tables; the sounds that are there come from their creators' first videos with them."""
    op.execute(_CHANGES)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
