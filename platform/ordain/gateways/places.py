"""Where the outside may be called: names resolved once, every address judged by what it really is."""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import Final

from ordain.base.errors import GatewayError

Resolve = Callable[[str, int], Sequence[str]]
_EMBEDDED_V4: Final = (
    ipaddress.IPv6Network("64:ff9b::/96"),  # NAT64
    ipaddress.IPv6Network("::/96"),  # IPv4-compatible, long withdrawn, still routed by some
    ipaddress.IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated
)
_NEVER: Final = (
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # NAT64 of one's own network
    ipaddress.IPv6Network("fec0::/10"),  # site-local
    ipaddress.IPv6Network("2001::/32"),  # Teredo
)


def resolve(host: str, port: int) -> list[str]:
    """Return every address of a host; GatewayError where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise GatewayError(f"the host {host} has no address", permanent=False) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def address_of(host: str, port: int, *, local: bool, resolver: Resolve = resolve) -> str:
    """Return the one address to connect to: resolved once; refused where any of the name's is not public."""
    addresses = resolver(host, port)
    if not addresses:
        raise GatewayError(f"the host {host} has no address", permanent=False)
    if not local and not all(is_global(address) for address in addresses):
        raise GatewayError(f"the host {host} has a local address", permanent=True, cause="request")
    return addresses[0]


def is_global(text: str) -> bool:
    """Tell whether an address is on the public internet, after unwrapping every form that hides another."""
    try:
        address = ipaddress.ip_address(text.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in _EMBEDDED_V4):
            return is_global(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_global(str(inner))
        if any(address in network for network in _NEVER):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
