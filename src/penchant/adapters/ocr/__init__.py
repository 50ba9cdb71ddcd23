"""Words in pictures, offline: PP-OCR on onnxruntime by RapidOCR, with weights that ship in a wheel (extra `detect`).

The model runs in a program of its own (`python -m penchant.adapters.ocr`): nothing else imports it.
"""

from importlib.util import find_spec
from typing import Final

_PACKAGES: Final = ("rapidocr", "onnxruntime", "cv2")


def is_installed() -> bool:
    """Whether the extra `detect` is there; nothing of it is imported."""
    return all(find_spec(name) is not None for name in _PACKAGES)
