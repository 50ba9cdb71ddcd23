"""Statements of reasons as the EU's transparency database takes them: one for each restriction, without anybody's name.

Source: regulation (EU) 2022/2065, articles 17 and 24(5); the database's API documentation, "Statement Attributes",
https://transparency.dsa.ec.europa.eu/page/api-documentation
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from penchant.core.database import Connection
from penchant.core.errors import SettingWrong
from penchant.core.ids import format_id
from penchant.safety import repository
from penchant.safety.categories import CATEGORIES
from penchant.safety.policy import Policy

Statement = dict[str, Any]

BATCH = 100
"""As many as one call of the API takes."""

EEA = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)
EU = tuple(country for country in EEA if country not in ("IS", "LI", "NO"))

_VISIBILITY: Mapping[str, str] = {
    "remove": "DECISION_VISIBILITY_CONTENT_REMOVED",
    "hold": "DECISION_VISIBILITY_CONTENT_DISABLED",
    "limit": "DECISION_VISIBILITY_CONTENT_DEMOTED",
    "age_gate": "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
    "warn": "DECISION_VISIBILITY_CONTENT_LABELLED",
}
VISIBILITIES = frozenset(
    (*_VISIBILITY.values(), "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED", "DECISION_VISIBILITY_OTHER")
)
ACCOUNTS = frozenset(("DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"))
SOURCES = frozenset(
    ("SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY")
)
_AUTOMATED = frozenset(("AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY", "AUTOMATED_DECISION_NOT_AUTOMATED"))
_CONTENT_TYPES = frozenset(
    f"CONTENT_TYPE_{name}" for name in ["APP", "AUDIO", "IMAGE", "PRODUCT", "SYNTHETIC_MEDIA", "TEXT", "VIDEO", "OTHER"]
)
_CONTENT: Mapping[str, tuple[str, str]] = {
    "video": ("CONTENT_TYPE_VIDEO", ""),
    "comment": ("CONTENT_TYPE_TEXT", ""),
    "note": ("CONTENT_TYPE_TEXT", ""),
    "account": ("CONTENT_TYPE_OTHER", "A user's account as a whole"),
}
_WHAT: Mapping[str, str] = {
    "remove": "It was removed.",
    "hold": "It is withheld until a person has looked at it.",
    "limit": "It is recommended to fewer people.",
    "age_gate": "Only adults are shown it.",
    "warn": "It is shown with a warning or label.",
    "suspend": "The account was suspended.",
}
_REQUIRED = (
    "decision_ground",
    "content_type",
    "category",
    "territorial_scope",
    "content_date",
    "application_date",
    "decision_facts",
    "source_type",
    "automated_detection",
    "automated_decision",
    "puid",
)
_MOST: Mapping[str, int] = {
    "decision_visibility_other": 500,
    "illegal_content_legal_ground": 500,
    "illegal_content_explanation": 2000,
    "incompatible_content_ground": 500,
    "incompatible_content_explanation": 2000,
    "content_type_other": 500,
    "decision_facts": 5000,
    "puid": 500,
}
_DATES = ["content_date", "application_date", "end_date_visibility_restriction", "end_date_account_restriction"]
_TERMS = "terms of service"


def read_countries(said: str) -> tuple[str, ...]:
    """The countries of a setting: EEA, EU, or codes separated by commas.

    Raises:
        SettingWrong: one of them is no country of the EEA.
    """
    groups = {"EEA": EEA, "EU": EU}
    if said.strip().upper() in groups:
        return groups[said.strip().upper()]
    countries = tuple(dict.fromkeys(part.strip().upper() for part in said.split(",") if part.strip()))
    wrong = [country for country in countries if country not in EEA]
    if wrong or not countries:
        raise SettingWrong(f"countries is {said!r}, which is not right: EEA, EU, or codes such as FR, DE (Greece: GR)")
    return countries


def statement_of(row: Any, policy: Policy, countries: Sequence[str]) -> Statement:
    """What the database is told of one restriction. Its words are the rule's: what a moderator wrote may name people.

    Args:
        row: of the table of decisions.
        policy: the one that the decision was made under.
    """
    rule = policy.rule(row.rule) if row.rule is not None else None
    why = rule.words["en"] if rule is not None else "A moderator found that it breaks the terms of service."
    content, other = _CONTENT[row.kind]
    applied = row.decided_at.date()
    statement: Statement = {
        "content_type": [content],
        "category": row.category or "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        "territorial_scope": list(countries),
        "content_date": max(row.content_date or applied, date(2000, 1, 1)).isoformat(),
        "application_date": applied.isoformat(),
        "decision_facts": _facts(row, why),
        "source_type": row.source or "SOURCE_VOLUNTARY",
        "automated_detection": "Yes" if _detected(row.evidence) else "No",
        "automated_decision": _automated(row),
        "puid": format_id(row.id),
    }
    if other:
        statement["content_type_other"] = other
    if row.content_language and re.fullmatch(r"[a-z]{2}", row.content_language[:2].lower()):
        statement["content_language"] = row.content_language[:2].upper()
    kind = "account" if row.action == "suspend" else "visibility"
    if kind == "account":
        forever = row.ends_at is None
        statement["decision_account"] = "DECISION_ACCOUNT_TERMINATED" if forever else "DECISION_ACCOUNT_SUSPENDED"
    else:
        statement["decision_visibility"] = [_VISIBILITY[row.action]]
    if row.ends_at is not None:
        statement[f"end_date_{kind}_restriction"] = row.ends_at.date().isoformat()
    return statement | _ground(row, why)


def _ground(row: Any, why: str) -> Statement:
    basis = (row.basis or _TERMS)[:500]
    if row.ground == "illegal":
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": basis,
            "illegal_content_explanation": why[:2000],
        }
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": basis,
        "incompatible_content_explanation": why[:2000],
    }


def _facts(row: Any, why: str) -> str:
    """From names of labels and reasons and counts alone, so that nobody's words get in."""
    facts = [_WHAT[row.action], why]
    labels = [f"{one['label']} ({one['source']})" for one in row.evidence if "label" in one]
    if labels:
        facts.append(f"It was labelled: {', '.join(sorted(set(labels)))}.")
    reasons = sorted({one["reason"] for one in row.evidence if "reports" in one})
    if reasons:
        facts.append(f"It was reported for: {', '.join(reasons)}.")
    return " ".join(facts)[:5000]


def _detected(evidence: Sequence[Mapping[str, Any]]) -> bool:
    return any("label" in one and one["source"] not in ("moderator", "creator", "strikes") for one in evidence)


def _automated(row: Any) -> str:
    if row.automated:
        return "AUTOMATED_DECISION_FULLY"
    return "AUTOMATED_DECISION_PARTIALLY" if _detected(row.evidence) else "AUTOMATED_DECISION_NOT_AUTOMATED"


def problems(statement: Mapping[str, Any]) -> list[str]:
    """What the database would refuse in a statement; empty where nothing."""
    found = [f"{field} is needed" for field in _REQUIRED if not statement.get(field)]
    visibility, account = statement.get("decision_visibility") or [], statement.get("decision_account")
    if not visibility and not account:
        found.append("decision_visibility or decision_account is needed")
    allowed: list[tuple[str, Sequence[Any], frozenset[str]]] = [
        ("decision_visibility", visibility, VISIBILITIES),
        ("decision_account", [account] if account else [], ACCOUNTS),
        ("content_type", statement.get("content_type", []), _CONTENT_TYPES),
        ("category", [statement.get("category")], CATEGORIES),
        ("territorial_scope", statement.get("territorial_scope", []), frozenset(EEA)),
        ("source_type", [statement.get("source_type")], SOURCES),
        ("automated_detection", [statement.get("automated_detection")], frozenset(("Yes", "No"))),
        ("automated_decision", [statement.get("automated_decision")], _AUTOMATED),
    ]
    found += [f"{field} cannot be {value}" for field, said, those in allowed for value in said if value not in those]
    found += [f"{field} is too long" for field, most in _MOST.items() if len(statement.get(field) or "") > most]
    found += _wanting(statement, visibility)
    found += [f"{field} is no date" for field in _DATES if not _is_date(statement.get(field))]
    if not found:
        ends = [statement[field] for field in _DATES[2:] if statement.get(field)]
        if any(end < statement["application_date"] for end in ends):
            found.append("a restriction ends after it began")
        if statement["content_date"] < "2000-01-01" or statement["application_date"] < "2020-01-01":
            found.append("a date is too early")
    if not re.fullmatch(r"[a-zA-Z0-9_-]+", str(statement.get("puid", ""))):
        found.append("puid holds letters, digits, - and _ alone")
    if not re.fullmatch(r"[A-Z]{2}", statement.get("content_language", "EN")):
        found.append("content_language is two upper-case letters")
    return found


def _wanting(statement: Mapping[str, Any], visibility: Sequence[str]) -> list[str]:
    """Fields that others call for."""
    needed = {
        "DECISION_GROUND_ILLEGAL_CONTENT": ("illegal_content_legal_ground", "illegal_content_explanation"),
        "DECISION_GROUND_INCOMPATIBLE_CONTENT": ("incompatible_content_ground", "incompatible_content_explanation"),
    }
    ground = statement.get("decision_ground", "")
    fields = list(needed.get(ground, ()))
    wrong = [] if ground in needed else [f"decision_ground cannot be {ground}"]
    if "DECISION_VISIBILITY_OTHER" in visibility:
        fields.append("decision_visibility_other")
    if "CONTENT_TYPE_OTHER" in statement.get("content_type", []):
        fields.append("content_type_other")
    return wrong + [f"{field} is needed" for field in fields if not statement.get(field)]


def _is_date(value: str | None) -> bool:
    if value is None:
        return True
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def statements(
    connection: Connection, policy_of: Mapping[str, Policy], policy: Policy, countries: Sequence[str], since: datetime
) -> Iterator[list[Statement]]:
    """Batches of statements of what was decided since a moment, in order; `policy_of` by version, else `policy`."""
    after = 0
    while rows := repository.restrictions_since(connection, since, after, BATCH):
        after = rows[-1].id
        yield [statement_of(row, policy_of.get(row.policy or "", policy), countries) for row in rows]
