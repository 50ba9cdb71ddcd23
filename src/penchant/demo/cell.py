"""What the demo needs of a cell; the composition root's bundle of services fits."""

from __future__ import annotations

from typing import Protocol

from penchant.accounts.model import Account
from penchant.accounts.service import AccountService
from penchant.catalog.service import CatalogService
from penchant.core.clock import Clock
from penchant.core.database import Engine
from penchant.core.objects import ObjectStore
from penchant.core.settings import Settings
from penchant.events.service import EventService


class Erases(Protocol):
    """Deletes a person with all that is theirs."""

    def erase(self, account: Account) -> object:
        """Delete an account with its videos, comments, likes, events and key."""
        ...


class Cell(Protocol):
    """The services of one market that the demo goes through."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def objects(self) -> ObjectStore: ...
    @property
    def events(self) -> EventService: ...
    @property
    def accounts(self) -> AccountService: ...
    @property
    def catalog(self) -> CatalogService: ...
    @property
    def erasure(self) -> Erases: ...
