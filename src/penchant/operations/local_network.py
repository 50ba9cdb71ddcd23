"""Under which addresses this machine is reached on its local networks."""

import fcntl
import re
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from ipaddress import IPv4Address, ip_address

_SIOCGIFADDR = 0x8915
# Bridges to containers and virtual machines: no phone is there.
_INNER = re.compile(r"lo|docker|br-|veth|virbr|vmnet|cni|podman|lxc")
_IFCONFIG = re.compile(r"^(\S+?):|^\s+inet (\d+\.\d+\.\d+\.\d+)", re.MULTILINE)


def local_addresses() -> list[IPv4Address]:
    """IPv4 addresses that others on the network can use, the one of the default route first."""
    found: dict[IPv4Address, None] = {}
    first = _of_default_route()
    if first is not None:
        found[first] = None
    interfaces = _by_kernel() if sys.platform == "linux" else _by_ifconfig()
    for name, address in interfaces:
        if not _INNER.match(name) and not address.is_loopback and not address.is_unspecified:
            found[address] = None
    return list(found)


def host_name() -> str:
    """The machine's own name."""
    return socket.gethostname() or "this-computer"


def _of_default_route() -> IPv4Address | None:
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent: connecting a datagram socket only chooses the route. The address is one of nobody's.
        probe.connect(("198.51.100.1", 9))
        address = IPv4Address(probe.getsockname()[0])
        return None if address.is_loopback or address.is_unspecified else address
    return None


def _by_kernel() -> list[tuple[str, IPv4Address]]:
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                found.append((name, IPv4Address(answer[20:24])))
    return found


def _by_ifconfig() -> list[tuple[str, IPv4Address]]:
    listed = subprocess.run(["/sbin/ifconfig"], capture_output=True, text=True, check=False).stdout
    found, name = [], ""
    for match in _IFCONFIG.finditer(listed):
        name = match[1] or name
        if match[2] and isinstance(address := ip_address(match[2]), IPv4Address):
            found.append((name, address))
    return found
