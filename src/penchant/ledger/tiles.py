"""The tree as files that never change: 256 hashes a tile, 256 entries a bundle.

Tile n of level l holds the hashes of the perfect subtrees of 256**l leaves, n * 256 to n * 256 + 255; a level has
`size >> 8 * l` of them, and its last tile is partial. Source: C2SP tlog-tiles (c2sp.org).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from penchant.core.errors import PenchantError
from penchant.ledger.tree import HASH_BYTES, root_of

WIDTH: Final = 256
_BITS: Final = 8
MOST_ENTRY_BYTES: Final = 65_535

Fetch = Callable[[str], bytes | None]
"""Path below the log's prefix → the file; None where there is none."""


class TileWrong(PenchantError):
    """A tile or a bundle is missing, or not what it has to be."""

    code = "tile_wrong"


class Tile(NamedTuple):
    """Where a tile lies."""

    level: int
    n: int
    width: int

    @property
    def path(self) -> str:
        return f"tile/{self.level}/{_n(self.n)}{self._part()}"

    @property
    def entries_path(self) -> str:
        """Of the bundle whose entries a tile of level 0 has the hashes of."""
        return f"tile/entries/{_n(self.n)}{self._part()}"

    def full(self) -> "Tile":
        return self._replace(width=WIDTH)

    def _part(self) -> str:
        return "" if self.width == WIDTH else f".p/{self.width}"


def _n(n: int) -> str:
    written = f"{n % 1000:03}"
    while n := n // 1000:
        written = f"x{n % 1000:03}/{written}"
    return written


def tiles_of(size: int, level: int = 0, first: int = 0) -> Iterator[Tile]:
    """The tiles of one level of a tree, from the one on that holds hash `first`."""
    count = size >> _BITS * level
    for n in range(first // WIDTH, -(-count // WIDTH)):
        yield Tile(level, n, min(count - n * WIDTH, WIDTH))


def grown(old: int, new: int) -> Iterator[Tile]:
    """The tiles that a tree of `new` leaves has and one of `old` has not, the lowest level first."""
    level = 0
    while new >> _BITS * level:
        before = old >> _BITS * level
        for tile in tiles_of(new, level, before):
            if tile.n * WIDTH + tile.width > before:
                yield tile
        level += 1


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries in a row, each behind its length in two bytes."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unbundle(content: bytes) -> list[bytes]:
    """The inverse of `bundle`.

    Raises:
        TileWrong: it breaks off.
    """
    entries, at = [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 2])
        entry = content[at + 2 : at + 2 + length]
        if at + 2 > len(content) or len(entry) != length:
            raise TileWrong("a bundle of entries breaks off")
        entries.append(entry)
        at += 2 + length
    return entries


class TileReader:
    """Reads a log's tiles, from wherever they lie; of a tree of `size` leaves."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch = fetch
        self.size = size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def perfect(self, level: int, n: int) -> bytes:
        """The hash of the n-th perfect subtree of 2**level leaves.

        Raises:
            TileWrong: a tile is missing or of another size.
        """
        of_tile, within = divmod(level, _BITS)
        first = n << within
        hashes = self.hashes(of_tile, first // WIDTH)
        found = hashes[first % WIDTH : first % WIDTH + (1 << within)]
        if len(found) != 1 << within:
            raise TileWrong(f"a tree of {self.size} leaves has no subtree {n} of 2**{level}")
        return root_of(found)

    def perfect_of_tile(self, level: int, n: int) -> bytes:
        """The hash of all leaves below a full tile. Raises as `perfect`."""
        return root_of(self.hashes(level, n))

    def hashes(self, level: int, n: int) -> list[bytes]:
        """The hashes in a tile, (W) of 32 bytes. Raises as `perfect`."""
        if (level, n) not in self._tiles:
            tile = self._tile(level, n)
            content = self._content(tile, tile.path, tile.full().path)
            if len(content) % HASH_BYTES or len(content) < tile.width * HASH_BYTES:
                raise TileWrong(f"{tile.path} holds {len(content)} bytes instead of {tile.width * HASH_BYTES}")
            self._tiles[level, n] = [
                content[at : at + HASH_BYTES] for at in range(0, tile.width * HASH_BYTES, HASH_BYTES)
            ]
        return self._tiles[level, n]

    def entries(self, n: int) -> list[bytes]:
        """The entries n * 256 and following, up to 256. Raises as `perfect`."""
        tile = self._tile(0, n)
        entries = unbundle(self._content(tile, tile.entries_path, tile.full().entries_path))
        if len(entries) < tile.width:
            raise TileWrong(f"{tile.entries_path} holds {len(entries)} entries instead of {tile.width}")
        return entries[: tile.width]

    def forget(self) -> None:
        """Lets go of the tiles that were read; for who walks through a large log."""
        self._tiles.clear()

    def _tile(self, level: int, n: int) -> Tile:
        width = min((self.size >> _BITS * level) - n * WIDTH, WIDTH)
        if width <= 0:
            raise TileWrong(f"a tree of {self.size} leaves has no tile {n} of level {level}")
        return Tile(level, n, width)

    def _content(self, tile: Tile, path: str, full: str) -> bytes:
        # A partial tile may be gone once the full one is there.
        content = self._fetch(path)
        if content is None and full != path:
            content = self._fetch(full)
        if content is None:
            raise TileWrong(f"{path} is missing")
        return content
