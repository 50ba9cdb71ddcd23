"""Looks at what is posted: known pictures by banks of hashes, words, links, repeats; holds what the law may ask for.

What it finds goes to `safety.service` as findings; the policy decides.
"""
