"""What is kept about people: the inventory, the job that lets it go in time, and everything about one person as a file.

Each reads what the tables say of themselves (`core.holdings`). Erasing is beside it, in `operations.erasure`.
"""
