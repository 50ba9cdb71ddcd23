"""The media bench on a second of each kind of clip, with its real programs."""

import pytest

from penchant.lab.bench_media import MediaBench

pytestmark = [pytest.mark.slow, pytest.mark.media]


def test_a_clip_is_converted_and_resembles_its_source() -> None:
    clip = MediaBench(1.0, 7).run("ordinary", lambda *_: None)
    assert [(rung.name, rung.width, rung.height) for rung in clip.rungs] == [
        ("480p", 480, 854),
        ("720p", 720, 1280),
        ("1080p", 1080, 1920),
    ]
    assert min(rung.ssim for rung in clip.rungs) > 0.93
    assert clip.rungs[1].mbit_per_s <= 2.6
    assert clip.playable.cpu_s > 0
    assert set(clip.apart) == {"720p", "1080p"}
