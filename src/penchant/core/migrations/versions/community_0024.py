"""Comments that answer, are liked, edited, pinned, hidden and held back; the inbox; videos by hashtag for feeds."""

from alembic import op

revision = "0024"
down_revision = "0023"

_COMMENTS = """
ALTER TABLE comments ALTER COLUMN account_id DROP NOT NULL;
ALTER TABLE comments ADD COLUMN parent_id BIGINT;
ALTER TABLE comments ADD COLUMN answered_id BIGINT;
ALTER TABLE comments ADD COLUMN like_count INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE comments ADD COLUMN edited_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE comments ADD COLUMN hidden_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE comments ADD COLUMN held_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE comments ADD COLUMN pinned BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE comments ADD CONSTRAINT fk_comments_parent_id
    FOREIGN KEY(parent_id) REFERENCES comments (id) ON DELETE CASCADE;
ALTER TABLE comments ADD CONSTRAINT fk_comments_answered_id
    FOREIGN KEY(answered_id) REFERENCES accounts (id) ON DELETE SET NULL;
CREATE INDEX ix_comments_parent_id_id ON comments (parent_id, id);
CREATE INDEX ix_comments_answered_id ON comments (answered_id);
CREATE UNIQUE INDEX ix_comments_pinned ON comments (video_id) WHERE pinned;
CREATE INDEX ix_comments_held ON comments (video_id) WHERE held_at IS NOT NULL;
CREATE INDEX ix_likes_video_id_created_at ON likes (video_id, created_at);
DROP INDEX ix_likes_video_id;
CREATE TABLE comment_likes (
    account_id BIGINT NOT NULL,
    comment_id BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_comment_likes PRIMARY KEY (account_id, comment_id),
    CONSTRAINT fk_comment_likes_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT fk_comment_likes_comment_id FOREIGN KEY(comment_id) REFERENCES comments (id) ON DELETE CASCADE
);
CREATE INDEX ix_comment_likes_comment_id_created_at ON comment_likes (comment_id, created_at);
CREATE TABLE comment_mentions (
    comment_id BIGINT NOT NULL,
    handle TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    CONSTRAINT pk_comment_mentions PRIMARY KEY (comment_id, handle),
    CONSTRAINT fk_comment_mentions_comment_id FOREIGN KEY(comment_id) REFERENCES comments (id) ON DELETE CASCADE,
    CONSTRAINT fk_comment_mentions_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX ix_comment_mentions_account_id ON comment_mentions (account_id);
CREATE TABLE comment_texts (
    id BIGINT NOT NULL,
    comment_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    replaced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_comment_texts PRIMARY KEY (id),
    CONSTRAINT fk_comment_texts_comment_id FOREIGN KEY(comment_id) REFERENCES comments (id) ON DELETE CASCADE,
    CONSTRAINT fk_comment_texts_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX ix_comment_texts_account_id ON comment_texts (account_id);
CREATE INDEX ix_comment_texts_comment_id ON comment_texts (comment_id);
CREATE INDEX ix_comment_texts_replaced_at ON comment_texts (replaced_at);
CREATE TABLE comment_words (
    account_id BIGINT NOT NULL,
    words TEXT NOT NULL,
    CONSTRAINT pk_comment_words PRIMARY KEY (account_id, words),
    CONSTRAINT fk_comment_words_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
"""
_KINDS = """kind IN ('follow', 'follow_request', 'accepted', 'like', 'comment', 'reply', 'mention', 'comment_like',
        'video_ready', 'video_failed', 'decision')"""
_INBOX = f"""
CREATE TABLE notifications (
    id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    about BIGINT NOT NULL,
    by_id BIGINT,
    video_id BIGINT,
    comment_id BIGINT,
    decision_id BIGINT,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_notifications PRIMARY KEY (id),
    CONSTRAINT ck_notifications_kind CHECK ({_KINDS}),
    CONSTRAINT fk_notifications_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT fk_notifications_by_id FOREIGN KEY(by_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT fk_notifications_video_id FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE,
    CONSTRAINT fk_notifications_comment_id FOREIGN KEY(comment_id) REFERENCES comments (id) ON DELETE CASCADE,
    CONSTRAINT fk_notifications_decision_id FOREIGN KEY(decision_id) REFERENCES decisions (id)
);
CREATE INDEX ix_notifications_account_id ON notifications (account_id, changed_at DESC, id DESC);
CREATE INDEX ix_notifications_by_id ON notifications (by_id);
CREATE INDEX ix_notifications_changed_at ON notifications (changed_at);
CREATE INDEX ix_notifications_comment_id ON notifications (comment_id);
CREATE INDEX ix_notifications_decision_id ON notifications (decision_id);
CREATE UNIQUE INDEX ix_notifications_open ON notifications (account_id, kind, about) WHERE read_at IS NULL;
CREATE INDEX ix_notifications_video_id ON notifications (video_id);
CREATE TABLE notification_choices (
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    CONSTRAINT pk_notification_choices PRIMARY KEY (account_id, kind, channel),
    CONSTRAINT ck_notification_choices_kind CHECK ({_KINDS}),
    CONSTRAINT ck_notification_choices_channel CHECK (channel IN ('app')),
    CONSTRAINT fk_notification_choices_account_id FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE
);
"""


def upgrade() -> None:
    op.execute(_COMMENTS)
    op.execute(_INBOX)
