"""The local object store keeps the port's promises."""

from pathlib import Path

import pytest

from penchant.adapters.obstore_objects import LocalObjects
from penchant.app import Penchant
from penchant.core.errors import NotFound


@pytest.fixture
def objects(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "objects")


def test_what_is_put_is_read_whole_and_in_parts(objects: LocalObjects, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000
    source = tmp_path / "source"
    source.write_bytes(content)
    assert objects.put_file("videos/06f/480p-3fa2.mp4", source) == len(content)
    assert b"".join(objects.read("videos/06f/480p-3fa2.mp4")) == content
    assert b"".join(objects.read("videos/06f/480p-3fa2.mp4", 5, 700_001)) == content[5:700_001]
    assert b"".join(objects.read("videos/06f/480p-3fa2.mp4", len(content) - 3, len(content) + 50)) == content[-3:]
    assert b"".join(objects.read("videos/06f/480p-3fa2.mp4", 10, 10)) == b""
    assert objects.size_bytes("videos/06f/480p-3fa2.mp4") == len(content)


def test_putting_again_replaces(objects: LocalObjects) -> None:
    objects.put_bytes("a/b", b"first")
    assert objects.put_bytes("a/b", b"2nd") == 3
    assert b"".join(objects.read("a/b")) == b"2nd"


def test_what_is_not_there(objects: LocalObjects) -> None:
    assert objects.size_bytes("nothing/here") is None
    objects.delete("nothing/here")
    with pytest.raises(NotFound):
        objects.read("nothing/here")


def test_deleting_and_listing(objects: LocalObjects) -> None:
    for key in ("videos/a/1", "videos/a/2", "videos/ab/1", "other/1"):
        objects.put_bytes(key, b"x")
    assert sorted(objects.keys()) == ["other/1", "videos/a/1", "videos/a/2", "videos/ab/1"]
    assert sorted(objects.keys("videos/a/")) == ["videos/a/1", "videos/a/2"]
    objects.delete("videos/a/1")
    assert sorted(objects.keys("videos/a")) == ["videos/a/2"]


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a/../b", "a//b", "", ".hidden", "a/.b", "A", "a b", "ü", "a/"])
def test_keys_that_are_none_are_refused(objects: LocalObjects, key: str) -> None:
    with pytest.raises(ValueError, match="not an object key"):
        objects.put_bytes(key, b"x")
    with pytest.raises(ValueError, match="not an object key"):
        objects.size_bytes(key)


@pytest.mark.service
def test_a_cell_keeps_its_media_from_other_users(cell: Penchant) -> None:
    assert (cell.settings.data / "objects").stat().st_mode & 0o777 == 0o700
