"""What holds for somebody because of their age: one profile, and what enforces it.

Daily limits, guardians and proofs of age; the feed and the routes ask here. What a theme is says the policy.
"""
