"""What the feed did, by day: counts without anyone's id, from which the public page and the admins' are drawn.

`tally` counts one day's pages, `repository` keeps the counts, `service` brings them up to date and reads them.
"""
