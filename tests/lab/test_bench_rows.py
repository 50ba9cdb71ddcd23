"""Rows by neighbourhoods beside the exact ones, on a folder of data."""

from pathlib import Path

import pytest
from tests.lab.test_evaluate import quiet
from tests.lab.worlds import write_world

from penchant.lab.bench_rows import NEARS, compare_rows
from penchant.lab.dataset import DataRefused


def test_neighbourhoods_beside_the_exact_rows(tmp_path: Path) -> None:
    found = compare_rows(write_world(tmp_path), quiet)
    assert [rows.near for rows in found.rows] == [None, *NEARS]
    assert found.targets > 100
    assert found.rows[0].behind == 0
    # Ten of 236 videos by chance are 0.04; a theme has forty.
    assert min(rows.hr_at_10 for rows in found.rows) > 0.15
    assert all(rows.behind_low <= rows.behind <= rows.behind_high for rows in found.rows)


def test_without_a_history_there_is_nothing_to_compare(tmp_path: Path) -> None:
    folder = write_world(tmp_path)
    (folder / "history.csv.gz").unlink()
    with pytest.raises(DataRefused, match="long views in history"):
        compare_rows(folder, quiet)
