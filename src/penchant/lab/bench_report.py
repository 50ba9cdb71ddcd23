"""What a figure is worth without: the machine, the versions, the settings, the load of others."""

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np

import penchant


class Machine(msgspec.Struct, frozen=True):
    """Where it was measured."""

    processor: str
    cores: int
    memory_bytes: int
    system: str
    load_average_at_start: float
    """Of the last minute, before the bench did anything: what others did with the cores."""


class Times(msgspec.Struct, frozen=True):
    """Milliseconds of many requests."""

    count: int
    p50_ms: float
    p99_ms: float
    worst_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Times":
        """From at least one duration; percentiles are values that occurred (nearest rank)."""
        values = np.sort(np.array(seconds, dtype=np.float64)) * 1000
        p50, p99 = (float(np.percentile(values, share, method="inverted_cdf")) for share in (50, 99))
        return cls(len(values), round(p50, 2), round(p99, 2), round(float(values[-1]), 2))


def this_machine() -> Machine:
    """The machine that this runs on, now."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(_processor(), os.cpu_count() or 1, pages, platform.platform(), round(os.getloadavg()[0], 2))


def versions() -> dict[str, str]:
    """What takes part, the database server apart: it says its own."""
    names = ("numpy", "scipy", "litestar", "uvicorn", "uvloop", "httptools", "msgspec", "sqlalchemy", "psycopg")
    return {"penchant": penchant.__version__, "python": sys.version.split()[0]} | {n: version(n) for n in names}


def load_average() -> float:
    """Of the last minute."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
