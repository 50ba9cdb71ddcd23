"""What is kept of an address does not tell one machine of a network from another."""

import hashlib
import re
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

import penchant
from penchant.accounts.addresses import shortened
from penchant.accounts.limits import SIGN_IN_ADDRESS, RateLimits
from penchant.accounts.repository import rate_limits
from penchant.app import Penchant
from penchant.core.errors import RateLimited

_FOURS = st.integers(0, 2**32 - 1).map(IPv4Address)
_SIXES = st.integers(0, 2**128 - 1).map(IPv6Address).filter(lambda six: six.ipv4_mapped is None)


@given(_FOURS, st.integers(0, 2**8 - 1))
def test_all_machines_of_a_24_look_alike(four: IPv4Address, host: int):
    other = IPv4Address(int(four) >> 8 << 8 | host)
    assert shortened(str(four)) == shortened(str(other)) == shortened(f"::ffff:{other}")
    assert four in ip_network(shortened(str(four)))


@given(_SIXES, st.integers(0, 2**80 - 1))
def test_all_machines_of_a_48_look_alike(six: IPv6Address, host: int):
    other = IPv6Address(int(six) >> 80 << 80 | host)
    assert shortened(str(six)) == shortened(f"{six}%eth0")
    assert six in ip_network(shortened(str(six)))
    if other.ipv4_mapped is None:
        assert shortened(str(six)) == shortened(str(other))


@given(st.one_of(_FOURS, _SIXES))
def test_shortening_again_changes_nothing_and_other_networks_stay_apart(address: IPv4Address | IPv6Address):
    short = shortened(str(address))
    assert shortened(short) == short
    neighbour = int(address) ^ 1 << address.max_prefixlen - (24 if address.version == 4 else 48)
    assert shortened(str(type(address)(neighbour))) != short


def test_what_is_no_address_stays():
    assert shortened("unknown") == "unknown"


def test_one_place_looks_at_addresses_and_hands_them_to_the_limits():
    asks = re.compile(r"client\.host|client_address|forwarded.for|remote_addr|getpeername", re.IGNORECASE)
    source = Path(penchant.__file__).parent
    lines = [
        (path.relative_to(source).as_posix(), line.strip())
        for path in source.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if asks.search(line)
    ]
    assert [path for path, _ in lines] == ["web/auth.py"], lines
    assert all("shortened(request.client.host)" in line for _, line in lines)


@pytest.mark.service
def test_a_limit_counts_a_network_and_keeps_a_hash_of_nothing_else(cell: Penchant):
    limits = RateLimits(cell.engine, cell.clock)
    for host in range(SIGN_IN_ADDRESS.attempts):
        limits.spend(SIGN_IN_ADDRESS, shortened(f"198.51.100.{host}"))
    with pytest.raises(RateLimited):
        limits.spend(SIGN_IN_ADDRESS, shortened("198.51.100.250"))
    limits.spend(SIGN_IN_ADDRESS, shortened("198.51.101.250"))
    with cell.engine.connect() as connection:
        kept = set(connection.execute(select(rate_limits.c.key_hash)).scalars())
    networks = ("198.51.100.0/24", "198.51.101.0/24")
    assert kept == {hashlib.sha256(f"{SIGN_IN_ADDRESS.name}\0{one}".encode()).digest()[:16] for one in networks}
