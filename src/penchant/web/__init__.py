"""HTTP: routes, schemas, error mapping, ranges and the built page.

Row 9: stands on `app`.
"""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
"""The built page."""
