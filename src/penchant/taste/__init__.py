"""Taste: what is learned from what viewers do, and the ranker that orders their screen by it.

A learner folds the event log and publishes epochs; the feed (above) reads them through `TasteService`.
Neighbours: `events` below gives the log, `catalog` beside it is never imported: videos arrive as events.
"""
