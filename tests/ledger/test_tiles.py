"""Tiles: their addresses, what a growing tree adds, and that they say the same as the whole tree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant.ledger.sequencer import Edge
from penchant.ledger.tiles import WIDTH, Tile, TileReader, TileWrong, bundle, grown, tiles_of, unbundle
from penchant.ledger.tree import includes, inclusion_proof, leaf_hash, root, root_of


def test_addresses_are_those_of_the_specification():
    assert Tile(0, 1234067, WIDTH).path == "tile/0/x001/x234/067"
    assert Tile(0, 273, 112).path == "tile/0/273.p/112"
    assert Tile(0, 273, 112).entries_path == "tile/entries/273.p/112"
    # "A tree of size 70,000 …"
    widths = [[tile.width for tile in tiles_of(70_000, level)] for level in range(4)]
    assert widths == [[WIDTH] * 273 + [112], [WIDTH, 17], [1], []]
    assert [tile.path for tile in grown(0, 256)] == ["tile/0/000", "tile/1/000.p/1"]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=6))
def test_a_tree_grown_in_steps_is_the_whole_tree(steps: list[int]):
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(sum(steps))]
    edge, files = Edge([]), dict[str, bytes]()
    for step in steps:
        old = edge.size
        touched = edge.grow(leaves[old : old + step])
        for tile in grown(old, edge.size):
            files[tile.path] = b"".join(touched[tile.level, tile.n][: tile.width])
    size = edge.size
    assert edge.root() == root_of(leaves)
    wanted = {tile.path for level in range(3) for tile in tiles_of(size, level)}
    assert wanted <= files.keys()
    reader = TileReader(files.get, size)
    assert root(size, reader.perfect) == root_of(leaves)
    for index in range(0, size, 97):
        proof = inclusion_proof(index, size, reader.perfect)
        assert includes(root_of(leaves), size, index, leaves[index], proof)


def test_a_gone_partial_tile_is_read_from_the_full_one():
    leaves = [leaf_hash(bytes([number])) for number in range(256)]
    files = {"tile/0/000": b"".join(leaves), "tile/entries/000": bundle([bytes([number]) for number in range(256)])}
    reader = TileReader(files.get, 3)
    assert root(3, reader.perfect) == root_of(leaves[:3])
    assert reader.entries(0) == [b"\0", b"\1", b"\2"]


@pytest.mark.parametrize("content", [None, b"", b"short", bytes(33)])
def test_a_tile_that_is_missing_or_too_short_says_so(content: bytes | None):
    with pytest.raises(TileWrong, match="tile/0/000"):
        TileReader(lambda _: content, 2).perfect(1, 0)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_are_read_as_they_were_written(entries: list[bytes]):
    assert unbundle(bundle(entries)) == entries
    if entries:
        with pytest.raises(TileWrong):
            unbundle(bundle(entries) + b"\0")
