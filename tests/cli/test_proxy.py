"""Behind a proxy: whose X-Forwarded headers count, and what `--domain` sets."""

import urllib.request
from collections.abc import Iterator

import pytest

from penchant.cli.proxy import behind_proxy
from penchant.core.errors import SettingWrong
from penchant.core.settings import Settings
from penchant.testing.installation import Installation

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.77"}


@pytest.mark.parametrize("name", ["video.example.org", "Video.Example.ORG.", "a.b"])
def test_a_domain_sets_address_and_trust(name: str):
    settings = behind_proxy(Settings(), name)
    assert settings.public_url == f"https://{name.lower().rstrip('.')}"
    assert settings.trusted_proxies == "127.0.0.1,::1"
    assert settings.host == "127.0.0.1"
    assert behind_proxy(Settings(trusted_proxies="10.0.0.1"), name).trusted_proxies == "10.0.0.1"


@pytest.mark.parametrize("name", ["", "localhost", "https://video.example.org", "a..b", "-a.org", "a b.org", "x" * 260])
def test_what_is_no_domain_is_refused(name: str):
    with pytest.raises(SettingWrong, match=r"video\.example\.org"):
        behind_proxy(Settings(), name)


@pytest.fixture
def idle() -> Iterator[Installation]:
    installation = Installation()
    yield installation
    installation.remove()


def cookie(installation: Installation) -> str:
    request = urllib.request.Request(f"{installation.url}/api/session", headers=FORWARDED)
    with urllib.request.urlopen(request) as answer:
        return str(answer.headers["Set-Cookie"])


@pytest.mark.service
def test_headers_of_an_address_that_nobody_trusts_are_ignored():
    installation = Installation(trusted_proxies="10.1.2.3")
    try:
        installation.start()
        assert "Secure" not in cookie(installation)
    finally:
        installation.remove()


@pytest.mark.service
def test_a_domain_trusts_the_proxy_on_this_machine(idle: Installation):
    idle.start("--domain", "video.example.org")
    words = idle.output.read_text()
    assert "https://video.example.org/sign-in#token=" in words
    assert f"forwards to http://127.0.0.1:{idle.port}" in words
    assert "Secure" in cookie(idle)
    assert "https://video.example.org/reset#token=" in idle.run("admin", "reset-link", "admin").stdout
