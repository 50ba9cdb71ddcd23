"""Imports what PyAV and NumPy would import at their first need: once confined, the child can open no module."""

import importlib
import pkgutil

import av

_AT_FIRST_NEED = ("numpy.fft", "numpy.ma", "traceback")
_NOT_OURS = frozenset({"av.__main__", "av.datasets"})
"""A command line, and a downloader of samples."""


def preload() -> None:
    """Import every module of PyAV, and those of others that are known to be imported late."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if module.name not in _NOT_OURS:
            importlib.import_module(module.name)
    for name in _AT_FIRST_NEED:
        importlib.import_module(name)
