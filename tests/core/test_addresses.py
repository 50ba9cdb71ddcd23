from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.core.addresses import is_public


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.88.99.1",
        "192.168.1.1",
        "198.19.0.1",
        "203.0.113.7",
        "224.0.0.251",
        "239.255.255.250",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "2a00:1450:4001::5efe:127.0.0.1",
        "2a00:1450:4001::200:5efe:10.0.0.1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2a00:1450:4001:801::200e%1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_what_is_ours_or_special_is_not_public(text: str):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["1.1.1.1", "172.32.0.1", "192.0.1.1", "2a00:1450:4001:801::200e", "64:ff9b::8.8.8.8"])
def test_what_is_out_there_is(text: str):
    assert is_public(ip_address(text))


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_in_an_ipv6_one_is_judged_as_itself(number: int):
    judged = is_public(IPv4Address(number))
    assert is_public(IPv6Address(0xFFFF << 32 | number)) is judged
    assert is_public(IPv6Address(0x64FF9B << 96 | number)) is judged
    assert not is_public(IPv6Address(0x2002 << 112 | number << 80 | 1))
