"""Whether the feed may use what it knows of people: not while nobody else vouches for its log, if that is asked for."""

from typing import Literal

from penchant.core.clock import Clock
from penchant.core.errors import Forbidden
from penchant.core.glance import Glance
from penchant.ledger.cosigning import Cosigning
from penchant.operations.partner.service import Partners

Closed = Literal["not_witnessed", "stopped"]


class ProfileGate:
    """Asked at every page; looks once a second."""

    def __init__(self, clock: Clock, cosigning: Cosigning, partners: Partners, quorum: int, most_age_s: int) -> None:
        self._cosigning = cosigning
        self._partners = partners
        self._quorum = quorum
        self._most_age_s = most_age_s
        self._closed = Glance(self._look, clock)

    def closed(self) -> Closed | None:
        """Why only the feed without a profile is served now; None where the other one is."""
        return self._closed.value()

    def check(self) -> None:
        """Refuse a page with a profile while it is closed.

        Raises:
            Forbidden: the message says why.
        """
        closed = self.closed()
        if closed == "stopped":
            raise Forbidden("whoever inspects this place has stopped the use of profiles", code="stopped")
        if closed == "not_witnessed":
            raise Forbidden(
                "nobody else vouches for what this place does at the moment, so the feed knows nobody",
                code="not_witnessed",
            )

    def _look(self) -> Closed | None:
        if self._partners.standing() is not None:
            return "stopped"
        if not self._quorum:
            return None
        age_s = self._cosigning.age_s()
        return None if age_s is not None and age_s <= self._most_age_s else "not_witnessed"
