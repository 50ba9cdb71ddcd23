"""What people say to each other: comments and likes.

Row 5: stands on `catalog` and `safety`.
"""
