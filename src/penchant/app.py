"""The composition root: the only place that knows which adapter serves which port."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import procrastinate
from argon2 import PasswordHasher

from penchant.accounts.keys import DataKeys
from penchant.accounts.limits import RateLimits
from penchant.accounts.muting.service import Muting
from penchant.accounts.protection.ages import AgeProofs
from penchant.accounts.protection.daily_use import DailyUse
from penchant.accounts.protection.guardians import Guardians
from penchant.accounts.security.acts import AdminActs
from penchant.accounts.security.second_factor import SecondFactor
from penchant.accounts.security.service import Security
from penchant.accounts.service import AccountService
from penchant.accounts.social import SocialService
from penchant.adapters import nsfw, ocr, whisper
from penchant.adapters.attestations import readers_for
from penchant.adapters.nsfw.detector import NudityDetector
from penchant.adapters.obstore_objects import LocalObjects
from penchant.adapters.ocr.reader import read_lines
from penchant.adapters.postgres_log import PostgresEventLog
from penchant.adapters.whisper.transcriber import WhisperTranscriber
from penchant.catalog.search import Search
from penchant.catalog.service import CatalogService
from penchant.community import repository as comments
from penchant.community.comments import CommentService
from penchant.community.inbox import Inbox
from penchant.community.service import CommunityService
from penchant.community.threads import Threads
from penchant.core.clock import Clock, SystemClock
from penchant.core.database import Engine, make_engine
from penchant.core.errors import NotFound, SettingWrong
from penchant.core.ids import PageId
from penchant.core.jobs import Jobs, make_job_app
from penchant.core.objects import ObjectStore
from penchant.core.secrets import derive, secret_file
from penchant.core.settings import Settings
from penchant.events.history import HistoryService
from penchant.events.service import EventService
from penchant.feed.boosts import Boosts
from penchant.feed.effects.record import list_of
from penchant.feed.experiments import load_experiments
from penchant.feed.plans import Plans
from penchant.feed.recipe import SHARES, Budget, told
from penchant.feed.records import PageRecords
from penchant.feed.service import FeedService
from penchant.ledger.cosigning import Cosigning, read_witnesses
from penchant.ledger.leaves import EXPERIMENTS, POLICY, RECIPE, VALUES
from penchant.ledger.service import LedgerService, signer_of
from penchant.markets.model import Market, market_from
from penchant.markets.service import LifeCycle
from penchant.media.service import MediaRoom, build_media
from penchant.operations.closing import Closing
from penchant.operations.crossings.counting import Counting
from penchant.operations.crossings.giving import Giving
from penchant.operations.crossings.house import house_of
from penchant.operations.crossings.look import look_with
from penchant.operations.crossings.mirroring import Mirroring
from penchant.operations.crossings.room import build_giving, build_mirroring, register_release
from penchant.operations.erasure import Erasure
from penchant.operations.evidence import EvidenceOf
from penchant.operations.figures.service import Figures
from penchant.operations.ledger_checks import LedgerChecks
from penchant.operations.ledgered import Ledgered
from penchant.operations.licences import Licences, read_issuers
from penchant.operations.market_leaves import to_ledger
from penchant.operations.partner.service import Partners
from penchant.operations.privacy.export import Export
from penchant.operations.privacy.retention import Retention
from penchant.operations.profile_gate import ProfileGate
from penchant.operations.replays import Replays
from penchant.operations.repository import count_affected
from penchant.safety.casework.desk import Desk
from penchant.safety.casework.queue import Habits
from penchant.safety.casework.reach import shown_to
from penchant.safety.casework.wellbeing import Limits
from penchant.safety.detection.room import DetectionRoom, build_detection
from penchant.safety.effects import Effects
from penchant.safety.notes.runs import NoteRuns
from penchant.safety.notes.service import NotesService
from penchant.safety.policy import Policy, read_policy
from penchant.safety.service import SafetyService
from penchant.safety.spread.circuit_breaker import CircuitBreaker
from penchant.safety.spread.service import Spread
from penchant.safety.statements import read_countries
from penchant.safety.targets import Targets
from penchant.taste.epochs import EpochReader
from penchant.taste.live import PageList
from penchant.taste.run import TasteProcess
from penchant.taste.service import TasteService
from penchant.taste.values import read_values, values_file


@dataclass(frozen=True)
class Penchant:
    """One cell: every service of one market, built from its settings. Two of them can live side by side."""

    settings: Settings
    market: Market
    life_cycle: LifeCycle
    licences: Licences
    closing: Closing
    clock: Clock
    engine: Engine
    objects: ObjectStore
    job_app: procrastinate.App
    jobs: Jobs
    limits: RateLimits
    keys: DataKeys
    ledger: LedgerService
    ledgered: Ledgered
    events: EventService
    accounts: AccountService
    security: Security
    admin_acts: AdminActs
    social: SocialService
    muting: Muting
    guardians: Guardians
    daily_use: DailyUse
    ages: AgeProofs
    catalog: CatalogService
    search: Search
    community: CommunityService
    comments: CommentService
    threads: Threads
    inbox: Inbox
    safety: SafetyService
    spread: Spread
    circuit_breaker: CircuitBreaker
    notes: NotesService
    note_runs: NoteRuns
    desk: Desk
    detection: DetectionRoom
    erasure: Erasure
    retention: Retention
    export: Export
    media: MediaRoom
    taste: TasteService
    feed: FeedService
    records: PageRecords
    boosts: Boosts
    plans: Plans
    figures: Figures
    replays: Replays
    ledger_checks: LedgerChecks
    cosigning: Cosigning
    partners: Partners
    evidence: EvidenceOf
    profile_gate: ProfileGate
    giving: Giving | None
    """What other markets are answered; None where this one belongs to no house."""
    mirroring: Mirroring
    counting: Counting | None
    """None where there is no house."""
    token_key: bytes = field(repr=False)
    """Signs what the page hands back: impressions."""

    def learner(self) -> TasteProcess:
        """The learning process of this cell: one at a time for one folder."""
        return TasteProcess(
            self.events.log,
            self.settings.data / "taste",
            self.clock,
            pages=self.page_list,
            announce=self.ledgered.epoch,
        )

    def page_list(self, page: int) -> PageList | None:
        """What a page was drawn from, as its record says; None where there is none any more."""
        # One statement, without a transaction around it: the learner asks at every long view.
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        with alone.connect() as connection:
            try:
                return list_of(self.records.page(connection, PageId(page)).record)
            except NotFound:
                return None

    def close(self) -> None:
        """Let go of the database and of threads."""
        self.taste.stop()
        self.engine.dispose()


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    database_url: str | None = None,
    hasher: PasswordHasher | None = None,
    application: str = "penchant",
) -> Penchant:
    """Build a cell from its settings; nothing is started and nothing is written but missing secrets.

    Args:
        database_url: of the embedded server, where the settings name none.
        hasher: a cheaper password hasher for tests.

    Raises:
        SettingWrong: there is no database to use.
    """
    url = settings.database_url or database_url
    if url is None:
        raise SettingWrong("there is no database: start with 'penchant up', or set PENCHANT_DATABASE_URL")
    policy = read_policy(settings.policy)
    plans = Plans(load_experiments(settings.experiments), _budget(settings), policy.themes)
    clock = clock or SystemClock()
    market = market_from(settings)
    secret = secret_file(settings.data / "secrets", "installation")
    engine = make_engine(url, application=application)
    objects = LocalObjects(settings.data / "objects")
    job_app = make_job_app(url)
    # An app of its own: the worker opens `job_app` asynchronously, and procrastinate's opened app no longer defers
    # inside a plain transaction.
    jobs = Jobs(make_job_app(url))
    keys = DataKeys(secret)
    records = PageRecords(keys)
    boosts = Boosts(engine, clock)
    muting = Muting(engine, clock, keys)
    partners = Partners(engine, clock)
    ledger = LedgerService(
        engine, objects, clock, signer_of(market.id, secret_file(settings.data / "secrets", "ledger"))
    )
    cosigning = Cosigning(engine, ledger.sequencer, clock, read_witnesses(settings.witnesses), settings.witness_quorum)
    ledgered = Ledgered(engine, objects, clock, ledger, settings.data / "taste", _in_force(settings, plans, policy))
    log = PostgresEventLog(engine, clock)
    events = EventService(engine, log, HistoryService(engine, log), clock, market.id)
    second_factor = SecondFactor(clock, keys)
    security = Security(engine, clock, second_factor)
    house = house_of(settings, clock)
    accounts = AccountService(
        engine,
        market,
        clock,
        keys,
        second_factor,
        security,
        settings.session_days,
        settings.session_most_days,
        settings.anonymous_days,
        hasher,
        house.directory if house else None,
    )
    inbox = Inbox(engine, clock, muting)
    catalog = CatalogService(clock, events, inbox.tell)
    said = CommentService(engine, clock, events, inbox.tell)
    community = CommunityService(engine, clock, events, said, inbox.tell)
    effects = Effects(catalog, accounts, said.set_removed)
    targets = Targets(comments.comment)
    safety = SafetyService(engine, clock, events, keys, effects, policy, targets, inbox.tell)
    read_countries(settings.countries)
    spread = Spread(engine, events.log, clock)
    desk = Desk.of(engine, clock, keys, events, safety, shown_to, _habits(settings), settings)
    alias_key = derive(secret, "penchant note aliases")
    transcriber = WhisperTranscriber() if settings.automatic_captions and whisper.is_installed() else None
    nudity = [NudityDetector()] if nsfw.is_installed() else []
    detection = build_detection(settings, engine, clock, objects, jobs, safety.found, safety.lift, nudity)
    read = read_lines if ocr.is_installed() else None
    media = build_media(settings, engine, clock, catalog, events, jobs, objects, transcriber, detection.examiner, read)
    media.register(job_app)
    detection.register(job_app, media.uploads.original_of)
    life_cycle = LifeCycle(engine, clock, market, to_ledger, count_affected)
    register_release(job_app, house, engine)
    erasure = Erasure(
        engine,
        clock,
        events,
        keys,
        catalog,
        community,
        safety,
        media.uploads,
        jobs,
        in_directory=house is not None and house.directory is not None,
    )
    look = look_with(media.senses, media.describer.encoder, detection.examiner)
    taste = TasteService(EpochReader(_folder(settings, "taste"), ledgered.has_epoch), read_values(settings.values))
    return Penchant(
        settings=settings,
        market=market,
        life_cycle=life_cycle,
        licences=Licences(engine, clock, read_issuers(settings.licence_issuers)),
        closing=Closing(engine, clock, life_cycle, settings.closing_days),
        clock=clock,
        engine=engine,
        objects=objects,
        job_app=job_app,
        jobs=jobs,
        limits=RateLimits(engine, clock),
        keys=keys,
        ledger=ledger,
        ledgered=ledgered,
        events=events,
        accounts=accounts,
        security=security,
        admin_acts=AdminActs(engine, clock),
        social=SocialService(engine, clock, events, inbox.tell),
        muting=muting,
        guardians=Guardians(engine, clock, market),
        daily_use=DailyUse(engine, clock, market),
        ages=AgeProofs(engine, clock, market, derive(secret, "penchant ages"), readers_for(settings.age_issuers)),
        catalog=catalog,
        search=Search(engine),
        community=community,
        comments=said,
        threads=Threads(engine, clock),
        inbox=inbox,
        safety=safety,
        spread=spread,
        circuit_breaker=CircuitBreaker(engine, safety, spread),
        notes=NotesService(engine, clock, alias_key, settings.note_account_days),
        note_runs=NoteRuns(engine, clock, alias_key),
        erasure=erasure,
        retention=Retention(engine, clock, settings),
        export=Export(engine, clock, events.log, keys, records),
        desk=desk,
        detection=detection,
        media=media,
        taste=taste,
        feed=FeedService(engine, clock, taste, plans, records, boosts, muting),
        records=records,
        boosts=boosts,
        plans=plans,
        figures=Figures(engine, events.log, clock, records),
        replays=Replays(engine, records, ledger, ledgered),
        ledger_checks=LedgerChecks(engine, ledger, records),
        cosigning=cosigning,
        partners=partners,
        evidence=EvidenceOf(engine, clock, ledger, cosigning, partners, boosts),
        profile_gate=ProfileGate(clock, cosigning, partners, settings.witness_quorum, settings.witness_most_age_s),
        giving=build_giving(house, engine, objects, clock),
        mirroring=build_mirroring(
            house, settings, engine, clock, objects, catalog, accounts, events, jobs, detection.examiner, look, erasure
        ),
        counting=Counting(engine, clock) if house is not None else None,
        token_key=derive(secret, "penchant impressions"),
    )


def _in_force(settings: Settings, plans: Plans, policy: Policy) -> dict[int, bytes]:
    """The files that decide what people see, as the ledger names them."""
    return {
        RECIPE: told(plans.plain.recipe).encode(),
        VALUES: values_file(settings.values),
        POLICY: policy.text.encode(),
        EXPERIMENTS: settings.experiments.read_bytes() if settings.experiments else b"",
    }


def _habits(settings: Settings) -> Habits:
    limits = Limits(settings.hard_cases_per_day, settings.hard_cases_in_row, settings.hard_cases_pause_minutes)
    return Habits(limits, settings.double_look_percent)


def _budget(settings: Settings) -> Budget:
    shares = replace(
        SHARES,
        explore_in_10=settings.explore_slots,
        trial_in_10=settings.trial_slots,
        audit_in_1000=settings.audit_per_thousand,
        trials_of_a_creator=settings.creator_trial_slots,
    )
    return Budget(shares, settings.creator_trial_percent)


def _folder(settings: Settings, name: str) -> Path:
    folder = settings.data / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
