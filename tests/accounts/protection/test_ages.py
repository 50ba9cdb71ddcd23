"""A proof of age over HTTP: it answers one question of one account, and nothing of it is kept but yes or no."""

from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text
from tests.accounts.protection.test_private import YEAR, Client, arrive
from tests.adapters.test_attestations import pem, write_cose, write_jwt
from tests.conftest import CHEAP_HASHER

from penchant.app import Penchant, build
from penchant.core.clock import ManualClock
from penchant.core.settings import Settings
from penchant.testing.attestations import KEYS
from penchant.testing.traces import rows_of

pytestmark = pytest.mark.service
ISSUER = KEYS["Ed25519"]


@pytest.fixture
def settings() -> dict[str, Any]:
    return {}


@pytest.fixture
def cell(database_url: str, tmp_path: Path, clock: ManualClock, settings: dict[str, Any]) -> Any:
    (tmp_path / "issuers.pem").write_bytes(pem(ISSUER))
    own = Settings(data=tmp_path / "data", age_issuers=tmp_path / "issuers.pem", **settings)
    cell = build(own, clock=clock, database_url=database_url, hasher=CHEAP_HASHER)
    yield cell
    cell.close()


def answer(client: Client, clock: ManualClock, *, adult: bool = True, write: Any = write_jwt, **other: Any) -> str:
    asked = client.post("/api/me/age/challenge").json()
    assert asked["claim"] == "age_over_18"
    said = {"claim": adult, "audience": asked["audience"], "nonce": asked["nonce"]}
    return str(write(ISSUER, **said | {"expires": clock.now_ms() // 1000 + 60} | other))


def prove(client: Client, attestation: str) -> tuple[int, str]:
    """Status, and what they are now or why not."""
    answer = client.post("/api/me/age", json={"attestation": attestation})
    told = answer.json()
    return answer.status_code, told["age_band"] if answer.is_success else told["error"]["code"]


REFUSED = (403, "attestation_refused")


@pytest.mark.parametrize("write", [write_jwt, write_cose], ids=["jwt", "cose"])
def test_who_proves_that_they_are_an_adult_is_one_at_once(web: Litestar, clock: ManualClock, write: Any):
    """Somebody who did not say when they were born: the same session, the very next request."""
    ada = arrive(web, "ada", None)
    assert ada.get("/api/me/protections").json()["age_proof_offered"] is True
    assert prove(ada, answer(ada, clock, write=write)) == (200, "adult")
    assert ada.get("/api/session").json()["account"]["age_band"] == "adult"
    again = TestClient(web)
    told = again.post("/api/session", json={"handle": "ada", "password": "correct horse"}).json()
    assert told["account"]["age_band"] == "adult"
    assert again.put("/api/me/private", json={"private": False}).json()["age_proof"] == "adult"


def test_who_is_proved_not_to_be_one_is_none_whatever_they_declared(web: Litestar, clock: ManualClock):
    ada = arrive(web, "ada", 1990)
    assert prove(ada, answer(ada, clock, adult=False)) == (200, "minor")
    again = TestClient(web)
    again.post("/api/session", json={"handle": "ada", "password": "correct horse"})
    told = again.get("/api/me/protections").json()
    assert (told["age_band"], told["private"], told["age_proof"]) == ("minor", True, "minor")


def test_a_proof_answers_one_question_of_one_account(web: Litestar, clock: ManualClock):
    mia, ben = arrive(web, "mia", YEAR - 15), arrive(web, "ben", YEAR - 16)
    assert prove(ben, answer(mia, clock)) == REFUSED, "handed on"
    assert prove(mia, answer(mia, clock, audience="https://elsewhere.example")) == REFUSED
    assert prove(mia, answer(mia, clock, expires=clock.now_ms() // 1000)) == REFUSED
    assert prove(mia, answer(mia, clock, nonce="99999999999.AAAAAAAAAAAAAAAAAAAAAA")) == REFUSED
    assert prove(mia, answer(mia, clock, nonce="x")) == REFUSED
    late = answer(mia, clock, expires=clock.now_ms() // 1000 + 10_000)
    clock.advance(601_000)
    assert prove(mia, late) == REFUSED, "asked more than ten minutes ago"
    assert prove(mia, "") == REFUSED
    assert mia.get("/api/session").json()["account"]["age_band"] == "minor"


def test_nothing_is_kept_but_the_answer(cell: Penchant, web: Litestar, clock: ManualClock):
    ada = arrive(web, "ada", None)
    with cell.engine.connect() as connection:
        before = rows_of(connection)
    said = answer(ada, clock)
    assert prove(ada, said) == (200, "adult")
    with cell.engine.connect() as connection:
        after = rows_of(connection)
        (proved,) = connection.execute(text("SELECT proved_adult FROM accounts WHERE handle = 'ada'")).scalars()
    assert proved is True
    changed = sorted(row.partition(":")[0] for row in (after - before) if not row.startswith("rate_limits"))
    assert changed == ["accounts", "subjects"]
    assert not [row for row in after if said[-40:] in row]


@pytest.mark.parametrize("settings", [{"adults_prove": True}])
def test_where_nobodys_word_is_enough_a_year_is_none(web: Litestar, clock: ManualClock):
    ada = arrive(web, "ada", 1970)
    assert ada.get("/api/session").json()["account"]["age_band"] == "minor"
    assert prove(ada, answer(ada, clock)) == (200, "adult")
