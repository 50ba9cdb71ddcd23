"""Signing in as an attacker sees it: fixing a session, telling handles apart, guessing, and what a link is good for."""

from typing import Any

import pytest
from argon2 import PasswordHasher
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from tests.conftest import CHEAP_HASHER
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from penchant.accounts.limits import SIGN_IN, SIGN_IN_ADDRESS, SIGN_IN_HANDLE
from penchant.app import Penchant, build
from penchant.core.clock import ManualClock
from penchant.core.settings import Settings
from penchant.web.asgi import create_web

pytestmark = pytest.mark.service
PASSWORD = "correct horse"
DAY_MS = 86_400_000
Client = TestClient[Litestar]


@pytest.fixture
def ada(cell: Penchant) -> str:
    cell.accounts.sign_up(None, "ada", PASSWORD, 1990)
    return "ada"


def guess(client: Client, handle: str, password: str) -> Response:
    return client.post("/api/session", json={"handle": handle, "password": password})


def token_for(cell: Penchant, handle: str, purpose: Any) -> str:
    return cell.accounts.make_link(cell.accounts.by_handle(handle), purpose)[0]


def is_signed_in(web: Litestar, session: str) -> bool:
    answer = TestClient(web).get("/api/session", headers={"Cookie": f"penchant={session}"})
    return bool(answer.json()["signed_in"])


@pytest.mark.parametrize("way", ["sign_in", "sign_up", "link"])
@pytest.mark.parametrize("planted", ["the attacker's own", "made up"])
def test_a_planted_session_opens_nothing(
    web: Litestar, cell: Penchant, client: Client, ada: str, way: str, planted: str
):
    """The attacker puts a session that they know into the victim's browser; the victim signs in."""
    known = cell.accounts.welcome()[0] if planted == "the attacker's own" else "A" * 43
    client.cookies.set("penchant", known)
    match way:
        case "sign_in":
            answer = guess(client, ada, PASSWORD)
        case "sign_up":
            answer = client.post("/api/accounts", json={"handle": "eve", "password": PASSWORD, "birth_year": 1990})
        case _:
            answer = client.post("/api/session/link", json={"token": token_for(cell, ada, "sign_in")})
    assert answer.is_success
    fresh = answer.cookies["penchant"]
    assert fresh != known
    assert is_signed_in(web, fresh)
    assert not is_signed_in(web, known)
    assert cell.accounts.viewer(known) is None


def test_an_unknown_session_is_never_taken_over(client: Client):
    client.cookies.set("penchant", "A" * 43)
    assert client.get("/api/session").cookies["penchant"] != "A" * 43


def test_signing_out_and_a_new_password_end_sessions_on_the_server(web: Litestar, cell: Penchant, ada: str):
    sessions = [guess(TestClient(web), ada, PASSWORD).cookies["penchant"] for _ in range(3)]
    TestClient(web).delete("/api/session", headers={"Cookie": f"penchant={sessions[0]}"})
    assert [is_signed_in(web, session) for session in sessions] == [False, True, True]
    other_link = token_for(cell, ada, "sign_in")
    body = {"token": token_for(cell, ada, "reset"), "password": "a better horse"}
    assert TestClient(web).post("/api/password", json=body).status_code == 204
    assert not any(is_signed_in(web, session) for session in sessions)
    # Who could read one link could read the others.
    assert TestClient(web).post("/api/session/link", json={"token": other_link}).status_code == 403
    assert guess(TestClient(web), ada, PASSWORD).status_code == 401
    assert guess(TestClient(web), ada, "a better horse").is_success


def _told(answer: Response) -> tuple[int, str, dict[str, str]]:
    return answer.status_code, answer.text, {k: v for k, v in answer.headers.items() if k != "date"}


def test_no_answer_tells_whether_there_is_such_a_handle(web: Litestar, cell: Penchant, ada: str):
    cell.accounts.make_account("linked")
    suspended = cell.accounts.sign_up(None, "suspended", PASSWORD, 1990)[1].account
    assert suspended is not None
    with cell.engine.begin() as connection:
        cell.accounts.set_suspended(connection, suspended, True)
    told = [_told(guess(TestClient(web), handle, "wrong horse")) for handle in (ada, "nobody", "linked", "suspended")]
    assert told[0][0] == 401
    assert told == [told[0]] * 4


class CountingHasher(PasswordHasher):
    """The real one, which counts its work."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.work: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        self.work.append(str(hash).rpartition("$")[0].rpartition("$")[0])
        return super().verify(hash, password)


def test_a_guess_is_the_same_work_whether_or_not_there_is_such_a_handle(database_url: str, tmp_path: Any):
    hasher = CountingHasher()
    cell = build(Settings(data=tmp_path), clock=ManualClock(DAY_MS * 20_000), database_url=database_url, hasher=hasher)
    cell.accounts.sign_up(None, "ada", PASSWORD, 1990)
    cell.accounts.make_account("linked")
    client = TestClient(create_web(cell))
    for handle in ("ada", "nobody", "linked", "x" * 10_000):
        hasher.work.clear()
        assert guess(client, handle, "wrong horse").status_code == 401
        assert hasher.work == ["$argon2id$v=19$m=64,t=1,p=1"], handle
    cell.close()


def test_guessing_is_slowed_by_handle_network_and_both(web: Litestar, cell: Penchant, ada: str, clock: ManualClock):
    behind_a_proxy = ProxyHeadersMiddleware(web, trusted_hosts="testclient")  # type: ignore[arg-type]

    def attack(handle: str, *, address: str, times: int) -> list[int]:
        client: TestClient[Any] = TestClient(behind_a_proxy)
        client.headers["X-Forwarded-For"] = address
        return [guess(client, handle, "wrong horse").status_code for _ in range(times)]

    # One who changes case and spaces, and moves about in their own network, is one.
    statuses = [attack(h, address=f"2001:db8:1:{n}::1", times=1)[0] for n, h in enumerate(["ada", " ADA "] * 6)]
    assert statuses == [401] * SIGN_IN.attempts + [429] * 2
    client = TestClient(web)
    assert guess(client, ada, PASSWORD).is_success, "who guesses keeps out themselves, not the owner"
    # Guesses from everywhere at one handle.
    spent = SIGN_IN.attempts + 1
    while spent < SIGN_IN_HANDLE.attempts:
        attack(ada, address=f"198.51.{spent}.7", times=1)
        spent += 1
    refused = guess(client, ada, PASSWORD)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limited")
    assert 0 < int(refused.headers["Retry-After"]) <= SIGN_IN_HANDLE.seconds
    # And at everybody from one place.
    several = [attack(f"handle_{n}", address="203.0.113.7", times=1)[0] for n in range(SIGN_IN_ADDRESS.attempts + 1)]
    assert several == [401] * SIGN_IN_ADDRESS.attempts + [429]
    clock.advance(SIGN_IN_HANDLE.seconds * 1000)
    assert guess(client, ada, PASSWORD).is_success


def test_a_stolen_session_cannot_guess_the_password_either(client: Client, ada: str):
    assert guess(client, ada, PASSWORD).is_success
    tried = [client.request("DELETE", "/api/accounts/me", json={"password": f"guess {n}"}) for n in range(11)]
    assert [answer.status_code for answer in tried] == [403] * (SIGN_IN.attempts - 1) + [429] * 2


def test_a_link_is_good_once_and_for_its_purpose_alone(web: Litestar, cell: Penchant, ada: str, clock: ManualClock):
    def use(path: str, token: str) -> Response:
        body = {"token": token} if path == "/api/session/link" else {"token": token, "password": PASSWORD}
        return TestClient(web).post(path, json=body)

    sign_in, reset, old = (token_for(cell, ada, purpose) for purpose in ("sign_in", "reset", "reset"))
    refused = [use("/api/session/link", reset), use("/api/password", sign_in), use("/api/password", "unknown")]
    assert use("/api/session/link", sign_in).status_code == 200
    refused.append(use("/api/session/link", sign_in))
    clock.advance(DAY_MS)
    refused.append(use("/api/password", old))
    assert {_told(answer)[:2] for answer in refused} == {(403, refused[0].text)}
    assert refused[0].json()["error"]["code"] == "link_used"


def test_a_common_password_is_refused_and_costs_no_link(client: Client, cell: Penchant, ada: str):
    answer = client.post("/api/accounts", json={"handle": "eve", "password": "iloveyou", "birth_year": 1990})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["password"])
    token = token_for(cell, ada, "reset")
    for password, status in (("iloveyou", 422), ("a better horse", 204)):
        assert client.post("/api/password", json={"token": token, "password": password}).status_code == status


def test_an_invite_is_good_once(database_url: str, tmp_path: Any):
    settings = Settings(data=tmp_path, signup="invited")
    cell = build(settings, clock=ManualClock(DAY_MS * 20_700), database_url=database_url, hasher=CHEAP_HASHER)
    code, _ = cell.accounts.make_invite(cell.accounts.make_account("admin", role="admin"))
    client = TestClient(create_web(cell))
    for handle, invite, status in (("eve", "guess", 403), ("bob", code, 201), ("eve", code, 403)):
        body = {"handle": handle, "password": PASSWORD, "birth_year": 1990, "invite": invite}
        assert client.post("/api/accounts", json=body).status_code == status
    cell.close()
