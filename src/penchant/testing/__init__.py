"""A seeded world and the conformance suites of the ports.

Above all rows; only tests import it.
"""
