import numpy as np
import pytest

from penchant.taste.curve import Curve


def test_a_curve_keeps_its_shape_in_bounded_room():
    curve = Curve(16)
    values = np.linspace(4, 2, 1_000)
    for value in values.tolist():
        curve.add(value)
        assert len(curve.means) < 16
    assert curve.stride == 64
    told = curve.stride * len(curve.means)
    assert curve.means == pytest.approx(values[:told].reshape(-1, curve.stride).mean(axis=1))


def test_short_curves_are_the_values_themselves():
    curve = Curve(16)
    for value in (3.0, 1.0, 2.0):
        curve.add(value)
    assert curve.means == [3.0, 1.0, 2.0]


@pytest.mark.parametrize("cut", [0, 5, 100, 333])
def test_a_restored_curve_goes_on_as_if_nothing_had_happened(cut: int):
    values = np.random.default_rng(1).random(500).tolist()
    whole, first, second = Curve(16), Curve(16), Curve(16)
    for value in values:
        whole.add(value)
    for value in values[:cut]:
        first.add(value)
    second.restore(first.arrays())
    for value in values[cut:]:
        second.add(value)
    assert (second.means, second.stride) == (whole.means, whole.stride)
