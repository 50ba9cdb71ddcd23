"""The tables of fingerprints and the SQL about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.core.database import OPERATIONAL, PUBLIC, Connection, column, metadata
from penchant.core.holdings import THE_VIDEO, AsLongAs, holding
from penchant.core.ids import SoundId, VideoId
from penchant.media.fingerprint import MOST_HITS_BY_CHANCE, Fingerprint, Hit, Match
from penchant.media.model import SoundCheck, SoundState

sound_hashes = Table(
    "sound_hashes",
    metadata,
    column("sound_id", BigInteger, PUBLIC, ForeignKey("sounds.id", ondelete="CASCADE"), nullable=False),
    column("hash", Integer, PUBLIC, nullable=False),
    column("at", SmallInteger, PUBLIC, nullable=False),
    PrimaryKeyConstraint("hash", "at", "sound_id"),
    Index(None, "sound_id"),
    info=holding("knows a sound again", AsLongAs("the sound"), sound_id="sound"),
)
"""A row per hash of a sound that came with a video; what uses it has none. The key is the index of the look-up, and in
the order that leaves no gaps."""

sound_checks = Table(
    "sound_checks",
    metadata,
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    column("state", Text, OPERATIONAL, nullable=False),
    column("like_sound_id", BigInteger, PUBLIC, ForeignKey("sounds.id", ondelete="SET NULL"), nullable=True),
    column("offset_ms", Integer, OPERATIONAL, nullable=True),
    column("share", Double, OPERATIONAL, nullable=True),
    column("hits", Integer, OPERATIONAL, nullable=True),
    column("changed_at", DateTime(timezone=True), OPERATIONAL, nullable=False),
    CheckConstraint("state IN ('waiting', 'own', 'linked', 'chosen', 'silent', 'failed')", name="state"),
    Index(None, "like_sound_id"),
    info=holding("whose a sound was found to be", THE_VIDEO, video_id="video"),
)
"""One row per video whose sound was, or will be, looked for among the others: what was decided, and why."""

_CANDIDATES = 50
_HITS = text("""
WITH hits AS (
    SELECT known.sound_id, known.at AS there, asked.at AS here, asked.hash
    FROM unnest(CAST(:hashes AS integer[]), CAST(:at AS integer[])) AS asked (hash, at)
    JOIN sound_hashes AS known ON known.hash = asked.hash
),
near AS (
    SELECT sound_id FROM hits GROUP BY sound_id, there - here
    HAVING count(*) >= :few ORDER BY count(*) DESC LIMIT :candidates
)
SELECT sound_id, there, here, hash FROM hits WHERE sound_id IN (SELECT sound_id FROM near)
""")
_DECIDES = text("SELECT pg_advisory_xact_lock(hashtext('penchant sounds'))")


def lock_decision(connection: Connection) -> None:
    """Until the transaction ends nobody else decides whose a sound is: of two alike at once, one is the first."""
    connection.execute(_DECIDES)


def put_hashes(connection: Connection, sound: SoundId, known: Fingerprint) -> None:
    """What a sound is known by from now on."""
    rows = [
        {"hash": hash_, "sound_id": sound, "at": at}
        for hash_, at in zip(known.hashes.tolist(), known.at.tolist(), strict=True)
    ]
    connection.execute(insert(sound_hashes), rows)


def hits(connection: Connection, question: Fingerprint) -> list[Hit[SoundId]]:
    """Hashes that known sounds share with what is asked, of those sounds only that can be a match.

    A match has more than `MOST_HITS_BY_CHANCE` hits at three neighbouring offsets, hence over a third at one.
    """
    values = {
        "hashes": question.hashes.tolist(),
        "at": question.at.tolist(),
        "few": MOST_HITS_BY_CHANCE // 3 + 1,
        "candidates": _CANDIDATES,
    }
    return [Hit(SoundId(row.sound_id), row.there, row.here, row.hash) for row in connection.execute(_HITS, values)]


def set_check(
    connection: Connection, video: VideoId, state: SoundState, now: datetime, why: Match[SoundId] | None = None
) -> None:
    values: dict[str, Any] = {"state": state, "changed_at": now}
    values |= {
        "like_sound_id": why.sound if why else None,
        "offset_ms": why.offset_ms if why else None,
        "share": why.share if why else None,
        "hits": why.hits if why else None,
    }
    statement = upsert(sound_checks).values(video_id=video, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["video_id"], set_=values))


def checks(connection: Connection, ids: Sequence[VideoId]) -> dict[VideoId, SoundCheck]:
    """What was decided about the sounds of some videos."""
    if not ids:
        return {}
    rows = connection.execute(select(sound_checks).where(sound_checks.c.video_id.in_(ids)))
    return {
        VideoId(row.video_id): SoundCheck(
            row.state,
            None if row.like_sound_id is None else SoundId(row.like_sound_id),
            row.offset_ms,
            row.share,
            row.hits,
        )
        for row in rows
    }
