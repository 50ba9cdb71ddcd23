"""The temporal split: learn up to a moment, then rank for what each viewer watches long for the first time after it.

Nothing after the split is let in: neither events nor training. A target counts as in the replay, and its request has
the surface on which it happened.
"""

from __future__ import annotations

from collections.abc import Mapping

from penchant.lab.dataset import Dataset, Events
from penchant.lab.metrics import Lists
from penchant.lab.replay import (
    BASELINES,
    Progress,
    Replay,
    Result,
    measure_baseline,
    measure_page,
    places_of,
    prepare,
    replay,
    tag_numbers,
)
from penchant.taste.engine import Ranker


def temporal(
    data: Dataset, events: Events, rankers: Mapping[str, Ranker], progress: Progress, *, split_ms: int
) -> Replay:
    """All models over each viewer's next long view after `split_ms`."""
    engine = prepare(data)
    replay(
        data,
        events.between(None, split_ms),
        rankers,
        progress,
        measure_from_ms=split_ms,
        engine=engine,
        baselines=False,
    )
    after = events.between(split_ms, None)
    tags = tag_numbers(data)
    count = len(data.videos.ids)
    found = Replay({name: Result(Lists(count)) for name in (*rankers, *BASELINES)})
    wanted = frozenset[str]().union(
        *(ranker.wanted for ranker in rankers.values()), *(wanted for wanted, _ in BASELINES.values())
    )
    places = places_of(data, after.videos)
    done: set[int] = set()
    for number in range(len(after)):
        if number % 500 == 0:
            progress("after the split", number, len(after))
        viewer, place = int(after.viewers[number]), int(places[number])
        profile = engine.profile(viewer)
        if viewer in done or not after.long_views[number] or not profile.long or place in profile.known:
            continue
        done.add(viewer)
        reading, context = engine.read(viewer, int(after.surfaces[number]), split_ms, wanted)
        allowed = engine.allowed(viewer, unseen=False)
        found.viewers.append(viewer)
        for name, ranker in rankers.items():
            page = ranker.page(reading, allowed, context)
            measure_page(found.models[name], page, page.scores, place, tags)
        for name, (_, baseline) in BASELINES.items():
            measure_baseline(found.models[name], baseline(reading), allowed, place, tags)
    progress("after the split", len(after), len(after))
    found.losses = {name: ranker.trainer.curve.means for name, ranker in rankers.items()}
    return found
