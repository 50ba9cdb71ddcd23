"""What stands behind the ports: the event log in PostgreSQL, objects in files, the embedded PostgreSQL.

Row 7: only `app` chooses among them.
"""
