"""The one client for calls to the outside: allowed hosts and addresses only, no redirects, bounded in time and size."""

import ipaddress
import socket
import time
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

import httpx

from ordain.base.errors import GatewayError

BODY_LIMIT: Final = 5_000_000
DEADLINE: Final = 10.0


class HttpClient:
    """Calls outside systems. `test_networks` lets plain http and local addresses through: never in production."""

    def __init__(self, *, test_networks: bool) -> None:
        self._test_networks = test_networks
        self._client = httpx.Client(
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(DEADLINE),
            limits=httpx.Limits(max_connections=32),
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        hosts: Collection[str],
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline: float = DEADLINE,
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers (lower case) and body; GatewayError where nothing came back in time."""
        address, host, port = self._checked(url, hosts)
        parts = urlsplit(url)
        shown = f"[{address}]" if ":" in address else address
        target = parts._replace(netloc=f"{shown}:{port}").geturl()
        sent = {**(headers or {}), "Host": parts.netloc.rpartition("@")[2]}
        request = self._client.build_request(method, target, headers=sent, content=body)
        request.extensions["sni_hostname"] = host
        return self._sent(request, time.monotonic() + deadline)

    def _sent(self, request: httpx.Request, until: float) -> tuple[int, dict[str, str], bytes]:
        seconds = max(0.1, until - time.monotonic())
        request.extensions["timeout"] = httpx.Timeout(seconds).as_dict()
        try:
            response = self._client.send(request, stream=True)
            try:
                body = _read(response, until)
            finally:
                response.close()
        except httpx.TimeoutException:
            raise GatewayError("no answer in time", permanent=False) from None
        except httpx.HTTPError as error:
            raise GatewayError(f"cannot reach: {type(error).__name__}", permanent=False) from None
        self._client.cookies.clear()
        return response.status_code, {name.lower(): value for name, value in response.headers.items()}, body

    def _checked(self, url: str, hosts: Collection[str]) -> tuple[str, str, int]:
        """Return the address to connect to: resolved once, and judged by what it really is."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.scheme != "https" and not (self._test_networks and parts.scheme == "http"):
            raise GatewayError("only https is allowed", permanent=True, cause="request")
        if host not in {name.lower() for name in hosts}:
            raise GatewayError(f"the host {host} is not allowed for this connection", permanent=True, cause="request")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            raise GatewayError(f"the host {host} has no address", permanent=False) from None
        addresses = [str(entry[4][0]) for entry in found]
        if not self._test_networks and not all(is_global(address) for address in addresses):
            raise GatewayError(f"the host {host} has a local address", permanent=True, cause="request")
        return addresses[0], host, port


def is_global(text: str) -> bool:
    """Tell whether an address is on the public internet, after unwrapping mapped, 6to4 and NAT64 forms."""
    address = ipaddress.ip_address(text.split("%", maxsplit=1)[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return is_global(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_global(str(inner))
    return address.is_global and not address.is_multicast


def _read(response: httpx.Response, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > BODY_LIMIT:
            raise GatewayError("the answer is larger than 5 MB", permanent=True, cause="answer")
        if time.monotonic() > until:
            raise GatewayError("the answer took too long", permanent=False)
        parts.append(part)
    return b"".join(parts)


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
