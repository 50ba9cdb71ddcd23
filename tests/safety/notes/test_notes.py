"""Notes from the writing to the showing, on a real database."""

import hashlib
from dataclasses import replace

import msgspec
import pytest

from penchant.accounts.model import Account, Viewer
from penchant.app import Penchant
from penchant.catalog.model import Rendition
from penchant.core.clock import ManualClock
from penchant.core.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from penchant.core.ids import NoteId, VideoId, format_id
from penchant.safety.casework.model import Ruling
from penchant.safety.notes import repository
from penchant.safety.notes.model import Note, Value
from penchant.safety.notes.public_file import read_file, rerun

pytestmark = pytest.mark.service

MINUTE_MS, DAY_MS = 60_000, 86_400_000
PLAN = "ggllllrrrrbb"
"""Twelve notes: helpful to both camps, to the left one, to the right one, to nobody."""
RATERS = 12


@pytest.fixture
def writer(cell: Penchant, clock: ManualClock) -> Account:
    found = cell.accounts.make_account("writer")
    clock.advance(8 * DAY_MS)
    return found


@pytest.fixture
def rater(cell: Penchant, writer: Account, clock: ManualClock) -> Account:
    found = cell.accounts.make_account("rater")
    clock.advance(8 * DAY_MS)
    return found


def publish(cell: Penchant, title: str = "waves") -> VideoId:
    creator = cell.accounts.make_account("creator")
    files = [Rendition("480p", f"v/{title}", "video/mp4", 5, "ab" * 32, 480, 854)]
    with cell.engine.begin() as connection:
        video = cell.catalog.add(connection, creator.id, title, [], "en")
        cell.catalog.start_processing(connection, video)
        cell.catalog.publish(
            connection, video, duration_ms=6_000, width=480, height=854, files=files, encoder="t-1", vector=bytes(64)
        )
    return video


def opinion(kind: str, camp: int) -> Value:
    return "helpful" if kind == "g" or kind == "lr"[camp] else "not_helpful"


class Town:
    """Twelve notes by one writer, and twelve people in two camps who rate all of them."""

    def __init__(self, cell: Penchant, clock: ManualClock) -> None:
        self.cell = cell
        self.clock = clock
        self.writer = cell.accounts.make_account("ursula")
        self.raters = [cell.accounts.make_account(f"person_{number:02}") for number in range(RATERS)]
        clock.advance(8 * DAY_MS)
        self.videos = [publish(cell, f"{number}") for number in range(len(PLAN))]
        self.notes = [
            cell.notes.write(self.writer, video, "misleading", f"note {number}, see https://example.org/{number}")
            for number, video in enumerate(self.videos)
        ]

    def rate(self) -> None:
        for number, account in enumerate(self.raters):
            for kind, note in zip(PLAN, self.notes, strict=True):
                self.cell.notes.rate(account, note.id, opinion(kind, number % 2), ())

    def shown(self) -> list[str]:
        """The kinds of the notes whose words go with their videos."""
        with self.cell.engine.connect() as connection:
            words = repository.shown_on(connection, self.videos)
        return [PLAN[self.videos.index(video)] for video in words]

    def judge(self) -> None:
        """Two runs, half an hour apart."""
        self.cell.note_runs.bring_up_to_date()
        self.clock.advance(30 * MINUTE_MS)
        self.cell.note_runs.bring_up_to_date()


@pytest.fixture
def town(cell: Penchant, clock: ManualClock) -> Town:
    return Town(cell, clock)


def test_a_note_is_written_once_and_stays_once_rated(cell: Penchant, writer: Account, rater: Account):
    video = publish(cell)
    note = cell.notes.write(writer, video, "missing_context", " Filmed in 2019, see https://example.org/a. ")
    assert (note.text, note.links) == ("Filmed in 2019, see https://example.org/a.", ("https://example.org/a",))
    assert note.mine and not note.shown and note.status == "needs_more"
    with pytest.raises(Conflict) as twice:
        cell.notes.write(writer, video, "satire", "again")
    assert twice.value.code == "note_exists"
    assert cell.notes.change(writer, note.id, "old_footage", "Filmed in 2018.").text == "Filmed in 2018."
    with pytest.raises(Forbidden):
        cell.notes.change(rater, note.id, "satire", "mine now")
    cell.notes.rate(rater, note.id, "helpful", ("clear", "clear", "good_sources"))
    with pytest.raises(Conflict) as rated:
        cell.notes.change(writer, note.id, "satire", "otherwise")
    assert rated.value.code == "note_rated"
    with pytest.raises(Forbidden):
        cell.notes.delete(rater, note.id)
    cell.notes.delete(writer, note.id)
    assert cell.notes.on_video(None, video) == []
    assert cell.notes.write(writer, video, "satire", "a new start").status == "needs_more"


@pytest.mark.parametrize(("kind", "text"), [("misleading", " "), ("misleading", "x" * 501), ("lies", "text")])
def test_what_is_not_a_note_is_refused(cell: Penchant, writer: Account, kind: str, text: str):
    with pytest.raises(Invalid):
        cell.notes.write(writer, publish(cell), kind, text)  # type: ignore[arg-type]


def test_new_accounts_only_read(cell: Penchant, writer: Account, clock: ManualClock):
    video = publish(cell)
    note = cell.notes.write(writer, video, "misleading", "text")
    newcomer = cell.accounts.make_account("newcomer")
    clock.advance(7 * DAY_MS - MINUTE_MS)
    for act in (
        lambda: cell.notes.write(newcomer, video, "misleading", "text"),
        lambda: cell.notes.rate(newcomer, note.id, "helpful", ()),
    ):
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "account_too_new"
    assert [found.id for found in cell.notes.on_video(newcomer, video)] == [note.id]
    clock.advance(MINUTE_MS)
    assert cell.notes.rate(newcomer, note.id, "helpful", ()).my_rating == "helpful"


def test_one_rates_others_notes_and_may_change_ones_mind(cell: Penchant, writer: Account, rater: Account):
    video = publish(cell)
    note = cell.notes.write(writer, video, "misleading", "text")
    with pytest.raises(Forbidden) as own:
        cell.notes.rate(writer, note.id, "helpful", ())
    assert own.value.code == "own_note"
    for value, reasons in (("great", ()), ("helpful", ("nice",)), ("helpful", ("clear",) * 5)):
        with pytest.raises(Invalid):
            cell.notes.rate(rater, note.id, value, reasons)  # type: ignore[arg-type]
    cell.notes.rate(rater, note.id, "helpful", ("clear",))
    found = cell.notes.rate(rater, note.id, "somewhat", ())
    assert (found.my_rating, found.ratings) == ("somewhat", 1)
    with pytest.raises(NotFound):
        cell.notes.rate(rater, NoteId(5), "helpful", ())


def test_notes_of_a_removed_video_are_gone(cell: Penchant, writer: Account, rater: Account):
    video = publish(cell)
    note = cell.notes.write(writer, video, "misleading", "text")
    moderator = replace(rater, role="moderator")
    with cell.engine.begin() as connection:
        cell.safety.decide(connection, moderator, "video", video, "remove", "spam")
    for act in (
        lambda: cell.notes.on_video(rater, video),
        lambda: cell.notes.rate(rater, note.id, "helpful", ()),
        lambda: cell.notes.write(rater, video, "misleading", "text"),
    ):
        with pytest.raises(Gone):
            act()


def test_an_alias_is_the_same_everywhere_and_no_handle(cell: Penchant, writer: Account, rater: Account):
    first = cell.notes.write(writer, publish(cell, "a"), "satire", "one")
    second = cell.notes.write(writer, publish(cell, "b"), "satire", "two")
    other = cell.notes.write(rater, publish(cell, "c"), "satire", "three")
    assert first.alias == second.alias != other.alias
    assert writer.handle not in first.alias


def test_what_bridges_is_shown_after_half_an_hour_and_nothing_else(town: Town):
    town.rate()
    town.cell.note_runs.bring_up_to_date()
    town.clock.advance(29 * MINUTE_MS)
    town.cell.note_runs.bring_up_to_date()
    assert town.shown() == []
    town.clock.advance(MINUTE_MS)
    town.cell.note_runs.bring_up_to_date()
    assert town.shown() == ["g", "g"]
    with town.cell.engine.connect() as connection:
        statuses = {row.id: row.status for row in repository.all_notes(connection)}
    expected = {"g": "helpful", "l": "needs_more", "r": "needs_more", "b": "not_helpful"}
    assert [statuses[note.id] for note in town.notes] == [expected[kind] for kind in PLAN]


def test_a_run_is_kept_once_and_can_be_made_again_from_its_file(town: Town):
    assert town.cell.note_runs.public_file() == (b"", b"")
    town.rate()
    run = town.cell.note_runs.bring_up_to_date()
    assert run is not None and (run.notes, run.ratings) == (12, 144)
    assert town.cell.note_runs.bring_up_to_date() is None
    file, result = town.cell.note_runs.public_file()
    assert (hashlib.sha256(file).hexdigest(), hashlib.sha256(result).hexdigest()) == (
        run.input_digest,
        run.result_digest,
    )
    again = rerun(read_file(file))
    assert (again.input_digest, again.result_digest) == (run.input_digest, run.result_digest)
    assert town.cell.note_runs.run_now()[0].result_digest == run.result_digest
    assert [kept.filed for kept in town.cell.note_runs.last(10)] == [True, False]


def test_the_public_file_names_nobody(town: Town):
    town.rate()
    town.cell.note_runs.bring_up_to_date()
    file = town.cell.note_runs.public_file()[0]
    for account in (town.writer, *town.raters):
        for trace in (account.handle, format_id(account.id), str(account.id), str(account.subject)):
            assert trace.encode() not in file
    assert b"rated_at" not in file and b"position" not in file


def test_files_that_are_none_are_refused():
    other = msgspec.json.encode({"format": 1, "scorer": "0", "rules": {}, "notes": [], "ratings": []})
    for content in (b"", b"{}", b'{"format": 1}', other):
        with pytest.raises(Invalid):
            read_file(content)


def test_after_two_weeks_a_status_stays(town: Town):
    town.rate()
    town.judge()
    assert town.shown() == ["g", "g"]
    town.clock.advance(14 * DAY_MS)
    town.cell.note_runs.bring_up_to_date()
    for account in town.raters:
        town.cell.notes.rate(account, town.notes[0].id, "not_helpful", ())
    town.judge()
    assert town.shown() == ["g", "g"]


def test_minds_that_change_hide_a_note_again(town: Town):
    town.rate()
    town.judge()
    for account in town.raters:
        town.cell.notes.rate(account, town.notes[0].id, "not_helpful", ())
    town.judge()
    assert town.shown() == ["g"]


def test_a_moderator_removes_a_note_and_its_words_leave_the_file(town: Town):
    town.rate()
    town.judge()
    moderator = replace(town.raters[0], role="moderator")
    with town.cell.engine.begin() as connection:
        town.cell.safety.decide(connection, moderator, "note", town.notes[0].id, "remove", "names somebody")
        with pytest.raises(Invalid):
            town.cell.safety.decide(connection, moderator, "note", town.notes[0].id, "suspend", "no")
    assert town.shown() == ["g"]
    assert town.cell.notes.on_video(None, town.videos[0]) == []
    assert town.cell.note_runs.public_file() == (b"", b"")
    town.judge()
    assert town.shown() == ["g"]
    assert b"note 0," not in town.cell.note_runs.public_file()[0]
    with pytest.raises(Conflict):
        town.cell.notes.write(town.writer, town.videos[0], "satire", "the same again")
    with town.cell.engine.begin() as connection:
        town.cell.safety.decide(connection, moderator, "note", town.notes[0].id, "restore", "it names nobody")
    town.judge()
    assert town.shown() == ["g", "g"]


def test_who_wrote_a_removed_note_is_told_why_has_a_strike_and_may_appeal(cell: Penchant, writer: Account):
    video = publish(cell)
    note = cell.notes.write(writer, video, "misleading", "Filmed by Jo, 3 Mill Lane.")
    mo = cell.accounts.make_account("mo", role="moderator")
    cell.safety.report(Viewer(mo.subject, mo, mo.age_band), "note", note.id, "harassment", "")
    (entry,) = cell.desk.queue.waiting(mo).entries
    assert entry.about is not None
    assert (entry.about.handle, entry.about.words, entry.about.video) == ("writer", note.text, video)
    with pytest.raises(Forbidden, match="about themselves"):
        cell.desk.queue.decide(replace(writer, role="moderator"), entry.id, Ruling("dismiss", "it is mine"))
    removal = cell.desk.queue.decide(mo, entry.id, Ruling("remove", "says where somebody lives", rule="hate")).decision
    assert removal is not None
    (notice,), standing = cell.desk.notices.about(writer)
    assert (notice.kind, notice.action, notice.words_of_target) == ("note", "remove", note.text)
    assert (notice.reported_for, notice.strike, standing.points) == (("harassment",), 2, 2)
    appeal = cell.desk.appeals.make(writer, removal, "Jo has a shop there")
    max_ = cell.accounts.make_account("max", role="moderator")
    (waiting,) = cell.desk.appeals.waiting(max_)
    assert waiting.about is not None and waiting.about.words == note.text
    cell.desk.appeals.decide(max_, appeal, "reversed", "a shop is no home")
    (notice,), standing = cell.desk.notices.about(writer)
    assert (notice.reversed, standing.points) == (True, 0)
    assert [one.text for one in cell.notes.on_video(None, video)] == [note.text]


def test_suspended_people_neither_speak_nor_judge(town: Town):
    town.rate()
    town.judge()
    with town.cell.engine.begin() as connection:
        for account in town.raters[: RATERS - 4]:
            town.cell.accounts.set_suspended(connection, account, True)
    town.judge()
    assert town.shown() == []
    with town.cell.engine.begin() as connection:
        for account in town.raters:
            town.cell.accounts.set_suspended(connection, account, False)
    town.judge()
    assert town.shown() == ["g", "g"]
    with town.cell.engine.begin() as connection:
        town.cell.accounts.set_suspended(connection, town.writer, True)
    assert town.shown() == []


def test_who_is_erased_takes_notes_and_ratings_along(town: Town):
    town.rate()
    town.judge()
    town.cell.erasure.erase(town.raters[0])
    assert town.cell.note_runs.public_file() == (b"", b"")
    run = town.cell.note_runs.bring_up_to_date()
    assert run is not None and run.ratings == 132
    mo = town.cell.accounts.make_account("mo", role="moderator")
    town.cell.safety.report(Viewer(mo.subject, mo, mo.age_band), "note", town.notes[0].id, "spam", "")
    assert len(town.cell.desk.queue.waiting(mo).entries) == 1
    town.cell.erasure.erase(town.writer)
    assert town.cell.desk.queue.waiting(mo).entries == ()
    run = town.cell.note_runs.bring_up_to_date()
    assert run is not None and (run.notes, run.ratings) == (0, 0)
    assert read_file(town.cell.note_runs.public_file()[0]).ratings == ()


def test_a_rating_by_a_reader_is_told_to_that_reader_alone(cell: Penchant, writer: Account, rater: Account):
    video = publish(cell)
    note: Note = cell.notes.write(writer, video, "misleading", "text")
    cell.notes.rate(rater, note.id, "helpful", ())
    assert [found.my_rating for found in cell.notes.on_video(rater, video)] == ["helpful"]
    assert [found.my_rating for found in cell.notes.on_video(writer, video)] == [None]
    assert [found.my_rating for found in cell.notes.on_video(None, video)] == [None]
