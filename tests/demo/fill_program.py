"""Fills the demo of the cell at a database and data folder with very short clips; meant to be killed."""

import sys
from pathlib import Path

import msgspec

from penchant.app import build
from penchant.core.settings import Settings
from penchant.demo.plan import plan
from penchant.demo.service import fill

if __name__ == "__main__":
    cell = build(Settings(data=Path(sys.argv[2])), database_url=sys.argv[1])
    clips = [msgspec.structs.replace(clip, frames=12) for clip in plan()]
    fill(cell, first=4, wanted=6, progress=lambda made, wanted: print(made, flush=True), clips=clips)
