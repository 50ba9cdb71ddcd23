"""The page of evidence says what there is, in numbers that come from the ledger itself."""

from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from penchant.app import Penchant
from penchant.ledger.leaves import Crossing
from penchant.ledger.record import append

pytestmark = pytest.mark.service


def test_it_says_what_there_is_to_check(cell: Penchant, web: Litestar):
    with TestClient(web) as client:
        cell.ledger.sequencer.run_empty()
        before = client.get("/api/evidence").json()
        assert (before["pages"], before["cosigned_s_ago"], before["crossings"], before["stop"]) == (0, None, {}, None)
        assert len(before["files"]) == 3
        assert before["files"]["values"] == cell.taste.values.digest
        client.get("/api/feed", params={"tab": str(uuid4())})
        token, _ = cell.partners.add("Institute", 30)
        client.get("/api/partner/views/boosts", headers={"Authorization": f"Bearer {token}"})
        now_ms = cell.clock.now_ms()
        with cell.engine.begin() as connection:
            for count, age_ms in ((3, 0), (4, 1_000), (50, 40 * 24 * 3_600_000)):
                append(connection, Crossing(now_ms - age_ms, b"videos", b"us", count, bytes(32)))
        cell.partners.stop(cell.partners.of(token), "scores & <order> do not add up")
        cell.ledger.sequencer.run_empty()
        after = client.get("/api/evidence").json()
        assert (after["pages"], after["pages_with_receipt"], after["looks"]) == (1, 1, 1)
        assert after["crossings"] == {"videos": 7}, "of the last thirty days"
        assert after["stop"]["by"] == "Institute"
        assert after["leaves"] == cell.ledger.checkpoint()[0].size  # type: ignore[index]
        for language in ("en", "fr"):
            html = client.get(f"/evidence?lang={language}").text
            assert after["root"] in html
            assert "scores &amp; &lt;order&gt; do not add up" in html
