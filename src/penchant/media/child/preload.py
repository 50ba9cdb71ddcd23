"""Does what libraries would do at their first need: once confined, the child can open no module and make no code."""

import ctypes
import importlib
import pkgutil
from collections.abc import Callable

import av

_AT_FIRST_NEED = ("numpy.fft", "numpy.ma", "traceback")
_NOT_OURS = frozenset({"av.__main__", "av.datasets"})
"""A command line, and a downloader of samples."""


_CALLBACKS = 32
"""More than one call of the C2PA library needs at a time: four for each of two streams, one for the signature."""

_kept: list[Callable[[], int]] = []


def preload() -> None:
    """Import every module of PyAV, and those of others that are known to be imported late; reserve callbacks."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if module.name not in _NOT_OURS:
            importlib.import_module(module.name)
    for name in _AT_FIRST_NEED:
        importlib.import_module(name)
    _reserve_callbacks()


def _reserve_callbacks() -> None:
    """Have the code made that lets native libraries call Python.

    libffi makes it a page at a time and keeps a page while one callback on it lives; so one is kept, and the others'
    places are free for later. Afterwards the filter refuses memory that can be executed.
    """
    kind = ctypes.CFUNCTYPE(ctypes.c_int)
    made = [kind(lambda: 0) for _ in range(_CALLBACKS)]
    _kept.append(made[0])
