"""What search asks, and the SQL about it. The tables follow `videos` by triggers of the database: migration 0023.

Each answer is ranked whole, among so many candidates at most, and continued after a score and an id.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR

from penchant.accounts.model import Account
from penchant.accounts.people_rows import may_know
from penchant.accounts.repository import accounts
from penchant.catalog.model import Creator, Sound
from penchant.catalog.repository import come_across, sounds, videos
from penchant.core.database import PERSONAL, PUBLIC, Connection, column, id_array, metadata
from penchant.core.holdings import THE_VIDEO, AsLongAs, holding
from penchant.core.ids import AccountId, SoundId, VideoId
from penchant.core.ranking import as_score, behind, prefix, prior

video_words = Table(
    "video_words",
    metadata,
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    column("words", TSVECTOR, PUBLIC, nullable=False),
    Index("ix_video_words_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    info=holding("by which words a video that is ready is found", THE_VIDEO, video_id="video"),
)
vocabulary = Table(
    "vocabulary",
    metadata,
    # Of private videos, too: it widens what is asked, and is never shown.
    column("word", Text, PERSONAL, primary_key=True),
    column("spelling", Text, PERSONAL, nullable=False),
    Index("ix_vocabulary_spelling", "spelling", postgresql_using="gin", postgresql_ops={"spelling": "gin_trgm_ops"}),
    Index("ix_vocabulary_word_prefix", "word", postgresql_ops={"word": "text_pattern_ops"}),
    info=holding("which words there are, for what is spelt wrongly", AsLongAs("a video that is ready has the word")),
)
video_hashtags = Table(
    "video_hashtags",
    metadata,
    column("tag", Text, PUBLIC, primary_key=True),
    column("video_id", BigInteger, PUBLIC, ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "video_id"),
    info=holding("which videos that are ready have a hashtag", THE_VIDEO, video_id="video"),
)
hashtags = Table(
    "hashtags",
    metadata,
    column("tag", Text, PUBLIC, primary_key=True),
    column("plain", Text, PUBLIC, nullable=False),
    column("spelling", Text, PUBLIC, nullable=False),
    column("uses", Integer, PUBLIC, nullable=False),
    Index("ix_hashtags_spelling", "spelling", postgresql_using="gin", postgresql_ops={"spelling": "gin_trgm_ops"}),
    Index("ix_hashtags_plain", "plain", postgresql_ops={"plain": "text_pattern_ops"}),
    info=holding("which hashtags there are", AsLongAs("a video that is ready has it")),
)

TIERS = (5, 4, 3, 2, 1, 0)
"""Of worth, the best first: likes in powers of eight, as the words of a video say them (`search_tier`)."""
VIDEOS = 500
SOUNDS = 100
HASHTAGS = 100
"""How many candidates are ranked at most."""
WEIGHTS = (0.1, 0.3, 0.6, 1.0)
"""Of words: nowhere, in the alt text, in hashtags, in the title."""
MOST_LIKES = 1 << 16
"""From here on likes add nothing."""
COUNTED = 100
"""Videos of a hashtag are counted so far."""
_USED = 63
_FEW_VISIBLE = 200
"""Of a hashtag, the newest videos among which one has to be the viewer's to see."""


_STEADY = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_custom_plan",
    "max_parallel_workers_per_gather": "0",
}


class Place(NamedTuple):
    """A place in a ranked list: nothing else has the same."""

    score: int
    id: int | str


class Tag(NamedTuple):
    """A hashtag that was found."""

    score: int
    tag: str
    videos: int
    """That this viewer may see, counted to `COUNTED`."""


class Typed(NamedTuple):
    """What was typed, as it is looked for."""

    plain: str
    """Without case, accents and forms of the same letter, words apart."""
    query: str
    """Every word as it stands or in another form by the grammar of a language; empty for none."""


def prepare(connection: Connection, wanted: str, language: str) -> Typed:
    """Read what was typed; and until the transaction ends, look up by index, whatever the planner thinks how many a
    word will find.
    """
    settings = [func.set_config(name, value, True) for name, value in _STEADY.items()]
    query = cast(func.search_query(wanted, language), Text)
    row = connection.execute(select(func.search_plain(wanted), query, *settings)).one()
    return Typed(row[0], row[1])


def query_of(connection: Connection, word: str, language: str) -> str:
    """As `Typed.query`."""
    return str(connection.execute(select(cast(func.search_query(word, language), Text))).scalar_one())


def unknown_words(connection: Connection, words: Sequence[str]) -> list[str]:
    """Those that no video has."""
    wanted = func.unnest(_texts(words)).table_valued("word").render_derived()
    known = select(literal(1)).where(vocabulary.c.word == wanted.c.word).exists()
    return list(connection.execute(select(wanted.c.word).where(~known)).scalars())


def spelling_like(connection: Connection, word: str, most: int) -> list[tuple[str, str]]:
    """Words with their spelling that share trigrams with a word, the nearest first, after those that it begins."""
    c = vocabulary.c
    spelt = func.search_spelling(word)
    begun = select(c.word, c.spelling, literal(2.0).label("near")).where(c.word.like(prefix(word))).order_by(c.word)
    near = func.similarity(c.spelling, spelt)
    alike = select(c.word, c.spelling, near.label("near")).where(c.spelling.op("%")(spelt))
    both = union_all(begun.limit(most), alike.order_by(near.desc(), c.word).limit(most)).subquery()
    rows = connection.execute(select(both.c.word, both.c.spelling).order_by(both.c.near.desc(), both.c.word))
    return [(row.word, row.spelling) for row in rows]


def spelling_of(connection: Connection, word: str) -> str:
    """A word as trigrams know it."""
    return str(connection.execute(select(func.search_spelling(word))).scalar_one())


def find_videos(
    connection: Connection, query: str, viewer: Account | None, hidden: Iterable[int], after: Place | None, limit: int
) -> list[Place]:
    """Videos that match a query, by text and worth.

    Score: ts_rank with `WEIGHTS`, divided by 1 + log of the length, times 1 + log2(1 + likes) / 16, at most 2. More
    than `VIDEOS` matches are not all looked at, but so many with the most likes, tier by tier.

    Source: PostgreSQL 18, 12.3.3 (ts_rank, normalization 1); Manning, Raghavan, Schütze, Introduction to Information
    Retrieval, 7.1.4 (static quality scores) and 7.2.1 (tiered indexes).
    """
    # One tier after the other, and no further than needed; the offset keeps the planner from turning that round.
    tiers = func.unnest(literal(list(TIERS), ARRAY(Integer))).table_valued("tier").render_derived()
    worth = cast(func.quote_literal(literal("worth ", Text) + cast(tiers.c.tier, Text)), TSQUERY)
    step = (
        select(video_words.c.video_id, video_words.c.words, videos.c.like_count)
        .join(videos, videos.c.id == video_words.c.video_id)
        .join(accounts, accounts.c.id == videos.c.creator_id)
        .where(video_words.c.words.op("@@")(cast(query, TSQUERY).op("&&")(worth)), *come_across(viewer, hidden))
        .offset(0)
        .lateral()
    )
    found = select(step).select_from(tiers.join(step, true())).limit(VIDEOS).subquery()
    weights: Any = literal_column(f"'{{{','.join(map(str, WEIGHTS))}}}'::real[]")
    rank = func.ts_rank(weights, found.c.words, cast(query, TSQUERY), 1)
    return _ranked(connection, found.c.video_id, rank * prior(found.c.like_count, MOST_LIKES - 1), after, limit)


def find_sounds(
    connection: Connection, wanted: str, viewer: Account | None, hidden: Iterable[int], after: Place | None, limit: int
) -> list[Place]:
    """Sounds by their title that are heard in a video which this viewer may see, by likeness and use.

    Score: mean of word similarity and similarity of trigrams, times 1 + log2(1 + videos) / 6, at most 2.

    Source: PostgreSQL 18, F.35.
    """
    spelt = func.search_spelling(wanted)
    title = func.search_spelling(func.search_plain(sounds.c.title))
    # Asked of each sound: without the offset the planner makes a join of it, and reads the videos of all.
    heard = (
        select(literal(1))
        .select_from(videos.join(accounts, accounts.c.id == videos.c.creator_id))
        .where(videos.c.sound_id == sounds.c.id, *come_across(viewer, hidden))
        .offset(0)
        .correlate(sounds)
        .exists()
    )
    found = (
        select(sounds.c.id, title.label("title"))
        .join(accounts, accounts.c.id == sounds.c.creator_id)
        .where(spelt.op("<%")(title), *may_know(viewer, hidden), heard)
        .limit(SOUNDS)
        .subquery()
    )
    uses = select(videos.c.id).where(videos.c.sound_id == found.c.id).limit(_USED).correlate(found).subquery()
    count = select(func.count()).select_from(uses).correlate(found).scalar_subquery()
    near = (func.word_similarity(spelt, found.c.title) + func.similarity(spelt, found.c.title)) / 2
    return _ranked(connection, found.c.id, near * prior(count, _USED), after, limit)


def find_hashtags(
    connection: Connection,
    wanted: str,
    viewer: Account | None,
    hidden: Iterable[int],
    after: Place | None,
    limit: int,
    *,
    alike: bool,
) -> list[Tag]:
    """Hashtags that begin with what was typed, or if `alike` are spelt like it, by likeness and use; only such as are
    on a video that this viewer may see, among the newest `_FEW_VISIBLE`. Videos are counted where `alike`, else only
    looked for.

    Score: 3 where it is the same, 1 where it begins so, else similarity of trigrams; times 1 + log2(1 + videos) / 16,
    at most 2.
    """
    c = hashtags.c
    spelt = func.search_spelling(wanted)
    begun = select(hashtags).where(c.plain.like(prefix(wanted))).order_by(c.uses.desc(), c.tag).limit(HASHTAGS)
    found = begun.subquery()
    if alike:
        like = select(hashtags).where(c.spelling.op("%")(spelt))
        like = like.order_by(func.similarity(c.spelling, spelt).desc(), c.tag).limit(HASHTAGS)
        found = union(begun, like).subquery()
    begins = found.c.plain.like(prefix(wanted))
    near = case((found.c.plain == wanted, 3.0), (begins, 1.0), else_=func.similarity(found.c.spelling, spelt))
    score = as_score(near * prior(found.c.uses, MOST_LIKES - 1))
    # Sorted first, and then looked at no further than the list is long: what can be seen takes the most.
    ranked = select(score.label("score"), found.c.tag)
    if after is not None:
        ranked = ranked.where(behind(score, found.c.tag, after))
    best = ranked.order_by(score.desc(), found.c.tag.desc()).offset(0).subquery()
    on = video_hashtags.alias()
    newest = select(on.c.video_id).where(on.c.tag == best.c.tag).order_by(on.c.video_id.desc()).limit(_FEW_VISIBLE)
    of = newest.correlate(best).subquery()
    seen = (
        select(videos.c.id)
        .select_from(of)
        .join(videos, videos.c.id == of.c.video_id)
        .join(accounts, accounts.c.id == videos.c.creator_id)
        .where(*come_across(viewer, hidden))
        .correlate(best)
    )
    counted = seen.limit(COUNTED if alike else 1).subquery()
    count = select(func.count()).select_from(counted).correlate(best).scalar_subquery()
    statement = select(best.c.score, best.c.tag, count.label("seen")).where(seen.exists()).limit(limit)
    rows = [Tag(row.score, row.tag, row.seen) for row in connection.execute(statement)]
    return sorted(rows, reverse=True)


def sounds_by_id(connection: Connection, ids: Sequence[int]) -> dict[SoundId, Sound]:
    """Sounds with whom to credit."""
    statement = select(sounds, accounts.c.handle, accounts.c.name).where(sounds.c.id == func.any(id_array(ids)))
    return {
        SoundId(row.id): Sound(SoundId(row.id), row.title, Creator(AccountId(row.creator_id), row.handle, row.name))
        for row in connection.execute(statement.join(accounts, accounts.c.id == sounds.c.creator_id))
    }


def tagged_ids(
    connection: Connection, tag: str, viewer: Account | None, hidden: Iterable[int], before: int | None, limit: int
) -> list[VideoId]:
    """The newest videos with a hashtag that this viewer may see."""
    own = come_across(viewer, hidden)
    statement = (
        select(video_hashtags.c.video_id)
        .join(videos, videos.c.id == video_hashtags.c.video_id)
        .join(accounts, accounts.c.id == videos.c.creator_id)
        .where(video_hashtags.c.tag == tag, *own)
    )
    if before is not None:
        statement = statement.where(video_hashtags.c.video_id < before)
    rows = connection.execute(statement.order_by(video_hashtags.c.video_id.desc()).limit(limit))
    return [VideoId(row.video_id) for row in rows]


def _ranked(connection: Connection, id_: Any, value: Any, after: Place | None, limit: int) -> list[Place]:
    ranked = select(as_score(value).label("score"), id_.label("id")).subquery()
    statement = select(ranked)
    if after is not None:
        statement = statement.where(behind(ranked.c.score, ranked.c.id, after))
    rows = connection.execute(statement.order_by(ranked.c.score.desc(), ranked.c.id.desc()).limit(limit))
    return [Place(row.score, row.id) for row in rows]


def _texts(texts: Iterable[str]) -> Any:
    return cast(literal(list(texts), ARRAY(Text)), ARRAY(Text))
