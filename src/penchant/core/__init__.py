"""What every room stands on: ids, clock, errors, settings, the database session, objects, jobs, outbox.

Row 0: imports no other room. Everything above may import it.
"""
