"""What is older than it may be goes, what is younger stays: for every table that has a rule."""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, select
from tests.web.test_api import publish

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.catalog.repository import videos
from penchant.community.repository import comments
from penchant.core.clock import ManualClock, as_datetime, as_ms
from penchant.core.database import metadata
from penchant.core.holdings import After, Until
from penchant.core.ids import VideoId, first_id_at, parse_id
from penchant.core.jobs import forget_failed_jobs
from penchant.events.history import read_history
from penchant.events.model import NewEvent, Shown
from penchant.operations.privacy.inventory import tables
from penchant.operations.privacy.retention import turn_logs
from penchant.safety.repository import decisions, reports

pytestmark = pytest.mark.service
DAY_MS = 86_400_000
RULED = {table.name: said.kept for table, said in tables() if isinstance(said.kept, Until | After)}


def session(cell: Penchant, at: datetime) -> dict[str, Any]:
    _, viewer = cell.accounts.welcome()
    return {"token_hash": os.urandom(32), "subject_id": viewer.subject, "used_at": at, "expires_at": at}


def link(cell: Penchant, at: datetime) -> dict[str, Any]:
    account = cell.accounts.make_account("ada")
    return {"token_hash": os.urandom(32), "purpose": "reset", "account_id": account.id, "expires_at": at}


def invite(cell: Penchant, at: datetime) -> dict[str, Any]:
    return {"code_hash": os.urandom(32), "made_by": cell.accounts.make_account("ada").id, "expires_at": at}


def limit(_: Penchant, at: datetime) -> dict[str, Any]:
    return {"key_hash": os.urandom(16), "window": 1, "count": 1, "ends_at": at}


def nonce(_: Penchant, at: datetime) -> dict[str, Any]:
    return {"nonce": os.urandom(16).hex(), "until": at}


def page(_: Penchant, at: datetime) -> dict[str, Any]:
    own = {"id": first_id_at(as_ms(at)), "subject_id": uuid4(), "tab": uuid4(), "served_at": at, "video_ids": [1]}
    return own | {"kept": 1, "recipe": "r", "epoch": "e", "record": b"r"}


def report(cell: Penchant, at: datetime) -> dict[str, Any]:
    decision = {"id": first_id_at(as_ms(at)), "kind": "video", "target_id": 1, "action": "dismiss", "reason": "no"}
    with cell.engine.begin() as connection:
        connection.execute(insert(decisions).values(**decision, decided_at=at))
    own = {"id": decision["id"] - 1, "reporter_subject_id": uuid4(), "kind": "video", "target_id": 1, "reason": "spam"}
    return own | {"created_at": at, "decision_id": decision["id"]}


def video(cell: Penchant, at: datetime) -> dict[str, Any]:
    own = {"id": first_id_at(as_ms(at)), "creator_id": cell.accounts.make_account("ada").id, "title": "t"}
    own |= {"language": "en", "state": "removed", "removed_by": "creator", "deleted_at": at, "created_at": at}
    return own | {"is_demo": False}


def use(cell: Penchant, at: datetime) -> dict[str, Any]:
    _, viewer = cell.accounts.welcome()
    return {"subject_id": viewer.subject, "used_ms": 1, "last_at": at, "ends_at": at}


def change(cell: Penchant, at: datetime) -> dict[str, Any]:
    account = cell.accounts.make_account("ada")
    return {"id": as_ms(at), "account_id": account.id, "what": "password_changed", "at": at, "until": at}


def partner(cell: Penchant, at: datetime) -> dict[str, Any]:
    name = uuid4().hex
    return {"name": name, "token_hash": name.encode(), "began_at": at - timedelta(days=30), "ends_at": at}


def earlier_text(cell: Penchant, at: datetime) -> dict[str, Any]:
    ada = cell.accounts.make_account("ada")
    comment = cell.comments.write(ada, VideoId(parse_id(publish(cell, "ada"))), "well")
    own = {"id": first_id_at(as_ms(at)), "comment_id": comment.id, "account_id": ada.id}
    return own | {"text": "wel", "replaced_at": at}


def notification(cell: Penchant, at: datetime) -> dict[str, Any]:
    own = {"id": first_id_at(as_ms(at)), "account_id": cell.accounts.make_account("ada").id, "kind": "like"}
    return own | {"about": as_ms(at), "first_at": at, "last_at": at, "changed_at": at}


MAKERS: dict[str, Callable[[Penchant, datetime], dict[str, Any]]] = {
    "sessions": session,
    "one_time_links": link,
    "invites": invite,
    "rate_limits": limit,
    "gateway_nonces": nonce,
    "partners": partner,
    "daily_use": use,
    "account_changes": change,
    "pages": page,
    "reports": report,
    "videos": video,
    "comment_texts": earlier_text,
    "notifications": notification,
}


def test_every_rule_is_tested():
    assert MAKERS.keys() == RULED.keys()


@pytest.mark.parametrize("name", MAKERS)
def test_older_goes_and_younger_stays(cell: Penchant, clock: ManualClock, name: str):
    table, kept = metadata.tables[name], RULED[name]
    # Before 2026 all ids are one.
    clock.advance(800 * DAY_MS)
    now = as_datetime(clock.now_ms())
    last_kept = now + timedelta(milliseconds=1)
    if isinstance(kept, After):
        days = getattr(cell.settings, kept.setting)
        last_kept = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days)
    made = [MAKERS[name](cell, at) for at in (last_kept - timedelta(milliseconds=1), last_kept)]
    with cell.engine.begin() as connection:
        for row in made:
            connection.execute(insert(table).values(**row))
    key = next(iter(made[0]))
    cell.retention.enforce()
    with cell.engine.connect() as connection:
        left = set(connection.execute(select(table.c[key])).scalars())
    assert made[0][key] not in left
    assert made[1][key] in left


def test_open_reports_and_videos_that_nobody_deleted_stay(cell: Penchant, clock: ManualClock):
    now = as_datetime(clock.now_ms())
    with cell.engine.begin() as connection:
        connection.execute(insert(reports).values(**report(cell, now) | {"decision_id": None}))
        connection.execute(insert(videos).values(**video(cell, now) | {"deleted_at": None, "state": "ready"}))
    clock.advance(4_000 * DAY_MS)
    cell.retention.enforce()
    with cell.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(reports)).scalar_one() == 1
        assert connection.execute(select(func.count()).select_from(videos)).scalar_one() == 1


def test_nothing_is_left_of_a_video_a_month_after_its_creator_deleted_it(cell: Penchant, clock: ManualClock):
    ada = cell.accounts.make_account("ada")
    with cell.engine.begin() as connection:
        id_ = cell.catalog.add(connection, ada.id, "a title", [], "en")
        cell.catalog.publish(
            connection, id_, duration_ms=1, width=1, height=1, files=[], encoder="t-1", vector=bytes(64)
        )
    cell.comments.write(ada, id_, "well")
    with cell.engine.begin() as connection:
        found = catalog.video(connection, id_)
        assert found is not None
        cell.catalog.remove(connection, found[0], "creator")
    for days, left in ((30, 1), (1, 0)):
        clock.advance(days * DAY_MS)
        cell.retention.enforce()
        with cell.engine.connect() as connection:
            for table in (videos, comments):
                assert connection.execute(select(func.count()).select_from(table)).scalar_one() == left, days


def shown(cell: Penchant, subject: UUID) -> None:
    event = NewEvent(subject, uuid4(), 1, cell.clock.now_ms(), Shown(video=7, context="feed"))  # type: ignore[arg-type]
    cell.events.record([event])


def test_viewers_whom_nobody_can_be_any_more_are_forgotten(cell: Penchant, clock: ManualClock):
    """No session leads to them; those with an account, with a session or with an open report stay."""
    _, gone = cell.accounts.welcome()
    _, reporter = cell.accounts.welcome()
    cell.safety.report(reporter, "video", 7, "spam", "see the second half")
    _, member = cell.accounts.sign_up(None, "ada", "correct horse", 1990)
    clock.advance(cell.settings.anonymous_days * DAY_MS - 1)
    _, young = cell.accounts.welcome()
    for viewer in (gone, reporter, member, young):
        shown(cell, viewer.subject)
    cell.retention.enforce()
    assert _known(cell) >= {gone.subject}
    clock.advance(1)
    assert cell.retention.enforce()["subjects"] == 1
    assert _known(cell) == {reporter.subject, member.subject, young.subject}
    with cell.engine.connect() as connection:
        assert read_history(connection, gone.subject).seen == frozenset()
        assert read_history(connection, young.subject).seen == {7}
        assert accounts.key_of(connection, gone.subject) is None
    assert cell.safety.cases("open")[0].notes == ("see the second half",)
    admin = cell.accounts.make_account("admin", "Admin", "admin")
    with cell.engine.begin() as connection:
        cell.safety.decide(connection, admin, "video", 7, "dismiss", "no")
    cell.retention.enforce()
    assert reporter.subject not in _known(cell)


def _known(cell: Penchant) -> set[UUID]:
    with cell.engine.connect() as connection:
        found = set(connection.execute(select(accounts.subjects.c.id)).scalars())
        return found - set(
            connection.execute(
                select(accounts.accounts.c.subject_id).where(accounts.accounts.c.handle == "admin")
            ).scalars()
        )


def test_logs_are_begun_anew_and_kept_as_long_again(tmp_path: Path):
    log, before = tmp_path / "web.log", tmp_path / "web.log.1"
    log.write_text("first\n")
    with log.open("a") as writer:
        assert turn_logs(tmp_path, 14, before_s := log.stat().st_mtime) == 0
        assert turn_logs(tmp_path, 14, before_s + 13 * 86_400) == 0
        assert turn_logs(tmp_path, 14, before_s + 15 * 86_400) == 1
        assert (log.read_text(), before.read_text()) == ("", "first\n")
        writer.write("second\n")
    assert log.read_text() == "second\n"
    os.utime(before, (0, 0))
    assert turn_logs(tmp_path, 14, before_s) == 1
    assert (log.read_text(), before.read_text()) == ("", "second\n")


def test_jobs_that_were_given_up_are_forgotten_after_a_month(cell: Penchant):
    """They name videos and files."""
    with cell.engine.begin() as connection:
        for days in (29, 31):
            job = cell.jobs.defer(connection, "media.delete_objects", keys=[f"videos/{days}"])
            connection.exec_driver_sql(f"UPDATE procrastinate_jobs SET status = 'doing' WHERE id = {job}")
            connection.exec_driver_sql(f"UPDATE procrastinate_jobs SET status = 'failed' WHERE id = {job}")
            connection.exec_driver_sql(
                f"UPDATE procrastinate_events SET at = now() - interval '{days} days' WHERE job_id = {job}"
            )

    async def forget() -> None:
        async with cell.job_app.open_async():
            await forget_failed_jobs(cell.job_app)

    asyncio.run(forget())
    with cell.engine.connect() as connection:
        left = connection.exec_driver_sql("SELECT args->'keys'->>0 FROM procrastinate_jobs").scalars().all()
    assert left == ["videos/29"]
