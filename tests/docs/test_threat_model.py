"""The threat model names tests; each of them is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "threat-model.md").read_text("utf-8")


def test_what_it_names_is_there():
    names = set(re.findall(r"`(?:tests/)?((?:\w+/)*)(test_\w+)(\.py)?`", PAGE))
    assert len(names) > 25
    files = {path.stem: path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    for _, name, is_file in names:
        assert name in files if is_file else any(f"def {name}(" in words for words in files.values()), name
    for folder in re.findall(r"`(tests/[\w/]+/)`", PAGE):
        assert (ROOT / folder).is_dir(), folder


def test_every_threat_of_the_list_has_a_row():
    assert re.findall(r"^\| (T\d+) \|", PAGE, re.MULTILINE) == [f"T{number}" for number in range(1, 15)]
    assert re.findall(r"^\| (V\d+) ", PAGE, re.MULTILINE) == [f"V{number}" for number in range(1, 18)]
