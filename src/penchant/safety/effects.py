"""What decisions do: the state of a target is a fold of the restrictions that stand on it."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from penchant.accounts import repository as accounts
from penchant.accounts.service import AccountService
from penchant.catalog import repository as catalog
from penchant.catalog.model import Restrictions
from penchant.catalog.service import CatalogService
from penchant.core.database import Connection
from penchant.core.errors import Forbidden, NotFound
from penchant.core.ids import AccountId, CommentId, NoteId, VideoId
from penchant.safety.model import DISTURBING, TargetKind
from penchant.safety.notes import repository as notes

RemoveComment = Callable[[Connection, CommentId, bool], None]
"""Takes a comment out of sight, or lets it back in; comments belong to a room above."""


class Standing(NamedTuple):
    """All restrictions on a target together."""

    removed: bool
    suspended: bool
    restrictions: Restrictions


def fold(decisions: Sequence[Any]) -> Standing:
    """The strictest of each kind; warnings all of them, in the order in which they were decided."""
    actions = {row.action for row in decisions}
    limits = [row.reach for row in decisions if row.action == "limit"]
    return Standing(
        removed="remove" in actions,
        suspended="suspend" in actions,
        restrictions=Restrictions(
            reach=0 if "hold" in actions else min(limits, default=100),
            adults_only="age_gate" in actions,
            warnings=tuple(dict.fromkeys(_warning(row) for row in decisions if row.action == "warn")),
        ),
    )


def _warning(row: Any) -> str:
    """The label that is warned of."""
    return next((entry["label"] for entry in row.evidence if "label" in entry), DISTURBING)


class Effects:
    """Makes targets what the decisions on them say."""

    def __init__(
        self, catalog_service: CatalogService, account_service: AccountService, remove_comment: RemoveComment
    ) -> None:
        self._catalog = catalog_service
        self._accounts = account_service
        self._remove_comment = remove_comment

    def apply(self, connection: Connection, kind: TargetKind, target: int, decisions: Sequence[Any]) -> None:
        """Let a target be as the restrictions that stand say; the same twice changes nothing.

        Raises:
            NotFound: there is no such target.
            Forbidden: it is an admin's account.
        """
        standing = fold(decisions)
        if kind == "video":
            self._apply_to_video(connection, VideoId(target), standing)
        elif kind == "comment":
            self._remove_comment(connection, CommentId(target), standing.removed)
        elif kind == "note":
            if not notes.set_removed(connection, NoteId(target), standing.removed):
                raise NotFound("there is no such note")
        else:
            self._apply_to_account(connection, AccountId(target), standing)

    def _apply_to_video(self, connection: Connection, id_: VideoId, standing: Standing) -> None:
        found, row = catalog.video(connection, id_), catalog.lock_video(connection, id_)
        if found is None or row is None:
            raise NotFound("there is no such video")
        if standing.restrictions != found[0].restrictions:
            self._catalog.restrict(connection, id_, standing.restrictions)
        if standing.removed and row.state != "removed":
            self._catalog.remove(connection, found[0], "moderation")
        elif not standing.removed and row.state == "removed" and row.removed_by == "moderation":
            self._catalog.restore(connection, id_)

    def _apply_to_account(self, connection: Connection, id_: AccountId, standing: Standing) -> None:
        account = accounts.account_by_id(connection, id_)
        if account is None:
            raise NotFound("there is no such account")
        if standing.suspended and account.role == "admin":
            raise Forbidden("an admin cannot be suspended")
        if standing.suspended != account.suspended:
            self._accounts.set_suspended(connection, account, standing.suspended)
