"""What people work with on cases, as one thing: the queue and what follows from it."""

from dataclasses import dataclass

from penchant.accounts.keys import DataKeys
from penchant.core.clock import Clock
from penchant.core.database import Engine
from penchant.core.settings import Settings
from penchant.events.service import EventService
from penchant.safety.casework.appeals import Appeals
from penchant.safety.casework.copyright import CounterNotices
from penchant.safety.casework.flaggers import Flaggers
from penchant.safety.casework.notices import Notices
from penchant.safety.casework.queue import Habits, Queue, ReachOf
from penchant.safety.service import SafetyService
from penchant.safety.transparency.service import Transparency


@dataclass(frozen=True)
class Desk:
    """Services of one cell."""

    queue: Queue
    appeals: Appeals
    counter_notices: CounterNotices
    notices: Notices
    flaggers: Flaggers
    transparency: Transparency

    @classmethod
    def of(
        cls,
        engine: Engine,
        clock: Clock,
        keys: DataKeys,
        events: EventService,
        safety: SafetyService,
        reach_of: ReachOf,
        habits: Habits,
        settings: Settings,
    ) -> "Desk":
        """All of them, from the services that they stand on."""
        decisions, targets = safety.decisions, safety.targets
        return cls(
            queue=Queue(engine, clock, keys, events, safety, reach_of, habits),
            appeals=Appeals(engine, clock, keys, events, decisions, targets, settings.appeal_days),
            counter_notices=CounterNotices(engine, clock, keys, events, decisions, settings.counter_notice_days),
            notices=Notices(engine, clock, keys, safety.policy, targets, settings.appeal_days),
            flaggers=Flaggers(engine, clock),
            transparency=Transparency(engine, clock),
        )
