from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from penchant.accounts.limits import Limit
from penchant.accounts.model import age_band_of
from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, SignInNeeded

pytestmark = pytest.mark.service
PASSWORD = "correct horse"
DAY_MS = 86_400_000


def test_an_anonymous_viewer_keeps_the_subject_when_signing_up(cell: Penchant):
    token, anonymous = cell.accounts.welcome()
    assert cell.accounts.viewer(token) == anonymous
    new_token, member = cell.accounts.sign_up(anonymous, "Ada", PASSWORD, 1990)
    assert member.subject == anonymous.subject
    assert member.account is not None
    assert member.account.handle == "ada"
    assert member.account.home_market == "local"
    assert new_token != token
    assert cell.accounts.viewer(new_token) == member


def test_signing_up_from_an_account_makes_another_subject(cell: Penchant):
    _, ada = cell.accounts.sign_up(None, "ada", PASSWORD, 1990)
    _, bob = cell.accounts.sign_up(ada, "bob", PASSWORD, 1990)
    assert bob.subject != ada.subject


def test_signing_in_and_out(cell: Penchant):
    cell.accounts.sign_up(None, "ada", PASSWORD, 1990)
    token, _ = cell.accounts.sign_in(" ADA ", PASSWORD)
    cell.accounts.sign_out(token)
    assert cell.accounts.viewer(token) is None
    for handle, password in (("ada", "wrong password"), ("nobody", PASSWORD)):
        with pytest.raises(SignInNeeded) as caught:
            cell.accounts.sign_in(handle, password)
        assert caught.value.code == "wrong_password"


def test_a_session_runs_out_when_unused_and_lives_on_when_used(cell: Penchant, clock: ManualClock):
    token, _ = cell.accounts.sign_up(None, "ada", PASSWORD, 1990)
    clock.advance(89 * DAY_MS)
    cell.accounts.note_use(token)
    clock.advance(89 * DAY_MS)
    assert cell.accounts.viewer(token) is not None
    clock.advance(2 * DAY_MS)
    assert cell.accounts.viewer(token) is None
    cell.accounts.note_use(token)
    assert cell.accounts.viewer(token) is None


@pytest.mark.parametrize(
    ("handle", "password", "birth_year", "field"),
    [
        ("a", PASSWORD, 1990, "handle"),
        ("äda", PASSWORD, 1990, "handle"),
        ("ada", "short", 1990, "password"),
        ("adalovelace", "adalovelace", 1990, "password"),
        ("ada", PASSWORD, 1800, "birth_year"),
    ],
)
def test_what_is_wrong_is_named_by_field(cell: Penchant, handle: str, password: str, birth_year: int, field: str):
    with pytest.raises(Invalid) as caught:
        cell.accounts.sign_up(None, handle, password, birth_year)
    assert field in caught.value.fields


def test_a_handle_is_taken_once(cell: Penchant):
    cell.accounts.sign_up(None, "ada", PASSWORD, 1990)
    with pytest.raises(Conflict):
        cell.accounts.sign_up(None, "ADA", PASSWORD, 1990)


def test_many_accounts_at_once_are_as_if_made_one_by_one_and_all_or_none(cell: Penchant):
    alone = cell.accounts.make_account("ada", "Ada")
    bob, eve = cell.accounts.make_accounts([("bob", "Bob"), ("eve", "")])
    for one, handle, name in ((bob, "bob", "Bob"), (eve, "eve", "eve")):
        assert cell.accounts.make_account(handle) == one
        assert replace(alone, id=one.id, subject=one.subject, handle=handle, name=name) == one
        with cell.engine.begin() as connection:
            sealed = cell.keys.seal(connection, one.subject, b"mine")
            assert cell.keys.open(connection, one.subject, sealed) == b"mine"
    with pytest.raises(IntegrityError):
        cell.accounts.make_accounts([("zoe", "Zoe"), ("bob", "Bob")])
    assert cell.accounts.make_account("zoe").name == "zoe"


def test_the_minimum_age_is_enforced_and_unknown_means_minor(cell: Penchant):
    with pytest.raises(Forbidden) as caught:
        cell.accounts.sign_up(None, "kid", PASSWORD, 2014)
    assert caught.value.code == "too_young"
    _, unknown = cell.accounts.sign_up(None, "unknown", PASSWORD, None)
    _, teen = cell.accounts.sign_up(None, "teen", PASSWORD, 2010)
    _, adult = cell.accounts.sign_up(None, "grown", PASSWORD, 1990)
    assert (unknown.age_band, teen.age_band, adult.age_band) == ("minor", "minor", "adult")


@pytest.mark.parametrize(("birth_year", "band"), [(2008, "minor"), (2007, "adult"), (None, "minor")])
def test_adult_only_when_certain(birth_year: int | None, band: str):
    assert age_band_of(birth_year, 2026, 18) == band


def test_a_reset_link_works_once_and_ends_every_session(cell: Penchant, clock: ManualClock):
    token, ada = cell.accounts.sign_up(None, "ada", PASSWORD, 1990)
    assert ada.account is not None
    link, _ = cell.accounts.make_link(ada.account, "reset")
    with pytest.raises(Forbidden):
        cell.accounts.sign_in_by_link(link)
    cell.accounts.reset_password(link, "a new password")
    assert cell.accounts.viewer(token) is None
    cell.accounts.sign_in("ada", "a new password")
    with pytest.raises(Forbidden):
        cell.accounts.reset_password(link, "another password")
    late, _ = cell.accounts.make_link(ada.account, "sign_in")
    clock.advance(DAY_MS + 1)
    with pytest.raises(Forbidden):
        cell.accounts.sign_in_by_link(late)


def test_a_suspended_account_is_out_at_once(cell: Penchant):
    token, ada = cell.accounts.sign_up(None, "ada", PASSWORD, 1990)
    assert ada.account is not None
    with cell.engine.begin() as connection:
        cell.accounts.set_suspended(connection, ada.account, True)
    assert cell.accounts.viewer(token) is None
    with pytest.raises(Forbidden):
        cell.accounts.sign_in("ada", PASSWORD)


def test_what_a_person_wrote_is_unreadable_once_their_key_is_gone(cell: Penchant):
    _, ada = cell.accounts.sign_up(None, "ada", PASSWORD, 1990)
    with cell.engine.begin() as connection:
        sealed = cell.keys.seal(connection, ada.subject, b"words")
        assert cell.keys.open(connection, ada.subject, sealed) == b"words"
        cell.keys.destroy(connection, ada.subject)
        with pytest.raises(NotFound):
            cell.keys.open(connection, ada.subject, sealed)


def test_a_limit_holds_within_its_window_and_for_each_alone(cell: Penchant, clock: ManualClock):
    limit = Limit("test", 2, 60)
    cell.limits.spend(limit, "ada")
    cell.limits.spend(limit, "ada")
    with pytest.raises(RateLimited) as caught:
        cell.limits.spend(limit, "ada")
    assert 0 < (caught.value.retry_after_s or 0) <= 60
    cell.limits.spend(limit, "bob")
    clock.advance(60_000)
    cell.limits.spend(limit, "ada")
