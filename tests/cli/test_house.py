"""`penchant market add` and `list`: folders, one file, and sentences where something is wrong."""

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from penchant.cli.main import app
from penchant.core.settings import load_settings
from penchant.markets.peers import Peers
from penchant.operations.crossings.house import gateway_signer


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["market", *map(str, arguments)], env={"COLUMNS": "200"})
    return result.exit_code, " ".join(result.output.split())


def test_each_market_has_a_folder_of_its_own_and_a_line_in_the_file(tmp_path: Path):
    code, said = run("add", "us", "--house", tmp_path, "--port", "8101", "--name", 'The "States"')
    assert (code, "penchant up" in said) == (0, True)
    assert (
        run("add", "de", "--house", tmp_path, "--port", "8102", "--mirror", "us", "--address", "https://de.example")[0]
        == 0
    )
    us, de = Peers(tmp_path / "markets.toml").all()
    assert (us.id, us.name, us.address) == ("us", 'The "States"', "http://127.0.0.1:8101")
    assert (de.id, de.name, de.address) == ("de", "de", "https://de.example")
    for peer, expected in ((us, ""), (de, "us")):
        folder = tmp_path / peer.id
        settings = load_settings({}, folder / "penchant.toml")
        assert (settings.market, settings.market_name, settings.mirror) == (peer.id, peer.name, expected)
        assert (folder / str(settings.markets)).resolve() == (tmp_path / "markets.toml").resolve()
        own = load_settings({}, folder / "penchant.toml", {"data": folder / settings.data})
        assert gateway_signer(own).verifier.written() == peer.gateway_key
        secret = own.data / "secrets" / "gateway"
        assert secret.stat().st_mode & 0o077 == 0
        assert secret.read_bytes().hex() not in (tmp_path / "markets.toml").read_text()
    assert us.gateway_key != de.gateway_key
    assert tomllib.loads((tmp_path / "us" / "penchant.toml").read_text())["port"] == 8101


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("us", "--port", "8103"), "is there already"),
        (("US", "--port", "8103"), "which is not right: id of the market"),
        (("directory", "--port", "8103"), "none may have that name"),
        (("br", "--port", "8103", "--address", "ftp://br"), "this cannot be a market"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_changes_nothing(tmp_path: Path, arguments: tuple[str, ...], words: str):
    assert run("add", "us", "--house", tmp_path, "--port", "8101")[0] == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    code, said = run("add", *arguments, "--house", tmp_path)
    assert (code, words in said) == (1, True), said
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_market_that_does_not_run_does_not_answer(tmp_path: Path):
    run("add", "us", "--house", tmp_path, "--port", "1")
    code, said = run("list", "--house", tmp_path)
    assert (code, said.split()[-1]) == (0, "no")
    assert run("list", "--house", tmp_path / "nowhere") == (
        1,
        f"✗ PENCHANT_MARKETS: there is no {tmp_path}/nowhere/markets.toml",
    )
