"""`penchant web`: one process that serves pages."""

import os

from penchant.cli.configuration import plain_errors, read_settings
from penchant.core.logs import configure_logs
from penchant.operations.processes import watch_lifeline


def web() -> None:
    """Serve pages and the API; `penchant up` starts it, and many machines may run it side by side."""
    with plain_errors():
        settings = read_settings()
        configure_logs(settings.log_level, "web")
        watch_lifeline(os.environ)
        # A quarter of a second of routes and schemas, which no other command should wait for.
        from penchant.web.server import serve

        serve(settings)
