"""What one market publishes is shown in another, as long as it is public there, and only what is public."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from tests.markets.houses import Place, a_house, as_it_comes, mirroring_of

from penchant.accounts.repository import accounts
from penchant.adapters.embedded_postgres import PostgresHome
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.model import Video
from penchant.catalog.repository import videos
from penchant.core.clock import ManualClock, as_datetime
from penchant.core.errors import Forbidden, NotFound, SignInNeeded
from penchant.ledger.leaves import Crossing, decode
from penchant.markets import gateway_rows
from penchant.operations.crossings.look import Looked

pytestmark = pytest.mark.service
VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n"


@pytest.fixture
def two(postgres: PostgresHome, tmp_path: Path, clock: ManualClock) -> Iterator[tuple[Place, Place]]:
    """Where it comes from, and where it is shown as well."""
    with a_house(postgres, tmp_path, clock, {"us": "", "de": "us"}) as places:
        yield places["us"], places["de"]


def crossings(cell: Penchant) -> list[tuple[bytes, bytes, int]]:
    cell.ledger.sequencer.run_empty()
    with cell.engine.connect() as connection:
        leaves = connection.exec_driver_sql("SELECT leaf FROM ledger_entries ORDER BY index").scalars().all()
    found = [decode(bytes(leaf)) for leaf in leaves]
    return [(leaf.what, leaf.to, leaf.count) for leaf in found if isinstance(leaf, Crossing)]


def test_a_public_video_is_shown_with_its_files_and_words(two: tuple[Place, Place]):
    us, de = two
    id_ = us.publish("ada", "a wave", b"film" * 100_000, alt_text="water")
    with us.cell.engine.begin() as connection:
        us.cell.catalog.put_captions(connection, us.video(id_), "en", VTT)
    assert de.mirroring.round() == 1
    video = de.shown()["a wave"]
    assert (video.creator.handle, video.creator.name) == ("ada.us", "ada")
    assert (video.hashtags, video.alt_text, video.duration_ms) == (("sea",), "water", 6_000)
    assert [words.language for words in video.captions] == ["en"]
    assert de.content(video.renditions[0]) == b"film" * 100_000
    assert de.content(video.poster) == b"of " + b"film" * 100_000
    assert video.renditions[0].sha256 == us.video(id_).renditions[0].sha256
    assert crossings(us.cell) == [(b"videos", b"de", 1), (b"media", b"de", 1), (b"media", b"de", 1)]
    assert crossings(de.cell) == []
    # No news: nothing is fetched again, and the log does not grow.
    assert de.mirroring.round() == 0
    assert len(crossings(us.cell)) == 3


def test_what_changes_there_changes_here_and_what_goes_there_goes_here(two: tuple[Place, Place]):
    us, de = two
    first, second = us.publish("ada", "first"), us.publish("ada", "second", b"another")
    de.mirroring.round()
    with us.cell.engine.begin() as connection:
        connection.execute(update(videos).where(videos.c.id == first).values(title="first, again"))
    de.mirroring.round()
    assert de.shown().keys() == {"first, again", "second"}
    with us.cell.engine.begin() as connection:
        us.cell.catalog.remove(connection, us.video(first), "creator")
    de.mirroring.round()
    assert de.shown().keys() == {"second"}
    assert de.cell.accounts.by_handle("ada.us").name == "ada"
    us.cell.erasure.erase(us.cell.accounts.by_handle("ada"))
    de.mirroring.round()
    assert de.shown() == {}
    with de.cell.engine.connect() as connection:
        kept = connection.execute(accounts.select().where(accounts.c.handle == "ada.us")).first()
    assert kept is None, "of somebody who was erased there nothing stays here"
    assert second


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("accounts", {"wants_private": True}),
        ("accounts", {"age_band": "minor"}),
        ("accounts", {"suspended_at": "2026-01-01T00:00Z"}),
        ("videos", {"reach": 0}),
        ("videos", {"reach": 50}),
        ("videos", {"adults_only": True}),
        ("videos", {"warnings": ["violence"]}),
        ("videos", {"state": "removed", "removed_by": "moderation"}),
    ],
)
def test_what_is_not_for_everybody_never_crosses_and_leaves_where_it_was(
    two: tuple[Place, Place], table: str, values: dict[str, object]
):
    us, de = two
    us.publish("bob", "for all")
    id_ = us.publish("ada", "hers", b"hers")
    target = {"accounts": accounts, "videos": videos}[table]
    where = accounts.c.handle == "ada" if table == "accounts" else videos.c.id == id_

    def change(**to: object) -> None:
        with us.cell.engine.begin() as connection:
            connection.execute(update(target).where(where).values(**to))

    with us.cell.engine.connect() as connection:
        row = connection.execute(target.select().where(where)).one()
    before = {name: row._mapping[name] for name in values}
    change(**values)
    de.mirroring.round()
    assert de.shown().keys() == {"for all"}
    change(**before)
    de.mirroring.round()
    assert de.shown().keys() == {"for all", "hers"}
    change(**values)
    de.mirroring.round()
    assert de.shown().keys() == {"for all"}


def test_a_mirrored_video_does_not_go_on_to_a_third_market(postgres: PostgresHome, tmp_path: Path, clock: ManualClock):
    with a_house(postgres, tmp_path, clock, {"us": "", "de": "us", "br": "de"}) as places:
        places["us"].publish("ada", "from us")
        places["de"].publish("bob", "from de")
        for market in ("de", "br"):
            places[market].mirroring.round()
        assert places["de"].shown().keys() == {"from us", "from de"}
        assert places["br"].shown().keys() == {"from de"}


def test_nobody_signs_in_as_who_stands_for_somebody_elsewhere(two: tuple[Place, Place]):
    us, de = two
    us.publish("ada")
    de.mirroring.round()
    account = de.cell.accounts.by_handle("ada.us")
    assert account.home_market == "us"
    with pytest.raises(SignInNeeded):
        de.cell.accounts.sign_in("ada.us", "")
    with pytest.raises(Forbidden, match="another market"):
        de.cell.accounts.make_link(account, "sign_in")


def test_what_moderation_removed_here_does_not_come_back_by_going_away_there(two: tuple[Place, Place]):
    us, de = two
    id_ = us.publish("ada", "hers")
    de.mirroring.round()
    with de.cell.engine.begin() as connection:
        de.cell.catalog.remove(connection, de.shown()["hers"], "moderation")
    for state in ("removed", "ready"):
        with us.cell.engine.begin() as connection:
            connection.execute(update(videos).where(videos.c.id == id_).values(state=state))
        de.mirroring.round()
        assert de.shown() == {}


def test_many_videos_come_in_pages(two: tuple[Place, Place]):
    us, de = two
    for number in range(53):
        us.publish("ada", f"number {number}")
    while de.mirroring.round():
        pass
    assert len(de.shown()) == 53
    assert [count for what, _, count in crossings(us.cell) if what == b"videos"] == [50, 3]


def test_of_a_market_that_is_listened_to_no_more_nothing_stays(two: tuple[Place, Place]):
    us, de = two
    us.publish("ada", "hers")
    de.mirroring.round()
    assert de.shown().keys() == {"hers"}
    nobody = mirroring_of(de.cell, de.house, mirror="")
    nobody.round()
    assert de.shown() == {}
    with pytest.raises(NotFound):
        de.cell.accounts.by_handle("ada.us")
    assert de.mirroring.round() == 1, "listened to again, it tells everything anew"
    assert de.shown().keys() == {"hers"}


def test_of_a_market_that_has_ended_nothing_stays(two: tuple[Place, Place], clock: ManualClock):
    us, de = two
    us.publish("ada", "hers")
    de.mirroring.round()
    admins = [us.cell.accounts.make_account(name, role="admin").id for name in ("one", "two")]
    planned = us.cell.life_cycle.plan(admins[0], "closed", as_datetime(clock.now_ms() + 1_000), reason="the end")
    us.cell.life_cycle.confirm(admins[1], planned.step.id)
    clock.advance(5_000)
    us.cell.life_cycle.watch.standing()
    de.mirroring.round()
    assert de.shown() == {}


def test_long_captions_come_in_more_answers_and_what_no_message_holds_stays(two: tuple[Place, Place]):
    us, de = two
    long = "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "words " * 60_000
    for number in range(15):
        id_ = us.publish("ada", f"number {number}")
        with us.cell.engine.begin() as connection:
            catalog.put_captions(connection, id_, "en", 1, long, us.cell.catalog.now())
    odd = us.publish("jane.doe", "of an account that an operator made")
    assert odd
    de.mirroring.round()
    assert [count for what, _, count in crossings(us.cell) if what == b"videos"] == [11, 5]
    with de.cell.engine.connect() as connection:
        told = connection.exec_driver_sql("SELECT count(*) FROM mirrors WHERE told IS NOT NULL").scalar_one()
    assert told == 15


def test_a_market_that_was_set_back_to_a_backup_tells_everything_anew(two: tuple[Place, Place]):
    us, de = two
    us.publish("ada", "kept")
    us.publish("ada", "lost", b"lost")
    de.mirroring.round()
    with us.cell.engine.begin() as connection:
        connection.execute(videos.delete().where(videos.c.title == "lost"))
        connection.exec_driver_sql("DELETE FROM offered")
    assert de.mirroring.round() == 1
    assert de.shown().keys() == {"kept"}
    us.publish("ada", "later", b"later")
    assert de.mirroring.round() == 1
    assert de.shown().keys() == {"kept", "later"}


def test_who_dies_before_a_stand_in_went_is_followed_by_one_who_lets_it_go(
    two: tuple[Place, Place], monkeypatch: pytest.MonkeyPatch
):
    us, de = two
    us.publish("ada", "hers")
    de.mirroring.round()
    us.cell.erasure.erase(us.cell.accounts.by_handle("ada"))

    def dies(*_: object) -> None:
        raise OSError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(de.mirroring, "_erase", dies)
        with pytest.raises(OSError, match="killed"):
            de.mirroring.round()
    assert de.shown() == {}
    assert de.cell.accounts.by_handle("ada.us")
    mirroring_of(de.cell, de.house).round()
    with pytest.raises(NotFound):
        de.cell.accounts.by_handle("ada.us")


def test_who_has_ended_hears_what_is_withdrawn_and_brings_nobody_new(two: tuple[Place, Place], clock: ManualClock):
    us, de = two
    id_ = us.publish("ada", "before")
    de.mirroring.round()
    ada, eve = (de.cell.accounts.make_account(name, name, "admin").id for name in ("one", "two"))
    order = de.cell.life_cycle.announce(ada, "a court", "§ 1", "close it", None)
    at = as_datetime(clock.now_ms() + 1_000)
    de.cell.life_cycle.confirm(eve, de.cell.life_cycle.plan(ada, "closed", at, order_id=order.id).step.id)
    clock.advance(2_000)
    us.publish("bob", "after", b"another")
    assert de.mirroring.round() == 0
    assert de.shown().keys() == {"before"}
    with us.cell.engine.begin() as connection:
        us.cell.catalog.remove(connection, us.video(id_), "creator")
    assert de.mirroring.round() == 0
    assert de.shown() == {}
    # A stay gives the place back, and what it missed.
    de.cell.life_cycle.act(ada, order.id, "stayed")
    assert de.mirroring.round() == 1
    assert de.shown().keys() == {"after"}


def test_another_film_in_the_place_of_one_is_looked_at_too(two: tuple[Place, Place], monkeypatch: pytest.MonkeyPatch):
    us, de = two
    id_ = us.publish("ada", "hers", b"harmless")
    seen: list[bytes] = []

    def look(video: Video) -> Looked:
        seen.append(de.content(video.renditions[0]))
        return as_it_comes(video)

    monkeypatch.setattr(de.mirroring._bringing, "_look", look)
    de.mirroring.round()
    # A further size of the same film is none.
    us.put_file(id_, "720p", b"harmless and larger")
    assert (de.mirroring.round(), seen) == (1, [b"harmless"])
    us.put_file(id_, "480p", b"another")
    assert (de.mirroring.round(), seen) == (1, [b"harmless", b"another"])
    assert {de.content(file) for file in de.shown()["hers"].renditions} == {b"another", b"harmless and larger"}


def test_one_worker_at_a_time_brings_videos_here(two: tuple[Place, Place]):
    us, de = two
    us.publish("ada", "hers")
    with gateway_rows.mirroring_alone(de.cell.engine) as alone:
        assert alone
        assert de.mirroring.round() == 0
        assert de.shown() == {}
    assert de.mirroring.round() == 1
