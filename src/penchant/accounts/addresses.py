"""IP addresses as far as anything here looks at them: never the machine, only the network that it is in."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

IPV4_BITS: Final = 24
IPV6_BITS: Final = 48
"""What a provider gives to one customer is a /48 to a /64: fewer bits would single out a household."""


def shortened(address: str) -> str:
    """The network of an address, as `192.0.2.0/24` or `2001:db8:1::/48`; what is no address stays as it is.

    An IPv4 address that comes as IPv6 (`::ffff:192.0.2.7`) is one of IPv4, a zone (`fe80::1%eth0`) is left out.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    bits = IPV4_BITS if found.version == 4 else IPV6_BITS
    return str(ip_network((found, bits), strict=False))
