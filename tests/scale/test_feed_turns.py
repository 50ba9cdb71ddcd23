"""The feed turns towards what a viewer finishes, and not towards whom they follow: through the API of a real `up`.

Themes are known to the test alone: clips carry no theme, only pictures, sounds and what the crowd did.
"""

from dataclasses import dataclass
from uuid import uuid4

import numpy as np
import pytest
from tests.scale.watching import Watcher
from tests.scale.worlds import World

from penchant.core.ids import PageId, parse_id
from penchant.demo.themes import THEMES
from penchant.feed.effects.record import read_record

FINISHED, SKIPPED = 6, 12
LEFT = 20
"""So many unseen clips of the theme are left at the start of each page that counts."""
SKIP_MS = 700


@dataclass(frozen=True)
class Turn:
    """What the next pages of one viewer held."""

    exploit: int
    exploit_of_theme: int
    others_per_page: tuple[int, ...]
    """Slots of ten that are not of the theme."""


def run(world: World, theme: str, seed: int) -> Turn:
    """A viewer who finishes 6 of the theme and skips 12 others in some order."""
    rng = np.random.default_rng([seed, list(THEMES).index(theme)])
    own = world.of_theme(theme)
    others = [video for video in world.clips if video not in set(own)]
    finished = rng.choice(own, FINISHED, replace=False).tolist()
    skipped = rng.choice(others, SKIPPED, replace=False).tolist()
    viewer = Watcher(world.installation.url)
    for video in rng.permutation([*finished, *skipped]).tolist():
        duration_ms = world.clips[video].duration_ms
        viewer.watch([(video, duration_ms if video in finished else SKIP_MS, duration_ms)])
    return look(world, viewer, theme, len(own) - FINISHED)


def run_control(world: World, theme: str) -> Turn:
    """A viewer who did nothing."""
    return look(world, Watcher(world.installation.url), theme, len(world.of_theme(theme)))


def look(world: World, viewer: Watcher, theme: str, unseen: int, most_pages: int = 3) -> Turn:
    """The next pages, as long as enough of the theme is left when a page begins."""
    exploit = of_theme = 0
    others: list[int] = []
    while unseen >= LEFT and len(others) < most_pages:
        page = viewer.page()
        themes = [world.clips[parse_id(item["video"]["id"])].theme for item in page["items"]]
        arms = arms_of(world, page["page"])
        assert len(themes) == len(arms) == 10
        exploit += arms.count("exploit")
        of_theme += sum(arm == "exploit" and found == theme for arm, found in zip(arms, themes, strict=True))
        others.append(10 - themes.count(theme))
        unseen -= themes.count(theme)
    return Turn(exploit, of_theme, tuple(others))


def arms_of(world: World, page: str) -> list[str]:
    """The rule that drew each slot, from the page's record: clients are not told."""
    with world.cell.engine.connect() as connection:
        record = read_record(world.cell.records.page(connection, PageId(parse_id(page))).record)
    return [slot[1] for slot in record["slots"]]  # type: ignore[attr-defined]


def check(world: World, themes: list[str], seeds: int, capsys: pytest.CaptureFixture[str]) -> None:
    keys = [(theme, seed) for theme in themes for seed in range(seeds)]
    # Controls first: half a dozen plays of a theme are news in a world as quiet as this, for whoever comes next.
    controls = [run_control(world, theme) for theme, _ in keys]
    turns = {key: run(world, *key) for key in keys}
    shares = {key: turn.exploit_of_theme / turn.exploit for key, turn in turns.items()}
    control = float(np.mean([turn.exploit_of_theme / turn.exploit for turn in controls]))
    others = [count for turn in turns.values() for count in turn.others_per_page]
    mean = float(np.mean(list(shares.values())))
    with capsys.disabled():
        by_theme = {theme: np.mean([shares[theme, seed] for seed in range(seeds)]) for theme in themes}
        print("\n  of the theme: " + ", ".join(f"{theme} {share:.2f}" for theme, share in by_theme.items()))
        print(f"  mean {mean:.3f}, control {control:.3f}, not of it {np.mean(others):.2f} of 10 (least {min(others)})")
    assert mean >= 0.5
    assert control <= 0.25
    assert np.mean(others) >= 2


def check_follow(world: World) -> None:
    """Following somebody gives them at most one slot in five."""
    follower = Watcher(world.installation.url)
    follower.sign_up(f"follower_{uuid4().hex[:8]}")
    handle = next(iter(world.clips.values())).handle
    assert follower.browser.ask("PUT", f"/api/profiles/{handle}/follow").status == 200
    creators = [item["video"]["creator"]["handle"] for _ in range(3) for item in follower.page()["items"]]
    assert len(creators) == 30
    assert 1 <= creators.count(handle) <= len(creators) // 5


@pytest.mark.service
def test_the_feed_turns_towards_two_themes_of_rows(rows_world: World, capsys: pytest.CaptureFixture[str]):
    check(rows_world, list(THEMES)[:2], 1, capsys)


@pytest.mark.service
def test_following_does_not_fill_the_feed_of_rows(rows_world: World):
    check_follow(rows_world)


@pytest.mark.scale
@pytest.mark.media
def test_the_feed_turns_towards_every_theme_of_the_demo(demo_world: World, capsys: pytest.CaptureFixture[str]):
    check(demo_world, list(THEMES), 3, capsys)


@pytest.mark.scale
@pytest.mark.media
def test_following_does_not_fill_the_feed_of_the_demo(demo_world: World):
    check_follow(demo_world)
