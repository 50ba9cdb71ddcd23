"""What handlers are given by name: the cell, who is asking, the metrics, the shell."""

from typing import TypeAlias

from litestar.di import NamedDependency

from penchant.accounts.model import Viewer
from penchant.app import Penchant
from penchant.web.metrics import Metrics

Cell: TypeAlias = NamedDependency[Penchant]
"""`penchant`: every service of the market that this web application serves."""

Asking: TypeAlias = NamedDependency[Viewer | None]
"""`viewer`: who is asking, None where the browser has no session yet."""

Counting: TypeAlias = NamedDependency[Metrics]
"""`metrics`: the counters of this process."""
