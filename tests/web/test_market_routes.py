"""Orders and steps over HTTP: who says what, and what everybody may read of it."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.ids import format_id

pytestmark = pytest.mark.service
Client = TestClient[Litestar]
ORDERS, STEPS = "/api/admin/market/orders", "/api/admin/market/steps"
ORDER = {"issuer": "a court", "legal_basis": "§ 1", "text": "close it", "date": "2030-01-01T00:00:00Z"}


@pytest.fixture
def ada(cell: Penchant, web: Litestar) -> Client:
    return admin(cell, web, "ada")


@pytest.fixture
def eve(cell: Penchant, web: Litestar) -> Client:
    return admin(cell, web, "eve")


def admin(cell: Penchant, web: Litestar, handle: str) -> Client:
    token, _ = cell.accounts.make_link(cell.accounts.make_account(handle, handle, "admin"), "sign_in")
    client = TestClient(web)
    assert client.post("/api/session/link", json={"token": token}).status_code == 200
    return client


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["error"]["code"])


def test_a_step_from_plan_to_revocation(ada: Client, eve: Client, client: Client):
    order = ada.post(ORDERS, json=ORDER).json()
    assert [(act["what"], act["by"]) for act in order["acts"]] == [("announced", "ada")]
    body = {"to_state": "closed", "takes_effect_at": ORDER["date"], "order": order["id"], "reason": "as ordered"}
    planned = ada.post(STEPS, json=body).json()
    assert (planned["planned_by"], planned["confirmed_by"], planned["mine"]) == ("ada", None, True)
    assert (planned["diff"]["before"], planned["diff"]["after"]) == ("open", "closed")
    assert planned["diff"]["numbers"] == {"accounts": 2, "videos": 0, "sessions": 2, "open_cases": 0}
    assert {"kind": "watch", "before": True, "after": False} in planned["diff"]["rules"]
    assert client.get("/api/market").json()["coming"] == []

    address = f"{STEPS}/{planned['id']}"
    assert refused(ada.post(f"{address}/confirm")) == (403, "second_person_needed")
    assert eve.post(f"{address}/confirm").json()["confirmed_by"] == "eve"
    assert refused(eve.post(f"{address}/confirm")) == (409, "step_refused")
    market = client.get("/api/market").json()
    assert (market["state"], market["banner"], market["until"]) == ("open", None, ORDER["date"])
    assert ada.post(f"{address}/revoke").json()["revoked_by"] == "ada"
    assert [step["diff"] for step in eve.get(STEPS).json()["steps"]] == [None]
    assert client.get("/api/market").json()["coming"] == []


def test_one_administrator_does_not_become_the_other(cell: Penchant, ada: Client, eve: Client):
    """Who could set the other's password would be both people that a step takes."""
    cell.accounts.make_account("somebody")
    assert refused(ada.post("/api/admin/accounts/eve/reset-link")) == (403, "other_admin")
    for handle in ("ada", "somebody"):
        assert ada.post(f"/api/admin/accounts/{handle}/reset-link").status_code == 201


def test_what_becomes_of_an_order_acts_at_once(ada: Client, eve: Client, client: Client, clock: ManualClock):
    order = ada.post(ORDERS, json=ORDER | {"date": None}).json()["id"]
    step = ada.post(STEPS, json={"to_state": "read_only", "takes_effect_at": "2026-10-20T00:00:00Z", "order": order})
    assert eve.post(f"{STEPS}/{step.json()['id']}/confirm").status_code == 200
    clock.advance(40 * 86_400_000)
    assert client.get("/api/market").json()["state"] == "read_only"
    stayed = eve.post(f"{ORDERS}/{order}/acts", json={"what": "stayed", "note": "hear them first"}).json()
    assert [act["what"] for act in stayed["acts"]] == ["announced", "stayed"]
    assert client.get("/api/market").json()["state"] == "open"
    assert eve.get(STEPS).json()["steps"][0]["rests"]
    assert refused(eve.post(f"{ORDERS}/{order}/acts", json={"what": "stayed"})) == (409, "order_act_refused")
    assert refused(eve.post(f"{ORDERS}/{format_id(1)}/acts", json={"what": "stayed"})) == (404, "not_found")
    assert refused(eve.post(f"{ORDERS}/{order}/acts", json={"what": "vanished"})) == (422, "invalid")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"to_state": "open"}, 409),
        ({"to_state": "ajar"}, 422),
        ({"takes_effect_at": "2030-01-01T00:00:00"}, 422),
        ({"takes_effect_at": "2020-01-01T00:00:00Z"}, 409),
        ({"order": "0000000000001"}, 404),
        ({"to_state": "handed_over"}, 422),
        ({"moved_to": "https://elsewhere.example"}, 422),
    ],
    ids=str,
)
def test_a_plan_that_is_none(ada: Client, change: dict[str, str], status: int):
    body = {"to_state": "closed", "takes_effect_at": "2030-01-01T00:00:00Z"} | change
    assert ada.post(STEPS, json=body).status_code == status
    assert ada.get(STEPS).json() == {"steps": []}
