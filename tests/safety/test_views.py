"""A clip is known again as people change it: each change with what it must reach, and strangers."""

from collections.abc import Callable

import numpy as np
import pytest
from tests.safety.pictures import clip

from penchant.safety.detection.matching import ACT_FROM, QUEUE_FROM, Gallery, Known
from penchant.safety.detection.views import LAYOUT, hash_clip, pack, unpack, within_border, within_stillness

Frames = np.ndarray

CHANGES: dict[str, Callable[[Frames], Frames]] = {
    "as it was": lambda frames: frames,
    "mirrored": lambda frames: frames[:, :, ::-1],
    "10 % cropped": lambda frames: frames[:, 11:-11, 6:-6],
    "a corner kept": lambda frames: frames[:, 23:, :-13],
    "bordered": lambda frames: np.pad(frames, ((0, 0), (18, 18), (10, 10), (0, 0)), constant_values=40),
    "letterboxed": lambda frames: np.pad(frames, ((0, 0), (60, 60), (0, 0), (0, 0))),
    "bar above": lambda frames: np.concatenate([bar(frames), frames], axis=1),
    "darker": lambda frames: (frames * 0.6).astype(np.uint8),
    "faster": lambda frames: frames[[0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14]],
    "the second half": lambda frames: frames[8:],
}


def bar(frames: Frames) -> Frames:
    """White, with dark letters that stand still."""
    out = np.full((len(frames), 30, *frames.shape[2:]), 255, np.uint8)
    out[:, 8:20, 10:118:9] = 0
    return out


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    clips = [hash_clip(*clip(seed)) for seed in range(6)]
    return Gallery([Known(str(seed), one.known) for seed, one in enumerate(clips)])


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_known_again_and_taken_for_no_other(gallery: Gallery, change: str):
    frames, _ = clip(2)
    changed = np.ascontiguousarray(CHANGES[change](frames))
    found = gallery.matches(hash_clip(changed, tuple(250 * at for at in range(len(changed)))))
    assert [match.name for match in found] == ["2"]
    assert found[0].share >= ACT_FROM


def test_strangers_are_not_known(gallery: Gallery):
    for seed in range(100, 110):
        assert gallery.matches(hash_clip(*clip(seed)), least=QUEUE_FROM // 2) == []


def test_a_known_part_of_a_longer_clip_is_found_with_its_times(gallery: Gallery):
    known, other = clip(1)[0], clip(50, 48)[0]
    longer = np.concatenate([other[:24], known, other[24:]])
    (match,) = gallery.matches(hash_clip(longer, tuple(250 * at for at in range(len(longer)))))
    assert (match.name, match.times_ms[0], match.asked) == ("1", 24 * 250, 64)
    assert match.share >= ACT_FROM, "all of what is known is in it"


def test_one_picture_of_a_list_only_asks_for_a_look():
    frames, times = clip(3)
    one = hash_clip(frames, times).asked[5:6, :1]
    alone = np.concatenate([clip(60)[0][:5], frames[5:6], clip(61)[0][:5]])
    (match,) = Gallery([Known("list", one)]).matches(hash_clip(alone, tuple(range(0, 2750, 250))))
    assert (match.frames, match.share) == (1, 500)


def test_flat_pictures_are_left_out_and_stored_is_read_again():
    frames, times = clip(4)
    frames = frames.copy()
    frames[3:6] = 90
    made = hash_clip(frames, times)
    assert made.times_ms.tolist() == [at for at in times if at not in times[3:6]]
    again = unpack(pack(made))
    assert all(np.array_equal(one, other) for one, other in zip(made, again, strict=True))
    none = hash_clip(np.full((2, 80, 60, 3), 9, np.uint8), (0, 250))
    assert len(none.asked) == len(unpack(pack(none)).known) == 0
    assert Gallery([Known("x", made.known)]).matches(none) == []
    assert LAYOUT == 1


def test_what_is_cut_away_is_the_border_and_the_bar():
    frames = clip(5)[0].astype(np.float32).mean(axis=3)
    framed = np.pad(frames, ((0, 0), (0, 0), (16, 16)), constant_values=30)
    assert within_border(framed) == pytest.approx((0, 0.1, 1, 0.9), abs=0.01)
    barred = np.concatenate([bar(clip(5)[0]).astype(np.float32).mean(axis=3), frames], axis=1)
    assert within_stillness(barred) == pytest.approx((30 / 258, 0, 1, 1), abs=0.01)
    assert within_stillness(frames[:1]) == (0, 0, 1, 1)
