"""Test clips, drawn by `clip_maker.py` in a process of its own."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

_MAKER = Path(__file__).with_name("clip_maker.py")


class ClipRecipe(msgspec.Struct, frozen=True, kw_only=True):
    """What `clip_maker.py` draws: a moving texture with a white corner, and a pulsing tone."""

    path: str
    container: str = "mp4"
    movflags: str = ""
    width: int = 320
    height: int = 568
    fps: str = "30"
    frames: int = 60
    video_codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    rotation: int = 0
    """Degrees clockwise that a player has to turn the stored picture."""
    vfr: bool = False
    black_start: int = 0
    numbered: bool = False
    """Instead of the texture 16 columns, white or black: the picture's number, lowest bit on the left."""
    gop: int = 0
    """Pictures from one key frame to the next; 0 leaves it to the encoder."""
    detail: float = 0.05
    channels: int = 2
    sample_rate: int = 44_100
    audio_codec: str = "aac"
    sound_seconds: float = 2.0
    sound_file: str = ""
    """A WAV file of 16-bit mono that is heard instead of the tone; `sample_rate` has to be its own."""
    sound_from: float = 0.0
    """Seconds of silence before the tone."""
    amplitude: float = 0.3
    """Of the tone, 1 is full scale."""
    transfer: int = 0
    """Of BT.2020 pictures: 16 is PQ, 18 is HLG."""
    patches: tuple[tuple[int, int, int], ...] = ()
    """Instead of the texture a still chart: a column for each 10-bit (Y, Cb, Cr)."""
    metadata: dict[str, str] = {}
    seed: int = 7


Maker = Callable[..., Path]


@pytest.fixture(scope="session")
def make_clip(run_folder: Path) -> Maker:
    """Draws a clip: `make_clip(path, **changes)`; see `ClipRecipe` for what can be changed.

    Of one recipe always the same picture and sound, so it is drawn once in a run of the tests and copied then.
    """
    drawn = run_folder / "clips"
    drawn.mkdir(exist_ok=True)

    def make(path: Path, **changes: object) -> Path:
        recipe = msgspec.convert({"path": str(path), **changes}, ClipRecipe)
        known = drawn / hashlib.sha256(msgspec.json.encode(_named(recipe))).hexdigest()
        if not known.exists():
            subprocess.run([sys.executable, str(_MAKER)], input=msgspec.json.encode(recipe), check=True, timeout=300)
            draft = known.with_suffix(f".{os.getpid()}")
            shutil.copyfile(path, draft)
            # Whole or not at all: another worker may draw the same.
            draft.rename(known)
        else:
            shutil.copyfile(known, path)
        return path

    return make


def _named(recipe: ClipRecipe) -> ClipRecipe:
    """The recipe by what is drawn: wherever to, and with the sound itself in place of where that lies."""
    sound = hashlib.sha256(Path(recipe.sound_file).read_bytes()).hexdigest() if recipe.sound_file else ""
    return msgspec.structs.replace(recipe, path="", sound_file=sound)
