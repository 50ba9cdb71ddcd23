"""Numbers for candidates, in integers."""
