"""Sizes of renditions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.media.geometry import Size, display_size, fit_short_side, rungs_for


@pytest.mark.parametrize(
    ("source", "rendition"),
    [
        (Size(1080, 1920), Size(480, 854)),
        (Size(1920, 1080), Size(854, 480)),
        (Size(1080, 1080), Size(480, 480)),
        (Size(640, 272), Size(640, 272)),
        (Size(321, 243), Size(320, 242)),
        (Size(8192, 16), Size(4096, 8)),
    ],
)
def test_the_short_side_names_the_rung(source: Size, rendition: Size) -> None:
    assert fit_short_side(source, 480) == rendition


@given(st.integers(16, 8192), st.integers(16, 8192), st.sampled_from([480, 720, 1080]))
def test_even_never_larger_and_of_the_same_shape(width: int, height: int, short_side: int) -> None:
    made = fit_short_side(Size(width, height), short_side)
    assert made.width % 2 == 0
    assert made.height % 2 == 0
    assert made.width <= width
    assert made.height <= height
    assert made.short_side <= short_side
    # Each side is off by at most a pixel or two from the exact shape.
    assert abs(made.width * height - made.height * width) <= 2 * max(width, height) + 2 * min(width, height)


def test_rotation_and_pixel_shape_decide_what_is_shown() -> None:
    assert display_size(1280, 720, rotation=90, pixel_aspect=1.0) == Size(720, 1280)
    assert display_size(1280, 720, rotation=180, pixel_aspect=1.0) == Size(1280, 720)
    assert display_size(720, 576, rotation=0, pixel_aspect=64 / 45) == Size(1024, 576)


def test_a_rung_is_made_only_where_the_source_has_more() -> None:
    assert rungs_for(Size(1080, 1920)) == (480, 720, 1080)
    assert rungs_for(Size(720, 1280)) == (480, 720)
    assert rungs_for(Size(500, 900)) == (480, 720)
    assert rungs_for(Size(480, 854)) == (480,)
    assert rungs_for(Size(100, 100)) == (480,)
