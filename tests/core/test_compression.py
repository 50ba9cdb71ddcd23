"""What was compressed comes back; what would swell, or was cut off, does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.core.compression import compress, decompress


@given(st.binary(max_size=5_000))
def test_it_comes_back(content: bytes):
    assert decompress(compress(content), 5_000) == content


def test_what_is_no_frame_breaks_off_or_swells_is_refused():
    bomb = compress(bytes(10_000_000))
    assert len(bomb) < 10_000
    with pytest.raises(ValueError, match="more than 1,000 bytes"):
        decompress(bomb, 1_000)
    for wrong in (b"", b"nothing", compress(b"some words" * 50)[:-1]):
        with pytest.raises(ValueError):
            decompress(wrong, 1_000)
