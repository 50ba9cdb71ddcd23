"""What stands behind the ports: event log and PostgreSQL itself, objects in files, speech and pictures to words.

Row 7: only `app` chooses among them.
"""
