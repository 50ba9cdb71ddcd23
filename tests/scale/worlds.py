"""Installations with something to watch: the demo as it is drawn, or its plan as rows without files."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from penchant.app import Penchant, build
from penchant.catalog.model import Rendition
from penchant.core.settings import Settings
from penchant.demo.plan import Clip, plan
from penchant.demo.publish import video_id_of
from penchant.demo.themes import THEMES
from penchant.demo.viewers import Watchable, crowd, reactions
from penchant.events.model import NewEvent
from penchant.testing.installation import Installation, wait_for


@dataclass(frozen=True)
class World:
    """A running installation, its cell to look into, and what only the test knows: themes."""

    installation: Installation
    cell: Penchant
    clips: dict[int, Clip]
    """By video id."""

    def of_theme(self, theme: str) -> list[int]:
        return [video for video, clip in self.clips.items() if clip.theme == theme]


def cell_of(installation: Installation) -> Penchant:
    """A cell on the database and data folder of a running installation."""
    return build(Settings(data=installation.data), database_url=installation.database_url(), application="test")


def publish_plan(cell: Penchant, per_theme: int) -> dict[int, Clip]:
    """The plan's clips as rows, with vectors that scatter about their theme, and the demo's crowd."""
    rng = np.random.default_rng(11)
    centres = {theme: rng.normal(size=64) for theme in THEMES}
    clips = {int(video_id_of(clip)): clip for clip in plan(per_theme=per_theme)}
    accounts = {clip.handle: cell.accounts.make_account(clip.handle, clip.name).id for clip in clips.values()}
    with cell.engine.begin() as connection:
        for clip in clips.values():
            id_ = video_id_of(clip)
            vector = np.clip((centres[clip.theme] + 0.8 * rng.normal(size=64)) * 40, -127, 127).astype(np.int8)
            cell.catalog.add(connection, accounts[clip.handle], clip.title, clip.hashtags, clip.language, id_=id_)
            cell.catalog.publish(
                connection,
                id_,
                duration_ms=clip.duration_ms,
                width=480,
                height=854,
                files=[Rendition("480p", f"none/{id_}", "video/mp4", 5, "ab" * 32, 480, 854)],
                encoder="t-1",
                vector=vector.tobytes(),
            )
    cell.events.deliver()
    return clips


def tell_crowd(cell: Penchant, clips: dict[int, Clip]) -> None:
    """What the demo's simulated viewers did with each clip."""
    people = crowd(list(THEMES))
    events: list[NewEvent] = []
    for clip in clips.values():
        events += reactions(people, Watchable(video_id_of(clip), clip.theme, clip.duration_ms), cell.clock.now_ms())
    for first in range(0, len(events), 2_000):
        cell.events.record(events[first : first + 2_000])


def wait_until_learned(cell: Penchant, patience_s: float = 120) -> None:
    """Until the newest epoch has the whole log, and item-item rows of nearly all of it."""

    def learned() -> bool:
        epoch = cell.taste.epoch()
        last = cell.events.log.last_offset()
        return epoch.position >= last and epoch.rows.position > 0.95 * last

    wait_for(learned, "an epoch of the whole log", patience_s)


def wait_for_demo(installation: Installation, cell: Penchant, wanted: int, patience_s: float) -> None:
    """Until `penchant up` has drawn the demo, saying how far it is every few seconds."""
    from penchant.catalog import repository as catalog

    told = 0.0

    def drawn() -> bool:
        nonlocal told
        with cell.engine.connect() as connection:
            made = catalog.count_demo(connection)
        if time.monotonic() - told > 10:
            told = time.monotonic()
            print(f"demo: {made} of {wanted}", flush=True)
        time.sleep(1)
        return made >= wanted

    wait_for(drawn, f"the demo of {wanted}", patience_s)


def log_of(installation: Installation, name: str) -> str:
    """What a process of the installation said."""
    path: Path = installation.data / "logs" / f"{name}.log"
    return path.read_text(errors="replace") if path.exists() else ""
