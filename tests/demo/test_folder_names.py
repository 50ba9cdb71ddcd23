"""Names that come from folders and files become handles and titles."""

from pathlib import Path

import pytest

from penchant.accounts.service import HANDLE
from penchant.demo.folder import handle_of, title_of


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Anna Müller", "anna_muller"),
        ("ÉCOLE d'été 2026", "ecole_d_ete_2026"),
        ("ab", "demo_ab"),
        ("東京", "demo_creator"),
        ("x" * 60, "x" * 22),
    ],
)
def test_a_folder_becomes_a_handle(name: str, handle: str) -> None:
    assert handle_of(name) == handle
    assert HANDLE.fullmatch(handle_of(name))


@pytest.mark.parametrize(
    ("file", "title"),
    [("My_first__video.mp4", "My first video"), ("déjà vu.webm", "déjà vu"), ("a" * 300 + ".mp4", "a" * 150)],
)
def test_a_file_becomes_a_title(file: str, title: str) -> None:
    assert title_of(Path(file)) == title
