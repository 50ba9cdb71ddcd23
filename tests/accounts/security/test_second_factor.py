"""A second factor over HTTP: asked for at every sign-in by password, each code good once, recovery codes too."""

import pyotp
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text
from tests.accounts.protection.test_private import Client, arrive

from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.testing.traces import rows_of

pytestmark = pytest.mark.service
PASSWORD = "correct horse"
STEP_MS = 30_000


@pytest.fixture
def ada(web: Litestar) -> Client:
    return arrive(web, "ada")


def refusal(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]  # type: ignore[attr-defined, no-any-return]


def code(clock: ManualClock, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(clock.now_ms() // STEP_MS + steps)


def turn_on(client: Client, clock: ManualClock) -> tuple[str, list[str]]:
    """Its secret and the recovery codes."""
    begun = client.post("/api/me/second-factor", json={"password": PASSWORD}).json()
    assert begun["uri"].startswith("otpauth://totp/") and begun["secret"] in begun["uri"]
    assert begun["qr"].startswith("data:image/svg+xml")
    confirmed = client.put("/api/me/second-factor", json={"code": code(clock, begun["secret"])})
    assert confirmed.status_code == 200, confirmed.text
    clock.advance(STEP_MS)
    return begun["secret"], confirmed.json()["recovery_codes"]


def sign_in(web: Litestar, code: str | None = None) -> tuple[Client, object]:
    client = TestClient(web)
    body = {"handle": "ada", "password": PASSWORD} | ({} if code is None else {"code": code})
    return client, client.post("/api/session", json=body)


def test_it_is_asked_for_once_it_is_on_and_each_code_is_good_once(ada: Client, web: Litestar, clock: ManualClock):
    begun = ada.post("/api/me/second-factor", json={"password": PASSWORD}).json()
    assert sign_in(web)[1].status_code == 200, "begun is not on"  # type: ignore[attr-defined]
    assert refusal(ada.put("/api/me/second-factor", json={"code": "123"})) == (403, "wrong_code")
    right = code(clock, begun["secret"])
    assert (
        len(ada.put("/api/me/second-factor", json={"code": f" {right[:3]} {right[3:]} "}).json()["recovery_codes"]) == 8
    )
    assert refusal(sign_in(web)[1]) == (401, "code_needed")
    assert refusal(sign_in(web, right)[1]) == (401, "wrong_code"), "used to confirm it"
    for steps in (-3, 3):
        assert refusal(sign_in(web, code(clock, begun["secret"], steps))[1]) == (401, "wrong_code")
    clock.advance(STEP_MS)
    client, answer = sign_in(web, code(clock, begun["secret"]))
    assert answer.json()["account"]["handle"] == "ada"  # type: ignore[attr-defined]
    assert refusal(sign_in(web, code(clock, begun["secret"]))[1]) == (401, "wrong_code"), "seen over a shoulder"
    assert client.get("/api/me/security").json()["second_factor"] is True
    clock.advance(301_000)
    wrong = TestClient(web).post("/api/session", json={"handle": "ada", "password": "wrong horse", "code": right})
    assert refusal(wrong) == (401, "wrong_password"), "whose password is wrong hears nothing of a second factor"


def test_a_recovery_code_lets_in_once_and_is_told(ada: Client, web: Litestar, clock: ManualClock):
    _, codes = turn_on(ada, clock)
    client, answer = sign_in(web, codes[3].upper())
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert refusal(sign_in(web, codes[3])[1]) == (401, "wrong_code")
    told = client.get("/api/me/security").json()
    assert told["recovery_codes_left"] == 7
    assert [change["what"] for change in told["changes"]] == ["recovery_code_used", "second_factor_on"]


def test_turning_it_off_takes_password_and_code(ada: Client, web: Litestar, clock: ManualClock):
    secret, codes = turn_on(ada, clock)
    asked = {"password": PASSWORD, "code": code(clock, secret)}
    for wrong, why in (({"password": "wrong horse"}, "wrong_password"), ({"code": "000000"}, "wrong_code")):
        assert refusal(ada.request("DELETE", "/api/me/second-factor", json=asked | wrong)) == (403, why)
    assert refusal(ada.post("/api/me/second-factor", json={"password": PASSWORD})) == (409, "second_factor_on")
    assert ada.request("DELETE", "/api/me/second-factor", json=asked).status_code == 204
    assert sign_in(web)[1].status_code == 200  # type: ignore[attr-defined]
    assert ada.get("/api/me/security").json()["recovery_codes_left"] == 0
    # Once more, and off by a recovery code.
    _, codes = turn_on(ada, clock)
    body = {"password": PASSWORD, "code": codes[0]}
    assert ada.request("DELETE", "/api/me/second-factor", json=body).status_code == 204


def test_guessing_codes_is_slowed(ada: Client, web: Litestar, clock: ManualClock):
    turn_on(ada, clock)
    found = [refusal(sign_in(web, f"{number:06}")[1]) for number in range(10)]
    assert found[0] == (401, "wrong_code")
    assert found[-1] == (429, "rate_limited")


def test_neither_secret_nor_codes_can_be_read_from_the_database(cell: Penchant, ada: Client, clock: ManualClock):
    secret, codes = turn_on(ada, clock)
    with cell.engine.connect() as connection:
        rows = rows_of(connection)
        assert connection.execute(text("SELECT count(*) FROM second_factors")).scalar_one() == 1
    for hidden in (secret, secret.encode().hex(), *codes, *(one.encode().hex() for one in codes)):
        assert not [row for row in rows if hidden in row]


def test_who_lost_everything_is_let_in_by_the_operator(cell: Penchant, ada: Client, web: Litestar, clock: ManualClock):
    turn_on(ada, clock)
    link, _ = cell.accounts.make_link(cell.accounts.by_handle("ada"), "sign_in")
    client = TestClient(web)
    assert client.post("/api/session/link", json={"token": link}).status_code == 200
    assert client.get("/api/me/security").json()["changes"][0]["what"] == "signed_in_by_link"
