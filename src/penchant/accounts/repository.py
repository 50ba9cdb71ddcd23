"""The tables of people and the SQL about them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.accounts.model import Account, AgeBand, LinkPurpose, Role
from penchant.core.database import KEY, OPERATIONAL, PERSONAL, PUBLIC, SENSITIVE, Connection, column, metadata
from penchant.core.holdings import THE_ACCOUNT, THE_VIEWER, AsLongAs, Until, holding
from penchant.core.ids import AccountId, SubjectId

_MOMENT = DateTime(timezone=True)
_HANDLES = 0x70656E68
"""Of whoever claims or releases a handle in the directory, one at a time for each."""

subjects = Table(
    "subjects",
    metadata,
    column("id", Uuid, PERSONAL, primary_key=True),
    column("home_market", Text, PERSONAL, nullable=False),
    column("age_band", Text, PERSONAL, nullable=False),
    column("created_at", _MOMENT, PERSONAL, nullable=False),
    CheckConstraint("age_band IN ('minor', 'adult')", name="age_band"),
    info=holding("stands for a viewer in everything they do", THE_VIEWER, id="subject"),
)
data_keys = Table(
    "data_keys",
    metadata,
    column("subject_id", Uuid, KEY, ForeignKey("subjects.id", ondelete="CASCADE"), primary_key=True),
    column("sealed", LargeBinary, KEY, nullable=False),
    info=holding("opens what they wrote in confidence", THE_VIEWER, subject_id="subject"),
)
accounts = Table(
    "accounts",
    metadata,
    column("id", BigInteger, PUBLIC, primary_key=True, autoincrement=False),
    column("handle", Text, PUBLIC, nullable=False, unique=True),
    column("name", Text, PUBLIC, nullable=False),
    column("password_hash", Text, KEY, nullable=True),
    column("birth_year", SmallInteger, PERSONAL, nullable=True),
    column("age_band", Text, PERSONAL, nullable=False),
    column("home_market", Text, PERSONAL, nullable=False),
    column("role", Text, PERSONAL, nullable=False),
    column("subject_id", Uuid, PERSONAL, ForeignKey("subjects.id"), nullable=False, unique=True),
    column("is_demo", Boolean, PUBLIC, nullable=False),
    column("suspended_at", _MOMENT, SENSITIVE, nullable=True),
    column("created_at", _MOMENT, PERSONAL, nullable=False),
    column("wants_private", Boolean, PERSONAL, nullable=False, server_default=text("false")),
    # All that is kept of a proof of age: whether it said that they are an adult.
    column("proved_adult", Boolean, PERSONAL, nullable=True),
    CheckConstraint("age_band IN ('minor', 'adult')", name="age_band"),
    CheckConstraint("role IN ('member', 'moderator', 'admin')", name="role"),
    Index(
        "ix_accounts_spelling",
        literal_column("search_spelling(search_plain((handle || ' '::text) || name))").label("spelling"),
        postgresql_using="gin",
        postgresql_ops={"spelling": "gin_trgm_ops"},
    ),
    Index("ix_accounts_handle_prefix", "handle", postgresql_ops={"handle": "text_pattern_ops"}),
    info=holding("who somebody is here", THE_ACCOUNT, id="account"),
)
sessions = Table(
    "sessions",
    metadata,
    column("token_hash", LargeBinary, KEY, primary_key=True),
    column("subject_id", Uuid, PERSONAL, ForeignKey("subjects.id", ondelete="CASCADE"), nullable=False),
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=True),
    column("used_at", _MOMENT, PERSONAL, nullable=False),
    column("expires_at", _MOMENT, PERSONAL, nullable=False),
    column("created_at", _MOMENT, PERSONAL, nullable=False, server_default=text("now()")),
    column("agent", Text, PERSONAL, nullable=False, server_default=text("''")),
    Index(None, "account_id"),
    Index(None, "subject_id"),
    info=holding("who this browser is", Until("expires_at"), subject_id="subject"),
)
links = Table(
    "one_time_links",
    metadata,
    column("token_hash", LargeBinary, KEY, primary_key=True),
    column("purpose", Text, PERSONAL, nullable=False),
    column("account_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("expires_at", _MOMENT, PERSONAL, nullable=False),
    info=holding("lets in once, or sets a password", Until("expires_at"), account_id="account"),
)
invites = Table(
    "invites",
    metadata,
    column("code_hash", LargeBinary, KEY, primary_key=True),
    column("made_by", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    column("expires_at", _MOMENT, OPERATIONAL, nullable=False),
    info=holding("lets one person sign up", Until("expires_at"), made_by="account"),
)
follows = Table(
    "follows",
    metadata,
    column("follower_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("followed_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("created_at", _MOMENT, PERSONAL, nullable=False),
    Index(None, "followed_id"),
    info=holding("whom they want to see more of", AsLongAs("both accounts"), follower_id="account"),
)
blocks = Table(
    "blocks",
    metadata,
    column("blocker_id", BigInteger, SENSITIVE, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("blocked_id", BigInteger, SENSITIVE, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("created_at", _MOMENT, SENSITIVE, nullable=False),
    Index(None, "blocked_id"),
    info=holding("whom they do not want to see", AsLongAs("both accounts"), blocker_id="account"),
)
follow_requests = Table(
    "follow_requests",
    metadata,
    column("follower_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("followed_id", BigInteger, PERSONAL, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    column("created_at", _MOMENT, PERSONAL, nullable=False),
    Index(None, "followed_id"),
    info=holding("whom they ask to let them follow", AsLongAs("it is not answered"), follower_id="account"),
)
rate_limits = Table(
    "rate_limits",
    metadata,
    column("key_hash", LargeBinary, PERSONAL, primary_key=True),
    column("window", BigInteger, OPERATIONAL, primary_key=True),
    column("count", Integer, OPERATIONAL, nullable=False),
    column("ends_at", _MOMENT, OPERATIONAL, nullable=False),
    prefixes=["UNLOGGED"],
    info=holding("how often something was tried", Until("ends_at")),
)

PRIVATE = or_(accounts.c.wants_private, accounts.c.age_band == "minor")
"""Whether only followers see what an account publishes. Derived wherever it is asked: no minor can be stored open."""

_ACCOUNT_COLUMNS = (
    accounts.c.id,
    accounts.c.handle,
    accounts.c.name,
    accounts.c.role,
    accounts.c.age_band,
    accounts.c.home_market,
    accounts.c.subject_id,
    accounts.c.is_demo,
    accounts.c.suspended_at,
    PRIVATE.label("private"),
)


def account_from(row: Any) -> Account:
    return Account(
        id=AccountId(row.id),
        handle=row.handle,
        name=row.name,
        # Whatever was written down: nobody under age looks at what others are kept from.
        role=row.role if row.age_band == "adult" else "member",
        age_band=row.age_band,
        home_market=row.home_market,
        subject=SubjectId(row.subject_id),
        is_demo=row.is_demo,
        suspended=row.suspended_at is not None,
        private=row.private,
    )


def add_subject(connection: Connection, subject: SubjectId, market: str, age_band: AgeBand, now: datetime) -> None:
    connection.execute(insert(subjects).values(id=subject, home_market=market, age_band=age_band, created_at=now))


def lock_subject(connection: Connection, subject: SubjectId) -> None:
    """Hold a subject's row until the transaction ends: what is read of them and written again is done by one."""
    connection.execute(select(subjects.c.id).where(subjects.c.id == subject).with_for_update())


def set_subject_age(connection: Connection, subject: SubjectId, age_band: AgeBand) -> None:
    connection.execute(update(subjects).where(subjects.c.id == subject).values(age_band=age_band))


def add_account(connection: Connection, **values: object) -> bool:
    """Add an account; False where the handle (or the subject) is taken."""
    statement = upsert(accounts).values(**values).on_conflict_do_nothing().returning(accounts.c.id)
    return connection.execute(statement).first() is not None


def add_people(connection: Connection, people: Sequence[Account], keys: Sequence[bytes], now: datetime) -> None:
    """Add new accounts without a password, their subjects and the sealed keys of those."""
    own = [
        {"id": one.subject, "home_market": one.home_market, "age_band": one.age_band, "created_at": now}
        for one in people
    ]
    connection.execute(insert(subjects), own)
    sealed = [{"subject_id": one.subject, "sealed": key} for one, key in zip(people, keys, strict=True)]
    connection.execute(insert(data_keys), sealed)
    rows = [
        {
            "id": one.id,
            "handle": one.handle,
            "name": one.name,
            "age_band": one.age_band,
            "home_market": one.home_market,
            "role": one.role,
            "subject_id": one.subject,
            "is_demo": one.is_demo,
            "created_at": now,
        }
        for one in people
    ]
    connection.execute(insert(accounts), rows)


def account_by_handle(connection: Connection, handle: str) -> Account | None:
    row = connection.execute(select(*_ACCOUNT_COLUMNS).where(accounts.c.handle == handle)).first()
    return account_from(row) if row else None


def lock_handle(connection: Connection, handle: str) -> None:
    """Let nobody else claim or release a handle until this transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(_HANDLES, func.hashtext(handle))))


def set_name(connection: Connection, id_: AccountId, name: str) -> None:
    connection.execute(update(accounts).where(accounts.c.id == id_).values(name=name))


def account_by_id(connection: Connection, id_: AccountId) -> Account | None:
    row = connection.execute(select(*_ACCOUNT_COLUMNS).where(accounts.c.id == id_)).first()
    return account_from(row) if row else None


def handles(connection: Connection, ids: Sequence[AccountId]) -> dict[AccountId, str]:
    """The handles of those of them who are still here."""
    statement = select(accounts.c.id, accounts.c.handle).where(accounts.c.id.in_(ids))
    return {AccountId(id_): handle for id_, handle in connection.execute(statement)}


def names(connection: Connection, ids: Sequence[AccountId]) -> dict[AccountId, tuple[str, str]]:
    """Handle and name of those of them who are still here."""
    statement = select(accounts.c.id, accounts.c.handle, accounts.c.name).where(accounts.c.id.in_(ids))
    return {AccountId(id_): (handle, name) for id_, handle, name in connection.execute(statement)}


def people_for(connection: Connection, ids: Iterable[int], viewer: AccountId | None) -> dict[int, Any]:
    """Handles and names of accounts whom a viewer may come across: neither suspended nor blocked either way."""
    hidden = blocked_either_way(connection, viewer) if viewer is not None else frozenset()
    wanted = [id_ for id_ in ids if id_ not in hidden]
    if not wanted:
        return {}
    statement = select(accounts.c.id, accounts.c.handle, accounts.c.name)
    rows = connection.execute(statement.where(accounts.c.id.in_(wanted), accounts.c.suspended_at.is_(None)))
    return {row.id: row for row in rows}


def joined_at(connection: Connection, id_: AccountId) -> datetime:
    """When an account that there is was made."""
    found: datetime = connection.execute(select(accounts.c.created_at).where(accounts.c.id == id_)).scalar_one()
    return found


def count_moderators(connection: Connection) -> int:
    """Of those who may come in."""
    c = accounts.c
    own = (c.role.in_(("moderator", "admin")), c.age_band == "adult", c.suspended_at.is_(None))
    return int(connection.execute(select(func.count()).select_from(accounts).where(*own)).scalar_one())


def credentials(connection: Connection, handle: str) -> tuple[Account, str | None, int | None, bool | None] | None:
    """An account with its password hash, its birth year and what a proof of age said."""
    statement = select(*_ACCOUNT_COLUMNS, accounts.c.password_hash, accounts.c.birth_year, accounts.c.proved_adult)
    row = connection.execute(statement.where(accounts.c.handle == handle)).first()
    return (account_from(row), row.password_hash, row.birth_year, row.proved_adult) if row else None


def subject_is_taken(connection: Connection, subject: SubjectId) -> bool:
    return bool(connection.execute(select(exists().where(accounts.c.subject_id == subject))).scalar_one())


def set_password_hash(connection: Connection, id_: AccountId, password_hash: str) -> None:
    connection.execute(update(accounts).where(accounts.c.id == id_).values(password_hash=password_hash))


def set_age_band(connection: Connection, id_: AccountId, age_band: AgeBand) -> None:
    connection.execute(update(accounts).where(accounts.c.id == id_).values(age_band=age_band))


def set_role(connection: Connection, id_: AccountId, role: Role) -> None:
    connection.execute(update(accounts).where(accounts.c.id == id_).values(role=role))


def set_suspended(connection: Connection, id_: AccountId, moment: datetime | None) -> None:
    connection.execute(update(accounts).where(accounts.c.id == id_).values(suspended_at=moment))


def remove_account(connection: Connection, id_: AccountId, subject: SubjectId) -> None:
    """Delete the account, then its subject; sessions, keys, follows, blocks and links go with them."""
    connection.execute(delete(accounts).where(accounts.c.id == id_))
    connection.execute(delete(subjects).where(subjects.c.id == subject))


def demo_accounts(connection: Connection) -> list[Account]:
    return [account_from(row) for row in connection.execute(select(*_ACCOUNT_COLUMNS).where(accounts.c.is_demo))]


def add_session(
    connection: Connection,
    token_hash: bytes,
    subject: SubjectId,
    account_id: AccountId | None,
    used_at: datetime,
    expires_at: datetime,
    agent: str,
) -> None:
    connection.execute(
        insert(sessions).values(
            token_hash=token_hash,
            subject_id=subject,
            account_id=account_id,
            used_at=used_at,
            expires_at=expires_at,
            created_at=used_at,
            agent=agent,
        )
    )


def session(connection: Connection, token_hash: bytes, now: datetime) -> Any:
    """The session's row with subject, subject's age band, and the account's columns or nulls."""
    statement = (
        select(
            sessions.c.subject_id.label("viewer_subject"),
            sessions.c.used_at,
            sessions.c.created_at.label("session_since"),
            subjects.c.age_band.label("viewer_age_band"),
            *_ACCOUNT_COLUMNS,
        )
        .join(subjects, subjects.c.id == sessions.c.subject_id)
        .outerjoin(accounts, accounts.c.id == sessions.c.account_id)
        .where(sessions.c.token_hash == token_hash, sessions.c.expires_at > now)
    )
    return connection.execute(statement).first()


def touch_session(connection: Connection, token_hash: bytes, used_at: datetime, expires_at: datetime) -> None:
    connection.execute(
        update(sessions).where(sessions.c.token_hash == token_hash).values(used_at=used_at, expires_at=expires_at)
    )


def remove_session(connection: Connection, token_hash: bytes) -> None:
    connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


def remove_sessions_of(connection: Connection, id_: AccountId) -> None:
    connection.execute(delete(sessions).where(sessions.c.account_id == id_))


def add_link(
    connection: Connection, token_hash: bytes, purpose: LinkPurpose, account_id: AccountId, expires_at: datetime
) -> None:
    connection.execute(
        insert(links).values(token_hash=token_hash, purpose=purpose, account_id=account_id, expires_at=expires_at)
    )


def use_link(connection: Connection, token_hash: bytes, purpose: LinkPurpose, now: datetime) -> AccountId | None:
    """Take a link away and return whose it was; None where it is unknown, used or too old."""
    statement = (
        delete(links)
        .where(links.c.token_hash == token_hash, links.c.purpose == purpose, links.c.expires_at > now)
        .returning(links.c.account_id)
    )
    return connection.execute(statement).scalar_one_or_none()


def remove_links_of(connection: Connection, account_id: AccountId) -> None:
    connection.execute(delete(links).where(links.c.account_id == account_id))


def add_invite(connection: Connection, code_hash: bytes, made_by: AccountId, expires_at: datetime) -> None:
    connection.execute(insert(invites).values(code_hash=code_hash, made_by=made_by, expires_at=expires_at))


def use_invite(connection: Connection, code_hash: bytes, now: datetime) -> bool:
    statement = delete(invites).where(invites.c.code_hash == code_hash, invites.c.expires_at > now)
    return connection.execute(statement).rowcount == 1


def add_follow(connection: Connection, follower: AccountId, followed: AccountId, now: datetime) -> bool:
    """True where the follow is new."""
    statement = upsert(follows).values(follower_id=follower, followed_id=followed, created_at=now)
    added = statement.on_conflict_do_nothing().returning(follows.c.follower_id)
    return connection.execute(added).first() is not None


def remove_follow(connection: Connection, follower: AccountId, followed: AccountId) -> bool:
    statement = delete(follows).where(follows.c.follower_id == follower, follows.c.followed_id == followed)
    return connection.execute(statement).rowcount == 1


def follows_them(connection: Connection, follower: AccountId, followed: AccountId) -> bool:
    own = (follows.c.follower_id == follower, follows.c.followed_id == followed)
    return bool(connection.execute(select(exists().where(*own))).scalar_one())


def seen_by(account: AccountId | None) -> Any:
    """A condition on rows of `accounts`: those whose publications this account may see, blocks apart."""
    if account is None:
        return not_(PRIVATE)
    followed = exists().where(follows.c.follower_id == account, follows.c.followed_id == accounts.c.id)
    return or_(not_(PRIVATE), accounts.c.id == account, followed.correlate(accounts))


def add_request(connection: Connection, follower: AccountId, followed: AccountId, now: datetime) -> bool:
    """Note that somebody asks to follow; asking twice is asking once. True where it is new."""
    statement = upsert(follow_requests).values(follower_id=follower, followed_id=followed, created_at=now)
    added = statement.on_conflict_do_nothing().returning(follow_requests.c.follower_id)
    return connection.execute(added).first() is not None


def remove_request(connection: Connection, follower: AccountId, followed: AccountId) -> bool:
    own = (follow_requests.c.follower_id == follower, follow_requests.c.followed_id == followed)
    return connection.execute(delete(follow_requests).where(*own)).rowcount == 1


def requests_to(connection: Connection, followed: AccountId) -> list[tuple[Account, datetime]]:
    """Who asks to follow an account and since when, the first to ask first; nobody who is suspended."""
    statement = (
        select(*_ACCOUNT_COLUMNS, follow_requests.c.created_at.label("asked_at"))
        .join(follow_requests, follow_requests.c.follower_id == accounts.c.id)
        .where(follow_requests.c.followed_id == followed, accounts.c.suspended_at.is_(None))
        .order_by(follow_requests.c.created_at, accounts.c.id)
    )
    return [(account_from(row), row.asked_at) for row in connection.execute(statement)]


def set_wants_private(connection: Connection, id_: AccountId, wants: bool) -> None:
    connection.execute(update(accounts).where(accounts.c.id == id_).values(wants_private=wants))


def add_block(connection: Connection, blocker: AccountId, blocked: AccountId, now: datetime) -> bool:
    statement = upsert(blocks).values(blocker_id=blocker, blocked_id=blocked, created_at=now)
    added = statement.on_conflict_do_nothing().returning(blocks.c.blocker_id)
    return connection.execute(added).first() is not None


def remove_block(connection: Connection, blocker: AccountId, blocked: AccountId) -> bool:
    statement = delete(blocks).where(blocks.c.blocker_id == blocker, blocks.c.blocked_id == blocked)
    return connection.execute(statement).rowcount == 1


def has_block_between(connection: Connection, one: AccountId, other: AccountId) -> bool:
    """Whether one of the two blocked the other."""
    pairs = ((one, other), (other, one))
    either = or_(*(and_(blocks.c.blocker_id == first, blocks.c.blocked_id == second) for first, second in pairs))
    return bool(connection.execute(select(exists().where(either))).scalar_one())


def blocked_either_way(connection: Connection, id_: AccountId) -> frozenset[AccountId]:
    """Whom this account blocked and who blocked it: neither sees the other anywhere."""
    statement = select(blocks.c.blocker_id, blocks.c.blocked_id).where(
        or_(blocks.c.blocker_id == id_, blocks.c.blocked_id == id_)
    )
    rows = connection.execute(statement)
    return frozenset(AccountId(row.blocked_id if row.blocker_id == id_ else row.blocker_id) for row in rows)


def followed_by(connection: Connection, id_: AccountId) -> frozenset[AccountId]:
    rows = connection.execute(select(follows.c.followed_id).where(follows.c.follower_id == id_))
    return frozenset(AccountId(row.followed_id) for row in rows)


def people_columns() -> list[Any]:
    """Whom an account follows, and whom it blocked or was blocked by, as columns `followed`, `blocked`.

    Arrays of account ids; parameter `account`, null for nobody.
    """
    me = bindparam("account", type_=BigInteger)
    other = case((blocks.c.blocker_id == me, blocks.c.blocked_id), else_=blocks.c.blocker_id)
    between = or_(blocks.c.blocker_id == me, blocks.c.blocked_id == me)
    return [
        select(func.array_agg(follows.c.followed_id)).where(follows.c.follower_id == me).label("followed"),
        select(func.array_agg(other)).where(between).label("blocked"),
    ]


def relation(connection: Connection, mine: AccountId | None, theirs: AccountId) -> Any:
    """Counts of a profile and what is between two accounts: one row."""

    def count_of(condition: Any) -> Any:
        return select(func.count()).select_from(follows).where(condition).scalar_subquery()

    def between(table: Any, left: str, right: str) -> Any:
        return exists().where(and_(table.c[left] == mine, table.c[right] == theirs))

    statement = select(
        count_of(follows.c.followed_id == theirs).label("follower_count"),
        count_of(follows.c.follower_id == theirs).label("following_count"),
        between(follows, "follower_id", "followed_id").label("following"),
        between(follow_requests, "follower_id", "followed_id").label("requested"),
        between(blocks, "blocker_id", "blocked_id").label("blocked"),
        exists().where(and_(blocks.c.blocker_id == theirs, blocks.c.blocked_id == mine)).label("blocked_by"),
    )
    return connection.execute(statement).one()


def count_attempt(connection: Connection, key_hash: bytes, window: int, ends_at: datetime) -> int:
    """Count one more attempt in a window and return how many there are; older windows of the key are forgotten."""
    connection.execute(delete(rate_limits).where(rate_limits.c.key_hash == key_hash, rate_limits.c.window < window))
    statement = upsert(rate_limits).values(key_hash=key_hash, window=window, count=1, ends_at=ends_at)
    statement = statement.on_conflict_do_update(
        index_elements=["key_hash", "window"], set_={"count": rate_limits.c.count + 1}
    )
    return int(connection.execute(statement.returning(rate_limits.c.count)).scalar_one())


def key_of(connection: Connection, subject: SubjectId) -> bytes | None:
    return connection.execute(select(data_keys.c.sealed).where(data_keys.c.subject_id == subject)).scalar_one_or_none()


def key_column() -> Any:
    """A subject's data key as it rests, as a column `sealed_key`; parameter `subject`."""
    own = data_keys.c.subject_id == bindparam("subject", type_=Uuid)
    return select(data_keys.c.sealed).where(own).scalar_subquery().label("sealed_key")


def add_key(connection: Connection, subject: SubjectId, sealed: bytes) -> None:
    connection.execute(insert(data_keys).values(subject_id=subject, sealed=sealed))


def remove_key(connection: Connection, subject: SubjectId) -> None:
    connection.execute(delete(data_keys).where(data_keys.c.subject_id == subject))


def count_accounts(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM accounts WHERE NOT is_demo")).scalar_one())
