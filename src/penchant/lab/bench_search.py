"""How long search takes over many videos: a made world of words in seven languages, and what people type in it.

Words are made of syllables and as unequally frequent as words are, hashtags and likes too; a query is words of some
video, so frequent words are looked for often. Accents are left out in half of the queries, as on a phone.
"""

import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import msgspec
import numpy as np
import numpy.typing as npt

from penchant.accounts.model import Account
from penchant.catalog import repository as catalog
from penchant.catalog.search import PAGE, Search
from penchant.core.clock import as_datetime
from penchant.core.database import Engine
from penchant.core.ids import EPOCH_MS, AccountId, SubjectId
from penchant.lab import repository
from penchant.lab.bench_report import Times

Progress = Callable[[str, int, int], None]

ASKED_P99_MS = 50.0
_DAY_MS = 86_400_000
_RANDOM_BITS = 22
_CHUNK = 20_000
_PER_CREATOR = 10
_PER_SOUND = 20
_WORDS = 40_000
"""Of each language."""
_DAYS = 180
_SYLLABLES = {
    "en": ("b c d f g h l m n p r s t w st tr sh th", "a e i o u ea oo ou", " n r s t ck ng ll"),
    "fr": ("b c d f g j l m n p r s t v ch br pl", "a e é è ê i o ô u ou ai eu ç", " r s l n t"),
    "de": ("b d f g h k l m n r s t w z sch st", "a e i o u ä ö ü ei au ie", " n r t ch ß ng"),
    "es": ("b c d f g j l m n p r s t v ñ ll", "a e i o u á é í ó ú", " n r s l"),
    "pt": ("b c d f g j l m n p r s t v nh lh", "a e i o u ã õ á ê ç", " r s m"),
    "ru": ("б в г д ж з к л м н п р с т х ш", "а е и о у ы я ё", " н р с т й"),
    "sw": ("b ch d f g h j k l m n p s t w mb", "a e i o u", " "),
}
LANGUAGES = tuple(_SYLLABLES)
_SHARES = {"en": 0.45, "fr": 0.2, "es": 0.12, "de": 0.1, "pt": 0.08, "ru": 0.03, "sw": 0.02}

_Ties = list[tuple[AccountId, AccountId]]


class Asked(msgspec.Struct, frozen=True):
    """One kind of query."""

    kind: str
    found_nothing: int
    """Of its queries."""
    times: Times
    cpu: Times
    """What they took of a core, ours and the server's together: what they would take where nobody else wants it."""


class Relation(msgspec.Struct, frozen=True):
    """A table or an index of search."""

    name: str
    bytes: int


class Report(msgspec.Struct, frozen=True):
    """What was measured."""

    videos: int
    people: int
    sounds: int
    hashtags: int
    words: int
    """In the vocabulary."""
    fill_s: float
    """Rows without triggers."""
    index_s: float
    """What search keeps of them, and its indexes."""
    asked_p99_ms: float
    all: Times
    """Every query of search in one."""
    all_cpu: Times
    queries: list[Asked]
    baseline: list[Asked]
    relations: list[Relation]


@dataclass(frozen=True)
class _World:
    titles: list[str]
    languages: list[str]
    common: list[str]
    tags: list[str]
    handles: list[str]
    names: list[str]
    sounds: list[str]
    ids: npt.NDArray[np.int64]


def measure(engine: Engine, videos: int, samples: int, seed: int, tell: Progress) -> Report:
    """Fill an empty database, then ask.

    Args:
        engine: of a pool of one connection, whose server runs on this machine.
        samples: queries of each kind.
    """
    rng = np.random.default_rng(seed)
    began = time.perf_counter()
    with engine.begin() as connection:
        repository.drop_search(connection)
    world, viewer = _fill(engine, videos, rng, tell)
    filled = time.perf_counter()
    for number, (what, step) in enumerate(steps := repository.SEARCH_STEPS):
        tell(what, number, len(steps))
        with engine.begin() as connection:
            repository.run_step(connection, step)
    with engine.connect() as connection:
        repository.vacuum(connection)
    indexed = time.perf_counter()
    queries, baseline, everything, everything_cpu = _ask(engine, world, viewer, samples, rng, tell)
    with engine.connect() as connection:
        counts = repository.search_counts(connection)
        relations = [Relation(name, size) for name, size in repository.search_sizes(connection)]
    return Report(
        videos=videos,
        people=counts["accounts"],
        sounds=counts["sounds"],
        hashtags=counts["hashtags"],
        words=counts["vocabulary"],
        fill_s=round(filled - began, 1),
        index_s=round(indexed - filled, 1),
        asked_p99_ms=ASKED_P99_MS,
        all=everything,
        all_cpu=everything_cpu,
        queries=queries,
        baseline=baseline,
        relations=relations,
    )


def _fill(engine: Engine, count: int, rng: np.random.Generator, tell: Progress) -> tuple[_World, Account]:
    tell("words", 0, 1)
    words = {language: made_words(language, rng, _WORDS) for language in _SYLLABLES}
    now_ms = int(time.time() * 1000)
    made_ms = np.sort(rng.integers(now_ms - _DAYS * _DAY_MS, now_ms, count))
    ids = (made_ms - EPOCH_MS << _RANDOM_BITS) + rng.integers(0, 1 << _RANDOM_BITS, count)
    languages = [str(tag) for tag in rng.choice(list(_SHARES), count, p=list(_SHARES.values()))]
    people = _people(max(count // _PER_CREATOR, 20), words, rng)
    now = as_datetime(now_ms)
    with engine.begin() as connection:
        repository.add_people(connection, people, now)
        follows, blocks = _ties([one.id for one in people], rng)
        repository.add_ties(connection, follows, blocks, now)
    sound_ids = [now_ms * 1_000 + number for number in range(max(count // _PER_SOUND, 20))]
    everywhere = [word for language in ("en", "fr", "es") for word in words[language][:4_000]]
    drawn = zipf(rng, len(everywhere), 3 * len(sound_ids)).reshape(-1, 3).tolist()
    sounds = [" ".join(everywhere[at] for at in three) for three in drawn]
    with engine.begin() as connection:
        owners = rng.integers(0, len(people), len(sound_ids))
        rows = [
            {"id": id_, "title": title, "creator_id": people[at].id}
            for id_, title, at in zip(sound_ids, sounds, owners, strict=True)
        ]
        repository.add_sounds(connection, rows)
    tags = _make_tags(words, max(count // 10, 200), rng)
    titles: list[str] = []
    for start in range(0, count, _CHUNK):
        tell("videos", start, count)
        part = slice(start, min(start + _CHUNK, count))
        made = _titles(languages[part], words, rng)
        titles += made
        chosen = _tags(tags, len(made), rng)
        rows = list(_videos(ids[part], made_ms[part], made, languages[part], chosen, people, sound_ids, rng))
        files = [
            {"video_id": row["id"], "name": "poster", "object_key": f"videos/{row['id']}", "content_type": "image/jpeg",
             "size_bytes": 20_000, "sha256": "0" * 64, "width": 480, "height": 854}
            for row in rows
        ]  # fmt: skip
        with engine.begin() as connection:
            repository.add_videos(connection, rows, files)
    common = [word for language in ("en", "fr", "de", "es") for word in words[language][:5]]
    handles, names = [one.handle for one in people], [one.name for one in people]
    return _World(titles, languages, common, tags, handles, names, sounds, ids), people[0]


def made_words(language: str, rng: np.random.Generator, count: int) -> list[str]:
    """Different words of a language's syllables, the shortest first, as frequent words are."""
    first, middle, last = (part.split(" ") for part in _SYLLABLES[language])
    found: dict[str, None] = {}
    while len(found) < count:
        size = 2 if len(found) < 400 else int(rng.integers(2, 5))
        parts = [first[rng.integers(len(first))] + middle[rng.integers(len(middle))] for _ in range(size)]
        found["".join(parts) + last[rng.integers(len(last))]] = None
    return list(found)


def zipf(rng: np.random.Generator, kinds: int, count: int) -> npt.NDArray[np.int64]:
    """Ranks as frequent as those of words. Source: Mandelbrot 1953, with exponent 1 and shift 2.7."""
    weights = 1 / (np.arange(kinds) + 2.7)
    edges = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(edges, rng.random(count)), kinds - 1).astype(np.int64)


def _titles(languages: Sequence[str], words: dict[str, list[str]], rng: np.random.Generator) -> list[str]:
    lengths = np.minimum(1 + rng.poisson(6, len(languages)), 16)
    ranks = iter(zipf(rng, _WORDS, int(lengths.sum())).tolist())
    return [
        " ".join(words[language][next(ranks)] for _ in range(length)).capitalize()[:150]
        for language, length in zip(languages, lengths.tolist(), strict=True)
    ]


def _make_tags(words: dict[str, list[str]], count: int, rng: np.random.Generator) -> list[str]:
    pool = [word for language in ("en", "fr", "es", "de", "ru") for word in words[language][:6_000]]
    found = dict.fromkeys(pool[: count // 3])
    while len(found) < count:
        for first, second in zipf(rng, len(pool), 2 * count).reshape(-1, 2).tolist():
            found[(pool[first] + ("_" if rng.random() < 0.3 else "") + pool[second])[:40]] = None
    kept = list(found)[:count]
    return [kept[at] for at in rng.permutation(len(kept))]


def _tags(tags: Sequence[str], count: int, rng: np.random.Generator) -> list[list[str]]:
    numbers = np.minimum(rng.poisson(2.5, count), 12)
    ranks = iter(zipf(rng, len(tags), int(numbers.sum())).tolist())
    return [list(dict.fromkeys(tags[next(ranks)] for _ in range(number))) for number in numbers.tolist()]


def _people(count: int, words: dict[str, list[str]], rng: np.random.Generator) -> list[Account]:
    """The first of them is the one who asks."""
    pool = [word for language in ("en", "fr", "es") for word in words[language][:3_000]]
    found = []
    for number, two in enumerate(zipf(rng, len(pool), 2 * count).reshape(-1, 2).tolist()):
        first, second = (pool[at] for at in two)
        luck = rng.random(3) if number else np.ones(3)
        found.append(
            Account(
                id=AccountId((number + 1) << 12),
                handle=f"{_bare(first)[:12]}_{number}",
                name=f"{first.capitalize()} {second.capitalize()}",
                role="member",
                age_band="minor" if luck[0] < 0.05 else "adult",
                home_market="local",
                subject=SubjectId(UUID(bytes=rng.bytes(16))),
                is_demo=False,
                suspended=bool(luck[1] < 0.01),
                private=bool(luck[2] < 0.05),
            )
        )
    return found


def _ties(ids: Sequence[AccountId], rng: np.random.Generator) -> tuple[_Ties, _Ties]:
    """Follows, few of whom have most; and whom the one who asks blocked."""
    count = len(ids)
    pairs = zip(rng.integers(0, count, 10 * count).tolist(), zipf(rng, count, 10 * count).tolist(), strict=True)
    follows = dict.fromkeys((ids[a], ids[b]) for a, b in pairs if a != b)
    blocked = rng.permutation(np.arange(1, count))[: min(300, count // 10)].tolist()
    return list(follows), [(ids[0], ids[at]) for at in blocked]


def _videos(
    ids: npt.NDArray[np.int64],
    made_ms: npt.NDArray[np.int64],
    titles: Sequence[str],
    languages: Sequence[str],
    tags: Sequence[list[str]],
    people: Sequence[Account],
    sounds: Sequence[int],
    rng: np.random.Generator,
) -> Iterator[dict[str, object]]:
    count = len(ids)
    creators = zipf(rng, len(people), count).tolist()
    heard = np.where(rng.random(count) < 0.3, zipf(rng, len(sounds), count), -1).tolist()
    likes = np.floor(np.exp(rng.normal(0.5, 2.3, count))).astype(np.int64).tolist()
    luck = rng.random((3, count))
    for at in range(count):
        moment = as_datetime(int(made_ms[at]))
        yield {
            "id": int(ids[at]),
            "creator_id": people[creators[at]].id,
            "title": titles[at],
            "language": languages[at],
            "hashtags": tags[at],
            "state": "ready" if luck[0, at] > 0.02 else "processing",
            "reach": 100 if luck[1, at] > 0.01 else 0,
            "adults_only": bool(luck[2, at] < 0.02),
            "duration_ms": 12_000,
            "width": 480,
            "height": 854,
            "sound_id": sounds[heard[at]] if heard[at] >= 0 else None,
            "is_demo": False,
            "created_at": moment,
            "published_at": moment,
            "like_count": likes[at],
        }


def _ask(
    engine: Engine, world: _World, viewer: Account, samples: int, rng: np.random.Generator, tell: Progress
) -> tuple[list[Asked], list[Asked], Times, Times]:
    search = Search(engine)
    with engine.connect() as connection:
        cpu = _Cores(repository.server_process(connection))
    started: list[tuple[float, float]] = []

    def videos(make: Callable[[str], str]) -> Callable[[Account | None], int]:
        def ask(who: Account | None) -> int:
            at = int(rng.integers(len(world.titles)))
            return len(search.find("videos", make(world.titles[at]), world.languages[at], who).videos)

        return ask

    def second_page(who: Account | None) -> int:
        at = int(rng.integers(len(world.titles)))
        words, language = _some(rng, world.titles[at], 1), world.languages[at]
        first = search.find("videos", words, language, who)
        started.append((time.perf_counter(), cpu.seconds()))
        return len((search.find("videos", words, language, who, first.next) if first.next else first).videos)

    def pick(among: Sequence[str]) -> str:
        return among[int(zipf(rng, len(among), 1)[0])]

    def by_id(_: Account | None) -> int:
        chosen = world.ids[rng.integers(0, len(world.ids), PAGE)].tolist()
        with engine.connect() as connection:
            return len(catalog.listed_for(connection, chosen, None))

    def nothing(_: Account | None) -> int:
        with engine.connect() as connection:
            return repository.one(connection)

    kinds: dict[str, Callable[[Account | None], int]] = {
        "videos: one word": videos(lambda title: _some(rng, title, 1)),
        "videos: two words": videos(lambda title: _some(rng, title, 2)),
        "videos: three words": videos(lambda title: _some(rng, title, 3)),
        "videos: one of the most common words": videos(lambda _: world.common[int(rng.integers(len(world.common)))]),
        "videos: a misspelt word": videos(lambda title: misspelt(rng, _some(rng, title, 1))),
        "videos: two words, one misspelt": videos(lambda title: misspelt(rng, _some(rng, title, 2))),
        "videos: the second page": second_page,
        "people: a handle": lambda who: len(search.find("people", pick(world.handles), "en", who).people),
        "people: a name": lambda who: len(search.find("people", _bare(pick(world.names)), "en", who).people),
        "people: a misspelt name": lambda who: len(
            search.find("people", misspelt(rng, pick(world.names)), "en", who).people
        ),
        "hashtags: one": lambda who: len(search.find("hashtags", _bare(pick(world.tags)), "en", who).hashtags),
        "hashtags: misspelt": lambda who: len(
            search.find("hashtags", misspelt(rng, pick(world.tags)), "en", who).hashtags
        ),
        "sounds: a title": lambda who: len(search.find("sounds", _bare(pick(world.sounds)), "en", who).sounds),
        "the page of a hashtag": lambda who: len(search.tagged(pick(world.tags), who)[0]),
        "suggestions": lambda who: len(
            search.suggest(_beginning(rng, pick((world.tags, world.names, world.sounds)[int(rng.integers(3))])), who)
        ),
    }
    base: dict[str, Callable[[Account | None], int]] = {
        "nothing but a round trip": nothing,
        f"{PAGE} videos by their ids": by_id,
    }
    both = kinds | base
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in both}
    empty = dict.fromkeys(both, 0)
    warm = max(samples // 10, 5)
    for round_ in range(-warm, samples):
        if round_ % 10 == 0:
            tell("queries", max(round_, 0) * len(both), samples * len(both))
        for name, ask in both.items():
            started[:] = [(time.perf_counter(), cpu.seconds())]
            count = ask(viewer if round_ % 2 else None)
            began, cpu_began = started[-1]
            took = time.perf_counter() - began
            if round_ >= 0:
                spent[name].append((took, cpu.seconds() - cpu_began))
                empty[name] += not count

    def times(names: Iterable[str], which: int) -> Times:
        return Times.of([one[which] for name in names for one in spent[name]])

    asked = {name: Asked(name, empty[name], times([name], 0), times([name], 1)) for name in both}
    return [asked[name] for name in kinds], [asked[name] for name in base], times(kinds, 0), times(kinds, 1)


class _Cores:
    """Time on a core, of this thread and of the server's process behind the one connection."""

    def __init__(self, process: int) -> None:
        self._counter = Path(f"/proc/{process}/schedstat")

    def seconds(self) -> float:
        return time.thread_time() + int(self._counter.read_text().split()[0]) / 1e9


def _some(rng: np.random.Generator, title: str, count: int) -> str:
    """Words of a title as people type them: half of the time without accents."""
    words = title.lower().split()
    chosen = " ".join(words[at] for at in sorted(rng.permutation(len(words))[:count]))
    return _bare(chosen) if rng.random() < 0.5 else chosen


def misspelt(rng: np.random.Generator, words: str) -> str:
    """One letter of the longest word turned round with the next, left out, doubled or another."""
    parts = words.split()
    longest = max(range(len(parts)), key=lambda at: len(parts[at]))
    word = parts[longest]
    at = int(rng.integers(1, max(len(word) - 1, 2)))
    before, letter, after = word[:at], word[at : at + 1], word[at + 1 :]
    turned = before + after[:1] + letter + after[1:]
    parts[longest] = (turned, before + after, before + letter * 2 + after, before + "x" + after)[int(rng.integers(4))]
    return " ".join(parts)


def _beginning(rng: np.random.Generator, text: str) -> str:
    return text[: int(rng.integers(1, 9))].strip().lower() or "a"


def _bare(words: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", words) if not unicodedata.combining(letter))
