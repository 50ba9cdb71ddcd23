"""What administrators do beyond moderation: kept, and in the ledger before it is done."""

from typing import Final

import msgspec
from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, LargeBinary, Table, Text, insert

from penchant.accounts.model import Account
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import KEY, OPERATIONAL, PERSONAL, Engine, column, metadata
from penchant.core.holdings import ForGood, holding
from penchant.core.ids import AccountId
from penchant.ledger.leaves import AdminAction, commit
from penchant.ledger.record import append

admin_actions = Table(
    "admin_actions",
    metadata,
    column("entry", BigInteger, OPERATIONAL, primary_key=True, autoincrement=False),
    column("at", DateTime(timezone=True), PERSONAL, nullable=False),
    column("what", Text, PERSONAL, nullable=False),
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="SET NULL")),
    column("salt", LargeBinary, KEY, nullable=False),
    Index(None, "account_id"),
    info=holding(
        "what administrators did to whom", ForGood("those who inspect the place may ask"), account_id="account"
    ),
)
"""`entry` and `salt`: its leaf in the ledger, and what opens that."""

WORDS: Final = {
    "sign_in_link": "made a link that signs in as somebody",
    "reset_link": "made a link with which somebody sets a new password",
    "make_admin": "made somebody an administrator",
    "make_moderator": "made somebody a moderator",
    "make_member": "took somebody's rights away",
    "age": "said how old somebody is",
    "second_factor_off": "turned somebody's second factor off",
    "invite": "made an invite",
    "partner_add": "let a partner inspect the place",
    "partner_end": "ended a partner's time",
}
ABOUT_NOBODY: Final = frozenset({"invite", "partner_add", "partner_end"})


class AdminActs:
    """Keeps what administrators do."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def tell(self, what: str, about: Account | None = None) -> None:
        """An administrator is about to do something (`WORDS`). Told before it is done, so nothing is done untold."""
        at_ms, account = self._clock.now_ms(), about.id if about is not None else None
        commitment, salt = commit(content_of(what, account, at_ms))
        with self._engine.begin() as connection:
            entry = append(connection, AdminAction(at_ms, what.encode(), commitment))
            values = {"entry": entry, "at": as_datetime(at_ms), "what": what, "account_id": account, "salt": salt}
            connection.execute(insert(admin_actions).values(values))


def content_of(what: str, account: AccountId | None, at_ms: int) -> bytes:
    """The bytes that the leaf of an act commits to."""
    return msgspec.json.encode({"account": account, "at_ms": at_ms, "what": what}, order="deterministic")
