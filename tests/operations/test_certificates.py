import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from penchant.core.errors import SettingWrong
from penchant.operations.certificates import (
    AUTHORITY,
    AUTHORITY_KEY,
    SERVER,
    Authority,
    ensure_authority,
    ensure_server_certificate,
)

HERE = ip_address("127.0.0.1")
PHONE_SIDE = ip_address("192.168.7.9")
PUBLIC = ip_address("203.0.113.5")


@pytest.fixture
def now() -> datetime:
    # The chain is checked by OpenSSL, which reads the real clock.
    return datetime.now(UTC)


def make(secrets: Path, now: datetime, *addresses: object) -> tuple[Authority, bool]:
    authority = ensure_authority(secrets, "Anna's-Laptop.home", addresses, now)  # type: ignore[arg-type]
    return authority, ensure_server_certificate(secrets, authority, "Anna's-Laptop.home", addresses, now)  # type: ignore[arg-type]


def server_certificate(secrets: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((secrets / SERVER).read_bytes())


def shake_hands(secrets: Path, trusted: Path, name: str) -> str:
    """A real TLS handshake over a socket pair, as a browser that trusts `trusted` does it; returns the error or ''."""
    ours, theirs = socket.socketpair()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(secrets / SERVER)

    def serve() -> None:
        try:
            with context.wrap_socket(ours, server_side=True) as wrapped:
                wrapped.recv(1)
        except OSError:
            ours.close()

    server = threading.Thread(target=serve)
    server.start()
    try:
        browser = ssl.create_default_context(cafile=trusted)
        with browser.wrap_socket(theirs, server_hostname=name) as wrapped:
            wrapped.send(b"x")
        return ""
    except ssl.SSLError as error:
        theirs.close()
        return str(error)
    finally:
        server.join()


@pytest.mark.parametrize("name", ["127.0.0.1", "192.168.7.9", "203.0.113.5", "localhost", "anna-s-laptop.local"])
def test_a_browser_that_trusts_the_authority_accepts_every_name(tmp_path: Path, now: datetime, name: str):
    make(tmp_path, now, PHONE_SIDE, PUBLIC)
    assert shake_hands(tmp_path, tmp_path / AUTHORITY, name) == ""


def test_other_names_and_other_authorities_are_refused(tmp_path: Path, now: datetime):
    make(tmp_path / "one", now, PHONE_SIDE)
    make(tmp_path / "two", now, PHONE_SIDE)
    assert "mismatch" in shake_hands(tmp_path / "one", tmp_path / "one" / AUTHORITY, "192.168.7.10")
    assert "self-signed" in shake_hands(tmp_path / "one", tmp_path / "two" / AUTHORITY, "192.168.7.9") or (
        "issuer" in shake_hands(tmp_path / "one", tmp_path / "two" / AUTHORITY, "192.168.7.9")
    )


def test_the_authority_cannot_vouch_for_the_world(tmp_path: Path, now: datetime):
    """Even with its key: a browser refuses a certificate for a public name or address."""
    authority, _ = make(tmp_path, now, PHONE_SIDE)
    assert not authority.may_sign(ip_address("8.8.8.8"))
    liar = Authority(authority.certificate, authority.key)
    object.__setattr__(liar, "may_sign", lambda address: True)
    ensure_server_certificate(tmp_path, liar, "x", [ip_address("8.8.8.8")], now)
    assert "permitted subtree violation" in shake_hands(tmp_path, tmp_path / AUTHORITY, "8.8.8.8")


def test_modes_and_lives(tmp_path: Path, now: datetime):
    authority, made = make(tmp_path, now, PHONE_SIDE)
    assert made
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in (AUTHORITY_KEY, AUTHORITY, SERVER)} == {0o600}
    ours, server = authority.certificate, server_certificate(tmp_path)
    assert ours.not_valid_after_utc - ours.not_valid_before_utc <= timedelta(days=3653)
    assert server.not_valid_after_utc - server.not_valid_before_utc <= timedelta(days=397)
    assert server.not_valid_before_utc < now
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "anna-s-laptop.local"}
    assert set(names.get_values_for_type(x509.IPAddress)) == {HERE, ip_address("::1"), PHONE_SIDE}


def test_it_is_renewed_when_addresses_change_and_thirty_days_before_its_end(tmp_path: Path, now: datetime):
    authority, _ = make(tmp_path, now, PHONE_SIDE)
    assert make(tmp_path, now, PHONE_SIDE)[1] is False
    assert make(tmp_path, now, PHONE_SIDE, ip_address("10.0.0.4"))[1] is True
    assert make(tmp_path, now, PHONE_SIDE)[1] is True
    assert make(tmp_path, now + timedelta(days=365), PHONE_SIDE)[1] is False
    assert make(tmp_path, now + timedelta(days=367), PHONE_SIDE)[1] is True
    (tmp_path / SERVER).write_text("half")
    again, made = make(tmp_path, now, PHONE_SIDE)
    assert made
    assert again.certificate == authority.certificate


def test_an_authority_near_its_end_is_made_anew(tmp_path: Path, now: datetime):
    first, _ = make(tmp_path, now, PHONE_SIDE)
    assert make(tmp_path, now + timedelta(days=3000), PHONE_SIDE)[0].certificate == first.certificate
    later, made = make(tmp_path, now + timedelta(days=3400), PHONE_SIDE)
    assert later.certificate != first.certificate
    assert made


def test_an_address_that_came_later_and_is_public_is_left_out(tmp_path: Path, now: datetime):
    make(tmp_path, now, PHONE_SIDE)
    make(tmp_path, now, PHONE_SIDE, PUBLIC)
    names = server_certificate(tmp_path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert PUBLIC not in names.get_values_for_type(x509.IPAddress)


def test_an_open_or_foreign_key_is_refused_and_kept(tmp_path: Path, now: datetime):
    make(tmp_path, now, PHONE_SIDE)
    key = tmp_path / AUTHORITY_KEY
    key.chmod(0o644)
    with pytest.raises(SettingWrong, match="chmod 600"):
        make(tmp_path, now, PHONE_SIDE)
    key.chmod(0o600)
    make(tmp_path / "other", now)
    key.write_bytes((tmp_path / "other" / AUTHORITY_KEY).read_bytes())
    with pytest.raises(SettingWrong, match="do not belong together"):
        make(tmp_path, now, PHONE_SIDE)
