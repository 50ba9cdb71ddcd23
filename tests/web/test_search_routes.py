"""Search over HTTP: what is found by which words, in which order, and that nobody finds what they may not see."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text
from tests.web.test_sound_routes import Client, sign_up

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import Restrictions
from penchant.core.ids import SoundId, VideoId, format_id

pytestmark = pytest.mark.service


def publish(
    cell: Penchant,
    handle: str,
    title: str,
    tags: Sequence[str] = (),
    language: str = "en",
    *,
    alt_text: str = "",
    likes: int = 0,
    sound: SoundId | None = None,
) -> str:
    """A listed video; its id as addresses have it."""
    with cell.engine.begin() as connection:
        account = accounts.account_by_handle(connection, handle)
        assert account is not None
        id_ = cell.catalog.add(connection, account.id, title, tags, language, alt_text=alt_text, sound=sound)
        cell.catalog.start_processing(connection, id_)
        cell.catalog.publish(
            connection, id_, duration_ms=6_000, width=480, height=854, files=[], encoder="t-1", vector=bytes(64)
        )
        catalog.add_to_counts(connection, id_, likes=likes)
    return format_id(id_)


def search(client: Client, words: str, kind: str = "videos", **more: str) -> dict[str, Any]:
    answer = client.get("/api/search", params={"q": words, "kind": kind, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ids(client: Client, words: str, **more: str) -> list[str]:
    return [video["id"] for video in search(client, words, **more)["videos"]]


@pytest.fixture
def ada(client: Client) -> Client:
    sign_up(client, "ada")
    return client


FOUND = (
    # written, its language, typed, language of who types
    ("Les chevaux de l'été", "fr", "ete", ""),
    ("Les chevaux de l'été", "fr", "CHEVAUX ÉTÉ", "en"),
    ("Les chevaux de l'été", "fr", "cheval", "fr"),
    ("Dancing in the rain", "en", "dance", "en-GB"),
    ("Dancing in the rain", "en", "the rain", "en"),
    ("The", "en", "the", "en"),
    ("Ein kleines Häuschen", "de", "hauschen", ""),
    ("Кошки на крыше", "ru", "кошка", "ru"),
    ("Mbwa wangu", "sw", "mbwa", "fr"),
    ("東京タワーの夜", "ja", "タワー", "ja"),
    ("Ｆｕｌｌ width", "en", "full", ""),
    ("fire 🔥 fire", "en", "🔥", ""),
    ("a'b \\ & | ! ( ) : * quotes", "en", "a'b \\ & | ! ( ) : * quotes", "en"),
)


@pytest.mark.parametrize(("written", "of", "typed", "language"), FOUND, ids=[f"{row[0]} by {row[2]}" for row in FOUND])
def test_a_video_is_found_by_its_words(ada: Client, cell: Penchant, written: str, of: str, typed: str, language: str):
    publish(cell, "ada", "something else", language=of)
    video = publish(cell, "ada", written, language=of)
    found = search(ada, typed, language=language)
    assert [one["id"] for one in found["videos"]] == [video]
    assert not found["alike"] and found["next"] is None


def test_words_of_another_grammar_or_half_of_them_find_nothing(ada: Client, cell: Penchant):
    publish(cell, "ada", "Les chevaux de l'été", language="fr")
    assert ids(ada, "chevaux dinosaures", language="fr") == []
    assert ids(ada, "!?", language="fr") == []


MISSPELT = (
    ("A kaleidoscope of birds", "kaleidoscpe"),
    ("A kaleidoscope of birds", "kalaidoscope birds"),
    ("A kaleidoscope of birds", "kaleid"),
    ("Le vélo rouge", "rouges velp"),
    ("Красный велосипед", "велоспед"),
)


@pytest.mark.parametrize(("written", "typed"), MISSPELT, ids=[row[1] for row in MISSPELT])
def test_what_is_spelt_alike_is_found_where_the_words_find_little(
    ada: Client, cell: Penchant, written: str, typed: str
):
    publish(cell, "ada", "nothing of that", ["other"])
    video = publish(cell, "ada", written)
    found = search(ada, typed)
    assert found["alike"] and [one["id"] for one in found["videos"]] == [video]


def test_where_the_words_find_enough_nothing_else_is_added(ada: Client, cell: Penchant):
    right = {publish(cell, "ada", f"kitchen {number}") for number in range(5)}
    publish(cell, "ada", "a kitcen")
    found = search(ada, "kitchen")
    assert {one["id"] for one in found["videos"]} == right and not found["alike"]


def test_text_goes_before_worth_and_worth_before_age(ada: Client, cell: Penchant):
    seen = publish(cell, "ada", "a quiet day", alt_text="a waterfall", likes=5_000)
    old, liked, new = (publish(cell, "ada", "waterfall", likes=likes) for likes in (0, 40, 0))
    tagged = publish(cell, "ada", "a quiet day", ["waterfall"])
    assert ids(ada, "waterfall") == [liked, new, old, tagged, seen]


def test_pages_hold_every_video_once_and_in_one_order(ada: Client, cell: Penchant):
    made = {publish(cell, "ada", f"meadow {number % 7}", likes=number % 5 * 30) for number in range(60)}
    shown: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = search(ada, "meadow", **cursor)
        shown += [video["id"] for video in page["videos"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(shown) == 60 and set(shown) == made
    first = search(ada, "meadows", **{"language": "en"})
    assert [video["id"] for video in first["videos"]] == shown[:24]
    # A typo keeps its meaning on the second page.
    page = search(ada, "meedow")
    rest = search(ada, "meedow", cursor=page["next"])
    assert page["alike"] and [video["id"] for video in page["videos"] + rest["videos"]] == shown[:48]


def test_people_by_handle_and_name_the_very_handle_first(ada: Client, web: Litestar):
    for handle, name in (("maria", ""), ("maria_lopez", "Renée"), ("luisa", "María José Núñez")):
        body = {"handle": handle, "password": "correct horse", "birth_year": 1980, "name": name}
        assert TestClient(web).post("/api/accounts", json=body).status_code == 201
    assert ada.put("/api/profiles/luisa/follow").status_code == 200

    def handles(words: str) -> list[str]:
        return [one["handle"] for one in search(ada, words, "people")["people"]]

    assert handles("@maria")[0] == handles("Maria")[0] == "maria"
    assert set(handles("maria")) == {"maria", "maria_lopez", "luisa"}
    assert handles("nunez") == ["luisa"] and handles("maria jose nunes")[0] == "luisa"
    assert handles("RENEE") == ["maria_lopez"] and handles("maria_l")[0] == "maria_lopez"
    assert search(ada, "luisa", "people")["people"][0] | {"id": ""} == {
        "id": "", "handle": "luisa", "name": "María José Núñez",
    }  # fmt: skip


def test_hashtags_and_sounds_and_the_page_of_a_hashtag(ada: Client, cell: Penchant):
    with cell.engine.begin() as connection:
        account = accounts.account_by_handle(connection, "ada")
        assert account is not None
        catalog.add_sound(connection, SoundId(77), "Clair de lune", account.id)
        catalog.add_sound(connection, SoundId(78), "Clair de silence", account.id)
    videos = [publish(cell, "ada", "", ["street_food", "Été"], sound=SoundId(77)) for _ in range(30)]
    publish(cell, "ada", "", ["streets"])
    assert search(ada, "#Street food", "hashtags")["hashtags"] == [
        {"tag": "street_food", "videos": 30},
        {"tag": "streets", "videos": 1},
    ]
    assert search(ada, "ete", "hashtags")["hashtags"] == [{"tag": "été", "videos": 30}]
    assert search(ada, "stret_food", "hashtags")["hashtags"][0]["tag"] == "street_food"
    # Nothing is heard with the other one.
    assert search(ada, "clare de lune", "sounds")["sounds"] == [
        {"id": format_id(77), "title": "Clair de lune", "creator": "ada"}
    ]
    first = ada.get("/api/hashtags/%C3%89T%C3%89/videos").json()
    rest = ada.get("/api/hashtags/été/videos", params={"before": first["next"]}).json()
    assert [video["id"] for video in first["videos"] + rest["videos"]] == videos[::-1] and rest["next"] is None
    assert ada.get("/api/hashtags/nobody/videos").json() == {"videos": [], "next": None}
    assert ada.get("/t/été").status_code == ada.get("/search").status_code == 200


def test_suggestions_are_what_begins_so_each_kind_with_its_share(ada: Client, web: Litestar, cell: Penchant):
    for number in range(6):
        sign_up(TestClient(web), f"sea_{number}")
    for number in range(6):
        publish(cell, "ada", "", [f"sea{number}", "seaside"])

    def suggested(words: str) -> list[tuple[str, str]]:
        answer = ada.get("/api/search/suggestions", params={"q": words})
        return [(one["kind"], one["text"]) for one in answer.json()["suggestions"]]

    both = suggested("Séa")
    assert [kind for kind, _ in both] == ["hashtag"] * 4 + ["person"] * 4 and both[0] == ("hashtag", "seaside")
    assert {kind for kind, _ in suggested("@sea")} == {"person"}
    assert {kind for kind, _ in suggested("#sea")} == {"hashtag"}
    assert suggested("#") == [] and suggested("zzz") == []


BAD = {
    "nothing": {"q": ""},
    "no q": {},
    "blanks": {"q": " \t "},
    "too much": {"q": "a" * 101},
    "a zero byte": {"q": "a\0b"},
    "no kind": {"q": "a", "kind": "comments"},
    "no cursor": {"q": "a", "cursor": "no"},
    "half a cursor": {"q": "a", "cursor": "12."},
    "an endless cursor": {"q": "a", "kind": "hashtags", "cursor": "9" * 40},
    "a strange cursor": {"q": "a", "kind": "hashtags", "cursor": "9.\0"},
}


@pytest.mark.parametrize("query", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_looked_for_is_refused_in_words(client: Client, query: dict[str, str]):
    answer = client.get("/api/search", params=query)
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["error"]["code"] == "invalid" and answer.json()["error"]["message"]
    if "kind" not in query and "cursor" not in query:
        assert client.get("/api/search/suggestions", params=query).status_code in (400, 422)


@pytest.mark.parametrize("kind", ["videos", "people", "hashtags", "sounds"])
@pytest.mark.parametrize(
    "words", ["a" * 100, "%_\\", "'", "~", "\u202e", "e\u0301", "🏳️‍🌈", "word " * 20, "((", "#", "@"]
)
def test_any_text_is_an_answer(client: Client, kind: str, words: str):
    search(client, words, kind)
    assert client.get("/api/search/suggestions", params={"q": words}).status_code == 200


class Somebody(NamedTuple):
    """Whose publications the viewer may see or not."""

    handle: str
    birth_year: int = 1980


CREATORS = (
    Somebody("open"), Somebody("closed"), Somebody("closed_followed"), Somebody("young", 2011), Somebody("blocked"),
    Somebody("blocking"), Somebody("suspended"), Somebody("watcher"),
)  # fmt: skip


@pytest.fixture
def mixed(web: Litestar, cell: Penchant) -> tuple[dict[str, Client], dict[str, str]]:
    """Viewers by name, and every video by its id: of each creator one of each kind, all with the same words."""
    people = {one.handle: TestClient(web) for one in CREATORS}
    for one in CREATORS:
        body = {"handle": one.handle, "password": "correct horse", "birth_year": one.birth_year}
        made = people[one.handle].post("/api/accounts", json=body)
        assert made.status_code == 201, made.text
    watcher = people["watcher"]
    assert watcher.put("/api/profiles/closed_followed/follow").status_code == 200
    for handle in ("closed", "closed_followed"):
        assert people[handle].put("/api/me/private", json={"private": True}).status_code == 200
    assert watcher.put("/api/profiles/blocked/block").status_code == 200
    assert people["blocking"].put("/api/profiles/watcher/block").status_code == 200
    videos: dict[str, str] = {}
    for one in CREATORS:
        for kind in ("plain", "held", "adults", "removed", "waiting"):
            with cell.engine.begin() as connection:
                account = accounts.account_by_handle(connection, one.handle)
                assert account is not None
                sound = SoundId(1_000 + len(videos))
                catalog.add_sound(connection, sound, f"secret melody {one.handle}", account.id)
                id_ = cell.catalog.add(connection, account.id, "secret lighthouse", ["secret"], "en", sound=sound)
                cell.catalog.start_processing(connection, id_)
                if kind != "waiting":
                    cell.catalog.publish(
                        connection, id_, duration_ms=6_000, width=480, height=854, files=[], encoder="t",
                        vector=bytes(64),
                    )  # fmt: skip
                if kind == "held":
                    cell.catalog.restrict(connection, id_, Restrictions(reach=0))
                if kind == "adults":
                    cell.catalog.restrict(connection, id_, Restrictions(adults_only=True))
                found = catalog.video(connection, id_)
                assert found is not None
                if kind == "removed":
                    cell.catalog.remove(connection, found[0], "creator")
            videos[format_id(id_)] = f"{one.handle} {kind}"
    with cell.engine.begin() as connection:
        account = accounts.account_by_handle(connection, "suspended")
        assert account is not None
        cell.accounts.set_suspended(connection, account, True)
    moderator = cell.accounts.make_account("moderator", "moderator", "moderator")
    people["moderator"] = TestClient(web)
    link = cell.accounts.make_link(moderator, "sign_in")[0]
    assert people["moderator"].post("/api/session/link", json={"token": link}).status_code == 200
    people["nobody"] = TestClient(web)
    return people, videos


@pytest.mark.parametrize("who", ["nobody", "watcher", "young", "closed", "blocked", "blocking", "moderator"])
def test_everybody_finds_what_profile_pages_show_them_and_nothing_else(
    mixed: tuple[dict[str, Client], dict[str, str]], who: str
):
    people, videos = mixed
    client = people[who]
    allowed = set()
    for one in CREATORS:
        page = client.get(f"/api/profiles/{one.handle}/videos")
        if page.status_code == 200:
            allowed |= {video["id"] for video in page.json()["videos"]}
    names = {videos[id_] for id_ in allowed}
    assert "open plain" in names and not any(name.endswith(("held", "removed", "waiting")) for name in names)
    for words in ("secret lighthouse", "lighthouse", "secret ligthouse", "#secret"):
        assert {videos[id_] for id_ in ids(client, words)} == names, words
    tagged = client.get("/api/hashtags/secret/videos").json()["videos"]
    assert {videos[video["id"]] for video in tagged} == names
    assert search(client, "secret", "hashtags")["hashtags"] == [{"tag": "secret", "videos": len(names)}]
    of = {name.split()[0] for name in names}
    assert {sound["creator"] for sound in search(client, "secret melody", "sounds")["sounds"]} == of
    suggested = client.get("/api/search/suggestions", params={"q": "secret"}).json()["suggestions"]
    assert {one["name"] for one in suggested if one["kind"] == "sound"} <= of


def test_people_who_are_private_or_young_are_found_by_their_followers_or_their_very_handle(
    mixed: tuple[dict[str, Client], dict[str, str]],
):
    people, _ = mixed

    def found(who: str, words: str) -> bool:
        return words in [one["handle"] for one in search(people[who], words, "people")["people"]]

    for handle in ("blocked", "blocking"):
        assert not found("watcher", handle) and not found(handle, "watcher")
    for who in ("watcher", "nobody", "moderator"):
        assert not found(who, "suspended")

    def begun(who: str, words: str) -> set[str]:
        answer = people[who].get("/api/search/suggestions", params={"q": words})
        return {one["text"] for one in answer.json()["suggestions"] if one["kind"] == "person"}

    # What is typed half: only who may see what they publish.
    assert "young" not in begun("watcher", "youn") and "young" in begun("young", "youn")
    assert begun("watcher", "close") == {"closed_followed"} and begun("nobody", "close") == set()
    # Whole: their page answers under that address, too.
    assert found("watcher", "closed") and found("nobody", "young")


def test_where_results_go_on_says_nothing_of_what_is_hidden(mixed: tuple[dict[str, Client], dict[str, str]]):
    people, videos = mixed
    nobody = people["nobody"]
    everything = ids(nobody, "secret lighthouse")
    hidden = next(id_ for id_, name in videos.items() if name == "closed plain")
    for place in (hidden, format_id(1 << 60)):
        # After every score, and before any.
        assert ids(nobody, "secret lighthouse", cursor=f"{10**14}.{place}") == everything
        assert ids(nobody, "secret lighthouse", cursor=f"0.{place}") == []


def words_of(cell: Penchant) -> set[str]:
    with cell.engine.connect() as connection:
        return set(connection.execute(text("SELECT word FROM vocabulary")).scalars())


def rows_of(cell: Penchant) -> list[tuple[int, ...]]:
    with cell.engine.connect() as connection:
        tables = ("video_words", "vocabulary", "video_hashtags", "hashtags")
        return [tuple(connection.execute(text(f"SELECT count(*) FROM {name}")).one()) for name in tables]


def test_what_changes_is_found_by_its_new_words_at_once(ada: Client, cell: Penchant):
    video = publish(cell, "ada", "zebracrossing", ["stripes"], likes=7)
    other = publish(cell, "ada", "zebracrossing too")
    with cell.engine.begin() as connection:
        first = VideoId(int(connection.execute(text("SELECT min(id) FROM videos")).scalar_one()))
        catalog.update_video(connection, first, title="giraffecrossing", hashtags=["spots", "long"])
        catalog.add_to_counts(connection, first, likes=600)
    assert ids(ada, "zebracrossing") == [other] and ids(ada, "giraffecrossing") == [video]
    assert ids(ada, "stripes") == [] and ids(ada, "spots") == [video]
    assert "stripes" not in words_of(cell) and {"zebracrossing", "giraffecrossing", "long"} <= words_of(cell)
    assert ada.delete(f"/api/videos/{video}").status_code == 204
    assert ids(ada, "giraffecrossing") == [] and "giraffecrossing" not in words_of(cell)
    assert search(ada, "spots", "hashtags")["hashtags"] == []


def test_erasing_somebody_leaves_none_of_their_words(ada: Client, web: Litestar, cell: Penchant):
    ben = TestClient(web)
    sign_up(ben, "ben")
    publish(cell, "ben", "common words", ["shared"])
    before = rows_of(cell), words_of(cell)
    publish(cell, "ada", "canaryword common words", ["shared", "canarytag"], alt_text="canaryseen")
    assert {"canaryword", "canarytag", "canaryseen"} <= words_of(cell)
    assert ada.request("DELETE", "/api/accounts/me", json={"password": "correct horse"}).status_code == 200
    assert (rows_of(cell), words_of(cell)) == before
    assert search(ben, "shared", "hashtags")["hashtags"] == [{"tag": "shared", "videos": 1}]


def test_looking_for_something_is_written_down_nowhere(ada: Client, cell: Penchant):
    publish(cell, "ada", "lighthouse", ["sea"])

    def counts() -> list[int]:
        with cell.engine.connect() as connection:
            return [
                int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one())
                for name in ("event_log", "outbox", "rate_limits")
            ]

    before = counts()
    for kind in ("videos", "people", "hashtags", "sounds"):
        search(ada, "lighthouse", kind)
    ada.get("/api/search/suggestions", params={"q": "light"})
    assert counts() == before
