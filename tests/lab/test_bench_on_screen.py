"""The measure of reading in pictures, with readers that read everything, nothing, or what is not there."""

import numpy as np
import pytest
from numpy.typing import NDArray

from penchant.adapters import ocr
from penchant.lab import bench_on_screen
from penchant.lab.bench_on_screen import Part, measure_on_screen

CLIPS = [np.zeros((2, 640, 360, 3), np.uint8), np.zeros((1, 360, 640, 3), np.uint8)]

needs_opencv = pytest.mark.skipif(not ocr.is_installed(), reason="the extra detect is not installed: ./dev detect")


def test_who_reads_everything_finds_everything_and_who_reads_nothing_nothing(monkeypatch: pytest.MonkeyPatch):
    written: dict[bytes, str] = {}

    def note(picture: NDArray[np.uint8], text: str, size_px: int, **look: object) -> NDArray[np.uint8]:
        marked = picture.copy()
        marked.reshape(-1)[:2] = divmod(len(written) + 1, 256)
        written[marked.tobytes()] = text
        return marked

    monkeypatch.setattr(bench_on_screen, "write_on", note)

    def everything(pictures: NDArray[np.uint8]) -> list[list[str]]:
        return [[written.get(picture.tobytes(), "kill yourself")] for picture in pictures]

    best = measure_on_screen(Part(CLIPS, everything), 1, lambda *step: None)
    assert {(row.found == row.texts, row.letters_read) for row in best.rows} == {(True, 1000)}
    assert (best.clips, best.pictures, best.pictures_with_lines, best.clips_found) == (2, 3, 3, 2)
    worst = measure_on_screen(Part(CLIPS, lambda pictures: [[] for _ in pictures]), 1, lambda *step: None)
    assert {(row.found, row.letters_read) for row in worst.rows} == {(0, 0)}
    assert (worst.pictures_with_lines, worst.clips_found) == (0, 0)


@pytest.mark.slow
@needs_opencv
def test_words_are_drawn_in_white_and_black_within_the_picture():
    plain = np.full((640, 360, 3), 90, np.uint8)
    for outlined in (False, True):
        drawn = bench_on_screen.write_on(plain, "Leçon à apprendre", 26, outlined=outlined, top_px=100)
        assert (drawn.max(), drawn.min() < 20) == (255, outlined)
        assert (drawn[:100] == 90).all()
