"""Everything about one person as one JSON file, collected by what the tables say of whose their rows are."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Column, RowMapping, Table
from sqlalchemy.dialects.postgresql import ARRAY

import penchant
from penchant.accounts.keys import CONTENT, DataKeys
from penchant.accounts.model import Viewer
from penchant.accounts.repository import key_of
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import KEY, OPERATIONAL, Engine
from penchant.core.holdings import Holding
from penchant.core.ids import VideoId, format_id
from penchant.events.model import StoredEvent
from penchant.events.ports import EventLog
from penchant.feed.records import PageRecords
from penchant.operations.privacy import repository
from penchant.operations.privacy.inventory import tables

Addresses = Callable[[VideoId, str, str], str]
"""Where a file of a video lies, from the video, the file's name and its SHA-256."""

UNEXPORTED: Final = {
    "accounts.password_hash": "opens the account; nobody can read the password from it",
    "sessions.token_hash": "opens a session",
    "one_time_links.token_hash": "lets in",
    "second_factors.secret": "makes the codes of the second factor",
    "recovery_codes.code_hash": "lets in once",
    "invites.code_hash": "lets somebody else in",
    "data_keys.subject_id, data_keys.sealed": "opens what is sealed; what is sealed is there, opened",
    "rate_limits.key_hash": "a hash, for a day at most, from which we cannot tell either whose it is",
    "outbox.body": "on its way into the log for seconds; what has arrived is among the events",
    "video_words": "is made of the title, the hashtags and the alt text",
    "vocabulary": "single words of titles, without whose they are",
    "video_hashtags": "repeats the hashtags of the video",
    "sound_hashes": "is made of the sound itself",
    "video_hashes": "is made of the pictures themselves",
    "held_videos": "what the law may ask for; that it was removed, and why, is among the decisions",
    "labels": "what programs say of a video; what was decided on it, and quotes it, is among the decisions",
}
"""What is left out, as table or table.column, and why."""
_LEFT_OUT: Final = frozenset(name for names in UNEXPORTED for name in names.split(", "))
_IDS_IN_EVENTS: Final = frozenset({"video", "creator", "sound", "comment", "page", "target_id"})
_EVENTS_AT_ONCE: Final = 1_000


class Export:
    """Collects what is kept about a person."""

    def __init__(self, engine: Engine, clock: Clock, log: EventLog, keys: DataKeys, records: PageRecords) -> None:
        self._engine = engine
        self._clock = clock
        self._log = log
        self._keys = keys
        self._records = records

    def pieces(self, viewer: Viewer, address: Addresses) -> Iterator[bytes]:
        """The file, piece by piece: `{made_at, penchant, subject, tables: {name: {purpose, kept, rows}}, …}`.

        One snapshot of the database; events are those that the log has at the end. Ids are as addresses carry them.
        """
        head = {"made_at": as_datetime(self._clock.now_ms()), "penchant": penchant.__version__}
        yield msgspec.json.encode(head | {"subject": viewer.subject})[:-1]
        yield b',"tables":{'
        for number, (table, said) in enumerate(self._theirs()):
            about = {"purpose": said.purpose, "kept": said.kept.in_words()}
            yield (b"," if number else b"") + msgspec.json.encode(str(table.name)) + b":"
            yield msgspec.json.encode(about)[:-1] + b',"rows":['
            yield from _listed(self._rows(table, said, viewer, address))
            yield b"]}"
        yield b'},"decisions_about_you":['
        yield from _listed(self._decisions(viewer))
        yield b'],"events":['
        yield from _listed(_event_out(stored) for stored in self._events(viewer))
        yield b"]}\n"

    def _theirs(self) -> list[tuple[Table, Holding]]:
        """Tables with somebody's rows; the log's events are asked of the log, wherever that is."""
        left_out = _LEFT_OUT | {"event_log"}
        return [
            (table, said) for table, said in tables() if said.whose and exported(table) and table.name not in left_out
        ]

    def _rows(self, table: Table, said: Holding, viewer: Viewer, address: Addresses) -> Iterator[dict[str, Any]]:
        columns = exported(table)
        with self._engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            # Once: it opens everything of theirs that is sealed.
            key = key_of(connection, viewer.subject)
            for row in repository.rows_of(connection, table, said.whose, viewer):
                found = {str(column.name): _plain(column, row[column.name]) for column in columns}
                for sealed in [name for name in found if name.endswith("_sealed")]:
                    found[sealed.removesuffix("_sealed")] = self._opened(found.pop(sealed), viewer, key)
                if table.name == "pages":
                    found["record"] = self._records.record(row, key)
                if table.name == "renditions":
                    found["address"] = address(VideoId(row["video_id"]), row["name"], row["sha256"])
                yield found

    def _opened(self, sealed: bytes | None, viewer: Viewer, key: bytes | None) -> str | None:
        if sealed is None or key is None:
            return None
        return self._keys.open_with(key, viewer.subject, sealed, CONTENT).decode()

    def _decisions(self, viewer: Viewer) -> Iterator[dict[str, Any]]:
        if viewer.account is None:
            return
        with self._engine.connect() as connection:
            for row in repository.decisions_about(connection, viewer.account.id):
                yield _with_ids(row)

    def _events(self, viewer: Viewer) -> Iterator[StoredEvent]:
        after = 0
        while events := self._log.read_subject(viewer.subject, after, _EVENTS_AT_ONCE):
            yield from events
            after = events[-1].offset


def exported(table: Table) -> list[Column[Any]]:
    """The columns of a table that an export has: all but keys, what is about the machine, and what is left out."""
    return [
        column
        for column in table.columns
        if column.info["class"] not in (KEY, OPERATIONAL) and f"{table.name}.{column.name}" not in _LEFT_OUT
    ]


def _listed(entries: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for number, entry in enumerate(entries):
        yield (b",\n" if number else b"\n") + msgspec.json.encode(entry)


def _plain(column: Column[Any], value: Any) -> Any:
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    names_something = bool(column.foreign_keys) or column.name == "id" or column.name.endswith(("_id", "_ids"))
    if value is None or not names_something or not isinstance(kind, BigInteger):
        return value
    return [format_id(one) for one in value] if isinstance(value, list) else format_id(value)


def _with_ids(row: RowMapping) -> dict[str, Any]:
    return {str(name): format_id(value) if name in ("id", "target_id") else value for name, value in row.items()}


def _event_out(stored: StoredEvent) -> dict[str, Any]:
    body = {
        name: format_id(value) if name in _IDS_IN_EVENTS and isinstance(value, int) and value else value
        for name, value in msgspec.to_builtins(stored.event).items()
    }
    return {
        "session": stored.session,
        "sequence": stored.sequence,
        "occurred_at": as_datetime(stored.occurred_at_ms),
        "received_at": as_datetime(stored.received_at_ms),
        **body,
    }
