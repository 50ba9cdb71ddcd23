"""What a partner may look at: the views of the database's schema `partner`, made from columns that are about nobody.

A test goes over what PostgreSQL says each view is made of: columns of the classes public and operational; and what
`MADE_FROM` says beside, to leave rows out by or to count. Counts of what people did begin at `LEAST`.
"""

from typing import Final

LEAST: Final = 20
"""Pages within an hour, or viewers of a day's share, below which a row is left out."""

VIEWS: Final = {
    "videos": "listed videos that everybody may see",
    "pages_by_hour": "pages by hour and recipe, and how many of them stand in the ledger",
    "decisions_by_day": "moderation by day: which action, on what, on which ground, by a person or a rule",
    "policies": "every policy that was in force",
    "boosts": "what was lent to which video",
    "ledger": "the leaves in their order",
    "ledger_state": "how far the ledger is ordered, signed and cosigned",
    "figures": "the day's figures",
    "shares": "what was shown and watched each day, by the rule that drew it and by what brought it",
    "orders": "orders about the market",
    "order_acts": "what became of them",
    "steps": "steps of the market's life",
}
"""Name → what it shows."""
MADE_FROM: Final = {
    "videos": {"accounts.wants_private", "accounts.age_band"},
    "pages_by_hour": {"pages.served_at"},
    "decisions_by_day": {
        "decisions.decided_at",
        "decisions.action",
        "decisions.kind",
        "decisions.ground",
        "decisions.automated",
        "decisions.reversed_by",
    },
}
"""Columns about people that rows are left out by, or that are counted by day or hour, and never shown."""
