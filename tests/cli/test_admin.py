import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from penchant.testing.installation import Installation

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def running(begun: Path) -> Iterator[Installation]:
    installation = Installation(like=begun, signup="invited")
    try:
        yield installation.start()
    finally:
        installation.remove()


def call(running: Installation, method: str, path: str, body: object, cookie: str = "") -> tuple[int, dict, str]:
    request = urllib.request.Request(
        f"{running.url}{path}",
        json.dumps(body).encode() if body is not None else None,
        {"Content-Type": "application/json", "Cookie": cookie},
        method=method,
    )
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else {}, answer.headers["Set-Cookie"] or ""
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read()), ""


def admin(running: Installation, *arguments: str) -> str:
    done = running.run("admin", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def token_in(text: str) -> str:
    found = re.search(r"#token=(\S+)", text)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def ada(running: Installation) -> str:
    """Someone who signed up by an invite from the command line."""
    code = admin(running, "invite").split()[0]
    body = {"handle": "ada", "password": "correct horse", "birth_year": 1980, "name": "[red]Ada[/]"}
    assert call(running, "POST", "/api/accounts", body)[0] == 403
    assert call(running, "POST", "/api/accounts", body | {"invite": code})[0] == 201
    assert call(running, "POST", "/api/accounts", body | {"handle": "eve", "invite": code})[0] == 403
    return "ada"


def test_a_sign_in_link_works_once(running: Installation):
    text = admin(running, "sign-in-link")
    assert text.strip().startswith(f"{running.url}/sign-in#token=")
    status, session, _ = call(running, "POST", "/api/session/link", {"token": token_in(text)})
    assert status == 200
    assert session["account"]["role"] == "admin"
    assert call(running, "POST", "/api/session/link", {"token": token_in(text)})[0] == 403


def test_a_reset_link_sets_a_password(running: Installation, ada: str):
    token = token_in(admin(running, "reset-link", "@ada"))
    assert call(running, "POST", "/api/password", {"token": token, "password": "another horse"})[0] == 204
    assert call(running, "POST", "/api/session", {"handle": ada, "password": "another horse"})[0] == 200
    assert call(running, "POST", "/api/session", {"handle": ada, "password": "correct horse"})[0] == 401


@pytest.mark.parametrize("role", ["moderator", "admin", "member"])
def test_roles(running: Installation, ada: str, role: str):
    assert role in admin(running, f"make-{role}", ada)
    token = token_in(admin(running, "sign-in-link", ada))
    assert call(running, "POST", "/api/session/link", {"token": token})[1]["account"]["role"] == role


def test_nobody_under_age_moderates_until_somebody_has_seen_proof(running: Installation, ada: str):
    def session() -> tuple[str, str]:
        token = token_in(admin(running, "sign-in-link", ada))
        account = call(running, "POST", "/api/session/link", {"token": token})[1]["account"]
        return account["role"], account["age_band"]

    admin(running, "make-moderator", ada)
    assert "a minor" in admin(running, "age", "@ada", "minor")
    assert session() == ("member", "minor"), "whatever was written down before"
    refused = running.run("admin", "make-moderator", ada)
    assert refused.returncode == 1
    assert "penchant admin age ada adult" in " ".join(refused.stderr.split())
    admin(running, "age", ada, "adult")
    assert session() == ("moderator", "adult")
    admin(running, "make-member", ada)


def test_who_lost_their_second_factor_is_asked_for_a_password_alone(running: Installation, ada: str):
    def enter(**also: str) -> tuple[int, dict, str]:
        token = token_in(admin(running, "reset-link", ada))
        call(running, "POST", "/api/password", {"token": token, "password": "another horse"})
        return call(running, "POST", "/api/session", {"handle": ada, "password": "another horse", **also})

    cookie = enter()[2].partition(";")[0]
    begun = call(running, "POST", "/api/me/second-factor", {"password": "another horse"}, cookie)[1]
    code = pyotp.TOTP(begun["secret"]).now()
    assert call(running, "PUT", "/api/me/second-factor", {"code": code}, cookie)[0] == 200
    assert enter()[1]["error"]["code"] == "code_needed"
    assert "password alone" in admin(running, "second-factor-off", ada)
    cookie = enter()[2].partition(";")[0]
    told = call(running, "GET", "/api/me/security", None, cookie)[1]
    assert (told["second_factor"], told["recovery_codes_left"]) == (False, 0)
    assert "second_factor_off" in [change["what"] for change in told["changes"]]


def test_suspend_and_back(running: Installation, ada: str):
    token = token_in(admin(running, "sign-in-link", ada))
    cookie = call(running, "POST", "/api/session/link", {"token": token})[2].partition(";")[0]
    assert call(running, "GET", "/api/session", None, cookie)[1]["signed_in"]
    assert "suspended" in admin(running, "suspend", ada, "--reason", "spam")
    assert not call(running, "GET", "/api/session", None, cookie)[1]["signed_in"]
    assert "suspended" in admin(running, "people")
    admin(running, "unsuspend", ada)
    token = token_in(admin(running, "sign-in-link", ada))
    assert call(running, "POST", "/api/session/link", {"token": token})[0] == 200


def test_people_are_listed_and_their_names_are_no_markup(running: Installation, ada: str):
    lines = admin(running, "people").splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["@ada", "@admin"]
    assert "[red]Ada[/]" in lines[1]
    assert "1 of 2" in admin(running, "people", "--limit", "1")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("reset-link", "nobody"), "nobody here is called @nobody"),
        (("suspend", "admin"), "an admin cannot be suspended"),
        (("make-admin", "@no"), "nobody here is called @no"),
    ],
)
def test_refusals_are_sentences(running: Installation, arguments: tuple[str, ...], words: str):
    done = running.run("admin", *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_where_nothing_runs_it_says_how_to_start():
    idle = Installation()
    try:
        done = idle.run("admin", "people")
        assert done.returncode == 1
        assert "penchant up" in done.stderr
    finally:
        idle.remove()
