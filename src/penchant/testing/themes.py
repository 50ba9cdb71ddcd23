"""A seeded world of themes: clips, and viewers who finish what they like and skip the rest."""

from __future__ import annotations

import numpy as np

from penchant.testing.memory_log import CLIP_MS, MemoryLog, published

THEMES, CLIPS_PER_THEME, CREATORS_PER_THEME = 8, 30, 4


def theme_of(video: int) -> int:
    """The theme of a clip of `themed`; ids count from 1,000."""
    return (video - 1_000) // CLIPS_PER_THEME


def themed(seed: int, viewers: int, vectors: bool) -> MemoryLog:
    """240 clips in 8 themes, and viewers who finish four in five of one or two themes and skip three in four others.

    Everyone is shown 20 to 40 clips at random: nothing is steered yet. Vectors (if any) scatter about their theme.
    """
    rng = np.random.default_rng(seed)
    log = MemoryLog()
    centres = rng.normal(size=(THEMES, 64)) + 2 * rng.normal(size=64)
    count = THEMES * CLIPS_PER_THEME
    for clip in range(count):
        theme = clip // CLIPS_PER_THEME
        vector = np.clip(np.rint(20 * (centres[theme] + 1.2 * rng.normal(size=64))), -127, 127).astype(np.int8)
        creator = 1 + theme * CREATORS_PER_THEME + clip % CREATORS_PER_THEME
        log.add(0, published(1_000 + clip, creator, vector.tobytes() if vectors else b""))
    for viewer in range(viewers):
        liked = rng.choice(THEMES, rng.integers(1, 3), replace=False)
        for play, clip in enumerate(rng.choice(count, rng.integers(20, 41), replace=False).tolist()):
            own, luck = clip // CLIPS_PER_THEME in liked, rng.random()
            if own:
                watched_ms = CLIP_MS if luck < 0.8 else 1_000
            else:
                watched_ms = 1_000 if luck < 0.75 else int(rng.integers(2_500, CLIP_MS))
            log.now_ms += 5_000
            log.watch(100 + viewer, 1_000 + clip, play + 1, watched_ms)
    return log
