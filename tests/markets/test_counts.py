"""How many watched a video crosses where they are many, rounded down; never who, and never of few."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
import structlog
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from tests.markets.houses import Place, a_house
from tests.markets.test_gateway import NOTHING, SIGNER, played, send, warnings
from tests.markets.test_mirroring import crossings

from penchant.adapters.embedded_postgres import PostgresHome
from penchant.catalog.repository import videos
from penchant.core.clock import ManualClock
from penchant.core.ids import SubjectId, VideoId, format_id
from penchant.events.model import Like, NewEvent, Watch
from penchant.markets.gateway_rows import counted
from penchant.markets.messages import LEAST_VIEWERS, AskCounts, Counted, CountsAnswer, decode, encode
from penchant.operations.crossings import mirroring
from penchant.operations.crossings.counting import Counting

DAY_MS = 86_400_000
LENGTH_MS = 6_000


@pytest.mark.parametrize("field", ["viewers", "finished", "liked"])
def test_the_message_has_no_room_for_few_people(field: str):
    whole = {"video": 1, "viewers": 40, "finished": 20, "liked": 0}
    answer = {"counts": [whole], "more": False}
    assert decode(msgspec.json.encode(answer), CountsAnswer).counts == (Counted(1, 40, 20, 0),)
    for number in (1, LEAST_VIEWERS - 1, LEAST_VIEWERS + 1, -LEAST_VIEWERS):
        with pytest.raises(msgspec.ValidationError):
            decode(msgspec.json.encode({"counts": [whole | {field: number}], "more": False}), CountsAnswer)
    with pytest.raises(msgspec.ValidationError):
        decode(msgspec.json.encode({"counts": [whole | {"viewers": 0}], "more": False}), CountsAnswer)


class Watched:
    """Two markets, a video of the first, and people who watch it there."""

    def __init__(self, us: Place, de: Place, clock: ManualClock) -> None:
        self.us = us
        self.de = de
        self.clock = clock
        self.counting = Counting(us.cell.engine, clock)
        self.video = us.publish("ada", "a wave")
        self.people: list[SubjectId] = []

    def watch(self, people: int, *, watched_ms: int = LENGTH_MS, likes: bool = False, guests: bool = False) -> None:
        events = []
        for _ in range(people):
            if guests:
                subject = SubjectId(uuid4())
            else:
                account = self.us.cell.accounts.make_account(f"viewer_{len(self.people)}")
                subject = account.subject
                self.people.append(subject)
            at = self.clock.now_ms()
            happened = [
                Watch(video=self.video, context="link", play=1, watched_ms=watched_ms, duration_ms=LENGTH_MS),
                *([Like(video=self.video)] if likes else []),
            ]
            events += [NewEvent(subject, uuid4(), number, at, event) for number, event in enumerate(happened, 1)]
        self.us.cell.events.record(events)

    def next_day(self) -> tuple[int, int, int] | None:
        """What is known over there a day later: of viewers, to the end, likes."""
        self.clock.advance(DAY_MS)
        assert self.counting.bring_up_to_date() or not self.stored()
        self.de.mirroring.round()
        return self.known()

    def known(self) -> tuple[int, int, int] | None:
        shown = self.de.shown()["a wave"]
        said = httpx.get(f"{self.de.peer.address}/api/videos/{format_id(shown.id)}/elsewhere").json()
        assert (said["market"], said["least"]) == ("us", LEAST_VIEWERS)
        return (said["viewers"], said["finished"], said["liked"]) if said["viewers"] else None

    def stored(self) -> int:
        with self.us.cell.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(counted)).scalar_one())


@pytest.fixture
def watched(postgres: PostgresHome, tmp_path: Path, clock: ManualClock) -> Iterator[Watched]:
    with a_house(postgres, tmp_path, clock, {"us": "", "de": "us"}) as places:
        yield Watched(places["us"], places["de"], clock)


@pytest.mark.service
def test_few_are_not_told_and_many_in_steps(watched: Watched):
    watched.watch(LEAST_VIEWERS - 1, likes=True)
    watched.watch(30, guests=True)
    assert watched.next_day() is None
    assert watched.stored() == 0
    assert b"counts" not in {what for what, *_ in crossings(watched.us.cell)}
    watched.watch(1, watched_ms=LENGTH_MS // 2)
    assert watched.next_day() == (20, 0, 0), "nineteen saw it whole: of them nothing is told"
    watched.watch(LEAST_VIEWERS - 1)
    assert watched.next_day() == (20, 20, 0), "the next step takes as many people again"
    watched.watch(1, likes=True)
    assert watched.next_day() == (40, 20, 20)
    told = [(to, count) for what, to, count in crossings(watched.us.cell) if what == b"counts"]
    assert told == [(b"de", 1)] * 3


@pytest.mark.service
def test_it_is_counted_and_asked_once_a_day(watched: Watched):
    watched.watch(LEAST_VIEWERS)
    assert watched.next_day() == (20, 20, 0)
    watched.watch(LEAST_VIEWERS)
    assert not watched.counting.bring_up_to_date()
    watched.de.mirroring.round()
    assert watched.known() == (20, 20, 0)
    assert len([what for what, *_ in crossings(watched.us.cell) if what == b"counts"]) == 1
    assert watched.next_day() == (40, 40, 0)


@pytest.mark.service
def test_a_day_on_which_nothing_was_many_is_counted_once_too(watched: Watched):
    """Else the moment at which somebody is the twentieth could be seen."""
    watched.clock.advance(DAY_MS)
    assert watched.counting.bring_up_to_date()
    watched.watch(LEAST_VIEWERS)
    assert not watched.counting.bring_up_to_date()
    assert watched.stored() == 0
    assert watched.next_day() == (20, 20, 0)


@pytest.mark.service
def test_who_is_erased_is_not_counted_any_more(watched: Watched):
    watched.watch(LEAST_VIEWERS)
    assert watched.next_day() == (20, 20, 0)
    cell = watched.us.cell
    cell.erasure.erase(cell.accounts.by_handle("viewer_0"))
    assert watched.next_day() is None
    assert watched.stored() == 0


@pytest.mark.service
def test_of_a_video_that_crosses_no_more_nothing_is_told(watched: Watched):
    watched.watch(LEAST_VIEWERS)
    assert watched.next_day() == (20, 20, 0)
    with watched.us.cell.engine.begin() as connection:
        connection.execute(update(videos).where(videos.c.id == watched.video).values(adults_only=True))
    watched.clock.advance(DAY_MS)
    before = len(crossings(watched.us.cell))
    # Counted while it was for everybody, asked when it is not: what decides is today's state.
    watched.de.mirroring.round()
    assert watched.de.shown() == {}
    assert [what for what, *_ in crossings(watched.us.cell)[before:]] == [b"videos"]


@pytest.mark.service
def test_a_video_from_here_comes_from_nowhere_else(watched: Watched):
    answer = httpx.get(f"{watched.us.peer.address}/api/videos/{format_id(VideoId(watched.video))}/elsewhere")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "from_here")


@pytest.mark.service
@pytest.mark.parametrize(
    ("counts", "more"),
    [
        ([(2, 40, 20, 0), (1, 40, 20, 0)], False),
        ([(1, 40, 20, 0), (1, 40, 20, 0)], False),
        ([(1, 40, 60, 0)], False),
        ([(1, 40, 20, 60)], False),
        ([], True),
    ],
)
def test_counts_that_cannot_be_are_not_taken(
    watched: Watched, tmp_path: Path, counts: list[tuple[int, int, int, int]], more: bool
):
    watched.watch(LEAST_VIEWERS)
    assert watched.next_day() == (20, 20, 0)
    told = encode(CountsAnswer(tuple(Counted(*one) for one in counts), more))
    answers = {"/gateway/videos": NOTHING, "/gateway/counts": told}
    with played(lambda handler, _: send(handler, answers[handler.path])) as address:
        say_another_address(watched, tmp_path, address)
        watched.clock.advance(DAY_MS)
        with structlog.testing.capture_logs() as logs:
            watched.de.mirroring.round()
    assert warnings(logs) == [("market_silent", "answer_wrong")]
    assert watched.known() == (20, 20, 0)


@pytest.mark.service
def test_who_counts_on_and_on_is_not_listened_to(watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mirroring, "_MOST_PAGES", 3)

    def answer(handler: Any, body: bytes) -> None:
        if handler.path == "/gateway/videos":
            send(handler, NOTHING)
            return
        asked: AskCounts = decode(body, AskCounts)
        send(handler, encode(CountsAnswer((Counted(asked.after + 1, 20, 0, 0),), True)))

    with played(answer) as address:
        say_another_address(watched, tmp_path, address)
        watched.clock.advance(DAY_MS)
        with structlog.testing.capture_logs() as logs:
            watched.de.mirroring.round()
    assert warnings(logs) == [("market_silent", "answer_wrong")]


def say_another_address(watched: Watched, tmp_path: Path, address: str) -> None:
    markets, peer = tmp_path / "markets.toml", watched.us.peer
    said = markets.read_text("utf-8").replace(peer.address, address)
    markets.write_text(said.replace(peer.gateway_key, SIGNER.verifier.written()), "utf-8")


@pytest.mark.service
def test_the_table_itself_refuses_few(watched: Watched):
    with pytest.raises(IntegrityError, match="viewers_many"), watched.us.cell.engine.begin() as connection:
        values = {"video_id": 1, "day": "2026-01-01", "viewers": 19, "finished": 0, "liked": 0}
        connection.execute(insert(counted).values(**values))
