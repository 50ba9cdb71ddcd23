"""A long evening: a thousand videos in one page. Memory stays flat, the page stays small, a swipe stays smooth."""

import json
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, Playwright
from tests.browser.conftest import FLAGS, PHONE, find_browser
from tests.browser.test_stories import current, swipe

from penchant.testing.installation import Installation, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.scale]
VIDEOS = 1_000
WARM_UP = 200
LONGEST_TASK_MS = 50


@pytest.fixture(scope="module")
def plain_browser(playwright: Playwright) -> Iterator[Browser]:
    """Without compiled code, whose own growth would hide what the page keeps."""
    browser = playwright.chromium.launch(executable_path=find_browser(), args=[*FLAGS, "--js-flags=--jitless"])
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """With the whole demo, as it is drawn."""
    installation = Installation(demo="true")
    try:
        installation.start()
        wait_for(lambda: "demo: 24 of" in installation.output.read_text(), "the first 24 demo videos", 240)
        yield installation
    finally:
        installation.remove()


def open_feed(browser: Browser, installation: Installation) -> tuple[Page, CDPSession]:
    context = browser.new_context(viewport=PHONE, base_url=installation.url)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto("/")
    current(page).wait_for()
    return page, context.new_cdp_session(page)


def heap_bytes(devtools: CDPSession) -> int:
    devtools.send("HeapProfiler.collectGarbage")
    return int(devtools.send("Runtime.getHeapUsage")["usedSize"])


def kept_bytes(page: Page, devtools: CDPSession) -> int:
    """The heap at rest: an answer that is just being read, or a swipe that still rolls, is not what the page keeps."""
    readings = [heap_bytes(devtools)]

    def at_rest() -> bool:
        page.wait_for_timeout(300)
        readings.append(heap_bytes(devtools))
        return len(readings) > 3 and max(readings[-3:]) <= min(readings[-3:]) * 1.005

    wait_for(at_rest, "the page to come to rest")
    return readings[-1]


def test_memory_is_flat_over_a_thousand_videos(plain_browser: Browser, installation: Installation):
    """When everything was seen the feed begins again, so a small installation is enough."""
    page, devtools = open_feed(plain_browser, installation)
    devtools.send("HeapProfiler.enable")
    heaps: list[int] = []
    for number in range(1, VIDEOS + 1):
        swipe(page)
        assert page.locator("video").count() <= 5
        if number % 100 == 0:
            heaps.append(kept_bytes(page, devtools))
            print(f"{number} videos: {heaps[-1] / 1e6:.2f} MB")
    heaps = heaps[WARM_UP // 100 - 1 :]
    middle = median(heaps)
    assert max(heaps) <= middle * 1.1
    assert min(heaps) >= middle * 0.9
    # Within the band it could still grow: the last third is no higher than the first.
    assert median(heaps[-3:]) <= median(heaps[:3]) * 1.05
    page.context.close()


def test_no_task_of_a_swipe_keeps_the_main_thread_for_50_ms(browser: Browser, installation: Installation):
    """By processor time: on a machine that others use too, wall time measures them."""
    page, _ = open_feed(browser, installation)
    for _ in range(3):
        swipe(page)
    page.wait_for_timeout(2_000)
    tracer = browser.new_browser_cdp_session()
    events: list[dict[str, Any]] = []
    tracer.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    done: list[bool] = []
    tracer.on("Tracing.tracingComplete", lambda _: done.append(True))
    tracer.send(
        "Tracing.start", {"categories": "toplevel,devtools.timeline,__metadata", "transferMode": "ReportEvents"}
    )
    for _ in range(20):
        swipe(page)
        page.wait_for_timeout(400)
    tracer.send("Tracing.end")
    while not done:
        page.wait_for_timeout(100)
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["tdur"] / 1_000
        for event in events
        if event.get("ph") == "X" and (event["pid"], event["tid"]) in mains and event["name"].endswith("RunTask")
        if "tdur" in event
    ]
    tasks.sort(reverse=True)
    print(f"{len(tasks)} tasks, longest {json.dumps([round(task, 1) for task in tasks[:5]])} ms of processor time")
    assert len(tasks) > 100
    assert tasks[0] <= LONGEST_TASK_MS
    page.context.close()
