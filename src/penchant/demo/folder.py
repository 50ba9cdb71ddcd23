"""The demo made of anyone's own videos: a subfolder is a creator, a file name is a title.

Files take the same way as every upload: they are copied in, and the worker makes them playable.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from penchant.catalog import repository as catalog
from penchant.catalog.model import TITLE_CHARACTERS, Video, VideoState
from penchant.catalog.service import clean_title
from penchant.core.errors import Invalid
from penchant.core.ids import AccountId
from penchant.demo.cell import Cell
from penchant.demo.publish import demo_account
from penchant.demo.service import Progress
from penchant.demo.viewers import Watchable, crowd, reactions, witness
from penchant.events.model import Watch
from penchant.media.uploads import UploadService

KINDS = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".3gp", ".mpg", ".mpeg", ".ogv"})
_SETTLED: tuple[VideoState, ...] = ("ready", "failed", "removed")
_KNOWN: tuple[VideoState, ...] = ("uploaded", "processing", "ready", "failed", "removed")


def from_folder(
    cell: Cell,
    uploads: UploadService,
    folder: Path,
    progress: Progress | None = None,
    wait: Callable[[float], None] = time.sleep,
    patience_s: float = 3600.0,
) -> tuple[int, dict[str, str]]:
    """Add the videos of a folder as demo, then let simulated viewers meet them; each creator's viewers are their own.

    Files directly in `folder` belong to a creator named like the folder. What is there already (same creator, same
    title) is left alone, so it can be called again. The worker has to run; `wait` is called with seconds between
    looks at how far it is.

    Returns:
        How many of the videos are playable, and for each that is not its path in the folder and why, in words.

    Raises:
        Invalid: there is no video in the folder.
    """
    files = list(_videos_in(folder))
    if not files:
        raise Invalid(f"there is no video in {folder}: looked for files ending in {', '.join(sorted(KINDS))}")
    creators: dict[AccountId, str] = {}
    wanted: dict[tuple[AccountId, str], Path] = {}
    refused: dict[str, str] = {}
    for path in files:
        name = path.parent.name or folder.resolve().name
        creator = demo_account(cell, handle_of(name), name[:50])
        creators[creator.id] = creator.handle
        title = title_of(path)
        known = {video.title for video in _videos_of(cell, creator.id)}
        wanted[creator.id, title] = path
        if title in known:
            continue
        try:
            uploads.take_in(creator, path, uploads.about(title, (), ""))
        except Invalid as reason:
            refused[str(path.relative_to(folder))] = reason.message
    ready = _await(cell, wanted, refused, folder, progress, wait, patience_s)
    _tell(cell, ready, creators)
    return len(ready), refused


def handle_of(name: str) -> str:
    """A handle for a creator of this name: letters a–z, digits and _, at least three of them."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    handle = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:22]
    return handle if len(handle) >= 3 else f"demo_{handle or 'creator'}"


def title_of(path: Path) -> str:
    """A title from a file name: without its ending, underscores as spaces, no longer than titles may be."""
    words = re.sub(r"[_\s]+", " ", path.stem).strip() or path.name
    return clean_title(words[:TITLE_CHARACTERS]).strip()


def _videos_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in KINDS and path.is_file() and not hidden:
            yield path


def _videos_of(cell: Cell, creator: AccountId) -> list[Video]:
    with cell.engine.connect() as connection:
        return list(catalog.videos_of(connection, creator, _KNOWN, None, 100_000))


def _await(
    cell: Cell,
    wanted: dict[tuple[AccountId, str], Path],
    refused: dict[str, str],
    folder: Path,
    progress: Progress | None,
    wait: Callable[[float], None],
    patience_s: float,
) -> list[Video]:
    """Look until every video is ready or has failed, or patience ends; those that are ready."""
    waited_s = 0.0
    while True:
        videos = [v for creator in {key[0] for key in wanted} for v in _videos_of(cell, creator)]
        mine = [video for video in videos if (video.creator.id, video.title) in wanted]
        ready = [video for video in mine if video.state == "ready"]
        if progress is not None:
            progress(len(ready), len(wanted))
        done = all(video.state in _SETTLED for video in mine)
        if done or waited_s >= patience_s:
            break
        wait(1.0)
        waited_s += 1.0
    for video in mine:
        if video.state != "ready":
            where = str(wanted[video.creator.id, video.title].relative_to(folder))
            refused[where] = video.failure_text or "it is not playable yet"
    return ready


def _tell(cell: Cell, videos: list[Video], creators: dict[AccountId, str]) -> None:
    viewers = crowd(sorted(creators.values()))
    met = cell.events.log.read_subject(witness(), 0, 1_000_000)
    told = {stored.event.video for stored in met if isinstance(stored.event, Watch)}
    for video in videos:
        if video.id not in told:
            watchable = Watchable(video.id, creators[video.creator.id], video.duration_ms)
            cell.events.record(reactions(viewers, watchable, cell.clock.now_ms()))
