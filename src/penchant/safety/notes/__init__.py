"""Community notes: context that people write and rate, shown where those who usually disagree find it helpful.

Part of `safety`. `scorer` is pure and can be run again by anyone on the public file; `service` is what people do.
"""
