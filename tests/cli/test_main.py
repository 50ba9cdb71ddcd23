"""What every command waits for before it begins."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.service
HEAVY = {"scipy", "alembic", "litestar", "av", "jax"}
"""Each takes longer to load than most commands to run, and is loaded by the one that needs it."""


def test_no_command_waits_for_what_only_some_need():
    ask = "import sys, penchant.cli.main; print({name.split('.')[0] for name in sys.modules} & set(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", ask, *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
