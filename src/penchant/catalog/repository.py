"""The tables of videos and the SQL about them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    not_,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.types import NullType

from penchant.accounts.model import Account
from penchant.accounts.repository import PRIVATE, accounts, seen_by
from penchant.catalog.model import (
    Captions,
    Creator,
    OriginalSound,
    Rendition,
    RenditionName,
    Restrictions,
    Sound,
    Video,
    VideoFacts,
    VideoState,
)
from penchant.catalog.provenance import Provenance
from penchant.core.database import OPERATIONAL, PERSONAL, PUBLIC, SENSITIVE, Connection, column, id_array, metadata
from penchant.core.holdings import THE_ACCOUNT, THE_VIDEO, After, holding
from penchant.core.ids import AccountId, SoundId, VideoId

_MOMENT = DateTime(timezone=True)

sounds = Table(
    "sounds",
    metadata,
    column("id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("title", Text, PUBLIC, nullable=False),
    column("creator_id", BigInteger, PUBLIC, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Index(None, "creator_id"),
    Index(
        "ix_sounds_spelling",
        literal_column("search_spelling(search_plain(title))").label("spelling"),
        postgresql_using="gin",
        postgresql_ops={"spelling": "gin_trgm_ops"},
    ),
    info=holding("what can be heard", THE_ACCOUNT, creator_id="account"),
)
original_sounds = Table(
    "original_sounds",
    metadata,
    column("sound_id", BigInteger, PUBLIC, ForeignKey("sounds.id", ondelete="CASCADE"), primary_key=True),
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="CASCADE"), nullable=False),
    column("shared", Boolean, PUBLIC, nullable=False, server_default=text("true")),
    Index(None, "video_id", unique=True),
    info=holding("which video a sound came with", THE_VIDEO, video_id="video"),
)
"""The video that a sound came with, and whether its creator lets others use it."""
videos = Table(
    "videos",
    metadata,
    column("id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("creator_id", BigInteger, PUBLIC, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("title", Text, PUBLIC, nullable=False),
    column("language", Text, PUBLIC, nullable=False),
    column("hashtags", ARRAY(Text), PUBLIC, nullable=False, server_default=text("'{}'")),
    column("alt_text", Text, PUBLIC, nullable=False, server_default=text("''")),
    column("state", Text, PUBLIC, nullable=False),
    column("failure_code", Text, PUBLIC, nullable=True),
    column("failure_text", Text, PUBLIC, nullable=True),
    column("removed_by", Text, SENSITIVE, nullable=True),
    column("reach", SmallInteger, PUBLIC, nullable=False, server_default=text("100")),
    column("adults_only", Boolean, PUBLIC, nullable=False, server_default=text("false")),
    column("warnings", ARRAY(Text), PUBLIC, nullable=False, server_default=text("'{}'")),
    column("duration_ms", Integer, PUBLIC, nullable=False, server_default=text("0")),
    column("width", Integer, PUBLIC, nullable=False, server_default=text("0")),
    column("height", Integer, PUBLIC, nullable=False, server_default=text("0")),
    column("sound_id", BigInteger, PUBLIC, ForeignKey("sounds.id", ondelete="SET NULL"), nullable=True),
    column("is_demo", Boolean, PUBLIC, nullable=False),
    column("created_at", _MOMENT, PUBLIC, nullable=False),
    column("published_at", _MOMENT, PUBLIC, nullable=True),
    column("deleted_at", _MOMENT, PERSONAL, nullable=True),
    column("like_count", Integer, PUBLIC, nullable=False, server_default=text("0")),
    column("comment_count", Integer, PUBLIC, nullable=False, server_default=text("0")),
    column("encoder", Text, OPERATIONAL, nullable=True),
    column("vector", LargeBinary, OPERATIONAL, nullable=True),
    # Its certificate may name a person.
    column("provenance", JSONB(none_as_null=True), PERSONAL, nullable=True),
    CheckConstraint("state IN ('uploaded', 'processing', 'ready', 'failed', 'removed')", name="state"),
    CheckConstraint("removed_by IN ('creator', 'moderation')", name="removed_by"),
    CheckConstraint("reach BETWEEN 0 AND 100", name="reach"),
    Index(None, "creator_id", text("id DESC")),
    Index("ix_videos_sound_id", "sound_id", "id"),
    Index("ix_videos_listed", text("published_at DESC"), postgresql_where=text("state = 'ready'")),
    info=holding(
        "what can be watched",
        After("deleted_days", "deleted_at", "its creator deleted it", otherwise="as long as the account"),
        creator_id="account",
    ),
)
renditions = Table(
    "renditions",
    metadata,
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    column("name", Text, PUBLIC, primary_key=True),
    column("object_key", Text, OPERATIONAL, nullable=False),
    column("content_type", Text, PUBLIC, nullable=False),
    column("size_bytes", BigInteger, PUBLIC, nullable=False),
    column("sha256", Text, PUBLIC, nullable=False),
    column("width", Integer, PUBLIC, nullable=False),
    column("height", Integer, PUBLIC, nullable=False),
    info=holding("the files of a video", THE_VIDEO, video_id="video"),
)

captions = Table(
    "captions",
    metadata,
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    column("language", Text, PUBLIC, primary_key=True),
    column("cues", Integer, PUBLIC, nullable=False),
    column("body", Text, PUBLIC, nullable=False),
    column("changed_at", _MOMENT, PUBLIC, nullable=False),
    column("automatic", Boolean, PUBLIC, nullable=False, server_default=text("false")),
    info=holding("what is said in a video", THE_VIDEO, video_id="video"),
)

LISTED = and_(videos.c.state == "ready", videos.c.reach > 0)
"""What others than its creator may come across."""

_FILE_COLUMNS = ("name", "object_key", "content_type", "size_bytes", "sha256", "width", "height")
_FILES = (
    select(func.json_agg(func.json_build_array(*(renditions.c[name] for name in _FILE_COLUMNS))))
    .where(renditions.c.video_id == videos.c.id, renditions.c.name.not_like("cover-%"))
    .scalar_subquery()
)
"""A video's files in its own row, covers apart: one round trip for both. In the order of `Rendition`."""
_APART: tuple[RenditionName, ...] = ("poster", "strip", "preview")
_CAPTIONS = (
    select(
        func.json_agg(
            func.json_build_array(captions.c.language, captions.c.cues, captions.c.changed_at, captions.c.automatic)
        )
    )
    .where(captions.c.video_id == videos.c.id)
    .scalar_subquery()
)
"""Which captions a video has. In the order of `Captions`."""
_OWNERS = accounts.alias("sound_owners")
"""Of sounds."""
_RESTRICTIONS = (videos.c.reach, videos.c.adults_only, videos.c.warnings)
_VIDEO_COLUMNS = (
    videos,
    accounts.c.handle,
    accounts.c.name.label("creator_name"),
    accounts.c.suspended_at,
    PRIVATE.label("creator_private"),
    sounds.c.title.label("sound_title"),
    _OWNERS.c.id.label("sound_creator_id"),
    _OWNERS.c.handle.label("sound_handle"),
    _OWNERS.c.name.label("sound_creator_name"),
    _FILES.label("files"),
    _CAPTIONS.label("captions"),
)


class Whose(NamedTuple):
    """What decides who may have a video's files."""

    creator: AccountId
    state: VideoState
    creator_suspended: bool
    restrictions: Restrictions
    private: bool
    """Its creator publishes for followers only."""
    removed_by_moderation: bool = False
    """Not by its creator: it may come back, and appeals are judged by looking at it."""


def add_video(connection: Connection, **values: Any) -> None:
    creator_is_demo = select(accounts.c.is_demo).where(accounts.c.id == values["creator_id"]).scalar_subquery()
    connection.execute(insert(videos).values(is_demo=creator_is_demo, **values))


def add_sound(connection: Connection, id_: SoundId, title: str, creator: AccountId) -> None:
    connection.execute(insert(sounds).values(id=id_, title=title, creator_id=creator))


def sound_by_title(connection: Connection, creator: AccountId, title: str) -> SoundId | None:
    statement = select(sounds.c.id).where(sounds.c.creator_id == creator, sounds.c.title == title).limit(1)
    found = connection.execute(statement).scalar_one_or_none()
    return None if found is None else SoundId(found)


def add_original_sound(connection: Connection, id_: SoundId, video: VideoId, *, shared: bool) -> None:
    """Say which video a sound came with; the first one stays it."""
    statement = upsert(original_sounds).values(sound_id=id_, video_id=video, shared=shared)
    connection.execute(statement.on_conflict_do_nothing())


def sound_owners(connection: Connection, ids: Sequence[SoundId]) -> dict[SoundId, AccountId]:
    rows = connection.execute(select(sounds.c.id, sounds.c.creator_id).where(sounds.c.id == func.any(id_array(ids))))
    return {SoundId(row.id): AccountId(row.creator_id) for row in rows}


def sound(connection: Connection, id_: SoundId) -> tuple[Sound, bool] | None:
    """A sound and whether its creator is suspended."""
    statement = select(sounds, accounts.c.handle, accounts.c.name, accounts.c.suspended_at, PRIVATE.label("private"))
    statement = statement.join(accounts, accounts.c.id == sounds.c.creator_id).where(sounds.c.id == id_)
    row = connection.execute(statement).first()
    if row is None:
        return None
    creator = Creator(AccountId(row.creator_id), row.handle, row.name, row.private)
    return Sound(id_, row.title, creator), row.suspended_at is not None


def original_of(connection: Connection, id_: SoundId) -> VideoId | None:
    """The video that a sound came with, in whatever state."""
    statement = select(original_sounds.c.video_id).where(original_sounds.c.sound_id == id_)
    found = connection.execute(statement).scalar_one_or_none()
    return None if found is None else VideoId(found)


def sharing_of(connection: Connection, ids: Sequence[VideoId]) -> dict[VideoId, bool]:
    """Of those videos that have a sound of their own: whether others may use it."""
    c = original_sounds.c
    rows = connection.execute(select(c.video_id, c.shared).where(c.video_id == func.any(id_array(ids))))
    return {VideoId(row.video_id): row.shared for row in rows}


def set_sharing(connection: Connection, id_: VideoId, *, shared: bool) -> bool:
    """Whether the video has a sound of its own."""
    table = original_sounds
    statement = update(table).where(table.c.video_id == id_).values(shared=shared)
    return connection.execute(statement.returning(table.c.sound_id)).first() is not None


def videos_with(
    connection: Connection,
    id_: SoundId,
    but: VideoId | None,
    before: int | None,
    limit: int,
    hidden: Iterable[int],
    viewer: Account | None,
) -> list[Video]:
    """What this viewer sees of the videos in which a sound is heard, newest first; none of suspended or `hidden`
    creators.
    """
    statement = _select_videos().where(videos.c.sound_id == id_, *come_across(viewer, hidden))
    if but is not None:
        statement = statement.where(videos.c.id != but)
    if before is not None:
        statement = statement.where(videos.c.id < before)
    return [_video_from(row) for row in connection.execute(statement.order_by(videos.c.id.desc()).limit(limit))]


def count_with(connection: Connection, id_: SoundId) -> int:
    """Videos in which a sound is heard, as everybody may see them."""
    statement = select(func.count()).select_from(_of_people()).where(videos.c.sound_id == id_, LISTED, not_(PRIVATE))
    return int(connection.execute(statement).scalar_one())


def usable_original(connection: Connection, id_: SoundId) -> OriginalSound | None:
    """A sound that others may use now: shared, and heard in a listed video of somebody who is neither suspended nor
    private.
    """
    statement = (
        select(sounds, original_sounds.c.video_id)
        .join(original_sounds, original_sounds.c.sound_id == sounds.c.id)
        .join(videos, videos.c.id == original_sounds.c.video_id)
        .join(accounts, accounts.c.id == sounds.c.creator_id)
        .where(
            sounds.c.id == id_,
            original_sounds.c.shared,
            LISTED,
            accounts.c.suspended_at.is_(None),
            not_(PRIVATE),
        )
    )
    row = connection.execute(statement).first()
    if row is None:
        return None
    return OriginalSound(SoundId(row.id), row.title, AccountId(row.creator_id), VideoId(row.video_id))


def lock_video(connection: Connection, id_: VideoId) -> Any:
    """The video's bare row, locked until the transaction ends; None where there is none."""
    return connection.execute(select(videos).where(videos.c.id == id_).with_for_update()).first()


def update_video(connection: Connection, id_: VideoId, **values: Any) -> None:
    connection.execute(update(videos).where(videos.c.id == id_).values(**values))


def put_rendition(connection: Connection, id_: VideoId, rendition: Rendition) -> None:
    """Add a rendition, or replace the one of that name."""
    values = {
        "object_key": rendition.object_key,
        "content_type": rendition.content_type,
        "size_bytes": rendition.size_bytes,
        "sha256": rendition.sha256,
        "width": rendition.width,
        "height": rendition.height,
    }
    statement = upsert(renditions).values(video_id=id_, name=rendition.name, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["video_id", "name"], set_=values))


def rendition(connection: Connection, id_: VideoId, name: str) -> tuple[Rendition, Whose] | None:
    """One file of a video, and who may have it."""
    statement = (
        select(
            renditions,
            videos.c.state,
            videos.c.creator_id,
            videos.c.removed_by,
            *_RESTRICTIONS,
            accounts.c.suspended_at,
            PRIVATE.label("creator_private"),
        )
        .join(videos, videos.c.id == renditions.c.video_id)
        .join(accounts, accounts.c.id == videos.c.creator_id)
        .where(renditions.c.video_id == id_, renditions.c.name == name)
    )
    row = connection.execute(statement).first()
    if row is None:
        return None
    whose = Whose(
        creator=AccountId(row.creator_id),
        state=row.state,
        creator_suspended=row.suspended_at is not None,
        restrictions=_restrictions_from(row),
        private=row.creator_private,
        removed_by_moderation=row.removed_by == "moderation",
    )
    return _rendition_from(row), whose


def covers(connection: Connection, ids: Sequence[VideoId]) -> dict[VideoId, list[Rendition]]:
    """The covers that creators may choose among, in the order of time; videos without any are missing."""
    statement = select(renditions).where(
        renditions.c.video_id == func.any(id_array(ids)), renditions.c.name.like("cover-%")
    )
    found: dict[VideoId, list[Rendition]] = {}
    for row in connection.execute(statement.order_by(renditions.c.video_id, renditions.c.name)):
        found.setdefault(VideoId(row.video_id), []).append(_rendition_from(row))
    return found


def put_captions(
    connection: Connection,
    id_: VideoId,
    language: str,
    cues: int,
    body: str,
    changed_at: datetime,
    *,
    automatic: bool = False,
) -> None:
    """Add captions in a language, or replace those that are there."""
    values = {"cues": cues, "body": body, "changed_at": changed_at, "automatic": automatic}
    statement = upsert(captions).values(video_id=id_, language=language, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["video_id", "language"], set_=values))


def delete_captions(connection: Connection, id_: VideoId, language: str) -> bool:
    """Whether there were any."""
    statement = delete(captions).where(captions.c.video_id == id_, captions.c.language == language)
    return connection.execute(statement.returning(captions.c.language)).first() is not None


def captions_text(connection: Connection, id_: VideoId, language: str) -> str | None:
    """The captions of a video in a language as WebVTT, whatever state the video is in."""
    statement = select(captions.c.body).where(captions.c.video_id == id_, captions.c.language == language)
    return connection.execute(statement).scalar_one_or_none()


def video(connection: Connection, id_: VideoId) -> tuple[Video, bool] | None:
    """A video and whether its creator is suspended."""
    row = connection.execute(_select_videos().where(videos.c.id == id_)).first()
    if row is None:
        return None
    return _video_from(row), row.suspended_at is not None


def ready_videos(connection: Connection, ids: Sequence[int]) -> dict[VideoId, Video]:
    """Those of the given videos that may be shown to someone."""
    own = (videos.c.id == func.any(id_array(ids)), LISTED, accounts.c.suspended_at.is_(None))
    rows = connection.execute(_select_videos().where(*own)).all()
    return {found.id: found for found in map(_video_from, rows)}


def listed_for(connection: Connection, ids: Sequence[int], viewer: Account | None) -> dict[VideoId, Video]:
    """Those of the given videos that this viewer may come across."""
    own = (videos.c.id == func.any(id_array(ids)), _listed_for(viewer), accounts.c.suspended_at.is_(None))
    return {found.id: found for found in map(_video_from, connection.execute(_select_videos().where(*own)))}


def titles(connection: Connection, ids: Sequence[int]) -> dict[VideoId, str]:
    """Titles of those of the given videos that everybody may see."""
    if not ids:
        return {}
    statement = select(videos.c.id, videos.c.title).select_from(_of_people())
    statement = statement.where(videos.c.id == func.any(id_array(ids)), LISTED, not_(PRIVATE))
    return {VideoId(row.id): row.title for row in connection.execute(statement)}


def videos_of(
    connection: Connection, creator: AccountId, states: Sequence[VideoState], before: int | None, limit: int
) -> list[Video]:
    """A creator's videos, newest first."""
    statement = _select_videos().where(videos.c.creator_id == creator, videos.c.state.in_(states))
    if before is not None:
        statement = statement.where(videos.c.id < before)
    rows = connection.execute(statement.order_by(videos.c.id.desc()).limit(limit)).all()
    return [_video_from(row) for row in rows]


def stand_ins_without_videos(connection: Connection, own_market: str) -> list[AccountId]:
    """Who stands here for somebody in another market, and has nothing but what was taken away by that; unsuspended."""
    a = accounts.c
    deleted = and_(videos.c.state == "removed", videos.c.removed_by == "creator")
    statement = select(a.id).where(
        a.home_market != own_market,
        a.handle.endswith("." + a.home_market),
        a.suspended_at.is_(None),
        ~exists().where(videos.c.creator_id == a.id, not_(deleted)),
    )
    return [AccountId(id_) for id_ in connection.execute(statement).scalars()]


def listed_videos_of(
    connection: Connection, creator: AccountId, before: int | None, limit: int, viewer: Account | None
) -> list[Video]:
    """What this viewer sees of a creator's videos, newest first."""
    statement = _select_videos().where(videos.c.creator_id == creator, _listed_for(viewer))
    if before is not None:
        statement = statement.where(videos.c.id < before)
    rows = connection.execute(statement.order_by(videos.c.id.desc()).limit(limit)).all()
    return [_video_from(row) for row in rows]


def count_listed(connection: Connection, creator: AccountId) -> int:
    statement = select(func.count()).where(videos.c.creator_id == creator, LISTED)
    return int(connection.execute(statement).scalar_one())


def facts(connection: Connection, ids: Sequence[int], *, texts: bool = False) -> list[VideoFacts]:
    """What the pipeline needs of videos that are ready, held ones among them; others are simply missing.

    texts: their words as well.
    """
    c = videos.c
    words = (c.title, c.alt_text) if texts else ()
    # The driver's own list is right: SQLAlchemy's would be made once more, element by element.
    hashtags, warnings = type_coerce(c.hashtags, NullType()), type_coerce(c.warnings, NullType())
    statement = (
        select(c.id, c.creator_id, c.sound_id, c.language, hashtags, c.reach, c.adults_only, PRIVATE, warnings, *words)
        .join(accounts, accounts.c.id == c.creator_id)
        .where(c.id == func.any(id_array(ids)), c.state == "ready", accounts.c.suspended_at.is_(None))
    )
    return [
        VideoFacts(id_, creator, sound, language, tuple(tags), reach, adults, private, tuple(warned), tuple(said))
        for id_, creator, sound, language, tags, reach, adults, private, warned, *said in connection.execute(statement)
    ]


def about_any(
    connection: Connection, ids: Sequence[int], hashtags: Iterable[str], warnings: Iterable[str]
) -> frozenset[int]:
    """Those of the given videos that have one of the hashtags or of the warnings."""
    c = videos.c
    about = or_(c.hashtags.overlap(_texts(hashtags)), c.warnings.overlap(_texts(warnings)))
    return frozenset(connection.execute(select(c.id).where(c.id == func.any(id_array(ids)), about)).scalars())


def newest_column(limit: int) -> Any:
    """Ids of the newest videos that everybody may see as a column `newest`, an array, for a statement that asks for
    more besides.
    """
    newest = _newest(not_(PRIVATE), limit).subquery()
    return select(func.array_agg(newest.c.id)).select_from(newest).scalar_subquery().label("newest")


def newest_ids_of(connection: Connection, creators: Sequence[int], limit: int) -> list[int]:
    """Ids of the newest listed videos of some creators."""
    rows = connection.execute(_newest(videos.c.creator_id == func.any(id_array(creators)), limit))
    return [row.id for row in rows]


def _newest(condition: Any, limit: int) -> Any:
    listed = select(videos.c.id).select_from(_of_people()).where(condition, LISTED)
    return listed.order_by(videos.c.published_at.desc(), videos.c.id.desc()).limit(limit)


def remove_demo_videos(connection: Connection) -> list[VideoId]:
    rows = connection.execute(select(videos.c.id).where(videos.c.is_demo)).all()
    connection.execute(delete(videos).where(videos.c.is_demo))
    return [VideoId(row.id) for row in rows]


def count_demo(connection: Connection) -> int:
    statement = select(func.count()).where(videos.c.is_demo, videos.c.state == "ready")
    return int(connection.execute(statement).scalar_one())


def videos_not_encoded_by(connection: Connection, encoder: str) -> list[VideoId]:
    """Ready videos whose content vector is of another encoder, or that have none, the newest first."""
    statement = (
        select(videos.c.id)
        .where(videos.c.state == "ready", videos.c.encoder.is_distinct_from(encoder))
        .order_by(videos.c.published_at.desc(), videos.c.id.desc())
    )
    return [VideoId(id_) for id_ in connection.execute(statement).scalars()]


def count_by_state(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(videos.c.state, func.count()).group_by(videos.c.state))
    return {state: count for state, count in rows}


def count_videos(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(videos)).scalar_one())


def renditions_of(connection: Connection, id_: VideoId) -> list[Rendition]:
    """Every file of a video, in whatever state it is."""
    rows = connection.execute(select(renditions).where(renditions.c.video_id == id_).order_by(renditions.c.name))
    return [_rendition_from(row) for row in rows]


def object_keys(connection: Connection, id_: VideoId) -> list[str]:
    rows = connection.execute(select(renditions.c.object_key).where(renditions.c.video_id == id_).distinct())
    return [row.object_key for row in rows]


def add_to_counts(connection: Connection, id_: VideoId, *, likes: int = 0, comments: int = 0) -> None:
    connection.execute(
        update(videos)
        .where(videos.c.id == id_)
        .values(like_count=videos.c.like_count + likes, comment_count=videos.c.comment_count + comments)
    )


def _texts(texts: Iterable[str]) -> Any:
    return cast(literal(sorted(texts), ARRAY(Text)), ARRAY(Text))


def _select_videos() -> Any:
    return (
        select(*_VIDEO_COLUMNS)
        .join(accounts, accounts.c.id == videos.c.creator_id)
        .outerjoin(sounds, sounds.c.id == videos.c.sound_id)
        .outerjoin(_OWNERS, _OWNERS.c.id == sounds.c.creator_id)
    )


def _video_from(row: Any) -> Video:
    files = {file.name: file for file in (Rendition(*entry) for entry in row.files or ())}
    apart = [files.pop(name, None) for name in _APART]
    playable = sorted(files.values(), key=lambda file: file.size_bytes)
    return Video(
        id=VideoId(row.id),
        creator=Creator(AccountId(row.creator_id), row.handle, row.creator_name, row.creator_private),
        title=row.title,
        language=row.language,
        hashtags=tuple(row.hashtags),
        state=row.state,
        duration_ms=row.duration_ms,
        width=row.width,
        height=row.height,
        sound=None if row.sound_id is None else _sound_from(row),
        is_demo=row.is_demo,
        created_at=row.created_at,
        like_count=row.like_count,
        comment_count=row.comment_count,
        failure_code=row.failure_code,
        failure_text=row.failure_text,
        renditions=tuple(playable),
        poster=apart[0],
        strip=apart[1],
        preview=apart[2],
        captions=tuple(
            sorted(
                Captions(language, cues, datetime.fromisoformat(changed_at), automatic)
                for language, cues, changed_at, automatic in row.captions or ()
            )
        ),
        alt_text=row.alt_text,
        provenance=None if row.provenance is None else msgspec.convert(row.provenance, Provenance),
        restrictions=_restrictions_from(row),
    )


def _restrictions_from(row: Any) -> Restrictions:
    return Restrictions(row.reach, row.adults_only, tuple(row.warnings))


def _listed_for(viewer: Account | None) -> Any:
    """Of rows joined with their creators."""
    if viewer is not None and viewer.moderates:
        return LISTED
    seen = and_(LISTED, seen_by(viewer.id if viewer else None))
    return seen if viewer is not None and viewer.is_adult else and_(seen, ~videos.c.adults_only)


def come_across(viewer: Account | None, hidden: Iterable[int]) -> tuple[Any, ...]:
    """Of videos joined with their creators: what this viewer may come across; none of suspended or `hidden` ones."""
    return _listed_for(viewer), accounts.c.suspended_at.is_(None), videos.c.creator_id != func.all(id_array(hidden))


def _of_people() -> Any:
    """Videos with their creators."""
    return videos.join(accounts, accounts.c.id == videos.c.creator_id)


def _sound_from(row: Any) -> Sound:
    creator = Creator(AccountId(row.sound_creator_id), row.sound_handle, row.sound_creator_name)
    return Sound(SoundId(row.sound_id), row.sound_title, creator)


def _rendition_from(row: Any) -> Rendition:
    return Rendition(
        name=row.name,
        object_key=row.object_key,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        width=row.width,
        height=row.height,
    )
