"""The categories of the EU's transparency database for statements of reasons, version 2, and what reports say in them.

Source: https://transparency.dsa.ec.europa.eu/page/additional-explanation-for-statement-attributes
"""

from collections.abc import Mapping

from penchant.safety.model import Reason

CATEGORIES = frozenset(
    f"STATEMENT_CATEGORY_{name}"
    for name in (
        "ANIMAL_WELFARE",
        "CONSUMER_INFORMATION",
        "CYBER_VIOLENCE",
        "CYBER_VIOLENCE_AGAINST_WOMEN",
        "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
        "ILLEGAL_OR_HARMFUL_SPEECH",
        "INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        "NOT_SPECIFIED_NOTICE",
        "OTHER_VIOLATION_TC",
        "PROTECTION_OF_MINORS",
        "RISK_FOR_PUBLIC_SECURITY",
        "SCAMS_AND_FRAUD",
        "SELF_HARM",
        "UNSAFE_AND_PROHIBITED_PRODUCTS",
        "VIOLENCE",
    )
)

OF_REASON: Mapping[Reason, str] = {
    "illegal": "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE",
    "violence": "STATEMENT_CATEGORY_VIOLENCE",
    "sexual": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "minor_safety": "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
    "hate": "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
    "harassment": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "self_harm": "STATEMENT_CATEGORY_SELF_HARM",
    "spam": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
    "copyright": "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
    "other": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
}
"""What a report is about, in the database's terms."""

HARM_OF_REASON: Mapping[Reason, int] = {
    "minor_safety": 5,
    "illegal": 4,
    "self_harm": 4,
    "violence": 3,
    "hate": 3,
    "sexual": 3,
    "harassment": 2,
    "copyright": 2,
    "spam": 1,
    "other": 1,
}
"""How bad it is if a report is right, from 1 to 5."""
