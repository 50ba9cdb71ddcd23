"""The real reader of pictures, where it is there (./dev detect)."""

import numpy as np
import pytest

from penchant.adapters import ocr
from penchant.adapters.ocr import reader
from penchant.adapters.ocr.reader import read_lines
from penchant.lab.written import write_on
from penchant.media.on_screen import ReaderFailed

needs_model = pytest.mark.skipif(not ocr.is_installed(), reason="the extra detect is not installed: ./dev detect")


@pytest.mark.slow
@needs_model
def test_what_is_written_is_read_picture_by_picture_and_nothing_else():
    plain = np.full((854, 480, 3), (70, 110, 60), np.uint8)
    first = write_on(plain, "Prêt à gagner? Leçon garantie", 26, outlined=True, top_px=200)
    first = write_on(first, "and below", 34, outlined=False, top_px=500)
    lines = read_lines(np.stack([first, plain, write_on(plain, "another", 26, outlined=True, top_px=400)]))
    assert [" ".join(own) for own in lines] == ["Prêt à gagner? Leçon garantie and below", "", "another"]


@pytest.mark.slow
@needs_model
def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reader, "_START_S", 0.05)
    monkeypatch.setattr(reader, "_PICTURE_S", 0.0)
    with pytest.raises(ReaderFailed) as failed:
        read_lines(np.zeros((1, 64, 64, 3), np.uint8))
    assert failed.value.code == "timed_out"


@pytest.mark.slow
@pytest.mark.skipif(ocr.is_installed(), reason="the extra detect is installed")
def test_a_model_that_is_not_there_is_told():
    with pytest.raises(ReaderFailed, match="No module named"):
        read_lines(np.zeros((1, 64, 64, 3), np.uint8))
