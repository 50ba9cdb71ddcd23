"""Orders about the market, what became of them, the steps of its life cycle, and that its keys were destroyed."""

from alembic import op

revision = "0018"
down_revision = "0017"

_CHANGES = """
CREATE TABLE orders (
    id BIGINT NOT NULL,
    issuer TEXT NOT NULL,
    legal_basis TEXT NOT NULL,
    body TEXT NOT NULL,
    markets TEXT[] NOT NULL,
    CONSTRAINT pk_orders PRIMARY KEY (id)
);
CREATE TABLE order_acts (
    id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    what TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    new_date TIMESTAMP WITH TIME ZONE,
    note TEXT NOT NULL,
    acted_by BIGINT,
    CONSTRAINT pk_order_acts PRIMARY KEY (id),
    CONSTRAINT ck_order_acts_what CHECK (what IN ('announced', 'extended', 'stayed', 'resumed', 'annulled',
        'executed')),
    CONSTRAINT fk_order_acts_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id),
    CONSTRAINT fk_order_acts_acted_by_accounts FOREIGN KEY(acted_by) REFERENCES accounts (id) ON DELETE SET NULL
);
CREATE INDEX ix_order_acts_order_id ON order_acts (order_id);
CREATE INDEX ix_order_acts_acted_by ON order_acts (acted_by);
CREATE TABLE market_steps (
    id BIGINT NOT NULL,
    to_state TEXT NOT NULL,
    order_id BIGINT,
    takes_effect_at TIMESTAMP WITH TIME ZONE NOT NULL,
    moved_to TEXT NOT NULL,
    reason TEXT NOT NULL,
    planned_by BIGINT,
    planned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    confirmed_by BIGINT,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    revoked_by BIGINT,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_market_steps PRIMARY KEY (id),
    CONSTRAINT ck_market_steps_to_state CHECK (to_state IN ('no_signups', 'winding_down', 'read_only', 'closed',
        'handed_over')),
    CONSTRAINT ck_market_steps_two_people CHECK (planned_by <> confirmed_by),
    CONSTRAINT fk_market_steps_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id),
    CONSTRAINT fk_market_steps_planned_by_accounts FOREIGN KEY(planned_by) REFERENCES accounts (id) ON DELETE SET NULL,
    CONSTRAINT fk_market_steps_confirmed_by_accounts FOREIGN KEY(confirmed_by) REFERENCES accounts (id)
        ON DELETE SET NULL,
    CONSTRAINT fk_market_steps_revoked_by_accounts FOREIGN KEY(revoked_by) REFERENCES accounts (id) ON DELETE SET NULL
);
CREATE TABLE closing_certificates (
    step_id BIGINT NOT NULL,
    destroyed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    counts JSONB NOT NULL,
    CONSTRAINT pk_closing_certificates PRIMARY KEY (step_id),
    CONSTRAINT fk_closing_certificates_step_id_market_steps FOREIGN KEY(step_id) REFERENCES market_steps (id)
);
"""


def upgrade() -> None:
    op.execute(_CHANGES)
