"""Page records as they are kept: committed to in the ledger, and sealed under their viewer's key.

A record goes behind 32 random bytes. The hash of both is the page's leaf in the ledger. Both are packed (`packing`) and
sealed under the viewer's data key, so that destroying the key leaves a leaf that says nothing. Without a profile a
record leads to nobody: it stays open.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from penchant.accounts.keys import DataKeys
from penchant.core.database import Connection
from penchant.core.errors import NotFound
from penchant.core.ids import PageId, SubjectId
from penchant.feed import packing, repository
from penchant.ledger import leaves


class PageRow(NamedTuple):
    """A page with its record, opened."""

    id: PageId
    subject_id: SubjectId
    tab: UUID
    served_at: datetime
    video_ids: Sequence[int]
    kept: int
    """Slots that are still the viewer's to see."""
    recipe: str
    epoch: str
    experiments: Sequence[str]
    is_sealed: bool
    entry: int | None
    """The number of its leaf in the ledger; none before there was a ledger."""
    salted: bytes
    """What the leaf commits to."""

    @property
    def is_nobodys(self) -> bool:
        """Made without a profile: it leads to no person."""
        return self.entry is not None and not self.is_sealed

    @property
    def record(self) -> bytes:
        return self.salted if self.entry is None else self.salted[leaves.SALT_BYTES :]


class PageRecords:
    """Keeps page records and opens them."""

    def __init__(self, keys: DataKeys) -> None:
        self._keys = keys

    def add(self, connection: Connection, sealed_key: bytes | None, record: bytes, **page: Any) -> None:
        """Keep a page, and append its leaf.

        Args:
            sealed_key: the viewer's data key as it is kept; None for a page without a profile.
            page: the other columns.
        """
        commitment, salt = leaves.commit(record)
        # What is sealed cannot be made smaller any more, by nobody.
        kept = packing.pack(salt, record)
        if sealed_key is not None:
            kept = self._keys.seal_with(sealed_key, page["subject_id"], kept, _context(page["id"]))
        leaf = leaves.encode(leaves.Page(commitment))
        repository.add_page(
            connection, leaf_kind=leaves.Page.kind, leaf=leaf, record=kept, is_sealed=sealed_key is not None, **page
        )

    def page(self, connection: Connection, page: PageId) -> PageRow:
        """One page.

        Raises:
            NotFound: there is none, or its viewer's key was destroyed.
        """
        row = repository.page_record(connection, page)
        found = self.open(row) if row is not None else None
        if found is None:
            raise NotFound("there is no such page, or it is not kept any more")
        return found

    def of_experiment(self, connection: Connection, marks: Sequence[str] | None) -> Iterator[PageRow]:
        """Pages whose viewers are in one of the arms, all without any; those of one viewer together, oldest first."""
        where = () if marks is None else (repository.pages.c.experiments.overlap(list(marks)),)
        return self._opened(repository.pages_where(connection, *where))

    def between(self, connection: Connection, first: PageId, last: PageId) -> Iterator[PageRow]:
        """Pages with first <= id < last; those of one viewer together, oldest first."""
        c = repository.pages.c
        return self._opened(repository.pages_where(connection, c.id >= first, c.id < last))

    def open(self, row: Any) -> PageRow | None:
        """A row of `repository.pages_where`; None where its key was destroyed."""
        salted = self._salted(row._mapping, row.key)
        if salted is None:
            return None
        own = {name: getattr(row, name) for name in PageRow._fields if name != "salted"}
        return PageRow(**own, salted=salted)

    def record(self, row: Mapping[Any, Any], key: bytes | None) -> bytes | None:
        """The record in a row of `pages`, by its viewer's key as it rests; None where that was destroyed."""
        salted = self._salted(row, key)
        return salted if salted is None or row["entry"] is None else salted[leaves.SALT_BYTES :]

    def _salted(self, row: Mapping[Any, Any], key: bytes | None) -> bytes | None:
        content: bytes = row["record"]
        if row["is_sealed"]:
            if key is None:
                return None
            content = self._keys.open_with(key, row["subject_id"], content, _context(row["id"]))
        return content if row["entry"] is None else packing.unpack(content)

    def _opened(self, rows: Iterable[Any]) -> Iterator[PageRow]:
        for row in rows:
            opened = self.open(row)
            if opened is not None:
                yield opened


def _context(page: int) -> bytes:
    """So that one page's record cannot be put in the place of another's."""
    return b"page" + page.to_bytes(8)
