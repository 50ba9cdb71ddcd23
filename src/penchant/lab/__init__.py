"""Measuring: the bench, and later evaluation, simulation and replay, with the parts that serve.

Row 7: beside `adapters`, `operations` and `demo`.
"""
