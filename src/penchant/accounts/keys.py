"""A data key per person: free text and device data are sealed under it, so destroying it erases them everywhere."""

import secrets

from penchant.accounts import repository
from penchant.core.database import Connection
from penchant.core.errors import NotFound
from penchant.core.ids import SubjectId
from penchant.core.secrets import KEY_BYTES, derive, open_sealed, seal

CONTENT = b"content"
"""The context of what `DataKeys.seal` seals."""


class DataKeys:
    """Makes, uses and destroys data keys; they rest sealed under the installation's own key."""

    def __init__(self, installation_secret: bytes) -> None:
        self._wrapping_key = derive(installation_secret, "penchant data keys")

    def make(self, connection: Connection, subject: SubjectId) -> None:
        """A fresh key for a new subject."""
        repository.add_key(connection, subject, self.fresh(subject))

    def fresh(self, subject: SubjectId) -> bytes:
        """A fresh key, sealed, for a subject that gets it together with its row."""
        return seal(self._wrapping_key, secrets.token_bytes(KEY_BYTES), subject.bytes)

    def seal(self, connection: Connection, subject: SubjectId, content: bytes) -> bytes:
        """Encrypt something that a person wrote.

        Raises:
            NotFound: the person has been erased.
        """
        return seal(self._key(connection, subject), content, CONTENT)

    def open(self, connection: Connection, subject: SubjectId, sealed: bytes) -> bytes:
        """The inverse of `seal`.

        Raises:
            NotFound: the person has been erased; nobody can read it any more.
        """
        return open_sealed(self._key(connection, subject), sealed, CONTENT)

    def seal_with(self, sealed_key: bytes, subject: SubjectId, content: bytes, context: bytes) -> bytes:
        """Encrypt under a person's key that was read together with other things, as it rests; opens only in context."""
        return seal(self._opened(sealed_key, subject), content, context)

    def open_with(self, sealed_key: bytes, subject: SubjectId, sealed: bytes, context: bytes) -> bytes:
        """The inverse of `seal_with`."""
        return open_sealed(self._opened(sealed_key, subject), sealed, context)

    def destroy(self, connection: Connection, subject: SubjectId) -> None:
        """Make everything sealed under this person's key unreadable."""
        repository.remove_key(connection, subject)

    def _key(self, connection: Connection, subject: SubjectId) -> bytes:
        sealed = repository.key_of(connection, subject)
        if sealed is None:
            raise NotFound("this person's data has been erased")
        return self._opened(sealed, subject)

    def _opened(self, sealed_key: bytes, subject: SubjectId) -> bytes:
        return open_sealed(self._wrapping_key, sealed_key, subject.bytes)
