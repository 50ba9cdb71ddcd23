"""A creator with a video, moderators, and reporters of standing."""

from collections.abc import Callable

import pytest
from tests.web.test_api import publish

from penchant.accounts.model import Account, Viewer
from penchant.app import Penchant
from penchant.catalog import repository as catalog
from penchant.core.clock import ManualClock
from penchant.core.ids import VideoId, parse_id
from penchant.safety.casework.model import Ruling

DAY_MS = 86_400_000

REMOVE = Ruling("remove", "it is spam")
DISMISS = Ruling("dismiss", "nothing wrong")

Report = Callable[..., Account]


@pytest.fixture
def ada(cell: Penchant) -> Account:
    return cell.accounts.make_account("ada")


@pytest.fixture
def video(cell: Penchant, ada: Account) -> VideoId:
    return VideoId(parse_id(publish(cell, ada.handle)))


@pytest.fixture
def mo(cell: Penchant) -> Account:
    return cell.accounts.make_account("mo", role="moderator")


@pytest.fixture
def max_(cell: Penchant) -> Account:
    return cell.accounts.make_account("max", role="moderator")


@pytest.fixture
def report(cell: Penchant, clock: ManualClock) -> Report:
    """Somebody of that handle reports a video; new people have been there for a month."""

    def by(handle: str, video: int, reason: str = "spam", *, fresh: bool = False, note: str = "") -> Account:
        with cell.engine.connect() as connection:
            from penchant.accounts import repository as accounts

            known = accounts.account_by_handle(connection, handle)
        account = known or cell.accounts.make_account(handle)
        if known is None and not fresh:
            clock.advance(30 * DAY_MS)
        cell.safety.report(viewer_of(account), "video", video, reason, note)  # type: ignore[arg-type]
        return account

    return by


def viewer_of(account: Account) -> Viewer:
    return Viewer(account.subject, account, account.age_band)


def state(cell: Penchant, video: VideoId) -> str:
    """`held` where it is ready but reaches nobody."""
    with cell.engine.connect() as connection:
        found = catalog.video(connection, video)
    assert found is not None
    return "held" if found[0].state == "ready" and found[0].restrictions.held else found[0].state


def only_case(cell: Penchant, by: Account) -> int:
    (entry,) = cell.desk.queue.waiting(by).entries
    return entry.id
