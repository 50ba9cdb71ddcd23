"""Statements of reasons: every restriction makes one that the EU's database takes, and none names anybody."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.safety.casework.conftest import REMOVE, viewer_of
from tests.web.test_api import publish

from penchant.app import Penchant
from penchant.core.clock import ManualClock
from penchant.core.errors import SettingWrong
from penchant.core.ids import VideoId, parse_id
from penchant.safety.casework.model import Ruling
from penchant.safety.model import ALLOWED, REASONS, RESTRICTIONS
from penchant.safety.policy import read_policy
from penchant.safety.ports import Finding
from penchant.safety.statements import BATCH, EEA, EU, problems, read_countries, statement_of, statements

SHIPPED = read_policy()
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SECRET = "ada.secret@example.org"

_KINDS = [(kind, action) for kind, allowed in ALLOWED.items() for action in allowed if action in RESTRICTIONS]
_LABELS = st.builds(
    lambda label, source: {"label": label, "source": source, "confidence": 900, "evidence": {"words": SECRET}},
    st.sampled_from(["hate", "spam", "nudity", "known_illegal"]),
    st.sampled_from(["words", "hash", "moderator"]),
)
_REPORTS = st.builds(
    lambda reason, count: {"reports": count, "reason": reason}, st.sampled_from(REASONS), st.integers(1)
)


@st.composite
def decisions(draw: st.DrawFn) -> Any:
    """A row of the table of decisions, as they can be."""
    kind, action = draw(st.sampled_from(_KINDS))
    rule = draw(st.sampled_from([None, *(rule for rule in SHIPPED.rules if rule.do == action and kind in rule.on)]))
    automated = draw(st.booleans()) and rule is not None
    return SimpleNamespace(
        id=draw(st.integers(1, 2**62)),
        kind=kind,
        action=action,
        reason=SECRET,
        rule=rule.name if rule else None,
        automated=automated,
        decided_at=NOW,
        ends_at=draw(st.one_of(st.none(), st.integers(1, 9000).map(lambda hours: NOW + timedelta(hours=hours)))),
        evidence=draw(st.lists(st.one_of(_LABELS, _REPORTS), max_size=30)),
        ground=rule.ground if rule else "terms",
        basis=rule.basis if rule else None,
        category=rule.category if rule else None,
        source=draw(st.sampled_from(["SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_VOLUNTARY", None])),
        content_date=draw(st.one_of(st.none(), st.dates(date(1990, 1, 1), NOW.date()))),
        content_language=draw(st.sampled_from([None, "en", "fr-CA", "und", ""])),
    )


@given(decisions(), st.sampled_from([EEA, EU, ("FR",)]))
def test_every_restriction_makes_a_statement_that_is_right_and_names_nobody(row: Any, countries: tuple[str, ...]):
    statement = statement_of(row, SHIPPED, countries)
    assert problems(statement) == []
    assert SECRET not in str(statement)
    assert ("decision_account" in statement) == (row.action == "suspend") == ("decision_visibility" not in statement)
    assert (statement["automated_decision"] == "AUTOMATED_DECISION_FULLY") == row.automated
    end = "end_date_account_restriction" if row.action == "suspend" else "end_date_visibility_restriction"
    assert (end in statement) == (row.ends_at is not None)


RIGHT = statement_of(
    SimpleNamespace(
        **{"id": 7, "kind": "video", "action": "limit", "rule": "spam", "automated": True, "decided_at": NOW},
        **{"ends_at": NOW, "evidence": [], "ground": "terms", "basis": "community rules: no spam"},
        **{"category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC", "source": None, "content_date": NOW.date()},
        **{"content_language": "en"},
    ),
    SHIPPED,
    EEA,
)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"decision_visibility": []}, "decision_visibility or decision_account is needed"),
        ({"decision_visibility": ["DECISION_VISIBILITY_OTHER"]}, "decision_visibility_other is needed"),
        ({"decision_visibility": ["SHADOW_BAN"]}, "decision_visibility cannot be SHADOW_BAN"),
        ({"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}, "illegal_content_legal_ground is needed"),
        ({"decision_ground": "BECAUSE"}, "decision_ground cannot be BECAUSE"),
        ({"incompatible_content_explanation": "x" * 2001}, "incompatible_content_explanation is too long"),
        ({"decision_facts": "x" * 5001}, "decision_facts is too long"),
        ({"decision_facts": ""}, "decision_facts is needed"),
        ({"content_type": ["CONTENT_TYPE_OTHER"]}, "content_type_other is needed"),
        ({"category": "STATEMENT_CATEGORY_SPAM"}, "category cannot be STATEMENT_CATEGORY_SPAM"),
        ({"territorial_scope": ["US"]}, "territorial_scope cannot be US"),
        ({"content_language": "eng"}, "content_language is two upper-case letters"),
        ({"content_date": "29.11.2026"}, "content_date is no date"),
        ({"content_date": "1999-12-31"}, "a date is too early"),
        ({"end_date_visibility_restriction": "2026-11-28"}, "a restriction ends after it began"),
        ({"source_type": "SOURCE_RUMOUR"}, "source_type cannot be SOURCE_RUMOUR"),
        ({"automated_detection": True}, "automated_detection cannot be True"),
        ({"automated_decision": "Yes"}, "automated_decision cannot be Yes"),
        ({"puid": "a b"}, "puid holds letters, digits, - and _ alone"),
    ],
)
def test_what_the_database_would_refuse_is_found(changed: dict[str, Any], words: str):
    assert problems(RIGHT) == []
    assert words in problems(RIGHT | changed)


def test_countries_are_read():
    assert read_countries("eea") == EEA
    assert read_countries("fr, DE") == ("FR", "DE")
    assert len(EEA) == 30
    for wrong in ("", "US", "FR;DE"):
        with pytest.raises(SettingWrong):
            read_countries(wrong)


@pytest.mark.service
def test_decisions_of_all_kinds_become_batches(cell: Penchant, clock: ManualClock):
    ada, mo = cell.accounts.make_account("ada"), cell.accounts.make_account("mo", role="moderator")
    bob = cell.accounts.make_account("bob")
    boss = cell.accounts.make_account("boss", role="admin")
    videos = [VideoId(parse_id(publish(cell, "ada", f"title {number} {SECRET}"))) for number in range(3)]
    with cell.engine.begin() as connection:
        cell.safety.found(connection, "video", videos[0], [Finding("spam", "spam", 900)])
        for _ in range(BATCH):
            cell.safety.decide(connection, mo, "video", videos[0], "warn", SECRET)
    cell.safety.report(viewer_of(bob), "video", videos[1], "illegal", SECRET)
    cell.desk.flaggers.name(boss, "bob", "fraud")
    cell.safety.report(viewer_of(bob), "video", videos[2], "spam", "")
    for entry in cell.desk.queue.waiting(mo).entries:
        if entry.target in videos[1:]:
            cell.desk.queue.decide(mo, entry.id, REMOVE if entry.target == videos[1] else Ruling("age_gate", SECRET))
    comment = cell.comments.write(bob, videos[0], "hm")
    with cell.engine.begin() as connection:
        cell.safety.decide(connection, mo, "comment", comment.id, "remove", SECRET, rule="hate")
        cell.safety.decide(connection, mo, "account", ada.id, "suspend", SECRET, hours=24)
        cell.safety.decide(connection, mo, "account", ada.id, "unsuspend", SECRET)
    since = datetime.fromtimestamp(clock.now_ms() / 1000, UTC) - timedelta(days=1)
    with cell.engine.connect() as connection:
        first, second = statements(connection, {}, cell.safety.policy, EEA, since)
    assert len(first) == BATCH
    every = [*first, *second]
    assert [found for one in every if (found := problems(one))] == []
    assert len({one["puid"] for one in every}) == len(every) == BATCH + 5
    told = msgspec.json.encode(every).decode()
    assert SECRET not in told
    assert not any(name in told for name in ("ada", "bob", '"mo"', "title"))
    sources = [one["source_type"] for one in every]
    assert sources[0] == "SOURCE_VOLUNTARY"
    assert sorted(sources[BATCH + 1 : BATCH + 3]) == ["SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER"]
    assert every[0]["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DEMOTED"]
    assert second[-1]["decision_account"] == "DECISION_ACCOUNT_SUSPENDED"
    # What is deleted later was decided all the same.
    cell.erasure.erase(ada)
    with cell.engine.connect() as connection:
        again = [one for batch in statements(connection, {}, cell.safety.policy, EEA, since) for one in batch]
    assert again == every
