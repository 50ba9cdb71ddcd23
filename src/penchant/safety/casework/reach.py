"""How far a target has spread: how often people were shown it."""

from collections.abc import Mapping, Sequence

from penchant.core.database import Connection
from penchant.safety.model import TargetKind
from penchant.safety.spread import repository as spread


def shown_to(connection: Connection, targets: Sequence[tuple[TargetKind, int]]) -> Mapping[tuple[TargetKind, int], int]:
    """Showings of videos, and of all videos of an account; of comments and notes nothing is known."""
    by_video = spread.reach(connection, [target for kind, target in targets if kind == "video"])
    by_account = spread.reach_of_creators(connection, [target for kind, target in targets if kind == "account"])
    found: dict[tuple[TargetKind, int], int] = {("video", video): count for video, count in by_video.items()}
    return found | {("account", account): count for account, count in by_account.items()}
