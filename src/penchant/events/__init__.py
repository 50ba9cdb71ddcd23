"""What happened: the event schema, the EventLog port and each viewer's recent history.

Row 1: stands on `core`; `taste` learns from the log, `feed` reads the history.
"""
