"""A partner looks at what is about nobody, each look is in the ledger, and it can stop the use of profiles."""

from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text
from tests.feed.conftest import Town

from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.database import OPERATIONAL, PUBLIC, metadata
from penchant.core.errors import Conflict, Invalid, NotFound
from penchant.ledger import repository
from penchant.ledger.leaves import PartnerRead, Switch, decode
from penchant.operations.partner.views import MADE_FROM, VIEWS

pytestmark = pytest.mark.service
DAY_MS = 24 * 3_600_000


@pytest.fixture
def town(cell: Penchant, clock: ManualClock) -> Town:
    found = Town(cell, clock)
    found.fill(per_theme=8)
    found.learn()
    return found


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_no_view_shows_a_column_about_people(cell: Penchant):
    """By what PostgreSQL itself says that they are made of."""
    made_of = text(
        "SELECT view_name, table_name || '.' || column_name FROM information_schema.view_column_usage "
        "WHERE view_schema = 'partner'"
    )
    with cell.engine.connect() as connection:
        used = {(view, place) for view, place in connection.execute(made_of)}
        there = set(connection.exec_driver_sql("SELECT viewname FROM pg_views WHERE schemaname = 'partner'").scalars())
        shown = {
            name: set(connection.exec_driver_sql(f'SELECT * FROM partner."{name}" LIMIT 0').keys()) for name in VIEWS
        }
    assert there == set(VIEWS)
    assert len(used) > 30
    for view, place in used:
        table, _, name = place.partition(".")
        class_ = metadata.tables[table].columns[name].info["class"]
        assert class_ in (PUBLIC, OPERATIONAL) or place in MADE_FROM[view], f"{view} shows {place}, which is {class_}"
    for view, places in MADE_FROM.items():
        assert places <= {place for of, place in used if of == view}, "what is not used need not be allowed"
    assert not shown["videos"] & {"wants_private", "age_band"}


def test_a_look_needs_a_token_that_is_still_good_and_stands_in_the_ledger(
    cell: Penchant, clock: ManualClock, web: Litestar
):
    token, _ = cell.partners.add("Institute for Media", 30)
    with TestClient(web) as client:
        assert client.get("/api/partner/views").status_code == 401
        assert client.get("/api/partner/views", headers={"Authorization": f"Basic {token}"}).status_code == 401
        assert client.get("/api/partner/views", headers=bearer("x" * 43)).json()["error"]["code"] == "not_partner"
        said = client.get("/api/partner/views", headers=bearer(token)).json()
        assert said["partner"] == "Institute for Media"
        assert set(said["views"]) == set(VIEWS)
        for view in VIEWS:
            found = client.get(f"/api/partner/views/{view}", headers=bearer(token))
            assert found.status_code == 200, found.text
            assert len(found.json()["columns"]) >= 3
        assert client.get("/api/partner/views/accounts", headers=bearer(token)).status_code == 404
        assert client.get('/api/partner/views/videos"; DROP', headers=bearer(token)).status_code == 404
        cell.ledger.sequencer.run_empty()
        with cell.engine.connect() as connection:
            looks = [decode(entry.leaf) for entry in repository.of_kinds(connection, [PartnerRead.kind])]
        assert [one.view.decode() for one in looks if isinstance(one, PartnerRead)] == [
            f"Institute for Media: {view}" for view in VIEWS
        ]
        clock.advance(30 * DAY_MS)
        assert client.get("/api/partner/views", headers=bearer(token)).status_code == 403


def test_rows_come_in_parts(town: Town, web: Litestar):
    token, _ = town.cell.partners.add("Institute", 30)
    with TestClient(web) as client:
        parts, first = [], 0
        while True:
            path = f"/api/partner/views/videos?first={first}&limit=7"
            found = client.get(path, headers=bearer(token)).json()
            parts += found["rows"]
            if not found["more"]:
                break
            first += 7
    assert len(parts) == len({row[0] for row in parts}) == len(town.theme_of)


def test_the_switch_stops_profiles_for_everybody_until_it_is_lifted(town: Town, clock: ManualClock, web: Litestar):
    token, _ = town.cell.partners.add("Institute", 30)
    with TestClient(web) as client:
        tab = str(uuid4())
        assert client.get("/api/feed", params={"tab": tab}).json()["mode"] == "taste"
        assert (
            client.post("/api/partner/stop", json={"reason": "scores do not add up"}, headers=bearer(token)).status_code
            == 201
        )
        assert client.post("/api/partner/stop", json={"reason": "again"}, headers=bearer(token)).status_code == 409
        clock.advance(1_000)
        refused = client.get("/api/feed", params={"tab": tab})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "stopped")
        page = client.post("/api/feed/no-profile", json={"seen": []}).json()
        assert (page["mode"], page["notice"], len(page["items"])) == ("no_profile", "stopped", 10)
        assert client.delete("/api/partner/stop", headers=bearer(token)).status_code == 204
        assert client.delete("/api/partner/stop", headers=bearer(token)).status_code == 404
        clock.advance(1_000)
        assert client.get("/api/feed", params={"tab": tab}).json()["mode"] == "taste"
    town.cell.ledger.sequencer.run_empty()
    with town.cell.engine.connect() as connection:
        switched = [decode(entry.leaf) for entry in repository.of_kinds(connection, [Switch.kind])]
    assert [(one.stopped, one.reason) for one in switched if isinstance(one, Switch)] == [
        (1, b"scores do not add up"),
        (0, b"lifted by who stopped it"),
    ]


def test_what_a_partner_stopped_ends_with_its_term(cell: Penchant):
    partner = cell.partners.of(cell.partners.add("Institute", 30)[0])
    cell.partners.stop(partner, "to see")
    assert cell.partners.standing() is not None
    cell.partners.end("Institute")
    assert cell.partners.standing() is None
    with pytest.raises(NotFound):
        cell.partners.end("Institute")


def test_what_a_partner_stopped_ends_with_its_time_and_the_ledger_hears_of_it(cell: Penchant, clock: ManualClock):
    cell.partners.stop(cell.partners.of(cell.partners.add("Institute", 30)[0]), "to see")
    assert cell.partners.lift_ended() == 0
    clock.advance(31 * DAY_MS)
    assert cell.partners.standing() is None
    assert cell.partners.lift_ended() == 1
    assert cell.partners.lift_ended() == 0
    cell.ledger.sequencer.run_empty()
    with cell.engine.connect() as connection:
        *_, last = (decode(entry.leaf) for entry in repository.of_kinds(connection, [Switch.kind]))
    assert isinstance(last, Switch)
    assert (last.stopped, last.reason) == (0, b"its term ended")


def test_who_may_be_let_in(cell: Penchant):
    for name, days in (("", 1), ("x" * 81, 1), ("x", 0), ("x", 400)):
        with pytest.raises(Invalid):
            cell.partners.add(name, days)
    cell.partners.add("Institute", 30)
    with pytest.raises(Conflict):
        cell.partners.add("Institute", 30)
