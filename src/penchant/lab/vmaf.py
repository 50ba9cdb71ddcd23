"""VMAF by a program `ffmpeg` that was built with it: how good a rendition looks beside its source, 0 to 100.

Source: Li et al., Toward a practical perceptual video quality metric (Netflix Technology Blog, 2016); model v0.6.1.
"""

import json
import shutil
import subprocess
from pathlib import Path

_EVERY = 3
"""Frames between two that are compared."""


def vmaf_program(named: str = "ffmpeg") -> str | None:
    """The program's path, None where there is none or it was built without."""
    program = shutil.which(named)
    if program is None:
        return None
    filters = subprocess.run([program, "-hide_banner", "-filters"], capture_output=True, text=True, check=False)
    return program if " libvmaf " in filters.stdout else None


def vmaf(program: str, source: Path, rendition: Path, width: int, height: int) -> float:
    """Mean over every third frame, both scaled to a size in pixels."""
    # Frames meet by number: times of different clocks are rounded differently. What a file says of its colours is
    # overruled: a file that says BT.709 would be converted to be compared with one that says nothing.
    same = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,"
    same += f"scale={width}:{height}:flags=bicubic,format=yuv420p,settb=1/1000,setpts=N"
    graph = f"[0:v]{same}[made];[1:v]{same}[shown];[made][shown]"
    graph += f"libvmaf=log_fmt=json:log_path=/dev/stdout:n_threads=2:n_subsample={_EVERY}"
    command = [program, "-v", "error", "-nostats", "-i", str(rendition), "-i", str(source)]
    done = subprocess.run([*command, "-lavfi", graph, "-f", "null", "-"], capture_output=True, text=True, check=True)
    return round(float(json.loads(done.stdout)["pooled_metrics"]["vmaf"]["mean"]), 2)
