"""Penchant: an open short-video platform whose feed is filled by what each person likes."""

__version__ = "0.1.0"
