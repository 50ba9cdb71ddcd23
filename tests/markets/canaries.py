"""A word of its own in every column about people, and in every event, of one market."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    insert,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine, Uuid
from tests.operations.test_export import events_of_every_kind

from penchant.accounts.model import Account
from penchant.app import Penchant
from penchant.catalog.repository import videos
from penchant.core.database import KEY, PERSONAL, SENSITIVE, metadata
from penchant.core.holdings import holding_of
from penchant.core.ids import VideoId
from penchant.events.model import NewEvent
from penchant.testing.traces import Marker

NEVER_CROSSES = frozenset({PERSONAL, SENSITIVE, KEY})
OF_THE_PERSON = frozenset({"accounts", "subjects", "data_keys", "videos", "event_log"})
"""Tables that have rows of the creator's own already; one more would be another person's."""
_UNSAID = {"market_steps": {"confirmed_by": None, "confirmed_at": None}}
"""What a row cannot say of the creator, who is one person."""
_numbers = itertools.count(1)


class Canaries:
    """Plants them, and knows where each is."""

    def __init__(self, cell: Penchant, creator: Account, public: VideoId) -> None:
        """`public`: a video of the creator that crosses, so that what must not cross lies beside what does."""
        self.planted: dict[str, Marker] = {"subjects.id": creator.subject}
        self._cell = cell
        self._own = {"account": creator.id, "subject": creator.subject, "video": public}

    def plant(self) -> None:
        with self._cell.engine.begin() as connection:
            # Rows of every table without those they point to.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in metadata.sorted_tables:
                about_people = any(column.info["class"] in NEVER_CROSSES for column in table.columns)
                if about_people and table.name not in OF_THE_PERSON:
                    connection.execute(insert(table).values(**dict(self._row(table))))
            provenance = {"status": "trusted", "signer": self._word("videos.provenance")}
            connection.execute(update(videos).where(videos.c.id == self._own["video"]).values(provenance=provenance))
        session = uuid4()
        self.planted["an event's session"] = session
        happened = [
            NewEvent(self._own["subject"], session, at, self._cell.clock.now_ms(), event)
            for at, (_, event) in enumerate(events_of_every_kind(), 1)
        ]
        self._cell.events.record(happened)

    def _row(self, table: Table) -> Iterator[tuple[str, Any]]:
        said = holding_of(table)
        owners = said.whose if said else {}
        few = dict(_allowed(table)) | _UNSAID.get(table.name, {})
        for column in table.columns:
            place = f"{table.name}.{column.name}"
            if column.name in few:
                yield column.name, few[column.name]
            elif owners.get(column.name) in self._own:
                yield column.name, self._own[owners[column.name]]
            else:
                yield column.name, self._value(place, column)

    def _value(self, place: str, column: Column[Any]) -> Any:
        value, marker = _canary(column.type)
        if marker is not None and column.info["class"] in NEVER_CROSSES:
            self.planted[place] = marker
        return value

    def _word(self, place: str) -> str:
        self.planted[place] = word = f"canary{next(_numbers):05}"
        return word


def traceable(column: Column[Any]) -> bool:
    """Whether a value of the column can be told from all others: not yes or no, and no small number."""
    return not isinstance(column.type, Boolean | SmallInteger | Double)


def _canary(type_: TypeEngine[Any]) -> tuple[Any, Marker | None]:
    number = next(_numbers)
    word = f"canary{number:05}"
    match type_:
        case Uuid():
            value = UUID(int=uuid4().int)
            return value, value
        case Boolean():
            return False, None
        case SmallInteger():
            return 50, None
        case BigInteger():
            big = (1 << 61) + (number << 30) + 77
            return big, big
        case Integer():
            return 1_900_000_000 + number, str(1_900_000_000 + number)
        case Double():
            return 0.5, None
        case Date():
            day = date(1911, 1, 1) + timedelta(days=number)
            return day, day.isoformat()
        case DateTime():
            moment = datetime(1971, 1, 1, tzinfo=UTC) + timedelta(microseconds=number * 7_000_003 + 1)
            return moment, f"{moment:%H:%M:%S.%f}".rstrip("0")
        case LargeBinary():
            return word.encode(), word.encode()
        case JSONB():
            return {"said": word}, word
        case ARRAY() as array:
            value, marker = _canary(array.item_type)
            return [value], marker
        case _:
            return word, word


def _allowed(table: Table) -> Iterator[tuple[str, str]]:
    """Columns that hold one of a few words, and the first of them."""
    for constraint in table.constraints:
        said = str(constraint.sqltext) if isinstance(constraint, CheckConstraint) else ""
        name, _, words = said.partition(" IN ('")
        if words and name.isidentifier():
            yield name, words.partition("'")[0]
