"""The side that takes: listens to other markets, brings their public videos here, and takes them away when they do.

Two steps a round. What a market says is written down, withdrawals at once; then files are fetched, looked at and
listed, one video after the other. A video that does not come as announced is passed over, and after some tries left.
Once a day it is asked how many watched there what is shown here.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import structlog

from penchant.accounts import repository as accounts
from penchant.accounts.model import Account
from penchant.catalog import repository as catalog
from penchant.catalog.service import CatalogService
from penchant.core.clock import Clock, as_datetime
from penchant.core.database import Connection, Engine
from penchant.core.errors import PenchantError
from penchant.core.ids import VideoId
from penchant.core.jobs import Jobs
from penchant.events.service import EventService
from penchant.markets import gateway_rows
from penchant.markets.caller import AnswerWrong, Caller, PeerAway
from penchant.markets.lifecycle import END, RANK
from penchant.markets.messages import AskCounts, AskVideos, Change, Counted, CountsAnswer, VideosAnswer, encode
from penchant.markets.peers import Peer
from penchant.markets.watch import read_rows
from penchant.operations.crossings.bringing import Bringing
from penchant.operations.crossings.house import House

_AT_ONCE: Final = 20
_MOST_PAGES: Final = 1_000
_ENDED: Final = frozenset({"closed", "closed_by_law"})
"""A market that has ended withdraws nothing any more, so all that is here of it goes."""
_log = structlog.get_logger("markets")


class Mirroring:
    """Keeps the mirrors of one cell up to date."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        own_market: str,
        house: House | None,
        markets: Sequence[str],
        catalog_service: CatalogService,
        events: EventService,
        jobs: Jobs,
        bringing: Bringing | None,
        erase: Callable[[Account], object],
    ) -> None:
        """`markets`: whose videos are brought here; `erase`: makes an account that stands for nobody any more go."""
        self.markets = tuple(markets) if house is not None else ()
        self._engine = engine
        self._clock = clock
        self._own = own_market
        self._house = house
        self._catalog = catalog_service
        self._events = events
        self._jobs = jobs
        self._bringing = bringing
        self._erase = erase
        self._trouble: dict[str, str] = {}
        """By market: why it could not be heard, as it was logged."""
        self._may_be_idle = True
        """Whether somebody may stand here of whom nothing is shown: whoever brought videos before may have died."""

    def round(self) -> int:
        """Listen to every market and fetch what is outstanding; returns how many videos were brought up to date.

        A market that does not answer, or answers wrongly, holds up nobody; it is logged once until that changes. What
        is here of markets that are not listened to any more goes: nobody would hear that it was withdrawn.
        """
        with gateway_rows.mirroring_alone(self._engine) as alone:
            if not alone:
                return 0
            with self._engine.connect() as connection:
                left = gateway_rows.markets(connection) - set(self.markets)
                standing = read_rows(connection).standing(as_datetime(self._clock.now_ms()))
            for market in left:
                self._leave(market)
            # Once this market has ended it only hears what is withdrawn: who comes anew would get a key.
            brought = sum(self._hear_out(market, brings=RANK[standing.state] < END) for market in self.markets)
            self._let_go()
            return brought

    def _hear_out(self, market: str, *, brings: bool) -> int:
        assert self._house is not None
        assert self._bringing is not None
        try:
            peer = self._house.peers.get(market)
            self._listen(peer, self._house.caller)
            brought = self._fetch(peer, self._bringing) if brings else 0
            self._hear_counts(peer, self._house.caller)
        except PenchantError as error:
            if self._trouble.get(market) != error.code:
                _log.warning("market_silent", market=market, code=error.code, problem=error.message)
            self._trouble[market] = error.code
            if error.code in _ENDED:
                self._leave(market)
            return 0
        if self._trouble.pop(market, None) is not None:
            _log.info("market_heard_again", market=market)
        return brought

    def _listen(self, peer: Peer, caller: Caller) -> None:
        for _ in range(_MOST_PAGES):
            with self._engine.connect() as connection:
                after = gateway_rows.heard_until(connection, peer.id)
            answer: VideosAnswer = caller.ask(peer, "videos", AskVideos(after))
            if answer.anew:
                self._leave(peer.id)
                continue
            numbers = [after, *(change.number for change in answer.changes)]
            if any(later <= earlier for earlier, later in pairwise(numbers)):
                raise AnswerWrong(f"{peer.id} numbers its changes in another order than they come")
            for change in answer.changes:
                self._note(peer, change)
            self._events.deliver()
            if not answer.more:
                return

    def _hear_counts(self, peer: Peer, caller: Caller) -> None:
        """Ask once a day how many watched there what is shown here."""
        today = as_datetime(self._clock.now_ms()).date()
        with self._engine.connect() as connection:
            if gateway_rows.counted_on(connection, peer.id) == today:
                return
            shown = set(gateway_rows.told_of(connection, peer.id))
        told: list[Counted] = []
        after = 0
        for _ in range(_MOST_PAGES):
            answer: CountsAnswer = caller.ask(peer, "counts", AskCounts(after))
            videos = [after, *(one.video for one in answer.counts)]
            if any(later <= earlier for earlier, later in pairwise(videos)) or (answer.more and not answer.counts):
                raise AnswerWrong(f"{peer.id} counts its videos in another order than they come")
            if any(max(one.finished, one.liked) > one.viewers for one in answer.counts):
                raise AnswerWrong(f"{peer.id} counts more people than watched")
            told += [one for one in answer.counts if one.video in shown]
            if not answer.more:
                break
            after = videos[-1]
        else:
            raise AnswerWrong(f"{peer.id} counts on and on")
        with self._engine.begin() as connection:
            gateway_rows.put_counts(connection, peer.id, today, told)

    def _note(self, peer: Peer, change: Change) -> None:
        with self._engine.begin() as connection:
            if change.now is not None:
                gateway_rows.tell(connection, peer.id, change.video, change.number, encode(change.now).decode())
            else:
                self._withdraw(connection, peer.id, change.video)
            gateway_rows.hear(connection, peer.id, change.number)

    def _leave(self, market: str) -> None:
        """Show nothing of a market any more; should it be listened to again, it tells everything anew."""
        with self._engine.begin() as connection:
            videos = gateway_rows.told_of(connection, market)
            gateway_rows.hear(connection, market, 0)
        for video in videos:
            with self._engine.begin() as connection:
                self._withdraw(connection, market, video)
        self._events.deliver()

    def _withdraw(self, connection: Connection, market: str, remote_id: int) -> None:
        self._may_be_idle = True
        mirror = gateway_rows.mirror(connection, market, remote_id)
        row = catalog.lock_video(connection, VideoId(mirror.video_id)) if mirror and mirror.video_id else None
        if row is not None and row.state == "removed" and row.removed_by == "moderation":
            # Kept as a mark: what moderation removed here does not come back by going away there.
            gateway_rows.silence(connection, market, remote_id)
            return
        gateway_rows.remove(connection, market, remote_id)
        found = catalog.video(connection, VideoId(row.id)) if row is not None else None
        if found is None:
            return
        video = found[0]
        self._catalog.remove(connection, video, "creator")
        if keys := catalog.object_keys(connection, video.id):
            self._jobs.defer(connection, "media.delete_objects", keys=keys)

    def _let_go(self) -> None:
        """Forget who stands here for somebody of whom nothing is shown any more: perhaps they were erased there."""
        if not self._may_be_idle:
            return
        with self._engine.connect() as connection:
            idle = catalog.stand_ins_without_videos(connection, self._own)
            gone = [accounts.account_by_id(connection, id_) for id_ in idle]
        for account in gone:
            if account is not None:
                self._erase(account)
        self._may_be_idle = False

    def _fetch(self, peer: Peer, bringing: Bringing) -> int:
        brought = 0
        with self._engine.connect() as connection:
            outstanding = gateway_rows.outstanding(connection, peer.id, _AT_ONCE)
        failed: PenchantError | None = None
        for one in outstanding:
            try:
                bringing.bring(peer, one)
                brought += 1
            except PenchantError as error:
                failed = error
                with self._engine.begin() as connection:
                    gateway_rows.try_less(connection, one)
                if isinstance(error, PeerAway):
                    # It may be the line or this one file: the next round begins with those that were tried less.
                    break
        self._events.deliver()
        if failed is not None and not brought:
            raise failed
        return brought
