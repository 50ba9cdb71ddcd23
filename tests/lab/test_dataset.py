"""Reading a folder: what is there, and a sentence that helps where something is wrong."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from tests.lab.worlds import DAY_MS, START_MS, write_world

from penchant.lab.dataset import DataRefused, day_ms, read_dataset, read_events, with_videos


def test_a_whole_folder(tmp_path: Path):
    data = read_dataset(write_world(tmp_path))
    assert len(data.events) == 1_800
    assert (np.diff(data.events.time_ms) >= 0).all()
    assert len(data.videos.ids) == 240
    assert set(data.videos.durations_ms.tolist()) == {15_000}
    assert {kind: len(pairs) for kind, pairs in data.history.items()}["long_view"] == 800
    window = data.events.between(START_MS + DAY_MS, START_MS + 2 * DAY_MS)
    assert window.time_ms.min() >= START_MS + DAY_MS
    assert window.time_ms.max() < START_MS + 2 * DAY_MS
    assert day_ms("2022-04-25") == START_MS


def test_other_column_names_and_a_derived_long_view(tmp_path: Path):
    (tmp_path / "events.csv").write_text(
        "when,user,item,playtime,duration_ms\n9,1,7,13500,15000\n3,1,8,13499,15000\n5,2,9,18000,60000\n"
    )
    names = {"time_ms": "when", "viewer_id": "user", "video_id": "item", "watch_ms": "playtime"}
    events = read_dataset(tmp_path, names).events
    assert events.videos.tolist() == [8, 9, 7]
    assert events.long_views.tolist() == [False, True, True]
    assert not events.likes.any()


def test_pairs_with_features(tmp_path: Path):
    (tmp_path / "train.csv").write_text("viewer_id,video_id\n1,0\n1,3\n")
    np.save(tmp_path / "image.npy", np.ones((5, 2), dtype=np.float16))
    np.save(tmp_path / "audio.npy", np.zeros((5, 3), dtype=np.float16))
    data = read_dataset(tmp_path)
    assert data.content.shape == (5, 5)
    assert data.videos.ids.tolist() == [0, 1, 2, 3, 4]
    assert len(data.train) == 2


def test_later_events_may_bring_videos(tmp_path: Path):
    data = read_dataset(write_world(tmp_path))
    later = tmp_path / "later.csv"
    later.write_text(f"time_ms,viewer_id,video_id,watch_ms,duration_ms\n{START_MS + 9 * DAY_MS},1,5,9000,9000\n")
    wider = with_videos(data, read_events(later))
    assert wider.videos.ids[0] == 5
    assert wider.videos.durations_ms[0] == 9_000
    assert wider.videos.tags[1:] == data.videos.tags


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time_ms,viewer_id,video_id\n1,2,3\n", "no column watch_ms; it has time_ms, viewer_id, video_id; --map"),
        ("time_ms,viewer_id,video_id,watch_ms\n1,2,3,x\n", "line 2, watch_ms: 'x' is not a number"),
        ("time_ms,viewer_id,video_id,watch_ms\n1,2,3,4\n1,2,3\n", "line 3: 3 values, the header has 4"),
        ("time_ms,viewer_id,video_id,watch_ms\n1,2,3,-4\n", "line 2, watch_ms: below zero"),
        ("time_ms,viewer_id,video_id,watch_ms\n1,2,3,nan\n", "'nan' is not a number"),
        ("", "it has nothing"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, says: str):
    (tmp_path / "events.csv").write_text(text)
    with pytest.raises(DataRefused, match="events.csv") as refused:
        read_dataset(tmp_path)
    assert says in refused.value.message


def test_folders_without_anything(tmp_path: Path):
    with pytest.raises(DataRefused, match="is not a folder"):
        read_dataset(tmp_path / "nowhere")
    with pytest.raises(DataRefused, match="has none of events, history"):
        read_dataset(tmp_path)
    (tmp_path / "history.csv.gz").write_bytes(gzip.compress(b"viewer_id,kind,position,video_id\n1,loved,0,2\n"))
    with pytest.raises(DataRefused, match="'loved' is none of shown, like, long_view"):
        read_dataset(tmp_path)
    with pytest.raises(DataRefused, match="not a date"):
        day_ms("29.4.2022")


def test_videos_without_facts_have_none_and_dates_are_days_in_utc(tmp_path: Path):
    (tmp_path / "videos.csv").write_text("video_id,published_on,duration_ms\n7,2022-04-09,1000\n9,,0\n")
    (tmp_path / "events.csv").write_text("time_ms,viewer_id,video_id,watch_ms\n1650000000000,1,8,0\n")
    videos = read_dataset(tmp_path).videos
    assert videos.ids.tolist() == [7, 8, 9]
    assert videos.published_ms.tolist() == [1_649_462_400_000, 0, 0]
    assert videos.durations_ms.tolist() == [1_000, 0, 0]
    (tmp_path / "videos.csv").write_text("video_id,published_on\n7,yesterday\n")
    with pytest.raises(DataRefused, match="'yesterday' is not a date"):
        read_dataset(tmp_path)
