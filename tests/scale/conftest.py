from collections.abc import Iterator

import pytest
from tests.scale.worlds import World, cell_of, publish_plan, tell_crowd, wait_for_demo, wait_until_learned

from penchant.demo.plan import plan
from penchant.demo.publish import video_id_of
from penchant.demo.service import WANTED
from penchant.testing.installation import Installation

TRUSTING = {"trusted_proxies": "127.0.0.1"}
"""Each test browser has an address of its own; rate limits stay as they are."""


@pytest.fixture(scope="module")
def rows_world() -> Iterator[World]:
    """The demo's plan as rows without files, watched by the demo's crowd: there in seconds."""
    installation = Installation(**TRUSTING)
    try:
        cell = cell_of(installation.start())
        clips = publish_plan(cell, per_theme=30)
        tell_crowd(cell, clips)
        wait_until_learned(cell)
        yield World(installation, cell, clips)
        cell.close()
    finally:
        installation.remove()


@pytest.fixture(scope="session")
def demo_world() -> Iterator[World]:
    """The real demo: 240 clips drawn, encoded, measured and told to the crowd by `penchant up` itself."""
    installation = Installation(demo="true", **TRUSTING)
    try:
        cell = cell_of(installation.start())
        wait_for_demo(installation, cell, WANTED, patience_s=3_600)
        wait_until_learned(cell)
        yield World(installation, cell, {int(video_id_of(clip)): clip for clip in plan()})
        cell.close()
    finally:
        installation.remove()
