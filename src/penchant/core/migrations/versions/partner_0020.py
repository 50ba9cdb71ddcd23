"""The partner: views without people, who may look at them and until when, and the switch that stops profiles."""

from alembic import op

revision = "0020"
down_revision = "0019"

_CHANGES = """
CREATE TABLE partners (
    name TEXT NOT NULL,
    token_hash BYTEA NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_partners PRIMARY KEY (name)
);
CREATE UNIQUE INDEX ix_partners_token_hash ON partners (token_hash);
CREATE TABLE profile_stops (
    entry BIGINT NOT NULL,
    by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT NOT NULL,
    lifted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_profile_stops PRIMARY KEY (entry)
);
CREATE INDEX ix_profile_stops_standing ON profile_stops (at) WHERE lifted_at IS NULL;
CREATE SCHEMA partner;
CREATE VIEW partner.videos AS
    SELECT v.id, a.handle AS creator, v.title, v.hashtags, v.language, v.duration_ms, v.published_at, v.reach,
           v.adults_only, v.warnings, v.like_count, v.comment_count
    FROM videos v JOIN accounts a ON a.id = v.creator_id
    WHERE v.state = 'ready' AND NOT (a.wants_private OR a.age_band = 'minor');
CREATE VIEW partner.pages_by_hour AS
    SELECT date_trunc('hour', served_at) AS hour, recipe, count(*) AS pages, count(entry) AS with_leaf
    FROM pages GROUP BY 1, 2 HAVING count(*) >= 20;
CREATE VIEW partner.decisions_by_day AS
    SELECT date_trunc('day', decided_at) AS day, action, kind, ground, automated, count(*) AS decisions,
           count(reversed_by) AS reversed
    FROM decisions GROUP BY 1, 2, 3, 4, 5;
CREATE VIEW partner.policies AS SELECT version, body, first_used_at FROM policies;
CREATE VIEW partner.boosts AS SELECT video_id, amount, begins_at, ends_at, reason FROM boosts;
CREATE VIEW partner.ledger AS SELECT index, kind, leaf FROM ledger_entries;
CREATE VIEW partner.ledger_state AS
    SELECT origin, size, tiled, checkpoint, cosigned, cosigned_at, stopped FROM ledger_state;
CREATE VIEW partner.figures AS SELECT day, made_at, pages, viewers, videos, listed FROM feed_days;
CREATE VIEW partner.shares AS
    SELECT day, kind, name, shown, watched_ms, long FROM feed_shares WHERE viewers >= 20;
CREATE VIEW partner.orders AS SELECT id, issuer, legal_basis, body, markets FROM orders;
CREATE VIEW partner.order_acts AS SELECT order_id, what, at, new_date, note FROM order_acts;
CREATE VIEW partner.steps AS
    SELECT id, to_state, order_id, takes_effect_at, moved_to, reason, planned_at, confirmed_at, revoked_at
    FROM market_steps;
"""


def upgrade() -> None:
    op.execute(_CHANGES)
