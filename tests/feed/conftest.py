"""A catalogue of themes without files, published through the catalogue's own verbs."""

from collections.abc import Sequence
from uuid import uuid4

import numpy as np
import pytest

from penchant.accounts.model import Account, Viewer
from penchant.app import Penchant
from penchant.catalog.model import Rendition
from penchant.core.clock import ManualClock
from penchant.core.database import Connection
from penchant.core.ids import Ids, VideoId
from penchant.events.model import Event, NewEvent, Shown, Watch

THEMES = 4
PER_THEME = 15
CREATORS = 4
DURATION_MS = 6_000


class Town:
    """Videos by theme, viewers, and what they do."""

    def __init__(self, cell: Penchant, clock: ManualClock) -> None:
        self.cell = cell
        self.clock = clock
        self._ids = Ids(clock)
        self.theme_of: dict[int, int] = {}
        self.published: list[VideoId] = []
        """One by one, in their order."""
        self._sequence = 0
        self._session = uuid4()
        self._learner = cell.learner()

    def fill(self, per_theme: int = PER_THEME) -> None:
        """Publish `per_theme` videos in each theme, with vectors that lie near each other within a theme."""
        rng = np.random.default_rng(5)
        with self.cell.engine.begin() as connection:
            for theme in range(THEMES):
                centre = rng.normal(size=64)
                creators = [self.cell.accounts.make_account(f"creator_{theme}_{n}") for n in range(CREATORS)]
                for number in range(per_theme):
                    vector = np.clip((centre + 0.5 * rng.normal(size=64)) * 40, -127, 127).astype(np.int8)
                    creator = creators[number % CREATORS]
                    video = self._publish(connection, creator, f"{theme}-{number}", vector.tobytes())
                    self.theme_of[video] = theme
        self.cell.events.deliver()

    def publish(self, handle: str, title: str, vector: bytes = bytes(64), *, hashtags: Sequence[str] = ()) -> VideoId:
        """One more video, a second later."""
        self.clock.advance(1_000)
        with self.cell.engine.begin() as connection:
            video = self._publish(connection, self.cell.accounts.by_handle(handle), title, vector, hashtags)
        self.cell.events.deliver()
        self.published.append(video)
        return video

    def _publish(
        self, connection: Connection, creator: Account, title: str, vector: bytes, hashtags: Sequence[str] = ()
    ) -> VideoId:
        files = [Rendition("480p", f"v/{title}", "video/mp4", 5, "ab" * 32, 480, 854)]
        video = self.cell.catalog.add(connection, creator.id, title, hashtags, "en", id_=VideoId(self._ids.new()))
        self.cell.catalog.start_processing(connection, video)
        self.cell.catalog.publish(
            connection,
            video,
            duration_ms=DURATION_MS,
            width=480,
            height=854,
            files=files,
            encoder="t-1",
            vector=vector,
        )
        return video

    def viewer(self) -> Viewer:
        return self.cell.accounts.welcome()[1]

    def learn(self) -> None:
        """Fold everything and publish an epoch."""
        while self._learner.step():
            pass
        self._learner.wait_for_refit()
        self._learner.publish()

    def tell(self, viewer: Viewer, *events: Event) -> None:
        new = []
        for event in events:
            self._sequence += 1
            new.append(NewEvent(viewer.subject, self._session, self._sequence, self.cell.clock.now_ms(), event))
        self.cell.events.record(new)

    @property
    def examples(self) -> int:
        """Lists that the blend has learned from."""
        return self._learner.progress.examples

    def watch(self, viewer: Viewer, video: int, share: float, page: int | None = None, slot: int | None = None) -> None:
        self._sequence += 1
        self.tell(
            viewer,
            Shown(video=video, context="feed", page=page, slot=slot),
            Watch(
                video=video,
                context="feed",
                page=page,
                slot=slot,
                play=self._sequence,
                watched_ms=int(share * DURATION_MS),
                duration_ms=DURATION_MS,
            ),
        )

    def finish(self, viewer: Viewer, video: int) -> None:
        self.watch(viewer, video, 1.0)

    def skip(self, viewer: Viewer, video: int) -> None:
        self.watch(viewer, video, 0.1)

    def of_theme(self, theme: int) -> list[int]:
        return [video for video, of in self.theme_of.items() if of == theme]


@pytest.fixture
def town(cell: Penchant, clock: ManualClock) -> Town:
    town = Town(cell, clock)
    town.fill()
    town.learn()
    return town
