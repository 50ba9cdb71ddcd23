"""Slows videos that spread very fast on topics where false stories do harm, until a person has looked.

It says what it sees as a label; what follows stands in the policy (the rule `rising-unreviewed`), and so do its time
limit, the words that its creator is told, and the statement. The limit ends by itself.
"""

from collections.abc import Sequence

from penchant.catalog import repository as catalog
from penchant.catalog.model import Video
from penchant.core.database import Connection, Engine
from penchant.core.ids import VideoId
from penchant.safety import repository
from penchant.safety.policy import Breaker
from penchant.safety.ports import Finding
from penchant.safety.service import SafetyService
from penchant.safety.spread.service import Spread
from penchant.safety.spread.topics import topic_of

LABEL = "rising_unreviewed"
SOURCE = "circuit_breaker"


class CircuitBreaker:
    """Looks at what spreads fastest."""

    def __init__(self, engine: Engine, safety: SafetyService, spread: Spread) -> None:
        self._engine = engine
        self._safety = safety
        self._spread = spread

    def look(self) -> list[VideoId]:
        """Label what rises too fast; returns which videos that are."""
        rule = self._safety.policy.circuit_breaker
        if not rule.topics:
            return []
        tripped = []
        for video, (lately, before) in self._spread.fastest(rule.minutes, rule.shown).items():
            if trips(rule, lately, before):
                with self._engine.begin() as connection:
                    if self._label(connection, rule, video, lately, before):
                        tripped.append(video)
        return tripped

    def _label(self, connection: Connection, rule: Breaker, id_: VideoId, lately: int, before: int) -> bool:
        found = catalog.video(connection, id_)
        topic = _topic(rule.topics, found[0]) if found is not None and found[0].state == "ready" else None
        if topic is None or _looked_at(connection, id_):
            return False
        evidence: dict[str, str | int] = {"topic": topic, "shown": lately, "before": before, "minutes": rule.minutes}
        self._safety.found(connection, "video", id_, [Finding(LABEL, SOURCE, 1000, evidence)])
        return True


def trips(rule: Breaker, lately: int, before: int) -> bool:
    """Whether so many showings lately, after so many in the same time before, are a rise that asks for a look."""
    return lately >= rule.shown and lately >= rule.times * before


def _topic(topics: Sequence[str], video: Video) -> str | None:
    return topic_of(topics, video.title, video.hashtags)


def _looked_at(connection: Connection, video: VideoId) -> bool:
    """A person has decided about it, or the breaker has tripped before: it trips once for a video."""
    decided = any(not row.automated for row in repository.decisions_about(connection, "video", video))
    return decided or any(label.source == SOURCE for label in repository.labels_of(connection, "video", video))
