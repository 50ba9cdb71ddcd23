"""What a viewer mutes is on no page, whatever it is; and nothing else is kept from them by it."""

from collections.abc import Sequence
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.feed.conftest import Town
from tests.feed.test_rescore import checked, record_of

from penchant.accounts.model import Viewer
from penchant.accounts.muting.model import MOST_WORDS, MuteTarget
from penchant.accounts.muting.service import TooManyMutes
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.core.clock import ManualClock
from penchant.core.errors import Invalid, NotFound

pytestmark = pytest.mark.service

WRITTEN = {
    "cafe": ["cafe", "CAFÉ", "Cafe\u0301"],
    "strasse": ["Straße", "STRASSE"],
    "cat": ["cat", "Cat"],
    "concatenate": ["concatenate"],
    "ещё": ["ещё", "ЕЩЁ", "еще"],
    "صباح": ["صباح", "صَباح"],
    "किताब": ["किताब"],
    "고양이": ["고양이"],
    "黒猫": ["黒猫", "小さな黒猫です"],
    "แมว": ["แมว", "แมวน้อย"],
}
"""Words, and how they may stand in a text."""
BETWEEN = [" ", "-", ", ", "_", "/", "…", " '", "\n"]
TAGS = ["waves", "night", "cats", "élan"]


@pytest.fixture
def videos(cell: Penchant, clock: ManualClock) -> tuple[Town, list[int]]:
    town = Town(cell, clock)
    for number in range(4):
        cell.accounts.make_account(f"maker_{number}")
    published = [int(town.publish(f"maker_{number % 4}", f"v-{number}")) for number in range(12)]
    town.learn()
    return town, published


@st.composite
def _texts(draw: st.DrawFn) -> tuple[list[str], str]:
    """Words, and a text that has them."""
    words = draw(st.lists(st.sampled_from(sorted(WRITTEN)), max_size=3))
    text = draw(st.sampled_from(BETWEEN)).join(draw(st.sampled_from(WRITTEN[word])) for word in words)
    return words, text


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_muted_is_on_no_page_and_everything_else_still_comes(
    videos: tuple[Town, list[int]], data: st.DataObject
):
    town, published = videos
    says: dict[int, set[str]] = {}
    tags: dict[int, list[str]] = {}
    with town.cell.engine.begin() as connection:
        for video in published:
            (titled, title), (described, alt_text) = data.draw(_texts()), data.draw(_texts())
            says[video] = {*titled, *described}
            tags[video] = data.draw(st.lists(st.sampled_from(TAGS), max_size=2, unique=True))
            catalog.update_video(connection, video, title=title, alt_text=alt_text, hashtags=tags[video])  # type: ignore[arg-type]
        makers = {facts.id: facts.creator for facts in catalog.facts(connection, published)}
    words = data.draw(st.lists(st.sampled_from(sorted(WRITTEN)), max_size=2, unique=True))
    creators = data.draw(st.lists(st.sampled_from(sorted(set(makers.values()))), max_size=1))
    hashtags = data.draw(st.lists(st.sampled_from(TAGS), max_size=1))
    viewer = town.viewer()
    for word in words:
        town.cell.muting.mute(viewer, "word", data.draw(st.sampled_from(WRITTEN[word][:2])).removesuffix("です"))
    _mute(town, viewer, "creator", map(str, creators))
    _mute(town, viewer, "hashtag", (f"#{tag.upper()}" for tag in hashtags))
    # What was written in a longer text is a longer phrase, where a script has no spaces.
    asked = [entry.name for entry in town.cell.muting.entries(viewer) if entry.target == "word"]
    silenced = {
        video
        for video in published
        if makers[video] in creators  # type: ignore[index]
        or set(tags[video]) & set(hashtags)
        or any(word in says[video] for word in words if not _longer(asked, word))
    }
    unsure = {video for video in published if any(_longer(asked, word) for word in says[video])}
    shown: set[int] = set()
    tab = uuid4()
    while page := town.cell.feed.page(viewer, tab, count=5).items:
        assert page[0].why.code != "again"
        shown |= {int(item.video.id) for item in page}
    assert not shown & silenced
    assert shown | unsure >= set(published) - silenced


def _longer(asked: Sequence[str], word: str) -> bool:
    return any(word in name and name != word and name.casefold() not in (word, *WRITTEN[word]) for name in asked)


def _mute(town: Town, viewer: Viewer, target: MuteTarget, names: object) -> None:
    for name in names:  # type: ignore[attr-defined]
        town.cell.muting.mute(viewer, target, name)


def test_the_record_says_what_was_muted_and_the_page_follows_from_it(town: Town):
    viewer = town.viewer()
    creator = town.cell.accounts.by_handle("creator_1_1").id
    town.cell.muting.mute(viewer, "creator", str(creator))
    town.cell.muting.mute(viewer, "word", "2 7")
    fields = record_of(town.cell, town.cell.feed.page(viewer, uuid4()).id)
    kept = np.frombuffer(fields["candidates"], "<i8").tolist()
    with town.cell.engine.connect() as connection:
        known = {one.id: one for one in catalog.facts(connection, [*kept, *fields["removed"]["muted"]], texts=True)}
    mutes = town.cell.muting.of(viewer)

    def muted(video: int) -> bool:
        one = known[video]  # type: ignore[index]
        return mutes.silence(creator=one.creator, sound=one.sound, hashtags=one.hashtags, texts=one.texts)

    assert fields["removed"]["muted"] and all(map(muted, fields["removed"]["muted"]))
    assert not any(map(muted, kept))
    assert checked(town.cell, fields) == []


def test_a_mute_holds_without_a_profile_too_and_can_be_taken_back(town: Town):
    viewer = town.viewer()
    creator = town.cell.accounts.by_handle("creator_0_0").id
    entry = town.cell.muting.mute(viewer, "creator", str(creator))

    def creators() -> set[int]:
        pages = [town.cell.feed.page_without_profile(viewer, (), count=20, seed=seed) for seed in range(4)]
        return {item.video.creator.id for page in pages for item in page.items}

    assert creator not in creators()
    assert town.cell.muting.mute(viewer, "creator", str(creator)) == entry
    town.cell.muting.unmute(viewer, entry.id)
    assert creator in creators()
    with pytest.raises(NotFound):
        town.cell.muting.unmute(viewer, entry.id)


def test_a_language_that_is_muted_is_on_no_page_in_whatever_form(videos: tuple[Town, list[int]]):
    town, published = videos
    spoken = ["en", "fr", "pt-BR", "pt"]
    with town.cell.engine.begin() as connection:
        for number, video in enumerate(published):
            catalog.update_video(connection, video, language=spoken[number % 4])  # type: ignore[arg-type]
    viewer = town.viewer()
    assert town.cell.muting.mute(viewer, "language", "PT-pt").name == "pt"
    town.cell.muting.mute(viewer, "language", "fr")
    page = town.cell.feed.page(viewer, uuid4(), count=20)
    assert len(page.items) == 3
    assert {item.video.language for item in page.items} == {"en"}
    with pytest.raises(Invalid):
        town.cell.muting.mute(viewer, "language", "klingon")


def test_a_list_has_an_end_and_a_word_two_letters(cell: Penchant):
    viewer = cell.accounts.welcome()[1]
    for number in range(MOST_WORDS):
        cell.muting.mute(viewer, "word", f"word{number}")
    assert cell.muting.mute(viewer, "word", "WORD7").name == "word7"
    with pytest.raises(TooManyMutes):
        cell.muting.mute(viewer, "word", "one more")
    for word in ("", "a", "é", "!!!", "x" * 61):
        with pytest.raises(Invalid):
            cell.muting.mute(viewer, "word", word)


def test_the_list_lies_nowhere_open(cell: Penchant):
    viewer = cell.accounts.welcome()[1]
    cell.muting.mute(viewer, "word", "unbearable")
    with cell.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT t::text FROM mutes t UNION ALL SELECT t::text FROM event_log t")
        assert not any("unbearable" in row or b"unbearable".hex() in row for row in rows.scalars())
