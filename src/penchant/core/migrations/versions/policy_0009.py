"""What decisions take from a video, on what evidence and under which policy; what waits for a person."""

from alembic import op

revision = "0009"
down_revision = "0008"

_CHANGES = """
ALTER TABLE videos
    ADD COLUMN reach SMALLINT DEFAULT 100 NOT NULL,
    ADD COLUMN adults_only BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN warnings TEXT[] DEFAULT '{}' NOT NULL,
    ADD CONSTRAINT ck_videos_reach CHECK (reach BETWEEN 0 AND 100);
CREATE TABLE policies (
    version TEXT NOT NULL,
    body TEXT NOT NULL,
    first_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_policies PRIMARY KEY (version)
);
ALTER TABLE decisions
    ADD COLUMN rule TEXT,
    ADD COLUMN policy TEXT,
    ADD COLUMN automated BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN evidence JSONB DEFAULT '[]' NOT NULL,
    ADD COLUMN reach SMALLINT,
    ADD COLUMN ends_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN reversed_by BIGINT,
    ADD COLUMN ground TEXT,
    ADD COLUMN basis TEXT,
    ADD COLUMN category TEXT,
    ADD CONSTRAINT fk_decisions_policy_policies FOREIGN KEY(policy) REFERENCES policies (version),
    ADD CONSTRAINT fk_decisions_reversed_by_decisions FOREIGN KEY(reversed_by) REFERENCES decisions (id);
CREATE INDEX ix_decisions_ending ON decisions (ends_at) WHERE ends_at IS NOT NULL AND reversed_by IS NULL;
CREATE TABLE labels (
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    target_id BIGINT NOT NULL,
    label TEXT NOT NULL,
    source TEXT NOT NULL,
    confidence SMALLINT NOT NULL,
    evidence JSONB NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_labels PRIMARY KEY (id),
    CONSTRAINT ck_labels_confidence CHECK (confidence BETWEEN 0 AND 1000)
);
CREATE UNIQUE INDEX ix_labels_kind_target_id_label_source ON labels (kind, target_id, label, source);
CREATE TABLE cases (
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    target_id BIGINT NOT NULL,
    harm SMALLINT NOT NULL,
    confidence SMALLINT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decision_id BIGINT,
    CONSTRAINT pk_cases PRIMARY KEY (id),
    CONSTRAINT fk_cases_decision_id_decisions FOREIGN KEY(decision_id) REFERENCES decisions (id)
);
CREATE UNIQUE INDEX ix_cases_open ON cases (kind, target_id) WHERE decision_id IS NULL;
ALTER TABLE comments ADD COLUMN removed_at TIMESTAMP WITH TIME ZONE;
-- What was restored or let back in before is no restriction any more: the newest later reversal took it back.
UPDATE decisions SET reversed_by = later.id FROM (
    SELECT DISTINCT ON (d.id) d.id AS old, r.id FROM decisions d JOIN decisions r
    ON r.kind = d.kind AND r.target_id = d.target_id AND r.id > d.id AND r.action IN ('restore', 'unsuspend')
    WHERE d.action IN ('remove', 'suspend') ORDER BY d.id, r.id
) later WHERE decisions.id = later.old;
-- Reports that wait have a case.
INSERT INTO cases (id, kind, target_id, harm, confidence, opened_at)
SELECT max(id), kind, target_id, 1, 500, min(created_at) FROM reports WHERE decision_id IS NULL
GROUP BY kind, target_id;
"""


def upgrade() -> None:
    """Three columns for videos, more for decisions, and tables of policies, labels and cases."""
    op.execute(_CHANGES)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
