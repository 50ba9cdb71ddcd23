"""What stands in the database for a token: never what opens anything."""

import hashlib


def hash_token(token: str) -> bytes:
    """SHA-256. Tokens are random and long, or tried a few times at most: a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()
