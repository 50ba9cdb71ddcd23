"""Cases as they go over the wire: to moderators, and where they are the same, to those concerned."""

from datetime import datetime
from typing import Any

import msgspec

from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.community import repository as community
from penchant.core.database import Connection
from penchant.core.ids import CommentId, VideoId, format_id
from penchant.safety.casework.model import Context, Entry
from penchant.safety.casework.strikes import Standing
from penchant.safety.model import Decision, TargetKind
from penchant.safety.targets import About
from penchant.web.schemas import media_url, path_of


class TargetOut(msgspec.Struct, frozen=True):
    handle: str
    words: str
    """Of a comment what it said when the case was opened."""
    edited_to: str | None
    """What a comment says now, where that is something else."""
    url: str | None
    poster_url: str | None
    media_url: str | None
    created_at: datetime


class EntryOut(msgspec.Struct, frozen=True):
    id: str
    kind: TargetKind
    target: str
    harm: int
    reach: int
    confidence: float
    priority: float
    trusted: bool
    opened_at: datetime
    claimed_by: str | None
    blind: bool
    proposed: bool
    reasons: dict[str, int]
    labels: list[str]
    about: TargetOut | None


class LabelOut(msgspec.Struct, frozen=True):
    label: str
    source: str
    confidence: float
    evidence: dict[str, Any]


class NoteOut(msgspec.Struct, frozen=True):
    reason: str
    words: str
    trusted: bool
    signed_in: bool
    at: datetime


class PastOut(msgspec.Struct, frozen=True):
    action: str
    reason: str
    rule: str | None
    by: str | None
    at: datetime
    reversed: bool


class OpinionOut(msgspec.Struct, frozen=True):
    by: str | None
    stage: str
    action: str
    rule: str | None
    hours: int | None
    reason: str
    at: datetime


class StandingOut(msgspec.Struct, frozen=True):
    points: int
    strikes: int
    next_step: int | None
    first_forgotten_at: datetime | None


class CaseOut(msgspec.Struct, frozen=True):
    entry: EntryOut
    labels: list[LabelOut]
    notes: list[NoteOut]
    claims: list[dict[str, str]]
    history: list[PastOut]
    standing: StandingOut
    other_cases: int
    opinions: list[OpinionOut]
    needs_second: bool


def entry_out(connection: Connection, entry: Entry) -> EntryOut:
    """As it stands in the queue."""
    return EntryOut(
        id=format_id(entry.id),
        kind=entry.kind,
        target=format_id(entry.target),
        harm=entry.harm,
        reach=entry.reach,
        confidence=entry.confidence / 1000,
        priority=round(entry.priority, 3),
        trusted=entry.trusted,
        opened_at=entry.opened_at,
        claimed_by=entry.claimed_by,
        blind=entry.blind,
        proposed=entry.proposed,
        reasons=dict(entry.reasons),
        labels=list(entry.labels),
        about=target_out(connection, entry.kind, entry.target, entry.about, entry.opened_at),
    )


def target_out(
    connection: Connection, kind: TargetKind, target: int, about: About | None, opened_at: datetime
) -> TargetOut | None:
    """What a case that was opened then is about: words, address, picture; None where it is gone."""
    if about is None:
        return None
    poster = media = None
    if kind == "video":
        found = catalog.video(connection, VideoId(target))
        if found is not None:
            video = found[0]
            poster = media_url(video.id, "poster.jpg", video.poster.sha256) if video.poster else None
            file = video.renditions[0] if video.renditions else None
            media = media_url(video.id, f"{file.name}.mp4", file.sha256) if file else None
    url = path_of(about.handle) if kind == "account" else f"/v/{format_id(about.video or 0)}"
    words, edited_to = as_reported(connection, kind, target, about.words, opened_at)
    return TargetOut(about.handle, words, edited_to, url, poster, media, about.created_at)


def as_reported(
    connection: Connection, kind: TargetKind, target: int, words: str, moment: datetime
) -> tuple[str, str | None]:
    """What a target said at a moment, and what it says now where that is something else: of a comment, for nothing
    else is kept as it was.
    """
    row = community.comment(connection, CommentId(target)) if kind == "comment" else None
    said = words if row is None else community.text_at(connection, row, moment)
    return said, words if said != words else None


def case_out(penchant: Penchant, context: Context) -> CaseOut:
    """Everything that helps to decide it."""
    with penchant.engine.connect() as connection:
        entry = entry_out(connection, context.entry)
    return CaseOut(
        entry=entry,
        labels=[LabelOut(one.label, one.source, one.confidence / 1000, dict(one.evidence)) for one in context.labels],
        notes=[NoteOut(one.reason, one.words, one.trusted, one.signed_in, one.at) for one in context.notes],
        claims=[{name: str(text) for name, text in claim.items()} for claim in context.claims],
        history=[past_out(one) for one in context.history],
        standing=standing_out(context.standing),
        other_cases=context.other_cases,
        opinions=[
            OpinionOut(one.by, one.stage, one.action, one.rule, one.hours, one.reason, one.at)
            for one in context.opinions
        ],
        needs_second=context.needs_second,
    )


def standing_out(standing: Standing) -> StandingOut:
    """How an account stands, for itself and for moderators."""
    first = standing.strikes[0].until if standing.strikes else None
    return StandingOut(standing.points, len(standing.strikes), standing.next_step, first)


def past_out(decision: Decision) -> PastOut:
    """A decision, to moderators."""
    return PastOut(
        action=decision.action,
        reason=decision.reason,
        rule=decision.rule,
        by=decision.decided_by,
        at=decision.decided_at,
        reversed=decision.reversed_by is not None,
    )
