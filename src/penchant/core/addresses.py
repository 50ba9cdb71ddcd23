"""Which network addresses belong to strangers: everything that is not special.

Source: IANA, "IPv4 Special-Purpose Address Registry" and "IPv6 Special-Purpose Address Registry". Written out,
because what Python's `is_global` says differs from version to version, and it takes multicast for global.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_SPECIAL_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network; on Linux 0.0.0.0 is the machine itself
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared with a provider's other customers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: where clouds keep their machines' credentials
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks of networks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, with the broadcast address
    )
)
_UNICAST_6 = IPv6Network("2000::/3")
_SPECIAL_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, among them Teredo, which carries an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether a machine of that address is out on the internet: no part of this machine, its networks or its cloud.

    Outside 2000::/3 there is one exception: a NAT64 address is what the IPv4 address in it is, because a server in a
    network without IPv4 reaches others by no other way.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address not in _UNICAST_6 or any(address in network for network in _SPECIAL_6):
        return False
    # ISATAP: an ordinary prefix, and an IPv4 address after `0:5efe`.
    if (int(address) >> 32) & 0xFDFF_FFFF == 0x0000_5EFE:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return True
