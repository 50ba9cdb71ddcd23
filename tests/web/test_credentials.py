"""What everybody, and what its creator, is told of the origin of a video."""

from datetime import UTC, datetime

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from penchant.accounts import repository as accounts
from penchant.app import Penchant
from penchant.catalog.provenance import Provenance
from penchant.core.ids import format_id

pytestmark = pytest.mark.service

Client = TestClient[Litestar]

VERDICT = Provenance(
    "trusted",
    issuer="Test Phones",
    generator="Test Camera 2.0",
    signed_at=datetime(2026, 3, 1, tzinfo=UTC),
    source="trainedAlgorithmicMedia",
    actions=("c2pa.created",),
)
SHOWN = {
    "status": "trusted",
    "problem": None,
    "ai": True,
    "source": "trainedAlgorithmicMedia",
    "issuer": "Test Phones",
    "generator": "Test Camera 2.0",
    "signed_at": "2026-03-01T00:00:00Z",
    "actions": ["c2pa.created"],
}
UNNAMED = {**SHOWN, "issuer": None, "generator": None, "signed_at": None, "actions": []}


def sign_up(client: Client, handle: str = "ada") -> None:
    answer = client.post("/api/accounts", json={"handle": handle, "password": "correct horse", "birth_year": 1980})
    assert answer.status_code == 201, answer.text


def listed(cell: Penchant, provenance: Provenance | None) -> str:
    with cell.engine.begin() as connection:
        account = accounts.account_by_handle(connection, "ada")
        assert account is not None
        id_ = cell.catalog.add(connection, account.id, "waves", [], "en")
        cell.catalog.start_processing(connection, id_)
        cell.catalog.publish(
            connection,
            id_,
            duration_ms=6_000,
            width=480,
            height=854,
            files=[],
            encoder="t-1",
            vector=bytes(64),
            provenance=provenance,
        )
    return format_id(id_)


@pytest.mark.parametrize(
    ("provenance", "everybody", "own"),
    [
        (VERDICT, SHOWN, SHOWN),
        (
            Provenance("unknown_issuer", None, "Test Phones", "Test Camera 2.0", VERDICT.signed_at, VERDICT.source,
                       VERDICT.actions, ("signingCredential.untrusted",)),
            {**UNNAMED, "status": "unknown_issuer"},
            {**SHOWN, "status": "unknown_issuer"},
        ),
        (
            Provenance("broken", "changed", "A false name", failures=("assertion.bmffHash.mismatch",)),
            {**UNNAMED, "status": "broken", "problem": "changed", "ai": False, "source": None},
            {**UNNAMED, "status": "broken", "problem": "changed", "ai": False, "source": None,
             "issuer": "A false name"},
        ),
        (None, None, None),
    ],
    ids=["trusted", "unknown", "broken", "never looked at"],
)  # fmt: skip
def test_names_that_nobody_vouches_for_are_their_creators_alone(
    client: Client,
    web: Litestar,
    cell: Penchant,
    provenance: Provenance | None,
    everybody: dict[str, object] | None,
    own: dict[str, object] | None,
) -> None:
    sign_up(client)
    id_ = listed(cell, provenance)
    assert TestClient(web).get(f"/api/videos/{id_}").json()["provenance"] == everybody
    assert client.get(f"/api/videos/{id_}").json()["provenance"] == own
    (video,) = client.get("/api/me/videos").json()["videos"]
    assert video["provenance"] == own
