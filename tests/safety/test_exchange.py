"""Hash lists: files that Meta's own package wrote, what people write by hand, and what is wrong in between."""

import json
from pathlib import Path

import pytest

from penchant.safety.detection.exchange import BadLine, Entry, ListedFrame, read_list, write_list

LISTS = Path(__file__).with_name("lists")
"""Written once by threatexchange 1.2.16: its vPDQ as JSON, its local file, and its indicators as CSV."""
HASHES = [golden["hash"] for golden in json.loads(Path(__file__).with_name("golden_pdq.json").read_text("utf-8"))]


def entries(text: str) -> list[Entry]:
    found = list(read_list(text.splitlines(keepends=True)))
    assert not [one for one in found if isinstance(one, BadLine)]
    return [one for one in found if isinstance(one, Entry)]


def hexes(entry: Entry) -> list[str]:
    return [frame.hash.hex() for frame in entry.frames]


@pytest.mark.parametrize("name", ["vpdq.json", "vpdq_indented.json"])
def test_vpdq_as_the_real_package_writes_it_is_one_video(name: str):
    (video,) = entries((LISTS / name).read_text("utf-8"))
    assert hexes(video) == HASHES[:4]
    assert [frame.at_ms for frame in video.frames] == [0, 1000, 2000, 3000]


def test_a_local_file_of_the_real_package():
    found = entries((LISTS / "local_file.txt").read_text("utf-8"))
    assert [hexes(entry) for entry in found] == [[HASHES[0]], [HASHES[1]], [HASHES[2]], HASHES[:4]]


def test_indicators_as_csv_of_the_real_package():
    found = entries((LISTS / "simple.HASH_PDQ.te").read_text("utf-8"))
    assert [hexes(entry) for entry in found] == [[hash_] for hash_ in HASHES[:5]]


@pytest.mark.parametrize(
    "text",
    [
        f"{HASHES[0]}\n\n# a remark\n{HASHES[1]}\n",
        f"hash,quality\n{HASHES[0]},100\n{HASHES[1]},80\n",
        f"id,pdq_hash\n7,{HASHES[0]}\n8,{HASHES[1].upper()}\n",
        f"HASH_PDQ,{HASHES[0]},x\nHASH_PDQ,{HASHES[1]},y\n",
        json.dumps({"data": [{"id": "1", "type": "HASH_PDQ", "indicator": hash_} for hash_ in HASHES[:2]]}),
        "\n".join(json.dumps({"hash": hash_, "quality": 99, "timestamp": 0.0}) for hash_ in HASHES[:2]),
    ],
)
def test_the_same_two_pictures_however_they_are_written(text: str):
    assert [hexes(entry) for entry in entries(text)] == [[HASHES[0]], [HASHES[1]]]


def test_the_older_form_of_vpdq():
    frames = {str(at): {"quality": 100, "hash": HASHES[at], "timestamp": 0.5 * at} for at in range(3)}
    (video,) = entries(json.dumps(frames))
    assert (hexes(video), video.frames[2].at_ms) == (HASHES[:3], 1000)


def test_a_wrong_line_is_told_with_its_number_and_the_others_are_read():
    text = f"{HASHES[0]}\nnonsense\n[1, 2]\nvpdq [\n{HASHES[1]},7,8,9\nHASH_MD5,abc\n{{}}\n{HASHES[2]}\n"
    found = list(read_list(text.splitlines()))
    assert [one.number for one in found if isinstance(one, BadLine)] == [2, 3, 4, 6, 7]
    assert [hexes(one) for one in found if isinstance(one, Entry)] == [[HASHES[at]] for at in (0, 1, 2)]
    assert "64 hexadecimal digits" in str(found[1])


def test_what_is_written_is_read_again():
    picture = Entry("", (ListedFrame(bytes.fromhex(HASHES[0]), 100, 0),))
    video = Entry("", tuple(ListedFrame(bytes.fromhex(hash_), 77, 250 * at) for at, hash_ in enumerate(HASHES)))
    assert entries("".join(write_list([picture, video]))) == [picture, video]
