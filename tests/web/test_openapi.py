"""The API is described, completely, and answers as described: schemathesis sends what is allowed and what is not."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from litestar import Litestar
from litestar.testing import TestClient
from schemathesis import checks

from penchant.app import Penchant
from penchant.web.asgi import create_web

pytestmark = pytest.mark.service

_CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_route_says_what_it_does_and_how_it_refuses(client: TestClient[Litestar]):
    schema = client.get("/schema/openapi.json").json()
    found = operations(schema)
    assert len(found) > 35
    for name, operation in found:
        assert operation.get("description"), f"{name} has no description"
        assert operation.get("tags"), f"{name} has no tag"
        refused = {status for status in operation["responses"] if int(status) >= 400}
        assert refused, f"{name} documents no refusal"
        for status in refused:
            content = operation["responses"][status].get("content", {})
            assert "application/json" in content, f"{name} {status} has no shape"


@pytest.fixture
def everything(cell: Penchant) -> Any:
    """The schema over the app itself, without a network."""
    app = create_web(cell)
    return schemathesis.openapi.from_asgi("/schema/openapi.json", app)


def test_answers_are_as_described(everything: Any):
    """Read-only and cheap routes, each with a handful of generated requests; the whole API is in the scale tier."""
    _check(everything, examples=4)


@pytest.mark.scale
def test_answers_are_as_described_at_length(everything: Any):
    _check(everything, examples=60)


def _check(schema: Any, examples: int) -> None:
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.startswith(("/media/", "/api/uploads", "/api/me/uploads/news")):
            continue  # bytes and a stream, not JSON: tested by their own suites

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def probe(case: Any) -> None:
            response = case.call()
            assert response.status_code < 500 or response.status_code == 503, response.text
            case.validate_response(response, checks=_CHECKS)

        probe()


def test_only_json_is_served(client: TestClient[Litestar]):
    """No viewer that would load somebody else's scripts."""
    assert client.get("/schema/openapi.json").status_code == 200
    for path in ("/schema", "/schema/swagger", "/schema/redoc", "/schema/elements"):
        assert "<script" not in client.get(path).text
