"""A second factor: codes of an authenticator app. Source: RFC 6238 (TOTP), by pyotp."""

import hmac
import secrets
from datetime import datetime
from typing import Any, Final

import pyotp

from penchant.accounts.keys import DataKeys
from penchant.accounts.model import Account
from penchant.accounts.security import repository
from penchant.accounts.tokens import hash_token
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection
from penchant.core.errors import Conflict, Forbidden, NotFound, SignInNeeded

CODES: Final = 8
"""Recovery codes, each good once."""
_STEP_S: Final = 30
_BESIDE: Final = 1
"""Steps that a phone's clock may be wrong, either way."""


class WrongCode(Forbidden):
    """This is no code of the account's second factor, or it was used before."""

    code = "wrong_code"


class SecondFactor:
    """Begun by a secret, on from its first right code, asked for at every sign-in by password."""

    def __init__(self, clock: Clock, keys: DataKeys) -> None:
        self._clock = clock
        self._keys = keys

    def begin(self, connection: Connection, account: Account) -> str:
        """A fresh secret in base 32, for an app; nothing is asked before its first code.

        Raises:
            Conflict: it is on already.
        """
        secret = pyotp.random_base32()
        sealed = self._keys.seal(connection, account.subject, secret.encode())
        if not repository.put_factor(connection, account.id, sealed):
            raise Conflict("a second factor is on already: turn it off first", code="second_factor_on")
        return secret

    def confirm(self, connection: Connection, account: Account, code: str) -> list[str]:
        """Turn it on; returns the recovery codes, which nobody can read again.

        Raises:
            NotFound: none was begun.
            Conflict: it is on already.
            WrongCode: the code is none of it.
        """
        row = repository.factor(connection, account.id)
        if row is None:
            raise NotFound("no second factor was begun")
        if row.confirmed_at is not None:
            raise Conflict("a second factor is on already: turn it off first", code="second_factor_on")
        if not self._is_right(connection, account, row, code):
            raise WrongCode("that is not the code of the app at this moment")
        codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(CODES)]
        repository.add_codes(connection, account.id, [_hash(code) for code in codes])
        return codes

    def turn_off(self, connection: Connection, account: Account, code: str) -> None:
        """Ask for a password alone again, and forget the secret.

        Raises:
            WrongCode: neither a code of it nor a recovery code.
        """
        row = repository.factor(connection, account.id)
        right = row is not None and self._is_right(connection, account, row, code)
        if not right and not self._recovers(connection, account, code):
            raise WrongCode("that is no code of this account")
        self.forget(connection, account)

    def forget(self, connection: Connection, account: Account) -> None:
        """Ask for a password alone again, whoever says so; secret and recovery codes go."""
        repository.remove_factor(connection, account.id)

    def ask(self, connection: Connection, account: Account, code: str) -> bool:
        """Whether a sign-in may go on; True where a recovery code was used for it.

        Raises:
            SignInNeeded: `code_needed` where it is on and there is no code, `wrong_code` where the code is not right.
        """
        row = repository.factor(connection, account.id)
        if row is None or row.confirmed_at is None:
            return False
        if not code.strip():
            raise SignInNeeded("this account asks for a code of its app as well", code="code_needed")
        if self._is_right(connection, account, row, code):
            return False
        if self._recovers(connection, account, code):
            return True
        raise SignInNeeded("that is not the code of the app at this moment", code="wrong_code")

    def _is_right(self, connection: Connection, account: Account, row: Any, code: str) -> bool:
        """row: of the account's factor."""
        app = pyotp.TOTP(self._keys.open(connection, account.subject, row.secret).decode(), interval=_STEP_S)
        said = "".join(code.split()).encode()
        now = self._clock.now_ms() // 1000 // _STEP_S
        for step in range(now - _BESIDE, now + _BESIDE + 1):
            if step > row.last_step and hmac.compare_digest(app.generate_otp(step).encode(), said):
                repository.use_step(connection, account.id, step, self._now())
                return True
        return False

    def _recovers(self, connection: Connection, account: Account, code: str) -> bool:
        return repository.use_code(connection, account.id, _hash(code))

    def _now(self) -> datetime:
        return as_datetime(self._clock.now_ms())


def _hash(code: str) -> bytes:
    return hash_token("".join(code.split()).casefold())
