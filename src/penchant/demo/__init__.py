"""Demo content: an empty installation gets clips worth swiping through, and viewers who liked some of them.

Everything is drawn and played by NumPy from one seed. It enters through the same rooms as anybody's video
(accounts, catalog, events, objects), is marked as demo, and leaves with one command.
"""
