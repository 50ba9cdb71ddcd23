"""A log as files in a dictionary, written in a few lines, for tests that alter it."""

from penchant.ledger.leaves import Leaf, Page, encode
from penchant.ledger.notes import Checkpoint, Signer
from penchant.ledger.sequencer import Edge
from penchant.ledger.tiles import bundle, grown
from penchant.ledger.tree import leaf_hash

SIGNER = Signer("here.penchant/01234567", bytes(range(32)))
NOW_MS = 1_790_000_000_000


class Files(dict[str, bytes]):
    """The files of a log of some entries."""

    def __init__(self, leaves: list[Leaf] | list[bytes], signer: Signer = SIGNER) -> None:
        super().__init__()
        self.entries = [leaf if isinstance(leaf, bytes) else encode(leaf) for leaf in leaves]
        self.signer = signer
        edge = Edge([])
        hashes = edge.grow([leaf_hash(entry) for entry in self.entries])
        for tile in grown(0, len(self.entries)):
            self[tile.path] = b"".join(hashes[tile.level, tile.n][: tile.width])
            if tile.level == 0:
                self[tile.entries_path] = bundle(self.entries[tile.n * 256 : tile.n * 256 + tile.width])
        self.checkpoint = Checkpoint(signer.verifier.name, len(self.entries), edge.root())
        self.note = signed(self.checkpoint, signer)
        self["checkpoint"] = self.note.encode()


def signed(checkpoint: Checkpoint, signer: Signer = SIGNER) -> str:
    text = checkpoint.text()
    return f"{text}\n{signer.sign(text)}"


def pages(count: int) -> list[Leaf]:
    return [Page(number.to_bytes(32)) for number in range(count)]
