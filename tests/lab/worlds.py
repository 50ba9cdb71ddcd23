"""Small folders of data: a world in which taste is what decides, so that a good order can be told from a bad one."""

import gzip
from pathlib import Path

import numpy as np

START_MS = 1_650_844_800_000
"""25 April 2022, UTC."""
DAY_MS = 86_400_000
THEMES = 6


def write_world(
    folder: Path, seed: int = 1, viewers: int = 100, videos: int = 240, per_day: int = 600, days: int = 3
) -> Path:
    """Viewers watch long what is of their theme, mostly; they are shown anything."""
    rng = np.random.default_rng(seed)
    theme_of = rng.integers(0, THEMES, videos)
    likes = rng.integers(0, THEMES, viewers)
    lines = ["viewer_id,kind,position,video_id"]
    for viewer in range(viewers):
        own = rng.permutation(np.flatnonzero(theme_of == likes[viewer]))[:8]
        lines += [f"{viewer + 1},long_view,{place},{video + 100}" for place, video in enumerate(own)]
    _write(folder / "history.csv.gz", lines)
    lines = ["video_id,creator_id,duration_ms,tags"]
    lines += [
        f"{video + 100},{theme_of[video] * 10 + video % 3 + 1},15000,t{theme_of[video]}" for video in range(videos)
    ]
    _write(folder / "videos.csv", lines)
    lines = ["time_ms,viewer_id,video_id,watch_ms,duration_ms,long_view,like,tab"]
    moments = np.sort(rng.integers(START_MS, START_MS + days * DAY_MS, per_day * days))
    for at_ms in moments:
        viewer, video = int(rng.integers(0, viewers)), int(rng.integers(0, videos))
        long = rng.random() < (0.8 if theme_of[video] == likes[viewer] else 0.05)
        watched = int(rng.integers(13_500, 15_000)) if long else int(rng.integers(0, 4_000))
        lines.append(f"{at_ms},{viewer + 1},{video + 100},{watched},15000,{int(long)},0,{int(rng.integers(0, 2))}")
    _write(folder / "events.csv.gz", lines)
    return folder


def _write(path: Path, lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
