"""The work of moderators: claims and judgements of cases, appeals, trusted flaggers, copyright, statements."""

from alembic import op

revision = "0013"
down_revision = "0012"

_CHANGES = """
ALTER TABLE reports
    ADD COLUMN weight SMALLINT DEFAULT 0 NOT NULL,
    ADD COLUMN trusted BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE decisions
    ADD COLUMN account_id BIGINT,
    ADD COLUMN harm SMALLINT,
    ADD COLUMN source TEXT,
    ADD COLUMN content_date DATE,
    ADD COLUMN content_language TEXT,
    ADD CONSTRAINT fk_decisions_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
        ON DELETE SET NULL;
CREATE INDEX ix_decisions_account_id ON decisions (account_id);
ALTER TABLE cases
    ADD COLUMN trusted BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN claimed_by BIGINT,
    ADD COLUMN claimed_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN double_look BOOLEAN DEFAULT false NOT NULL,
    ADD CONSTRAINT fk_cases_claimed_by_accounts FOREIGN KEY(claimed_by) REFERENCES accounts (id) ON DELETE SET NULL;
CREATE INDEX ix_cases_decision_id ON cases (decision_id);
CREATE INDEX ix_cases_double_look ON cases (id) WHERE double_look;
CREATE TABLE judgements (
    id BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    moderator_id BIGINT,
    stage TEXT NOT NULL,
    action TEXT NOT NULL,
    rule TEXT,
    hours INTEGER,
    reason TEXT NOT NULL,
    harm SMALLINT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    hold_id BIGINT,
    CONSTRAINT pk_judgements PRIMARY KEY (id),
    CONSTRAINT ck_judgements_stage CHECK (stage IN ('decided', 'proposed', 'confirmed', 'overturned', 'blind')),
    CONSTRAINT fk_judgements_case_id_cases FOREIGN KEY(case_id) REFERENCES cases (id) ON DELETE CASCADE,
    CONSTRAINT fk_judgements_moderator_id_accounts FOREIGN KEY(moderator_id) REFERENCES accounts (id)
        ON DELETE SET NULL,
    CONSTRAINT fk_judgements_hold_id_decisions FOREIGN KEY(hold_id) REFERENCES decisions (id)
);
CREATE INDEX ix_judgements_case_id ON judgements (case_id);
CREATE INDEX ix_judgements_moderator_id_made_at ON judgements (moderator_id, made_at);
CREATE TABLE appeals (
    id BIGINT NOT NULL,
    decision_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    side TEXT NOT NULL,
    words_sealed BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    outcome TEXT,
    answer TEXT,
    decided_by BIGINT,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_appeals PRIMARY KEY (id),
    CONSTRAINT ck_appeals_side CHECK (side IN ('affected', 'reporter')),
    CONSTRAINT ck_appeals_outcome CHECK (outcome IN ('upheld', 'reversed')),
    CONSTRAINT fk_appeals_decision_id_decisions FOREIGN KEY(decision_id) REFERENCES decisions (id),
    CONSTRAINT fk_appeals_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT fk_appeals_decided_by_accounts FOREIGN KEY(decided_by) REFERENCES accounts (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX ix_appeals_decision_id_account_id ON appeals (decision_id, account_id);
CREATE TABLE trusted_flaggers (
    account_id BIGINT NOT NULL,
    area TEXT NOT NULL,
    named_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_trusted_flaggers PRIMARY KEY (account_id),
    CONSTRAINT fk_trusted_flaggers_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
        ON DELETE CASCADE
);
CREATE TABLE copyright_claims (
    report_id BIGINT NOT NULL,
    claim_sealed BYTEA NOT NULL,
    CONSTRAINT pk_copyright_claims PRIMARY KEY (report_id),
    CONSTRAINT fk_copyright_claims_report_id_reports FOREIGN KEY(report_id) REFERENCES reports (id) ON DELETE CASCADE
);
CREATE TABLE counter_notices (
    decision_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    words_sealed BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    restore_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    kept_by BIGINT,
    kept_reason TEXT,
    CONSTRAINT pk_counter_notices PRIMARY KEY (decision_id),
    CONSTRAINT fk_counter_notices_decision_id_decisions FOREIGN KEY(decision_id) REFERENCES decisions (id),
    CONSTRAINT fk_counter_notices_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
        ON DELETE CASCADE,
    CONSTRAINT fk_counter_notices_kept_by_accounts FOREIGN KEY(kept_by) REFERENCES accounts (id) ON DELETE SET NULL
);
CREATE INDEX ix_counter_notices_due ON counter_notices (restore_at) WHERE settled_at IS NULL;
-- Decisions of before: whom they concern, and what they are about.
UPDATE decisions SET account_id = v.creator_id, content_date = coalesce(v.published_at, v.created_at)::date,
    content_language = v.language FROM videos v WHERE decisions.kind = 'video' AND v.id = decisions.target_id;
UPDATE decisions SET account_id = c.account_id, content_date = c.created_at::date FROM comments c
    WHERE decisions.kind = 'comment' AND c.id = decisions.target_id;
UPDATE decisions SET account_id = a.id, content_date = a.created_at::date FROM accounts a
    WHERE decisions.kind = 'account' AND a.id = decisions.target_id;
UPDATE decisions SET harm = 1, source = 'SOURCE_TYPE_OTHER_NOTIFICATION' WHERE source IS NULL;
"""


def upgrade() -> None:
    """Columns for reports, decisions and cases, and five tables."""
    op.execute(_CHANGES)


def downgrade() -> None:
    """Restoring a backup is the way back."""
    raise NotImplementedError("go back by restoring a backup")
