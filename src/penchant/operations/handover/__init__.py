"""A set of markets goes to other hands: one signed, encrypted, resumable bundle, made here and received elsewhere.

Takes its consistent copies from `backup` and `restore`; the log's last leaf here and first leaf there are `ledger`'s.
"""
