"""HTTP: routes, schemas, error mapping, ranges and the built page.

Row 9: stands on `app`.
"""
