import socket
from pathlib import Path

import msgspec
import pytest

from penchant.media.messages import Confined
from penchant.operations.machine_checks import (
    check_captions,
    check_clock,
    check_disk,
    check_platform,
    check_port,
    check_python,
    check_sandbox,
    check_vectors,
)

NOW_S = 1_800_000_000.0


@pytest.mark.parametrize(("version", "state"), [((3, 10), "bad"), ((3, 11), "good"), ((3, 14), "good")])
def test_python(version: tuple[int, int], state: str):
    assert check_python(version).state == state


@pytest.mark.parametrize(
    ("system", "machine", "release", "state"),
    [
        ("Linux", "x86_64", "6.1.0-18-amd64", "good"),
        ("Linux", "aarch64", "6.1.0", "good"),
        ("Darwin", "arm64", "24.0.0", "good"),
        ("Linux", "x86_64", "5.15.153.1-microsoft-standard-WSL2", "good"),
        ("Linux", "x86_64", "4.4.0-19041-Microsoft", "bad"),
        ("Darwin", "x86_64", "22.0.0", "warning"),
        ("Windows", "AMD64", "10", "warning"),
        ("FreeBSD", "amd64", "14.0", "warning"),
    ],
)
def test_platform(system: str, machine: str, release: str, state: str):
    found = check_platform(system, machine, release)
    assert found.state == state
    assert bool(found.mend) == (state != "good")


@pytest.mark.parametrize(("free", "state"), [(199_000_000, "bad"), (1_999_000_000, "warning"), (2_100_000_000, "good")])
def test_disk(tmp_path: Path, free: int, state: str):
    found = check_disk(tmp_path / "not" / "there", lambda path: free if path == tmp_path else 0)
    assert found.state == state
    assert f"{free / 1e9:.1f} GB" in found.text


@pytest.mark.parametrize(
    ("now_s", "file_s", "event_ahead_s", "words"),
    [
        (0.0, None, None, "1970"),
        (NOW_S, NOW_S + 3600, -5.0, "a file of the data folder is 60 min in the future"),
        (NOW_S, NOW_S, 7200.0, "the newest event is 120 min in the future"),
    ],
)
def test_a_clock_that_is_off(now_s: float, file_s: float | None, event_ahead_s: float | None, words: str):
    found = check_clock(now_s, file_s, event_ahead_s)
    assert found.state == "bad"
    assert words in found.text
    assert "timedatectl" in found.mend


def test_a_clock_that_is_right():
    assert check_clock(NOW_S, NOW_S + 1, 0.5).state == "good"
    assert check_clock(NOW_S, None, None).state == "good"


def test_port_free_taken_ours_and_not_of_this_machine():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        other.listen()
        taken = check_port("127.0.0.1", port, ours=False)
        assert check_port("127.0.0.1", port, ours=True).state == "good"
    assert taken.state == "bad"
    assert f"--port {port + 1}" in taken.mend
    assert check_port("127.0.0.1", port, ours=False).state == "good"
    assert "address of this machine" in check_port("203.0.113.7", port, ours=False).mend


def test_vectors_of_other_versions_are_told_and_missing_weights_are_bad():
    assert check_vectors("", 0, "clip-1").state == "good"
    some = check_vectors("", 1_234, "clip-1")
    assert some.state == "warning"
    assert "1,234 videos" in some.text
    assert "penchant taste vectors" in some.mend
    assert check_vectors("the weights are not there", 3, "clip-1").state == "bad"


def test_captions_that_cannot_be_written():
    assert check_captions(wanted=False, installed=False).state == "good"
    assert check_captions(wanted=True, installed=True).state == "good"
    missing = check_captions(wanted=True, installed=False)
    assert (missing.state, "penchant[speech]" in missing.mend) == ("warning", True)
    assert check_captions(wanted=True, installed=True, problem="model.bin is another file").state == "bad"


def test_sandbox():
    whole = Confined(**dict.fromkeys(Confined.__struct_fields__, True))
    assert check_sandbox(whole).state == "good"
    without = msgspec.structs.replace(whole, user_namespace=False, network_namespace=False)
    refused = check_sandbox(without)
    assert (refused.state, "network" in refused.text) == ("bad", True)
    assert "user namespaces" in refused.mend
    assert "media_sandbox=weak" in refused.mend
    assert check_sandbox(without, strict=False).state == "warning"
    assert check_sandbox(None, "no such file").state == "bad"
