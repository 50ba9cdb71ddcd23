"""The wheel: what `./dev build` makes is whole, installs into a clean environment and starts without Node."""

import subprocess
import sys
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from penchant.testing.installation import Installation

pytestmark = pytest.mark.service
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the locked packages and the wheel, nothing else."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.lock"], check=True)
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    return python


@pytest.fixture
def installation(clean_python: Path) -> Iterator[Installation]:
    installation = Installation(python=clean_python)
    yield installation
    installation.remove()


def test_the_wheel_holds_the_page_and_the_data_files(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "penchant/web/static/index.html",
        "penchant/web/static/sw.js",
        "penchant/core/migrations/versions/first_0001.py",
    ):
        assert wanted in names
    assert any(name.startswith("penchant/web/static/assets/") and name.endswith(".css") for name in names)
    assert any(name.startswith("penchant/demo/words/") and name.endswith(".toml") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "ui/", "data/"))]


def test_it_starts_in_a_clean_environment_without_node(installation: Installation):
    installation.start()
    with urllib.request.urlopen(installation.url, timeout=10) as answer:
        page = answer.read().decode()
    assert "/assets/" in page
    assert installation.healthy()


def test_the_installed_set_stays_under_650_mb(clean_python: Path):
    size = sum(path.lstat().st_size for path in clean_python.parents[1].rglob("*"))
    assert size < 650_000_000
