"""What protects minors: private accounts with requests to follow, guardians, time used in a day, proofs of age."""

from alembic import op

revision = "0015"
down_revision = "0014"

_CHANGES = """
ALTER TABLE accounts
    ADD COLUMN wants_private BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN proved_adult BOOLEAN;
CREATE TABLE follow_requests (
    follower_id BIGINT NOT NULL,
    followed_id BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_follow_requests PRIMARY KEY (follower_id, followed_id),
    CONSTRAINT fk_follow_requests_follower_id_accounts FOREIGN KEY(follower_id)
        REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT fk_follow_requests_followed_id_accounts FOREIGN KEY(followed_id)
        REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX ix_follow_requests_followed_id ON follow_requests (followed_id);
CREATE TABLE guardianships (
    ward_id BIGINT NOT NULL,
    guardian_id BIGINT NOT NULL,
    daily_limit_minutes SMALLINT,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_guardianships PRIMARY KEY (ward_id),
    CONSTRAINT fk_guardianships_ward_id_accounts FOREIGN KEY(ward_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT fk_guardianships_guardian_id_accounts FOREIGN KEY(guardian_id)
        REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX ix_guardianships_guardian_id ON guardianships (guardian_id);
CREATE TABLE daily_use (
    subject_id UUID NOT NULL,
    used_ms BIGINT NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_daily_use PRIMARY KEY (subject_id),
    CONSTRAINT fk_daily_use_subject_id_subjects FOREIGN KEY(subject_id) REFERENCES subjects (id) ON DELETE CASCADE
);
CREATE INDEX ix_daily_use_ends_at ON daily_use (ends_at);
"""


def upgrade() -> None:
    op.execute(_CHANGES)
