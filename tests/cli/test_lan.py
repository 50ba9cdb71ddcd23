"""`up --lan` for real: both ways in, the certificate, and what is printed."""

import http.client
import os
import socket
import ssl
import urllib.request
from collections.abc import Iterator

import pytest

from penchant.operations.local_network import local_addresses
from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    installation = Installation()
    try:
        yield installation.start("--lan")
    finally:
        installation.remove()


@pytest.fixture
def trusting(running: Installation) -> ssl.SSLContext:
    """A phone on which the authority was installed, fetched as a phone fetches it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port + 1}/ca.crt") as answer:
        assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
        return ssl.create_default_context(cadata=answer.read().decode())


def addresses() -> list[str]:
    return ["127.0.0.1", "localhost", *(str(address) for address in local_addresses())]


@pytest.mark.parametrize("host", addresses())
def test_https_is_trusted_on_every_address(running: Installation, trusting: ssl.SSLContext, host: str):
    with urllib.request.urlopen(f"https://{host}:{running.port}/healthz", context=trusting) as answer:
        assert answer.status == 200


def test_without_trust_it_is_refused_but_the_plain_way_serves_the_same(running: Installation):
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"https://127.0.0.1:{running.port}/healthz")
    for host in addresses():
        with urllib.request.urlopen(f"http://{host}:{running.port + 1}/api/session") as answer:
            assert answer.status == 200


def test_the_cookie_is_bound_to_https_where_there_is_https(running: Installation, trusting: ssl.SSLContext):
    with urllib.request.urlopen(f"https://127.0.0.1:{running.port}/api/session", context=trusting) as answer:
        assert "Secure" in answer.headers["Set-Cookie"]
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port + 1}/api/session") as answer:
        assert "Secure" not in answer.headers["Set-Cookie"]


def test_the_welcome_leads_a_phone_in(running: Installation):
    words = running.output.read_text()
    for address in local_addresses()[:1]:
        assert f"https://{address}:{running.port}" in words
        assert f"install http://{address}:{running.port + 1}/ca.crt" in words
    assert "▄▄▄▄▄" in words
    link = running.admin_link()
    assert link.startswith(f"http://localhost:{running.port + 1}/sign-in#token=")
    made = running.run("admin", "sign-in-link").stdout
    assert made.strip().startswith(f"http://localhost:{running.port + 1}/sign-in#token=")


def test_a_certificate_that_no_longer_fits_is_made_anew_on_the_next_start(running: Installation):
    secrets = running.data / "secrets"
    authority, first = (secrets / "ca.crt").read_bytes(), (secrets / "lan.pem").read_bytes()
    running.stop()
    running.output.write_text("")
    running.start("--lan")
    assert (secrets / "lan.pem").read_bytes() == first
    running.stop()
    os.truncate(secrets / "lan.pem", 100)
    running.output.write_text("")
    running.start("--lan")
    assert (secrets / "ca.crt").read_bytes() == authority
    context = ssl.create_default_context(cafile=secrets / "ca.crt")
    connection = http.client.HTTPSConnection("127.0.0.1", running.port, context=context)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()


def test_the_way_in_that_needs_no_trust_has_a_port_of_its_own(running: Installation):
    other = Installation()
    try:
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("0.0.0.0", other.port + 1))
            taken.listen()
            done = other.run("up", "--lan")
        assert done.returncode == 1
        assert f":{other.port + 1} cannot be used" in done.stderr
        both = other.run("up", "--lan", "--domain", "video.example.org")
        assert "choose one" in both.stderr
    finally:
        other.remove()


def test_both_web_processes_come_back(running: Installation, trusting: ssl.SSLContext):
    running.kill("web")

    def both_answer() -> bool:
        try:
            with urllib.request.urlopen(f"https://127.0.0.1:{running.port}/healthz", context=trusting, timeout=2):
                pass
            with urllib.request.urlopen(f"http://127.0.0.1:{running.port + 1}/healthz", timeout=2):
                return True
        except OSError:
            return False

    assert wait_for(both_answer, "both ways in")
