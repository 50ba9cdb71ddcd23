"""One handle is one person in the whole house, and the directory knows nothing else about them."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient
from tests.markets.houses import Place, a_directory, a_house

from penchant.adapters.embedded_postgres import PostgresHome
from penchant.core.clock import ManualClock
from penchant.core.errors import Conflict, NotFound
from penchant.core.settings import Settings
from penchant.markets.envelope import HEADER, seal
from penchant.operations.crossings.house import house_of
from penchant.web.asgi import create_web

pytestmark = pytest.mark.service
PASSWORD = "correct horse"


@pytest.fixture
def directory(postgres: PostgresHome, tmp_path: Path, clock: ManualClock) -> Iterator[str]:
    with a_directory(postgres, tmp_path / "markets.toml", clock) as (address, _):
        yield address


@pytest.fixture
def two(postgres: PostgresHome, tmp_path: Path, clock: ManualClock, directory: str) -> Iterator[tuple[Place, Place]]:
    with a_house(postgres, tmp_path, clock, {"us": "", "de": ""}, directory_url=directory) as places:
        yield places["us"], places["de"]


def sign_up(place: Place, handle: str) -> tuple[int, str]:
    return _said(place, "/api/accounts", {"handle": handle, "password": PASSWORD, "birth_year": 1990})


def sign_in(place: Place, handle: str) -> tuple[int, str]:
    return _said(place, "/api/session", {"handle": handle, "password": PASSWORD})


def _said(place: Place, path: str, body: dict[str, object]) -> tuple[int, str]:
    answer = httpx.post(f"{place.peer.address}{path}", json=body)
    return answer.status_code, answer.json().get("error", {}).get("code", "")


def market_of(directory: str, handle: str) -> str:
    answer = httpx.get(f"{directory}/find", params={"handle": handle})
    return answer.text.strip() if answer.status_code == 200 else ""


def work_off(place: Place) -> None:
    async def run() -> None:
        async with place.cell.job_app.open_async():
            await place.cell.job_app.run_worker_async(wait=False, install_signal_handlers=False)

    asyncio.run(run())


def test_a_handle_is_somebodys_once_in_the_house(two: tuple[Place, Place], directory: str):
    us, de = two
    assert sign_up(us, "ada") == (201, "")
    assert market_of(directory, "ada") == "us"
    assert sign_up(de, "ada") == (409, "handle_taken")
    assert sign_up(us, "ada") == (409, "handle_taken")
    assert sign_up(de, "bob") == (201, "")
    with de.cell.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT handle FROM accounts").scalars().all() == ["bob"]
    assert market_of(directory, "ada") == "us", "who was refused took nothing away"


def test_who_signs_in_at_the_wrong_place_is_told_where_they_live(two: tuple[Place, Place]):
    us, de = two
    sign_up(us, "ada")
    body = {"handle": "ada", "password": PASSWORD}
    answer = httpx.post(f"{de.peer.address}/api/session", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "lives_elsewhere")
    assert answer.json()["error"]["message"] == f"@ada lives in US: sign in at {us.peer.address}"
    assert sign_in(us, "ada") == (200, "")
    assert sign_in(de, "nobody") == (401, "wrong_password")


def test_an_erased_handle_is_free_once_the_directory_has_heard_it(two: tuple[Place, Place], directory: str):
    us, de = two
    sign_up(us, "ada")
    us.cell.erasure.erase(us.cell.accounts.by_handle("ada"))
    assert market_of(directory, "ada") == "us"
    work_off(us)
    assert market_of(directory, "ada") == ""
    assert sign_up(de, "ada") == (201, "")
    # Not even asked for does a market release what is another's.
    house = us.house.directory
    assert house is not None
    house.release("ada")
    assert market_of(directory, "ada") == "de"


def test_a_handle_that_somebody_has_again_is_not_released(two: tuple[Place, Place], directory: str):
    us, de = two
    sign_up(us, "ada")
    us.cell.erasure.erase(us.cell.accounts.by_handle("ada"))
    assert sign_up(us, "ada") == (201, "")
    work_off(us)
    assert market_of(directory, "ada") == "us"
    assert sign_up(de, "ada") == (409, "handle_taken")


def test_nobody_tries_every_name(two: tuple[Place, Place], directory: str, monkeypatch: pytest.MonkeyPatch):
    us, de = two
    sign_up(us, "ada")
    monkeypatch.setattr("penchant.markets.directory.MOST_FINDS", 4)
    for params, status in (
        ({"handle": "ada"}, 200),
        ({"handle": "\0"}, 404),
        ({}, 422),
        ({"handle": "a" * 5_000}, 404),
        ({"handle": "ada"}, 200),
        ({"handle": "ada"}, 429),
    ):
        answer = httpx.get(f"{directory}/find", params=params)
        assert answer.status_code == status, answer.text
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert httpx.get(f"{directory}/nothing").status_code == 404
    # Who is told nothing more is not told where they live; signing up goes on.
    assert sign_in(de, "ada") == (401, "wrong_password")
    assert sign_up(de, "eve") == (201, "")
    us.cell.clock.advance(60_000)
    assert market_of(directory, "ada") == "us"


def test_while_it_is_away_nobody_signs_up_and_everything_else_goes_on(
    postgres: PostgresHome, tmp_path: Path, clock: ManualClock
):
    with contextlib.ExitStack() as stack:
        directory = contextlib.ExitStack()
        address, _ = directory.enter_context(a_directory(postgres, tmp_path / "markets.toml", clock))
        places = stack.enter_context(a_house(postgres, tmp_path, clock, {"us": ""}, directory_url=address))
        us = places["us"]
        assert sign_up(us, "ada") == (201, "")
        directory.close()
        assert sign_up(us, "bob") == (503, "directory_away")
        assert sign_in(us, "ada") == (200, "")
        assert sign_in(us, "carl") == (401, "wrong_password")
        with us.cell.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT handle FROM accounts").scalars().all() == ["ada"]


def test_without_a_directory_nothing_is_asked(postgres: PostgresHome, tmp_path: Path, clock: ManualClock):
    with a_house(postgres, tmp_path, clock, {"us": "", "de": ""}) as places:
        assert [sign_up(place, "ada") for place in places.values()] == [(201, ""), (201, "")]


def test_only_a_market_of_the_house_claims(two: tuple[Place, Place], directory: str, tmp_path: Path):
    us, _ = two
    answer = httpx.post(f"{directory}/claim", json={"handle": "ada"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_envelope")
    stranger = house_of(
        Settings(data=tmp_path / "stranger", market="us", markets=tmp_path / "markets.toml"), us.cell.clock
    )
    assert stranger is not None
    body = b'{"handle":"ada"}'
    header, _ = seal(stranger.sign, us.cell.clock, "/claim", "us", "directory", body)
    answer = httpx.post(f"{directory}/claim", content=body, headers={HEADER: header})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_signature")
    header, _ = seal(us.house.sign, us.cell.clock, "/claim", "us", "directory", b'{"handle":"a b"}')
    answer = httpx.post(f"{directory}/claim", content=b'{"handle":"a b"}', headers={HEADER: header})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "wrong_shape")
    assert market_of(directory, "ada") == ""


def test_the_claim_is_the_last_step(two: tuple[Place, Place], directory: str):
    """Nothing that is refused before leaves a claim behind."""
    us, _ = two
    web = create_web(us.cell)
    with TestClient(web) as client:
        for body in ({"handle": "ada", "password": "x"}, {"handle": "ada", "password": PASSWORD, "birth_year": 2025}):
            assert client.post("/api/accounts", json=body).status_code in (403, 422)
    assert market_of(directory, "ada") == ""
    client = us.house.directory
    assert client is not None
    with pytest.raises(Conflict, match="another market"):
        sign_up(two[1], "eve")
        client.claim("eve")
    assert client.find("nobody") is None
    with pytest.raises(NotFound):
        us.cell.accounts.by_handle("eve")
