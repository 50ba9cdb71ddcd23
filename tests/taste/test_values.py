"""Value weights: what a file may say, and what they do to scores."""

from pathlib import Path

import numpy as np
import pytest

from penchant.core.errors import SettingWrong
from penchant.taste.fixed import Q16
from penchant.taste.heads import CHANCE_BITS, HEADS
from penchant.taste.values import MOVES_AT_MOST, read_values, standard_values

GOOD = "version = 3\n[weights]\n" + "".join(f"{head} = {float(head == 'long')}\n" for head in HEADS)


def file_of(folder: Path, text: str) -> Path:
    path = folder / "values.toml"
    path.write_text(text, "utf-8")
    return path


def chances(**said: float) -> np.ndarray:
    row = [said.get(head, 0.0) for head in HEADS]
    return np.array([[round(chance * 2**CHANCE_BITS) for chance in row]], dtype=np.int64)


def test_where_only_long_views_have_a_weight_nothing_moves(tmp_path: Path) -> None:
    values = read_values(file_of(tmp_path, GOOD))
    assert values.version == 3
    assert values.worth(chances(long=0.3, like=0.5, dislike=0.2)).tolist() == [0]


def test_what_doubles_the_worth_moves_by_one_doubling(tmp_path: Path) -> None:
    values = read_values(file_of(tmp_path, GOOD.replace("like = 0.0", "like = 2.0", 1)))
    assert abs(int(values.worth(chances(long=0.4, like=0.2))[0]) - Q16) < 16
    assert values.worth(chances(long=0.4)).tolist() == [0]


def test_what_people_refuse_falls_as_far_as_anything_may() -> None:
    worth = standard_values().worth(chances(long=0.3, dislike=0.2))
    assert worth.tolist() == [-MOVES_AT_MOST]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version = ", "cannot be read"),
        ("version = 1\n", "there is no table [weights]"),
        (GOOD.replace("version = 3", "version = 0"), "version must be a whole number"),
        (GOOD.replace("skip = 0.0", ""), "there is no weight of skip"),
        (GOOD + "clicks = 1\n", "nothing is known of clicks"),
        (GOOD.replace("share = 0.0", "share = 1e9"), "share must be a number"),
        (GOOD.replace("share = 0.0", "share = nan"), "share must be a number"),
        (GOOD.replace("long = 1.0", "long = 0"), "long must be above 0"),
    ],
)
def test_a_wrong_file_is_refused_in_words(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingWrong, match=told.replace("[", r"\[").replace("]", r"\]")):
        read_values(file_of(tmp_path, text))


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(SettingWrong, match="cannot be read"):
        read_values(tmp_path / "none.toml")
