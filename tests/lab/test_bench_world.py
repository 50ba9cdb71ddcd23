import numpy as np
import pytest
from sqlalchemy import func, select

from penchant.app import Penchant
from penchant.catalog.repository import videos
from penchant.events.model import Published, Shown, Watch
from penchant.events.repository import history_videos
from penchant.lab.bench_world import Size, make_world
from penchant.taste.labels import outcome

pytestmark = pytest.mark.service


def test_a_world_has_what_its_size_says_and_people_with_a_taste(cell: Penchant):
    size = Size(videos=200, crowd=10, crowd_plays=20, viewers=5, viewer_plays=10)
    told: list[tuple[str, int, int]] = []
    askers = make_world(cell, size, 7, lambda *news: told.append(news))
    log = cell.events.log.read(0, 10_000)
    kinds = [type(stored.event) for stored in log]
    assert (kinds.count(Published), kinds.count(Shown), kinds.count(Watch)) == (200, 250, 250)
    with cell.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(videos)).scalar_one() == 200
        assert connection.execute(select(func.count()).select_from(history_videos)).scalar_one() == 250
    assert len({asker.subject for asker in askers}) == 5
    assert cell.accounts.viewer(askers[0].cookie.removeprefix("penchant=")) is not None
    watches = [stored.event for stored in log if isinstance(stored.event, Watch)]
    played = np.mean([outcome(watch.watched_ms, watch.duration_ms) > 0 for watch in watches])
    assert 0.2 < played < 0.9
    assert told[-1] == ("events", 500, 500)
