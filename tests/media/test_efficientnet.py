"""The network in NumPy: its layers against sums written out, its weights, and what it takes pictures for."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.media import efficientnet
from penchant.media.efficientnet import FEATURES, EfficientNetLite0, WeightsMissing


@pytest.fixture(scope="module")
def network() -> EfficientNetLite0:
    return EfficientNetLite0()


@settings(max_examples=30)
@given(st.integers(1, 9), st.sampled_from([3, 5]), st.sampled_from([1, 2]), st.integers(0, 2**32 - 1))
def test_a_depthwise_layer_is_the_sum_over_its_kernel(side: int, kernel: int, stride: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(side, side, 2)).astype(np.float32)
    layer = efficientnet._Layer(rng.normal(size=(kernel, kernel, 2)).astype(np.float32), np.float32([0.5, -1]))
    found = efficientnet._depthwise(x, layer, stride)
    out = -(-side // stride)
    # As TensorFlow documents "SAME": pad = max((out - 1) * stride + kernel - side, 0), the odd one after.
    before = max((out - 1) * stride + kernel - side, 0) // 2
    for row in range(out):
        for column in range(out):
            total = layer.bias.copy()
            for down in range(kernel):
                for across in range(kernel):
                    y, z = row * stride + down - before, column * stride + across - before
                    if 0 <= y < side and 0 <= z < side:
                        total += layer.weights[down, across] * x[y, z]
            assert found[row, column] == pytest.approx(total, abs=1e-4)


def test_features_are_finite_and_the_same_again(network: EfficientNetLite0) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    features = network.features(picture)
    assert features.shape == (FEATURES,)
    assert features.min() >= 0
    assert features.max() <= 6
    assert np.array_equal(features, network.features(picture))


def test_the_usual_features_are_means_of_cut_normals() -> None:
    rng = np.random.default_rng(2)
    mean, deviation = np.float32([-1.0, 0.3, 4.0, 7.0]), np.float32([0.5, 1.0, 3.0, 0.2])
    drawn = np.clip(rng.normal(mean, deviation, size=(400_000, 4)), 0, 6).mean(axis=0)
    assert efficientnet._mean_of_relu6(mean, deviation) == pytest.approx(drawn, abs=0.01)


def test_nothing_but_arrays_is_unpickled() -> None:
    import io

    evil = pickle.dumps(print)
    with pytest.raises(pickle.UnpicklingError, match=r"builtins\.print"):
        efficientnet._Reader(io.BytesIO(evil)).load()


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet, "SHA256", "57934424" + "0" * 56)
    with pytest.raises(WeightsMissing, match="not the ones"):
        EfficientNetLite0()
