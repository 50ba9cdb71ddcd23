"""One root for everything that can be said to a person; HTTP statuses are mapped in `web.errors`."""

from collections.abc import Mapping


class PenchantError(Exception):
    """Something went wrong that a person or a program can act on.

    Attributes:
        code: stable machine name, snake_case.
        message: a sentence for people, without internals.
        retry_after_s: seconds after which trying again makes sense, or None if it does not.
        fields: for input that is wrong in places: name of the field → what would be right.
    """

    code = "failed"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        retry_after_s: float | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.retry_after_s = retry_after_s
        self.fields: Mapping[str, str] = fields or {}


class Invalid(PenchantError):
    """The request cannot be right as it stands."""

    code = "invalid"


class SignInNeeded(PenchantError):
    """Only someone who is signed in may do this."""

    code = "sign_in_needed"


class Forbidden(PenchantError):
    """Known, but not allowed."""

    code = "forbidden"


class NotFound(PenchantError):
    """Nothing here under that name, or nothing that this person may know of."""

    code = "not_found"


class Gone(PenchantError):
    """It was here and has been removed."""

    code = "removed"


class Conflict(PenchantError):
    """It clashes with what is already there."""

    code = "conflict"


class RateLimited(PenchantError):
    """Too often in too short a time; `retry_after_s` says when again."""

    code = "rate_limited"


class Unavailable(PenchantError):
    """A part that is needed does not answer at the moment."""

    code = "unavailable"


class SettingWrong(PenchantError):
    """A setting stops the start: the message names it, its value and what would be right."""

    code = "setting_wrong"
