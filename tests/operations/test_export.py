"""The export has everything: a word of its own in every column of every table, and in every event, is found in it."""

import base64
import itertools
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args, get_type_hints
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    Table,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.event import listen
from sqlalchemy.types import Uuid
from tests.web.test_api import publish

from penchant.accounts.limits import EXPORT
from penchant.accounts.model import Account, Viewer
from penchant.accounts.repository import accounts, key_of
from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.compression import compress
from penchant.core.database import PERSONAL, SENSITIVE
from penchant.core.holdings import Owner
from penchant.core.ids import VideoId, format_id, parse_id
from penchant.events.model import Erased, Event, NewEvent, Published, Withdrawn
from penchant.operations.privacy.export import UNEXPORTED, exported
from penchant.operations.privacy.inventory import tables

_OF_A_FEW = {
    "account_changes.what": "password_changed",
    "videos.state": "ready",
    "videos.removed_by": "moderation",
    "videos.reach": 50,
    "uploads.step": "receiving",
    "appeals.side": "affected",
    "appeals.outcome": "upheld",
    "judgements.stage": "decided",
    "notes.status": "helpful",
    "order_acts.what": "stayed",
    "market_steps.to_state": "closed",
    "note_ratings.value": "helpful",
    "notifications.kind": "like",
    "notification_choices.kind": "like",
    "notification_choices.channel": "app",
    "sound_checks.state": "own",
    "transcriptions.state": "silent",
}
"""Columns that hold one of a few words."""
_OF_ANOTHER = frozenset({"market_steps.confirmed_by"})
"""What somebody did cannot be confirmed by themselves."""
_BY_THEMSELVES = frozenset({"accounts", "subjects"})
_NAMES = re.compile("^id$|_ids?$|_by$")
"""Columns that hold ids."""
_OWN = {"videos": "video", "sounds": "sound", "reports": "report"}
"""Tables to whose rows others point as somebody's."""
_numbers = itertools.count(1)


def test_every_column_about_people_is_exported_or_it_is_said_why_not():
    left_out = {name for names in UNEXPORTED for name in names.split(", ")}
    for table, said in tables():
        for column in table.columns:
            if column.info["class"] in (PERSONAL, SENSITIVE) and table.name not in left_out:
                place = f"{table.name}.{column.name}"
                assert place in left_out or (said.whose and column in exported(table)), f"{place} is in no export"


def test_what_is_left_out_exists():
    there = {place for table, _ in tables() for place in (table.name, *(f"{table.name}.{c.name}" for c in table.c))}
    assert {name for names in UNEXPORTED for name in names.split(", ")} <= there


class Filled:
    """Rows of somebody in every table, with values that stand nowhere else."""

    def __init__(self, cell: Penchant, me: Account) -> None:
        self.cell = cell
        self.me = me
        self.rows: dict[str, dict[str, Any]] = {}
        """By table: what the export should say of the row, by column."""

    def fill(self) -> None:
        with self.cell.engine.begin() as connection:
            # Rows of every table without those they point to.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            own = {name: next(_numbers) << 30 for name in ("video", "sound", "report")}
            for table, said in tables():
                if not said.whose or table.name in UNEXPORTED or table.name in {"event_log", "data_keys"}:
                    continue
                if table.name in _BY_THEMSELVES:
                    continue
                row = {column.name: self._value(table, column) for column in table.columns}
                theirs = {
                    name: owner for name, owner in said.whose.items() if f"{table.name}.{name}" not in _OF_ANOTHER
                }
                row |= {column: self._owner(owner, own) for column, owner in theirs.items()}
                row |= {"id": own[_OWN[table.name]]} if table.name in _OWN else {}
                expected = {column.name: _said(column, row[column.name]) for column in exported(table)}
                for sealed in [name for name in expected if name.endswith("_sealed")]:
                    words = self._word()
                    row[sealed] = self.cell.keys.seal(connection, self.me.subject, words.encode())
                    del expected[sealed]
                    expected[sealed.removesuffix("_sealed")] = words
                if table.name == "pages":
                    # As `feed.records` keeps it: behind a salt, under the viewer's key.
                    key = key_of(connection, self.me.subject)
                    context = b"page" + row["id"].to_bytes(8)
                    assert key is not None
                    packed = compress(bytes(32) + row["record"])
                    row["record"] = self.cell.keys.seal_with(key, self.me.subject, packed, context)
                connection.execute(insert(table).values(**row))
                self.rows[table.name] = expected
            name = self._word()
            connection.execute(update(accounts).where(accounts.c.id == self.me.id).values(name=name, birth_year=1931))
            self.rows["accounts"] = {"name": name, "birth_year": 1931, "subject_id": str(self.me.subject)}

    def _owner(self, owner: Owner, own: dict[str, int]) -> Any:
        return {"account": self.me.id, "subject": self.me.subject, **own}[owner]

    def _word(self) -> str:
        return f"marker{next(_numbers)}of{self.me.handle}"

    def _value(self, table: Table, column: Column[Any]) -> Any:
        if (place := f"{table.name}.{column.name}") in _OF_A_FEW:
            return _OF_A_FEW[place]
        match column.type:
            case Uuid():
                return uuid4()
            case Boolean():
                return True
            case BigInteger():
                return next(_numbers) << 25
            case Integer():
                return 1_000 + next(_numbers)
            case Double():
                return 0.5 + next(_numbers)
            case Date():
                return date(2026, 1, 1) + timedelta(days=next(_numbers))
            case DateTime():
                return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=next(_numbers))
            case LargeBinary():
                return self._word().encode()
            case JSONB():
                return {"title": self._word()}
            case ARRAY() as array:
                return [next(_numbers) << 25] if isinstance(array.item_type, BigInteger) else [self._word()]
            case _:
                return self._word()


def _said(column: Column[Any], value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case list():
            return [_said(column, one) for one in value]
        case int() if isinstance(getattr(column.type, "item_type", column.type), BigInteger) and _NAMES.search(
            column.name
        ):
            return format_id(value)
        case _:
            return value


def events_of_every_kind() -> Iterator[tuple[type, Event]]:
    """One of each kind that a person can cause, filled with numbers and words that stand nowhere else."""
    for kind in get_args(Event):
        if kind in (Published, Withdrawn, Erased):
            continue
        made = {}
        for name, hint in get_type_hints(kind).items():
            words, number = get_args(hint), next(_numbers)
            is_id = name in {"video", "creator", "comment", "page", "target_id"}
            made[name] = words[0] if words and isinstance(words[0], str) else number << 25 if is_id else 1_000 + number
            if hint is str:
                made[name] = f"marker{number}"
        yield kind, kind(**made)


@pytest.fixture
def me(client: TestClient[Litestar], cell: Penchant) -> Account:
    client.post("/api/accounts", json={"handle": "ada", "password": "correct horse", "birth_year": 1990})
    return cell.accounts.by_handle("ada")


@pytest.mark.service
def test_every_column_and_every_event_is_in_the_export(cell: Penchant, client: TestClient[Litestar], me: Account):
    stranger = cell.accounts.make_account("stranger")
    filled, other = Filled(cell, me), Filled(cell, stranger)
    filled.fill()
    other.fill()
    happened = [event for _, event in events_of_every_kind()]
    session = uuid4()
    cell.events.record(
        [NewEvent(me.subject, session, at, cell.clock.now_ms(), event) for at, event in enumerate(happened, 1)]
    )
    answer = client.get("/api/me/export")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="penchant-ada.json"'
    found = json.loads(answer.text)
    for name, wanted in filled.rows.items():
        rows = found["tables"][name]["rows"]
        assert any(wanted.items() <= row.items() for row in rows), f"{name}: {wanted} is not in {rows}"
        assert found["tables"][name]["purpose"]
        assert found["tables"][name]["kept"]
    (video,) = found["tables"]["renditions"]["rows"]
    assert video["address"].startswith("http://testserver.local/media/")
    said = found["events"]
    assert [entry["kind"] for entry in said] == [kind.__struct_config__.tag for kind, _ in events_of_every_kind()]
    for event, entry in zip(happened, said, strict=True):
        for name, value in ((field, getattr(event, field)) for field in event.__struct_fields__):
            assert entry[name] in (value, format_id(value) if isinstance(value, int) else value), (name, entry)
    assert "ofstranger" not in answer.text
    assert str(stranger.subject) not in answer.text


@pytest.mark.service
def test_many_pages_take_no_more_questions_than_one(cell: Penchant, client: TestClient[Litestar], me: Account):
    asked: list[str] = []
    listen(cell.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    viewer = Viewer(me.subject, me, me.age_band)

    def questions(pages: int) -> int:
        for number in range(pages):
            cell.feed.page(viewer, uuid4(), seed=number)
        asked.clear()
        rows = client.get("/api/me/export").json()["tables"]["pages"]["rows"]
        assert all(row["record"] for row in rows)
        return len(asked)

    one = questions(1)
    assert questions(5) <= one


@pytest.mark.service
def test_what_was_decided_about_somebody_is_in_it_without_who_decided(
    cell: Penchant, client: TestClient[Litestar], me: Account, clock: ManualClock
):
    admin = cell.accounts.make_account("admin", "Admin", "admin")
    with cell.engine.begin() as connection:
        cell.safety.decide(connection, admin, "account", me.id, "dismiss", "all is well")
    # Notes are for accounts of a week and more.
    clock.advance(8 * 86_400_000)
    for own, author in (("mine", me), ("of the admin", admin)):
        video = VideoId(parse_id(publish(cell, "admin", own)))
        note = cell.notes.write(author, video, "satire", own)
        with cell.engine.begin() as connection:
            cell.safety.decide(connection, admin, "note", note.id, "remove", f"it was {own}")
    found = json.loads(client.get("/api/me/export").text)
    decided = found["decisions_about_you"]
    assert [(one["kind"], one["reason"]) for one in decided] == [("account", "all is well"), ("note", "it was mine")]
    assert decided[0]["target_id"] == format_id(me.id)
    assert not any("decided_by" in one for one in decided)
    assert format_id(admin.id) not in json.dumps(found)


@pytest.mark.service
def test_guests_get_theirs_others_are_refused_and_nobody_gets_it_all_day(
    cell: Penchant, web: Litestar, client: TestClient[Litestar]
):
    with TestClient(web) as nobody:
        assert nobody.get("/api/me/export").json()["error"]["code"] == "session_needed"
    client.get("/api/session")
    viewer = cell.accounts.viewer(client.cookies["penchant"])
    assert viewer is not None
    for _ in range(EXPORT.attempts):
        answer = client.get("/api/me/export")
        assert answer.json()["tables"]["subjects"]["rows"][0]["id"] == str(viewer.subject)
    assert client.get("/api/me/export").json()["error"]["code"] == "rate_limited"
    with cell.engine.connect() as connection:
        assert connection.execute(select(accounts.c.id)).first() is None
