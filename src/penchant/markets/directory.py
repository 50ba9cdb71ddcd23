"""The directory of a house: in which market a handle is at home, and nothing else about anybody.

A process of its own with a database of its own. Markets claim and release in a signed envelope; whoever wants to find
somebody asks without.
"""

import re
from collections import Counter
from threading import Lock
from typing import Annotated, Final

import msgspec
from sqlalchemy import MetaData, Table, Text, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from penchant.core.clock import Clock
from penchant.core.database import PUBLIC, Engine, column
from penchant.core.errors import Conflict, Invalid, NotFound, RateLimited
from penchant.core.holdings import ForGood, holding
from penchant.core.outbound import Bounds
from penchant.markets.caller import Caller, PeerAway, PeerRefused
from penchant.markets.envelope import Door
from penchant.markets.messages import Message
from penchant.markets.peers import DIRECTORY, Peer, Peers

RELEASE = "directory.release"
"""The job that releases the handle of somebody who was erased, until the directory has heard it."""
metadata = MetaData()
handles = Table(
    "handles",
    metadata,
    column("handle", Text, PUBLIC, primary_key=True),
    column("market", Text, PUBLIC, nullable=False),
    info=holding("in which market somebody is at home", ForGood("until their market releases it")),
)
MOST_FINDS: Final = 600
"""In a minute and of one network: enough for a market whose people sign in at the wrong place, too few to try names."""
_HANDLE = "^[a-z0-9_]{3,24}$"
_BOUNDS = Bounds(seconds=5.0, size_bytes=64_000, redirects=0)


class Handle(Message, frozen=True):
    """What a market claims or releases."""

    handle: Annotated[str, msgspec.Meta(pattern=_HANDLE)]


class DirectoryAway(PeerAway):
    """The directory does not answer, so nobody knows whether a handle is free."""

    code = "directory_away"


class Directory:
    """The process's side."""

    def __init__(self, engine: Engine, door: Door, clock: Clock) -> None:
        self._engine = engine
        self._door = door
        self._clock = clock
        self._lock = Lock()
        self._minute = 0
        self._finds: Counter[str] = Counter()
        """Of this minute, by network; one process is all of a directory."""

    def begin(self) -> None:
        """Make its one table where there is none."""
        metadata.create_all(self._engine)

    def claim(self, header: str, body: bytes) -> None:
        """Write down that a handle is at home in the market that asks. Doing it again changes nothing.

        Raises:
            Refused, Invalid: the request is not right.
            Conflict: handle_taken, by another market.
        """
        peer, _ = self._door.let_in("/claim", header, body)
        wanted = _read(body).handle
        insert = upsert(handles).values(handle=wanted, market=peer.id).on_conflict_do_nothing()
        with self._engine.begin() as connection:
            connection.execute(insert)
            own = connection.execute(select(handles.c.market).where(handles.c.handle == wanted)).scalar_one()
        if own != peer.id:
            raise Conflict(f"@{wanted} is taken", code="handle_taken", fields={"handle": "taken"})

    def release(self, header: str, body: bytes) -> None:
        """Forget a handle of the market that asks; nothing happens where it is not its own. Raises as `claim`."""
        peer, _ = self._door.let_in("/release", header, body)
        own = (handles.c.handle == _read(body).handle, handles.c.market == peer.id)
        with self._engine.begin() as connection:
            connection.execute(delete(handles).where(*own))

    def find(self, handle: str, network: str) -> str:
        """The market in which a handle is at home. `network`: of who asks.

        Raises:
            NotFound: nobody in the house has it.
            RateLimited: that network asked too often.
        """
        self._count(network)
        if re.fullmatch(_HANDLE, handle) is None:
            raise NotFound("nobody in this house has that handle")
        with self._engine.connect() as connection:
            found = connection.execute(select(handles.c.market).where(handles.c.handle == handle)).scalar_one_or_none()
        if found is None:
            raise NotFound("nobody in this house has that handle")
        return str(found)

    def _count(self, network: str) -> None:
        minute, now_ms = divmod(self._clock.now_ms(), 60_000)
        with self._lock:
            if minute != self._minute:
                self._minute, self._finds = minute, Counter()
            self._finds[network] += 1
            too_often = self._finds[network] > MOST_FINDS
        if too_often:
            raise RateLimited("too often; try again in a minute", retry_after_s=60 - now_ms // 1000)


class DirectoryClient:
    """A market's side."""

    def __init__(self, caller: Caller, peers: Peers, address: str) -> None:
        self._caller = caller
        self._peers = peers
        self._address = address.rstrip("/")

    def claim(self, handle: str) -> None:
        """Make a handle ours in the whole house.

        Raises:
            Conflict: handle_taken, by somebody in another market.
            DirectoryAway: it does not answer.
        """
        try:
            self._post("/claim", handle)
        except PeerRefused as error:
            if error.code != "handle_taken":
                raise DirectoryAway(f"the directory of handles refuses to answer ({error.code})") from error
            words = f"@{handle} is taken by somebody in another market"
            raise Conflict(words, code="handle_taken", fields={"handle": "taken"}) from error

    def release(self, handle: str) -> None:
        """Let a handle of ours go.

        Raises:
            DirectoryAway, PeerRefused: it has not heard it.
        """
        self._post("/release", handle)

    def find(self, handle: str) -> Peer | None:
        """The market in which somebody is at home; None where nobody has the handle.

        Raises:
            DirectoryAway: it does not answer.
        """
        try:
            market = self._caller.get(f"{self._address}/find?handle={handle}", _BOUNDS)
            return None if market is None else self._peers.get(market)
        except (PeerAway, NotFound) as error:
            raise DirectoryAway("the directory of handles does not answer at the moment", retry_after_s=5) from error

    def _post(self, path: str, handle: str) -> None:
        try:
            self._caller.post(self._address, path, DIRECTORY, msgspec.json.encode(Handle(handle)), _BOUNDS)
        except PeerAway as error:
            words = "the directory of handles does not answer at the moment; try again in a minute"
            raise DirectoryAway(words, retry_after_s=60) from error


def _read(body: bytes) -> Handle:
    try:
        return msgspec.json.decode(body, type=Handle)
    except msgspec.DecodeError as error:
        raise Invalid("this names no handle", code="wrong_shape") from error
