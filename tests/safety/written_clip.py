"""`written_clip.py PATH TEXT`: two seconds of a plain clip with words on it, in a process of its own."""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

from penchant.lab.child.altered import write
from penchant.lab.written import write_on

if __name__ == "__main__":
    shades = np.linspace(40, 160, 854).astype(np.uint8)
    plain = np.repeat(np.repeat(shades[:, None, None], 480, axis=1), 3, axis=2)
    written = write_on(plain, sys.argv[2], 34, outlined=True, top_px=300)
    write(Path(sys.argv[1]), [written] * 48, Fraction(24), 23)
