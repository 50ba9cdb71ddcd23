"""Both sides of the gateway, put together from a cell's parts."""

import procrastinate

from penchant.accounts import repository as accounts
from penchant.accounts.service import AccountService
from penchant.catalog.service import CatalogService
from penchant.core.clock import Clock
from penchant.core.database import Engine
from penchant.core.jobs import Jobs
from penchant.core.objects import ObjectStore
from penchant.core.settings import Settings
from penchant.events.service import EventService
from penchant.markets.directory import RELEASE
from penchant.markets.envelope import Door
from penchant.operations.crossings.bringing import Bringing
from penchant.operations.crossings.giving import Giving, TableNonces
from penchant.operations.crossings.house import House, verify
from penchant.operations.crossings.look import Look
from penchant.operations.crossings.mirroring import Mirroring
from penchant.operations.erasure import Erasure
from penchant.safety.detection.examine import Examiner

_UNTIL_HEARD = procrastinate.RetryStrategy(max_attempts=200, wait=30, linear_wait=30)
"""A directory may be away for days."""


def build_giving(house: House | None, engine: Engine, objects: ObjectStore, clock: Clock) -> Giving | None:
    """What answers other markets; None where there are none."""
    if house is None:
        return None
    door = Door(house.market, house.peers, TableNonces(engine), verify, clock)
    return Giving(engine, objects, clock, door, house.sign)


def build_mirroring(
    house: House | None,
    settings: Settings,
    engine: Engine,
    clock: Clock,
    objects: ObjectStore,
    catalog: CatalogService,
    account_service: AccountService,
    events: EventService,
    jobs: Jobs,
    examiner: Examiner,
    look: Look,
    erasure: Erasure,
) -> Mirroring:
    """What brings videos of other markets here; it does nothing where none are named."""
    bringing = None
    if house is not None:
        work = settings.data / "work"
        bringing = Bringing(engine, objects, house.caller, account_service, catalog, examiner, look, work)
    markets = [market.strip() for market in settings.mirror.split(",") if market.strip()]
    own = settings.market
    return Mirroring(engine, clock, own, house, markets, catalog, events, jobs, bringing, erasure.erase)


def register_release(app: procrastinate.App, house: House | None, engine: Engine) -> None:
    """Add the job that lets a handle go in the directory."""
    directory = house.directory if house else None
    if directory is None:
        return

    @app.task(name=RELEASE, retry=_UNTIL_HEARD)
    def release(handle: str) -> None:
        with engine.begin() as connection:
            accounts.lock_handle(connection, handle)
            # Somebody else may have it since: the directory was away, and is asked first by who signs up.
            if accounts.account_by_handle(connection, handle) is None:
                directory.release(handle)
