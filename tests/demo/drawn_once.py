"""Demo clips that several places of one run of the tests are filled with, each drawn once."""

import fcntl
import shutil
from pathlib import Path

import msgspec

from penchant.demo.messages import Made
from penchant.demo.plan import Clip
from penchant.demo.studio import Studio


class DrawnOnce(Studio):
    """A studio with a shelf: what is not there yet is drawn by the real child program, and stays."""

    def __init__(self, shelf: Path, folder: Path, niceness: int = 0) -> None:
        super().__init__(folder, niceness)
        self._shelf = shelf
        self._place = folder

    def make(self, clip: Clip) -> tuple[Made, Path, Path]:
        video, poster = self._place / f"{clip.number}.mp4", self._place / f"{clip.number}.jpg"
        told = self._shelf / f"{clip.number}.json"
        with (self._shelf / f"{clip.number}.lock").open("a") as lock:
            # Another worker may draw it at this moment.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                made, video, poster = super().make(clip)
                for path in (video, poster):
                    shutil.copy(path, self._shelf)
                told.write_bytes(msgspec.json.encode(made))
                return made, video, poster
        for path in (video, poster):
            shutil.copy(self._shelf / path.name, path)
        return msgspec.json.decode(told.read_bytes(), type=Made), video, poster
