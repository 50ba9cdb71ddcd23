"""Signing up, in and out, and what an account can do about itself."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from penchant.accounts import repository
from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Account, AgeBand, LinkPurpose, Role, Viewer, age_band_of, youngest_age
from penchant.accounts.passwords import what_is_wrong
from penchant.accounts.security.second_factor import SecondFactor
from penchant.accounts.security.service import Security
from penchant.accounts.tokens import hash_token
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from penchant.core.ids import AccountId, Ids, SubjectId
from penchant.markets.directory import DirectoryAway, DirectoryClient
from penchant.markets.model import Market

HANDLE = re.compile(r"[a-z0-9_]{3,24}")
NAME_CHARACTERS = 50
_LINK_LIFE = timedelta(hours=24)
_INVITE_LIFE = timedelta(days=14)


class AccountService:
    """Accounts and sessions of one market."""

    def __init__(
        self,
        engine: Engine,
        market: Market,
        clock: Clock,
        keys: DataKeys,
        second_factor: SecondFactor,
        security: Security,
        session_days: int,
        session_most_days: int,
        anonymous_days: int,
        hasher: PasswordHasher | None = None,
        directory: DirectoryClient | None = None,
    ) -> None:
        """`directory`: of the house that this market belongs to, if any; there a handle is somebody's once."""
        self._engine = engine
        self._market = market
        self._clock = clock
        self._ids = Ids(clock)
        self._keys = keys
        self._second_factor = second_factor
        self._security = security
        self._session_life = timedelta(days=session_days)
        self._session_most = timedelta(days=session_most_days)
        self._anonymous_life = timedelta(days=anonymous_days)
        self._directory = directory
        self._hasher = hasher or PasswordHasher()
        # Verified against when a handle is unknown, so that the answer takes as long.
        self._nobody = self._hasher.hash(secrets.token_hex(8))

    def viewer(self, token: str) -> Viewer | None:
        """Who holds this session token, or None where it is unknown or has run out."""
        # Asked at every request: without a transaction it is one round trip instead of three.
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            row = repository.session(connection, hash_token(token), self._now())
        if row is None:
            return None
        account = repository.account_from(row) if row.id is not None else None
        return Viewer(SubjectId(row.viewer_subject), account, row.viewer_age_band)

    def note_use(self, token: str) -> None:
        """Write down, at most once a day, that a session is in use: it runs out so much later."""
        token_hash, now = hash_token(token), self._now()
        with self._engine.begin() as connection:
            row = repository.session(connection, token_hash, now)
            if row is not None and now - row.used_at > timedelta(days=1):
                life = self._session_life if row.id is not None else self._anonymous_life
                ends_at = now + life
                if row.id is not None:
                    ends_at = min(ends_at, row.session_since + self._session_most)
                repository.touch_session(connection, token_hash, now, ends_at)

    def welcome(self) -> tuple[str, Viewer]:
        """A new anonymous viewer and their session token. Unknown age means the minors' profile."""
        with self._engine.begin() as connection:
            subject = self._new_subject(connection, "minor")
            token = self._open_session(connection, subject, None)
        return token, Viewer(subject, None, "minor")

    def sign_up(
        self,
        viewer: Viewer | None,
        handle: str,
        password: str,
        birth_year: int | None,
        name: str = "",
        invite: str = "",
        *,
        agent: str = "",
    ) -> tuple[str, Viewer]:
        """Make an account; an anonymous viewer's history becomes its own. Returns a fresh session token.

        Raises:
            Invalid: with the fields that are wrong.
            Forbidden: too young, or sign-up is closed or needs an invite.
            Conflict: the handle is taken, here or in another market of the house.
            DirectoryAway: nobody can say whether it is.
        """
        handle = handle.strip().lower()
        self._check_sign_up(handle, password, birth_year, name)
        band = self._band(birth_year)
        password_hash = self._hasher.hash(password)
        with self._engine.begin() as connection:
            self._check_door(connection, invite)
            subject = self._subject_for(connection, viewer, band)
            account = self._add(connection, subject, handle, name, password_hash, birth_year, band, "member", False)
            token = self._open_session(connection, subject, account.id, agent)
            if self._directory is not None:
                # Last: whatever fails before leaves no claim, and a claim that is ours already is no obstacle.
                repository.lock_handle(connection, handle)
                self._directory.claim(handle)
        return token, Viewer(subject, account, band)

    def make_account(
        self, handle: str, name: str = "", role: Role = "member", *, is_demo: bool = False, adult: bool = True
    ) -> Account:
        """An account without a password, for operators and the demo; an existing one of that handle is returned."""
        band: AgeBand = "adult" if adult else "minor"
        with self._engine.begin() as connection:
            known = repository.account_by_handle(connection, handle)
            if known is not None:
                return known
            subject = self._new_subject(connection, band)
            return self._add(connection, subject, handle, name, None, None, band, role, is_demo)

    def stand_in(self, connection: Connection, handle: str, name: str, market: str) -> Account:
        """The account that stands here for a creator in another market: `ada.us`. Nobody can sign in to it."""
        known = repository.account_by_handle(connection, f"{handle}.{market}")
        if known is not None:
            if known.name != name:
                repository.set_name(connection, known.id, name)
            return known
        subject = self._new_subject(connection, "adult")
        return self._add(
            connection, subject, f"{handle}.{market}", name, None, None, "adult", "member", False, home=market
        )

    def make_accounts(self, people: Iterable[tuple[str, str]]) -> list[Account]:
        """`make_account` of many new handles and names at once: members, adults. All of them or none."""
        made = [self._account(SubjectId(uuid4()), handle, name, "adult", "member", False) for handle, name in people]
        with self._engine.begin() as connection:
            keys = [self._keys.fresh(account.subject) for account in made]
            repository.add_people(connection, made, keys, self._now())
        return made

    def sign_in(self, handle: str, password: str, code: str = "", *, agent: str = "") -> tuple[str, Viewer]:
        """Returns a fresh session token.

        Args:
            code: of the second factor, or a recovery code.
            agent: what the browser is, in words.

        Raises:
            SignInNeeded: handle or password is wrong, which of them is not said; or the second factor's code is.
            Forbidden: the account is suspended.
        """
        account, password_hash, birth_year, proved = self._credentials(handle, password)
        if account.suspended:
            raise Forbidden("this account is suspended", code="suspended")
        with self._engine.begin() as connection:
            if self._second_factor.ask(connection, account, code):
                self._security.note(connection, account, "recovery_code_used")
            if password_hash and self._hasher.check_needs_rehash(password_hash):
                repository.set_password_hash(connection, account.id, self._hasher.hash(password))
            band = account.age_band if birth_year is None else self._band(birth_year, proved)
            if band != account.age_band:
                repository.set_age_band(connection, account.id, band)
                repository.set_subject_age(connection, account.subject, band)
                account = repository.account_by_id(connection, account.id) or account
            token = self._open_session(connection, account.subject, account.id, agent)
        return token, Viewer(account.subject, account, band)

    def recognise(self, handle: str, password: str) -> Account:
        """Whose handle and password these are, suspended or not: whoever is may ask why, and appeal.

        Raises:
            SignInNeeded: as `sign_in`.
        """
        return self._credentials(handle, password)[0]

    def _credentials(self, handle: str, password: str) -> tuple[Account, str | None, int | None, bool | None]:
        with self._engine.connect() as connection:
            found = repository.credentials(connection, handle.strip().lower())
        if not self._matches(found[1] if found else None, password) or found is None:
            if found is None:
                self._say_where(handle.strip().lower())
            raise SignInNeeded("that handle and password do not go together", code="wrong_password")
        return found

    def _say_where(self, handle: str) -> None:
        """Raises: NotFound `lives_elsewhere` where the directory knows another market for a handle."""
        if self._directory is None or not HANDLE.fullmatch(handle):
            return
        try:
            peer = self._directory.find(handle)
        except DirectoryAway:
            return
        if peer is not None and peer.id != self._market.id:
            words = f"@{handle} lives in {peer.name}: sign in at {peer.address}"
            raise NotFound(words, code="lives_elsewhere")

    def sign_out(self, token: str) -> None:
        """End this session."""
        with self._engine.begin() as connection:
            repository.remove_session(connection, hash_token(token))

    def make_link(self, account: Account, purpose: LinkPurpose) -> tuple[str, datetime]:
        """A one-time token that signs in or sets a password, and when it runs out (24 h).

        Raises:
            Forbidden: it stands for somebody in another market.
        """
        if account.stands_in:
            raise Forbidden(f"@{account.handle} stands for somebody in another market; nobody signs in to it here")
        token = secrets.token_urlsafe(32)
        expires_at = self._now() + _LINK_LIFE
        with self._engine.begin() as connection:
            repository.add_link(connection, hash_token(token), purpose, account.id, expires_at)
        return token, expires_at

    def sign_in_by_link(self, token: str, *, agent: str = "") -> tuple[str, Viewer]:
        """Use a one-time sign-in link: an operator's word, so no second factor is asked for.

        Raises:
            Forbidden: the link is unknown, was used, or is too old.
        """
        with self._engine.begin() as connection:
            account = self._use_link(connection, token, "sign_in")
            self._security.note(connection, account, "signed_in_by_link")
            session = self._open_session(connection, account.subject, account.id, agent)
        return session, Viewer(account.subject, account, account.age_band)

    def reset_password(self, token: str, password: str) -> None:
        """Set a password by a one-time link; every session of the account ends, and every other link to it.

        Raises:
            Forbidden: the link is unknown, was used, or is too old.
            Invalid: the password is too short, too long or too common.
        """
        wrong = what_is_wrong(password)
        if wrong:
            raise Invalid("the password is not right", fields={"password": wrong})
        with self._engine.begin() as connection:
            account = self._use_link(connection, token, "reset")
            repository.set_password_hash(connection, account.id, self._hasher.hash(password))
            repository.remove_sessions_of(connection, account.id)
            repository.remove_links_of(connection, account.id)
            self._security.note(connection, account, "password_reset")

    def change_password(self, me: Account, old: str, new: str, *, agent: str = "") -> str:
        """Set another password; every session ends, and a fresh token for this one is returned.

        Raises:
            Forbidden: the old password is wrong.
            Invalid: the new one is too short, too long or too common.
        """
        self.check_password(me, old)
        wrong = what_is_wrong(new) or ("something other than the handle" if new.lower() == me.handle else "")
        if wrong:
            raise Invalid("the password is not right", fields={"new": wrong})
        with self._engine.begin() as connection:
            repository.set_password_hash(connection, me.id, self._hasher.hash(new))
            repository.remove_sessions_of(connection, me.id)
            repository.remove_links_of(connection, me.id)
            self._security.note(connection, me, "password_changed")
            return self._open_session(connection, me.subject, me.id, agent)

    def make_invite(self, by: Account) -> tuple[str, datetime]:
        """A code with which one person may sign up, and when it runs out (14 days)."""
        code = secrets.token_urlsafe(9)
        expires_at = self._now() + _INVITE_LIFE
        with self._engine.begin() as connection:
            repository.add_invite(connection, hash_token(code), by.id, expires_at)
        return code, expires_at

    def check_password(self, account: Account, password: str) -> None:
        """Make sure that it is really them before something that cannot be undone.

        Raises:
            Forbidden: the password is wrong.
        """
        with self._engine.connect() as connection:
            found = repository.credentials(connection, account.handle)
        # An account made by a link has no password: its owner proved themselves by the link.
        if found is None or (found[1] is not None and not self._matches(found[1], password)):
            raise Forbidden("that is not the password of this account", code="wrong_password")

    def by_handle(self, handle: str) -> Account:
        """The account with this handle.

        Raises:
            NotFound: there is none.
        """
        with self._engine.connect() as connection:
            account = repository.account_by_handle(connection, handle.lower().removeprefix("@"))
        if account is None:
            raise NotFound(f"nobody here is called @{handle[:24]}")
        return account

    def set_suspended(self, connection: Connection, account: Account, suspended: bool) -> None:
        """Suspend an account, ending its sessions, or let it back in."""
        repository.set_suspended(connection, account.id, self._now() if suspended else None)
        if suspended:
            repository.remove_sessions_of(connection, account.id)

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())

    def _band(self, birth_year: int | None, proved_adult: bool | None = None) -> AgeBand:
        return age_band_of(
            birth_year,
            self._now().year,
            self._market.adult_age,
            proved_adult=proved_adult,
            needs_proof=self._market.needs_age_proof,
        )

    def _check_sign_up(self, handle: str, password: str, birth_year: int | None, name: str) -> None:
        year = self._now().year
        fields = {}
        if not HANDLE.fullmatch(handle):
            fields["handle"] = "3 to 24 letters a–z, digits or _"
        if wrong := what_is_wrong(password):
            fields["password"] = wrong
        elif password.lower() == handle:
            fields["password"] = "something other than the handle"  # noqa: S105 - words for a person
        if birth_year is not None and not year - 120 <= birth_year <= year:
            fields["birth_year"] = f"a year between {year - 120} and {year}"
        if len(name) > NAME_CHARACTERS or not name.isprintable():
            fields["name"] = f"at most {NAME_CHARACTERS} characters, without line breaks"
        if fields:
            raise Invalid("some of this is not right yet", fields=fields)
        if birth_year is not None and youngest_age(birth_year, year) < self._market.minimum_age:
            raise Forbidden(
                f"an account here needs an age of at least {self._market.minimum_age}; watching needs none",
                code="too_young",
            )

    def _check_door(self, connection: Connection, invite: str) -> None:
        if self._market.signup == "closed":
            raise Forbidden("sign-up is closed here", code="signup_closed")
        if self._market.signup == "invited" and not repository.use_invite(connection, hash_token(invite), self._now()):
            raise Forbidden("sign-up needs an invite that has not been used yet", code="invite_needed")

    def _subject_for(self, connection: Connection, viewer: Viewer | None, band: AgeBand) -> SubjectId:
        if viewer is None or viewer.account is not None or repository.subject_is_taken(connection, viewer.subject):
            return self._new_subject(connection, band)
        repository.set_subject_age(connection, viewer.subject, band)
        return viewer.subject

    def _new_subject(self, connection: Connection, band: AgeBand) -> SubjectId:
        subject = SubjectId(uuid4())
        repository.add_subject(connection, subject, self._market.id, band, self._now())
        self._keys.make(connection, subject)
        return subject

    def _add(
        self,
        connection: Connection,
        subject: SubjectId,
        handle: str,
        name: str,
        password_hash: str | None,
        birth_year: int | None,
        band: AgeBand,
        role: Role,
        is_demo: bool,
        home: str | None = None,
    ) -> Account:
        account = self._account(subject, handle, name, band, role, is_demo)
        account = replace(account, home_market=home or account.home_market)
        added = repository.add_account(
            connection,
            id=account.id,
            handle=account.handle,
            name=account.name,
            password_hash=password_hash,
            birth_year=birth_year,
            age_band=band,
            home_market=account.home_market,
            role=role,
            subject_id=subject,
            is_demo=is_demo,
            created_at=self._now(),
        )
        if not added:
            raise Conflict(f"@{handle} is taken", code="handle_taken", fields={"handle": "taken"})
        return account

    def _account(self, subject: SubjectId, handle: str, name: str, band: AgeBand, role: Role, is_demo: bool) -> Account:
        return Account(
            id=AccountId(self._ids.new()),
            handle=handle,
            name=name.strip() or handle,
            role=role,
            age_band=band,
            home_market=self._market.id,
            subject=subject,
            is_demo=is_demo,
            suspended=False,
            private=band == "minor",
        )

    def _open_session(
        self, connection: Connection, subject: SubjectId, account_id: AccountId | None, agent: str = ""
    ) -> str:
        token = secrets.token_urlsafe(32)
        now = self._now()
        life = self._session_life if account_id is not None else self._anonymous_life
        repository.add_session(connection, hash_token(token), subject, account_id, now, now + life, agent)
        return token

    def _use_link(self, connection: Connection, token: str, purpose: LinkPurpose) -> Account:
        account_id = repository.use_link(connection, hash_token(token), purpose, self._now())
        account = repository.account_by_id(connection, account_id) if account_id is not None else None
        if account is None or account.suspended:
            raise Forbidden("this link has been used or is too old; ask for a new one", code="link_used")
        return account

    def _matches(self, password_hash: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash or self._nobody, password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False
