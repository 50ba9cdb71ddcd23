"""The job: score what was rated, keep what came out, let it show."""

from typing import Any, Final

from penchant.core.clock import Clock, as_datetime, as_ms
from penchant.core.database import Connection, Engine
from penchant.core.ids import AccountId, Ids, format_id
from penchant.safety.notes import repository
from penchant.safety.notes.aliases import alias_of
from penchant.safety.notes.model import Result, Rules, Run, Score
from penchant.safety.notes.public_file import FiledNote, FiledRating, PublicFile, Rerun, rerun
from penchant.safety.notes.scorer import VERSION, canonical
from penchant.safety.notes.standing import Standing, advance

RULES: Final = Rules()


class NoteRuns:
    """Runs of the scorer. Each is a function of the ratings in it; only what is shown depends on the time as well."""

    def __init__(self, engine: Engine, clock: Clock, alias_key: bytes) -> None:
        self._engine = engine
        self._clock = clock
        self._ids = Ids(clock)
        self._alias_key = alias_key

    def bring_up_to_date(self) -> Run | None:
        """Score where something was rated since the last run, and show what has held long enough.

        Returns the run, or None where nothing had changed or another process is at it.
        """
        with self._engine.begin() as connection:
            if not repository.alone(connection):
                return None
            last = next(iter(self._runs(connection, 1)), None)
            seen = (last.position, last.notes, last.ratings, last.version) if last else (0, 0, 0, VERSION)
            if seen == (*repository.extent(connection), VERSION) and (last is None or last.filed):
                self._settle(connection, None)
                return None
            return self._run(connection)[0]

    def run_now(self) -> tuple[Run, Rerun]:
        """Score whether or not something changed; waits for who is at it."""
        with self._engine.begin() as connection:
            repository.wait_until_alone(connection)
            return self._run(connection)

    def last(self, count: int) -> list[Run]:
        """The newest runs first."""
        with self._engine.connect() as connection:
            return self._runs(connection, count)

    def public_file(self) -> tuple[bytes, bytes]:
        """The file of the last run and its result, as bytes whose SHA-256 are the run's digests; empty before one."""
        with self._engine.connect() as connection:
            found = repository.last_file(connection)
        return (found.file or b"", found.result or b"") if found else (b"", b"")

    def _run(self, connection: Connection) -> tuple[Run, Rerun]:
        position, notes, ratings = repository.extent(connection)
        file = self._file(connection)
        found = rerun(file)
        run = Run(
            id=self._ids.new(),
            at=as_datetime(self._clock.now_ms()),
            position=position,
            notes=notes,
            ratings=ratings,
            version=VERSION,
            input_digest=found.input_digest,
            result_digest=found.result_digest,
            filed=True,
        )
        repository.add_run(
            connection,
            id=run.id,
            made_at=run.at,
            position=run.position,
            notes=run.notes,
            ratings=run.ratings,
            version=run.version,
            input_digest=run.input_digest,
            result_digest=run.result_digest,
            file=file.encode(),
            result=canonical(found.result),
        )
        self._settle(connection, found.result)
        return run, found

    def _settle(self, connection: Connection, result: Result | None) -> None:
        """Move every note on by what the run said of it, or by what the last one said where there was none."""
        now_ms = self._clock.now_ms()
        scores = {found.note: found for found in result.notes} if result else None
        changed = []
        for row in repository.all_notes(connection):
            before = Standing(row.status, as_ms(row.status_since), row.shown, row.locked)
            score = _score(scores, row)
            after = advance(before, score.status, now_ms, as_ms(row.created_at), RULES)
            if after != before or score.intercept_e6 != row.intercept_e6:
                changed.append(
                    {
                        "note": row.id,
                        "status": after.status,
                        "status_since": as_datetime(after.since_ms),
                        "shown": after.shown,
                        "locked": after.locked,
                        "intercept_e6": score.intercept_e6,
                    }
                )
        repository.set_standing(connection, changed)

    def _file(self, connection: Connection) -> PublicFile:
        aliases: dict[int, str] = {}

        def alias(account: int) -> str:
            if account not in aliases:
                aliases[account] = alias_of(self._alias_key, AccountId(account))
            return aliases[account]

        notes = [
            FiledNote(
                id=format_id(row.id),
                video=format_id(row.video_id),
                author=alias(row.author_id),
                kind=row.kind,
                text="" if row.removed else row.text,
                created_ms=as_ms(row.created_at),
                removed=row.removed,
            )
            for row in repository.all_notes(connection)
        ]
        ratings = [
            FiledRating(format_id(row.note_id), alias(row.account_id), row.value, tuple(row.reasons))
            for row in repository.ratings(connection)
        ]
        return PublicFile.of(notes, ratings, RULES)

    def _runs(self, connection: Connection, count: int) -> list[Run]:
        return [
            Run(r.id, r.made_at, r.position, r.notes, r.ratings, r.version, r.input_digest, r.result_digest, r.filed)
            for r in repository.runs(connection, count)
        ]


def _score(scores: dict[str, Score] | None, row: Any) -> Score:
    """What a run said of a note; a note that nobody rated needs more ratings."""
    name = format_id(row.id)
    if scores is None:
        return Score(name, row.status, row.intercept_e6, 0, 0)
    return scores.get(name, Score(name, "needs_more", 0, 0, 0))
