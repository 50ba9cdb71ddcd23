"""Where the commands find their settings, and how they end on an error."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console

from penchant.core.errors import PenchantError
from penchant.core.settings import Settings, load_settings

TOML = Path("penchant.toml")

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def read_settings(**overrides: object) -> Settings:
    """Settings from the environment, `penchant.toml` here, and the command's own options (None: not given)."""
    given = {name: value for name, value in overrides.items() if value is not None}
    return load_settings(os.environ, TOML, given)


def print_json(report: object) -> None:
    """A report on standard output, for programs."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n")


@contextmanager
def plain_errors() -> Iterator[None]:
    """End with a sentence and status 1 instead of a traceback where the error is one that people can act on."""
    try:
        yield
    except PenchantError as error:
        errors.print(f"[bold red]✗[/] {error.message}", soft_wrap=True)
        sys.exit(1)
