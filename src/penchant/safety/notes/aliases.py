"""Names in the system of notes: the same for one person everywhere in it, and no way back to the account."""

from hashlib import blake2b
from typing import Final

from penchant.core.ids import AccountId

_GENERA: Final = (
    *("Alauda", "Anas", "Anser", "Apus", "Aquila", "Ardea", "Asio", "Buteo"),
    *("Ciconia", "Columba", "Corvus", "Cuculus", "Cygnus", "Falco", "Fulica", "Gavia"),
    *("Grus", "Hirundo", "Larus", "Milvus", "Mergus", "Motacilla", "Oriolus", "Parus"),
    *("Passer", "Pica", "Regulus", "Sitta", "Sterna", "Sturnus", "Turdus", "Upupa"),
)
"""Birds, by names that are the same in every language."""
_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"


def alias_of(key: bytes, account: AccountId) -> str:
    """A bird and 40 bits in letters; key: the installation's own, so that nobody else can try out accounts."""
    drawn = int.from_bytes(blake2b(account.to_bytes(8), key=key, digest_size=8).digest())
    genus, bits = _GENERA[drawn & 31], drawn >> 5
    return f"{genus}-{''.join(_LETTERS[bits >> shift & 31] for shift in range(0, 40, 5))}"
