"""What people say to each other: comments and likes; and the inbox, where they are told of what concerns them.

Row 5: stands on `catalog` and `safety`. Other rooms tell through `accounts.telling`, a port that `app` fills.
"""
