from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from penchant.core.ids import SubjectId
from penchant.web.impressions import Impression, check_impression, sign_impression

KEY = b"k" * 32
ME = SubjectId(UUID(int=1))


@given(st.integers(0, 2**63 - 1), st.integers(0, 255), st.integers(1, 2**63 - 1))
def test_a_token_is_good_for_its_viewer_and_video_alone(page: int, slot: int, video: int):
    token = sign_impression(KEY, ME, video, Impression(page, slot))
    assert check_impression(KEY, ME, video, token) == Impression(page, slot)
    assert check_impression(KEY, ME, video - 1, token) is None
    assert check_impression(KEY, SubjectId(UUID(int=2)), video, token) is None
    assert check_impression(b"x" * 32, ME, video, token) is None


@given(st.text(max_size=60))
def test_any_other_text_is_no_token(text: str):
    assert check_impression(KEY, ME, 1, text) is None
