"""`penchant market` on a running installation: two administrators with passwords, and what the page says then."""

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pyotp
import pytest
from tests.cli.test_admin import admin, call

from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.service
ADA, EVE = "correct horse", "another horse"


@pytest.fixture(scope="module")
def running(begun: Path) -> Iterator[Installation]:
    installation = Installation(like=begun)
    try:
        installation.start()
        for handle, password in (("ada", ADA), ("eve", EVE)):
            body = {"handle": handle, "password": password, "birth_year": 1980}
            assert call(installation, "POST", "/api/accounts", body)[0] == 201
            admin(installation, "make-admin", handle)
        yield installation
    finally:
        installation.remove()


def market(running: Installation, *arguments: str, said: str = "") -> tuple[int, str]:
    """`said`: lines of the input, as passwords."""
    command = running.command("market", *arguments)
    done = subprocess.run(
        command, env=running.environment, cwd=running.folder, input=said, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def moment(**later: int) -> str:
    return (datetime.now(UTC) + timedelta(**later)).strftime("%Y-%m-%dT%H:%M:%SZ")


def ids(text: str, to_state: str) -> list[str]:
    return re.findall(rf"^([0-9a-z]{{13}})\s+{to_state}", text, re.MULTILINE)


def now(running: Installation) -> str:
    with urllib.request.urlopen(f"{running.url}/api/market") as answer:
        return str(json.load(answer)["state"])


def test_an_order_closes_the_place_by_two_people_and_a_stay_opens_it(running: Installation):
    (running.folder / "order.txt").write_text("Close it.\n", "utf-8")
    own = ("--issuer", "the court", "--basis", "Act § 1", "--text", str(running.folder / "order.txt"))
    status, text = market(running, "order", *own, "--date", moment(days=40), "--as", "ada", said=f"{ADA}\n")
    assert status == 0, text
    number = re.search(r"order (\w{13})", text)
    assert number
    dates = ("--no-signups", moment(days=10), "--winding-down", moment(days=20), "--read-only", moment(days=30))
    chain = ("close", *dates, "--closed", moment(days=40), "--order", number[1], "--as", "ada")
    status, text = market(running, *chain, said=f"{ADA}\n")
    assert status == 0, text
    steps = [ids(text, state)[0] for state in ("no_signups", "winding_down", "read_only", "closed")]
    assert "open → closed" in text
    assert re.search(r"accounts \d, videos 0", text)
    status, text = market(running, "confirm", *steps, "--as", "ada", said=f"{ADA}\n")
    assert (status, "another administrator" in text) == (1, True)
    status, text = market(running, "confirm", *steps, "--as", "@eve", said=f"{EVE}\n")
    assert (status, text.count("confirmed")) == (0, 4), text
    status, text = market(running, "revoke", *steps, "--as", "eve", said=f"{EVE}\n")
    assert (status, text.count("revoked")) == (0, 4), text

    planned = ("plan", "closed", moment(days=1), "--order", number[1], "--as", "ada")
    status, text = market(running, *planned, said=f"{ADA}\n")
    assert status == 0, text
    assert market(running, "confirm", ids(text, "closed")[0], "--as", "eve", said=f"{EVE}\n")[0] == 0
    # The day passes.
    with psycopg.connect(running.database_url()) as connection:
        connection.execute("UPDATE market_steps SET takes_effect_at = now() WHERE revoked_at IS NULL")
    wait_for(lambda: now(running) == "closed", "the closing")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{running.url}/api/feed")
    assert refused.value.code == 451
    assert refused.value.headers["Link"].endswith('/api/market>; rel="blocked-by"')
    refused.value.close()
    status, text = market(running, "state")
    assert "every key is destroyed" in text
    assert "announced by 20" in text
    status, text = market(running, "act", number[1], "stayed", "--as", "ada", said=f"{ADA}\n")
    assert (status, "the market is open now" in text) == (0, True), text
    wait_for(lambda: now(running) == "open", "the stay")
    assert "rests with its order" in market(running, "state")[1]


def test_who_cannot_prove_who_they_are_does_nothing(running: Installation):
    plan, before = ("plan", "read_only", moment(days=1), "--as"), market(running, "state")
    status, text = market(running, *plan, "ada", said="wrong horse\n")
    assert (status, "do not go together" in text) == (1, True)
    body = {"handle": "bob", "password": ADA, "birth_year": 1980}
    assert call(running, "POST", "/api/accounts", body)[0] == 201
    status, text = market(running, *plan, "bob", said=f"{ADA}\n")
    assert (status, "no administrator" in text) == (1, True)
    status, text = market(running, "plan", "read_only", "tomorrow", "--as", "ada", said=f"{ADA}\n")
    assert (status, "RFC 3339" in text) == (1, True)
    assert market(running, "state") == before


def test_a_second_factor_is_asked_for(running: Installation):
    body = {"handle": "cleo", "password": ADA, "birth_year": 1980}
    _, _, cookie = call(running, "POST", "/api/accounts", body)
    cookie = cookie.split(";")[0]
    admin(running, "make-admin", "cleo")
    secret = call(running, "POST", "/api/me/second-factor", {"password": ADA}, cookie)[1]["secret"]
    confirmed = call(running, "PUT", "/api/me/second-factor", {"code": pyotp.TOTP(secret).now()}, cookie)
    assert confirmed[0] in (200, 201)
    plan = ("plan", "handed_over", moment(days=1), "--to", "https://elsewhere.example", "--as", "cleo")
    status, text = market(running, *plan, said=f"{ADA}\n000000\n")
    assert (status, "code of the app" in text) == (1, True), text
    recovery = confirmed[1]["recovery_codes"][0]
    status, text = market(running, *plan, said=f"{ADA}\n{recovery}\n")
    assert status == 0, text
    assert len(ids(text, "handed_over")) == 1
