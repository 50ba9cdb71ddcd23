"""The JavaScript client that the page uses, under Node, against a started server that is killed under it."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from tests.web.test_uploads import web_process

from penchant.app import Penchant
from penchant.testing.installation import free_port

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = Path(__file__).with_name("tus_client.mjs")
_CLIENT = _ROOT / "ui/node_modules/tus-js-client/lib.es5/node/index.js"
SIZE = 3_000_000

pytestmark = [
    pytest.mark.service,
    pytest.mark.skipif(
        shutil.which("node") is None or not _CLIENT.exists(), reason="no Node, or the page's packages are not installed"
    ),
]


def sign_up(address: str) -> str:
    body = {"handle": "ada", "password": "correct horse", "birth_year": 1980}
    answer = httpx.post(f"{address}/api/accounts", json=body)
    assert answer.status_code == 201
    return f"penchant={answer.cookies['penchant']}"


def client(address: str, cookie: str, file: Path, *most: str) -> "subprocess.Popen[str]":
    urls = file.with_suffix(".urls")
    command = ["node", str(_PROGRAM), str(_CLIENT), f"{address}/api/uploads", cookie, str(file), str(urls), *most]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def make_file(folder: Path, name: str, seed: int) -> Path:
    path = folder / name
    block = hashlib.sha256(str(seed).encode()).digest()
    path.write_bytes(block * (SIZE // len(block)))
    return path


def test_tus_js_client_goes_on_after_reload_kill_9_and_restart(
    cell: Penchant, database_url: str, tmp_path: Path
) -> None:
    file = make_file(tmp_path, "clip.mp4", 1)
    port = free_port()
    with web_process(cell, database_url, port) as (address, server):
        cookie = sign_up(address)
        # A page that is gone in the middle: another process, over another connection, goes on from its note.
        lines = client(address, cookie, file, "1000000").communicate()[0].splitlines()
        assert lines[0] == "new"
        arrived = int(lines[-1])
        again = client(address, cookie, file)
        assert again.stdout is not None
        assert again.stdout.readline() == "going on\n"
        assert int(again.stdout.readline()) > arrived
        server.kill()
        server.wait()
    with web_process(cell, database_url, port) as (address, _):
        out, problem = again.communicate(timeout=120)
        assert again.returncode == 0, problem
        done = out.splitlines()[-1]
        assert done.startswith("done /api/uploads/")
        status = httpx.get(address + done.removeprefix("done ") + "/status", headers={"Cookie": cookie}).json()
        assert (status["state"], status["received_bytes"]) == ("uploaded", file.stat().st_size)
    (stored,) = (cell.settings.data / "uploads").iterdir()
    assert stored.read_bytes() == file.read_bytes()


def test_several_files_arrive_side_by_side(cell: Penchant, database_url: str, tmp_path: Path) -> None:
    files = [make_file(tmp_path, f"clip-{number}.mp4", number) for number in range(3)]
    with web_process(cell, database_url) as (address, _):
        cookie = sign_up(address)
        clients = [client(address, cookie, file) for file in files]
        for one in clients:
            _, problem = one.communicate(timeout=120)
            assert one.returncode == 0, problem
        videos = httpx.get(f"{address}/api/me/videos", headers={"Cookie": cookie}).json()["videos"]
        assert [video["state"] for video in videos] == ["uploaded"] * 3
    stored = {path.read_bytes() for path in (cell.settings.data / "uploads").iterdir()}
    assert stored == {file.read_bytes() for file in files}
