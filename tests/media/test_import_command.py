"""`penchant import` against a running installation: killed, interrupted, gone on with."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from penchant.testing.installation import Installation, wait_for

pytestmark = [pytest.mark.service, pytest.mark.media]
Maker = Callable[..., Path]


@pytest.fixture(scope="module")
def installation(begun: Path) -> Iterator[Installation]:
    installation = Installation(like=begun)
    try:
        yield installation.start()
    finally:
        installation.remove()


def test_the_command_goes_on_after_a_kill_and_an_interrupt(
    installation: Installation, tmp_path: Path, make_clip: Maker
) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    (clips / "readme.txt").write_text("no video")
    command = installation.command("import", str(clips), "--as", "archive", "--json")

    def listed() -> int:
        with psycopg.connect(installation.database_url()) as connection:
            return int(connection.execute("SELECT count(*) FROM videos").fetchone()[0])  # type: ignore[index]

    for number in (signal.SIGKILL, signal.SIGINT):
        # Each time some that are new: they are taken in at once, and then the command waits for the worker.
        for seed in range(4):
            make_clip(clips / f"{number.name}-{seed}.mp4", seed=10 * number + seed, frames=15, sound_seconds=0.5)
        before = listed()
        process = subprocess.Popen(
            command, env=installation.environment, cwd=installation.folder, stdout=subprocess.PIPE
        )
        try:
            wait_for(lambda before=before: listed() > before, "one more video")
        finally:
            process.send_signal(number)
            process.communicate()
        assert process.returncode == (-9 if number is signal.SIGKILL else 130)
    done = installation.run("import", str(clips), "--as", "archive", "--json")
    assert done.returncode == 1, done.stderr  # readme.txt
    outcomes = json.loads(done.stdout)
    assert {one["state"] for one in outcomes if one["file"].endswith(".mp4")} <= {"ready", "there"}, outcomes
    assert [one["code"] for one in outcomes if one["state"] == "refused"] == ["not_a_video"]
    assert listed() == 8
    table = installation.run("import", str(clips), "--as", "archive")
    assert "8 there" in table.stdout
    assert "This is not a video" in table.stdout
