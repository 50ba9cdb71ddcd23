"""The gateway between markets: which requests were here before, what others were told of, what was heard from them."""

from alembic import op

revision = "0019"
down_revision = "0018"

_CHANGES = """
CREATE TABLE gateway_nonces (
    nonce TEXT NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_gateway_nonces PRIMARY KEY (nonce)
);
CREATE TABLE offered (
    video_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    digest TEXT,
    CONSTRAINT pk_offered PRIMARY KEY (video_id)
);
CREATE UNIQUE INDEX ix_offered_number ON offered (number);
CREATE TABLE mirrors (
    market TEXT NOT NULL,
    remote_id BIGINT NOT NULL,
    video_id BIGINT,
    number BIGINT NOT NULL,
    told TEXT,
    here BIGINT,
    tries SMALLINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_mirrors PRIMARY KEY (market, remote_id),
    CONSTRAINT fk_mirrors_video_id_videos FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX ix_mirrors_video_id ON mirrors (video_id);
CREATE TABLE mirrored_markets (
    market TEXT NOT NULL,
    number BIGINT NOT NULL,
    CONSTRAINT pk_mirrored_markets PRIMARY KEY (market)
);
"""


def upgrade() -> None:
    op.execute(_CHANGES)
