"""`python -m penchant` is the command `penchant`."""

import gc

# Nothing that is loaded becomes garbage: looking for some while it grows is a seventh of every start.
gc.disable()

from penchant.cli.main import main  # noqa: E402

gc.freeze()
gc.enable()
main()
