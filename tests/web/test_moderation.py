"""Moderation over HTTP: who may do what, and a story of a reporter, two moderators and an appellant."""

from importlib.resources import files

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.conftest import CHEAP_HASHER
from tests.web.test_api import publish, sign_up

from penchant.app import Penchant, build
from penchant.core.clock import ManualClock
from penchant.core.ids import parse_id
from penchant.core.settings import Settings
from penchant.safety.ports import Finding

pytestmark = pytest.mark.service
Client = TestClient[Litestar]
SPAM = 'name = "spam"\nwhen = ["spam"]\nat_least = 0.8\ndo = "limit"\n'
CLAIM = {"name": "Bea", "contact": "bea@example.org", "work": "Waves", "good_faith": True}


def enter(cell: Penchant, web: Litestar, handle: str, role: str = "moderator") -> Client:
    account = cell.accounts.make_account(handle, role=role)  # type: ignore[arg-type]
    token, _ = cell.accounts.make_link(account, "sign_in")
    client = TestClient(web)
    assert client.post("/api/session/link", json={"token": token}).status_code == 200
    return client


def first_case(client: Client) -> str:
    return str(client.get("/api/admin/queue").json()["cases"][0]["id"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/admin/queue"),
        ("GET", "/api/admin/policy"),
        ("GET", "/api/admin/cases/0000000000001"),
        ("PUT", "/api/admin/cases/0000000000001/claim"),
        ("DELETE", "/api/admin/cases/0000000000001/claim"),
        ("POST", "/api/admin/cases/0000000000001/decision"),
        ("POST", "/api/admin/queue/decisions"),
        ("GET", "/api/admin/appeals"),
        ("POST", "/api/admin/appeals/0000000000001"),
        ("GET", "/api/admin/counter-notices"),
        ("POST", "/api/admin/counter-notices/0000000000001/keep"),
        ("GET", "/api/admin/flaggers"),
        ("PUT", "/api/admin/flaggers/ada"),
        ("DELETE", "/api/admin/flaggers/ada"),
    ],
)
def test_only_moderators_work_on_cases_and_only_admins_name_flaggers(
    cell: Penchant, web: Litestar, method: str, path: str
):
    bodies: dict[str, object] = {
        "decision": {"action": "dismiss", "reason": "no"},
        "decisions": {"action": "dismiss", "reason": "no", "cases": ["0000000000001"]},
        "keep": {"reason": "no"},
        "ada": {"area": "fraud"},
    }
    body = (
        bodies.get(path.rsplit("/", 1)[1], {"verdict": "upheld", "reason": "no"}) if method in ("POST", "PUT") else None
    )
    if path.endswith("claim"):
        body = None
    with TestClient(web) as nobody, sign_up(web, "ada") as ada, enter(cell, web, "mo") as mo:
        assert nobody.request(method, path, json=body).status_code == 401
        assert ada.request(method, path, json=body).status_code == 403
        allowed = mo.request(method, path, json=body).status_code
        assert allowed == 403 if "flaggers/" in path else allowed in (200, 201, 204, 404)


def test_reporter_moderator_appellant_second_moderator(cell: Penchant, web: Litestar):
    with (
        sign_up(web, "ada") as ada,
        sign_up(web, "bob") as bob,
        enter(cell, web, "mo") as mo,
        enter(cell, web, "max") as other,
    ):
        video = publish(cell, "ada")
        report = {"kind": "video", "target": video, "reason": "hate", "note": "at the end"}
        assert bob.post("/api/reports", json=report).status_code == 201
        case = first_case(mo)
        seen = mo.put(f"/api/admin/cases/{case}/claim").json()
        assert (seen["entry"]["reasons"], seen["notes"][0]["words"]) == ({"hate": 1}, "at the end")
        assert seen["entry"]["about"]["handle"] == "ada"
        refused = other.put(f"/api/admin/cases/{case}/claim")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "claimed")
        ruling = {"action": "remove", "reason": "it attacks people", "rule": "hate"}
        assert mo.post(f"/api/admin/cases/{case}/decision", json=ruling | {"reason": " "}).status_code == 422
        decided = mo.post(f"/api/admin/cases/{case}/decision", json=ruling).json()
        assert decided["stage"] == "decided"
        for viewer in (ada, bob, mo):
            assert viewer.get(f"/api/videos/{video}").status_code == 410
        # Whoever judges an appeal has to look at it; nobody else has its files.
        assert bob.get(f"/media/{video}/480p.mp4").status_code == 410
        assert other.head(f"/media/{video}/480p.mp4").status_code == 200

        told = ada.get("/api/me/decisions").json()
        (notice,) = told["decisions"]
        assert (notice["action"], notice["strike"], told["standing"]["points"]) == ("remove", 2, 2)
        assert set(notice["words"]) == {"en", "fr"}
        assert "bob" not in str(told)
        assert "at the end" not in str(told)
        assert bob.get("/api/me/decisions").json()["decisions"] == []
        (answer,) = bob.get("/api/me/reports").json()["reports"]
        assert answer["action"] == "remove"

        path = f"/api/decisions/{notice['decision']}/appeal"
        with sign_up(web, "cleo") as cleo:
            assert cleo.post(path, json={"words": "not mine"}).status_code == 404
        assert ada.post(path, json={"words": "it is a song"}).status_code == 201
        assert ada.post(path, json={"words": "again"}).status_code == 409
        (appeal,) = mo.get("/api/admin/appeals").json()["appeals"]
        assert (appeal["words"], appeal["mine"]) == ("it is a song", True)
        verdict = {"verdict": "reversed", "reason": "it is a song indeed"}
        refused = mo.post(f"/api/admin/appeals/{appeal['id']}", json=verdict)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "had_a_part")
        assert other.post(f"/api/admin/appeals/{appeal['id']}", json=verdict).status_code == 204
        assert bob.get(f"/api/videos/{video}").status_code == 200
        told = ada.get("/api/me/decisions").json()
        assert told["decisions"][0]["appeal"]["outcome"] == "reversed"
        assert told["standing"]["points"] == 0


def test_whoever_is_suspended_learns_why_and_appeals_without_signing_in(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, enter(cell, web, "mo") as mo:
        target = ada.get("/api/session").json()["account"]["id"]
        ruling = {"kind": "account", "target": target, "action": "suspend", "reason": "again and again", "hours": 48}
        assert mo.post("/api/admin/decisions", json=ruling).status_code == 201
        door = {"handle": "ada", "password": "correct horse"}
        with TestClient(web) as client:
            assert client.post("/api/session", json=door).json()["error"]["code"] == "suspended"
            assert client.post("/api/suspension", json=door | {"password": "wrong horse"}).status_code == 401
            (notice,) = client.post("/api/suspension", json=door).json()["decisions"]
            assert (notice["action"], notice["reason"], bool(notice["ends_at"])) == ("suspend", "again and again", True)
            appeal = door | {"decision": notice["decision"], "words": "I am sorry"}
            assert client.post("/api/suspension/appeal", json=appeal | {"password": "x" * 9}).status_code == 401
            assert client.post("/api/suspension/appeal", json=appeal).status_code == 201
            codes = [client.post("/api/suspension", json=door).status_code for _ in range(12)]
            assert codes[-1] == 429
        assert [one["words"] for one in mo.get("/api/admin/appeals").json()["appeals"]] == ["I am sorry"]


def test_many_at_once_and_a_claim_of_copyright(cell: Penchant, web: Litestar):
    with sign_up(web, "ada") as ada, sign_up(web, "bob") as bob, enter(cell, web, "mo") as mo:
        videos = [publish(cell, "ada", title) for title in ("one", "two")]
        for video in videos:
            report = {"kind": "video", "target": video, "reason": "copyright"}
            assert bob.post("/api/reports", json=report).json()["error"]["fields"].keys() >= {"work", "good_faith"}
            assert bob.post("/api/reports", json=report | {"claim": CLAIM}).status_code == 201
        cases = [one["id"] for one in mo.get("/api/admin/queue").json()["cases"]]
        assert mo.get(f"/api/admin/cases/{cases[0]}").json()["claims"][0]["contact"] == "bea@example.org"
        ruling = {"action": "remove", "reason": "her work", "rule": "copyright", "cases": [*cases, "0000000000001"]}
        outcomes = mo.post("/api/admin/queue/decisions", json=ruling).json()["outcomes"]
        assert [(one["stage"], one["error"]) for one in outcomes] == [
            ("decided", None),
            ("decided", None),
            (None, "not_found"),
        ]
        notices = ada.get("/api/me/decisions").json()["decisions"]
        assert [one["claims"] for one in notices] == [[{"name": "Bea", "work": "Waves"}]] * 2
        path = f"/api/decisions/{notices[0]['decision']}/counter-notice"
        assert bob.post(path, json={"words": "no"}).status_code == 404
        assert ada.post(path, json={"words": "my own"}).json()["restore_at"] > notices[0]["decided_at"]
        (counter,) = mo.get("/api/admin/counter-notices").json()["counter_notices"]
        assert counter["words"] == "my own"
        keep = f"/api/admin/counter-notices/{counter['decision']}/keep"
        assert mo.post(keep, json={"reason": "she went to court"}).status_code == 204
        assert mo.post(keep, json={"reason": "twice"}).status_code == 404


def test_admins_name_trusted_flaggers(cell: Penchant, web: Litestar):
    with sign_up(web, "bob"), enter(cell, web, "boss", "admin") as boss:
        assert boss.put("/api/admin/flaggers/bob", json={"area": " "}).status_code == 422
        assert boss.put("/api/admin/flaggers/nobody", json={"area": "fraud"}).status_code == 404
        assert boss.put("/api/admin/flaggers/bob", json={"area": "fraud"}).status_code == 204
        assert [one["handle"] for one in boss.get("/api/admin/flaggers").json()["flaggers"]] == ["bob"]
        assert boss.delete("/api/admin/flaggers/bob").status_code == 204
        assert boss.delete("/api/admin/flaggers/bob").status_code == 404


def test_an_operator_tries_another_policy_before_it_acts(
    cell: Penchant, web: Litestar, database_url: str, clock: ManualClock
):
    """Tried as the file is sent; then it is the policy of the next process, and does what the trial said."""
    sign_up(web, "ada")
    video = publish(cell, "ada")
    with cell.engine.begin() as connection:
        cell.safety.found(connection, "video", parse_id(video), [Finding("spam", "words", 700, {})])
    page = f"/api/videos/{video}"
    stricter = files("penchant.safety").joinpath("policy.toml").read_text("utf-8")
    stricter = stricter.replace("version = 3", "version = 4", 1)
    stricter = stricter.replace(SPAM, SPAM.replace("0.8", "0.6").replace("limit", "hold"), 1)
    assert SPAM not in stricter
    ann = enter(cell, web, "ann", "admin")

    found = ann.post("/api/admin/policy/dry-run", json={"text": stricter}).json()
    assert (found["looked_at"], found["changed"], found["beginning"], found["ending"]) == (1, 1, {"hold": 1}, {})
    assert found["changes"] == [{"kind": "video", "target": video, "before": [], "after": ["hold"]}]
    assert ann.get("/api/admin/policy").json()["version"] == found["before"]
    assert TestClient(web).get(page).status_code == 200, "nothing has happened"
    refused = ann.post("/api/admin/policy/dry-run", json={"text": stricter.replace('do = "hold"', 'do = "burn"', 1)})
    assert refused.status_code == 422
    assert "burn" in refused.json()["error"]["message"]

    file = cell.settings.data / "policy.toml"
    file.write_text(stricter, "utf-8")
    settings = Settings(data=cell.settings.data, policy=file)
    later = build(settings, clock=clock, database_url=database_url, hasher=CHEAP_HASHER)
    try:
        assert later.safety.policy.version == found["after"]
        assert later.safety.reconcile(lambda done, of: None) == 1
    finally:
        later.close()
    assert TestClient(web).get(page).json()["error"]["code"] == "held"
