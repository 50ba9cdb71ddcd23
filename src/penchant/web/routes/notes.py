"""Community notes: writing, rating, reading them, and the files with which anyone can judge them again."""

from datetime import datetime

import msgspec
from litestar import MediaType, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from penchant.accounts.limits import NOTE, NOTE_RATING
from penchant.core.errors import Conflict, Gone, NotFound
from penchant.core.ids import NoteId, VideoId, format_id, parse_id
from penchant.safety.notes.model import Note, NoteKind, RatingReason, Run, Value
from penchant.web.auth import signed_in
from penchant.web.dependencies import Asking, Cell
from penchant.web.documentation import ACTING, WATCHING, refusals
from penchant.web.threads import in_thread

_RUNS = 100


class NewNote(msgspec.Struct, forbid_unknown_fields=True):
    kind: NoteKind
    text: str


class NewRating(msgspec.Struct, forbid_unknown_fields=True):
    value: Value
    reasons: tuple[RatingReason, ...] = ()


class NoteOut(msgspec.Struct, frozen=True):
    id: str
    author: str
    """An alias, the same in all notes of one person."""
    kind: str
    text: str
    links: list[str]
    created_at: datetime
    shown: bool
    status: str
    mine: bool
    editable: bool
    """One's own that nobody has rated yet."""
    my_rating: str | None


class NotesOut(msgspec.Struct, frozen=True):
    notes: list[NoteOut]


class RunOut(msgspec.Struct, frozen=True):
    id: str
    at: datetime
    position: str
    """Of the last rating that was made before it."""
    notes: int
    ratings: int
    version: str
    input_digest: str
    result_digest: str


class RunsOut(msgspec.Struct, frozen=True):
    runs: list[RunOut]


@get("/api/videos/{video:str}/notes", tags=["notes"], responses=refusals(*WATCHING))
@in_thread
def show_notes(penchant: Cell, viewer: Asking, video: FromPath[str]) -> NotesOut:
    """All notes on a video: shown ones first, the most bridging first."""
    account = viewer.account if viewer else None
    return NotesOut([_note_out(note) for note in penchant.notes.on_video(account, VideoId(parse_id(video)))])


@post(
    "/api/videos/{video:str}/notes",
    status_code=HTTP_201_CREATED,
    tags=["notes"],
    responses=refusals(*ACTING, Gone, Conflict),
)
@in_thread
def write_note(penchant: Cell, viewer: Asking, video: FromPath[str], data: JSONBody[NewNote]) -> NoteOut:
    """Write a note under one's alias. 403 `account_too_new`, 409 `note_exists`."""
    me = signed_in(viewer)
    penchant.limits.spend(NOTE, me.handle)
    return _note_out(penchant.notes.write(me, VideoId(parse_id(video)), data.kind, data.text))


@put("/api/notes/{note:str}", tags=["notes"], responses=refusals(*ACTING, Conflict))
@in_thread
def change_note(penchant: Cell, viewer: Asking, note: FromPath[str], data: JSONBody[NewNote]) -> NoteOut:
    """Say one's own note otherwise, until somebody has rated it. 409 `note_rated`."""
    me = signed_in(viewer)
    penchant.limits.spend(NOTE, me.handle)
    return _note_out(penchant.notes.change(me, NoteId(parse_id(note)), data.kind, data.text))


@delete("/api/notes/{note:str}", status_code=HTTP_204_NO_CONTENT, tags=["notes"], responses=refusals(*ACTING))
@in_thread
def delete_note(penchant: Cell, viewer: Asking, note: FromPath[str]) -> None:
    """Take one's own note back."""
    penchant.notes.delete(signed_in(viewer), NoteId(parse_id(note)))


@put("/api/notes/{note:str}/rating", tags=["notes"], responses=refusals(*ACTING, Gone))
@in_thread
def rate_note(penchant: Cell, viewer: Asking, note: FromPath[str], data: JSONBody[NewRating]) -> NoteOut:
    """Rate somebody else's note, or rate it anew. 403 `account_too_new`, `own_note`."""
    me = signed_in(viewer)
    penchant.limits.spend(NOTE_RATING, me.handle)
    return _note_out(penchant.notes.rate(me, NoteId(parse_id(note)), data.value, data.reasons))


@get("/api/notes/runs", tags=["notes"], responses=refusals())
@in_thread
def show_runs(penchant: Cell) -> RunsOut:
    """The last runs of the scorer, newest first: what each was made from and what came out, by digest."""
    return RunsOut([_run_out(run) for run in penchant.note_runs.last(_RUNS)])


@get("/api/notes/file", tags=["notes"], responses=refusals(NotFound))
@in_thread
def show_file(penchant: Cell) -> Response[bytes]:
    """What the last run judged: notes, ratings and rules under aliases; its SHA-256 is the run's `input_digest`."""
    return _bytes(penchant.note_runs.public_file()[0])


@get("/api/notes/result", tags=["notes"], responses=refusals(NotFound))
@in_thread
def show_result(penchant: Cell) -> Response[bytes]:
    """What came out of the last run; its SHA-256 is the run's `result_digest`."""
    return _bytes(penchant.note_runs.public_file()[1])


def _bytes(content: bytes) -> Response[bytes]:
    if not content:
        raise NotFound("no run has been kept yet; there is one within minutes of a rating")
    return Response(content, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


def _note_out(note: Note) -> NoteOut:
    return NoteOut(
        format_id(note.id),
        note.alias,
        note.kind,
        note.text,
        list(note.links),
        note.created_at,
        note.shown,
        note.status,
        note.mine,
        note.mine and note.ratings == 0,
        note.my_rating,
    )


def _run_out(run: Run) -> RunOut:
    return RunOut(
        format_id(run.id),
        run.at,
        format_id(run.position),
        run.notes,
        run.ratings,
        run.version,
        run.input_digest,
        run.result_digest,
    )


ROUTES = [show_notes, write_note, change_note, delete_note, rate_note, show_runs, show_file, show_result]
