"""The one client for calls to the outside: allowed places only, no redirects, bounded in time and size.

The pool beneath never resolves a name: the address is looked up once, judged, and connected to, while TLS is
spoken with the host's own name. Nothing of a call outlives it: no cookies, no proxies, no redirects.
"""

import re
import ssl
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

import httpcore

from ordain.base.errors import GatewayError
from ordain.gateways.places import Resolve, is_global, resolve
from ordain.gateways.sockets import DEADLINE, Deadlines, GuardedSockets

__all__ = ["BODY_LIMIT", "DEADLINE", "HttpClient", "is_global"]
BODY_LIMIT: Final = 5_000_000
PORTS: Final = frozenset({443, 8443})
_HOST: Final = re.compile(r"^[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?$|^\[[0-9a-f:.]+\]$")
_TARGET: Final = re.compile(r"^/[!-\"$-\[\]-~]*$")  # printable ASCII without blank, # and backslash
_METHOD: Final = re.compile(r"^[A-Z]{3,10}$")


@dataclass(frozen=True, slots=True)
class _Place:
    """One checked URL, taken apart."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        usual = 443 if self.scheme == "https" else 80
        return self.host if self.port == usual else f"{self.host}:{self.port}"


class HttpClient:
    """Calls outside systems. `test_networks` lets plain http, local addresses and all ports in: never in production."""

    def __init__(self, *, test_networks: bool, resolver: Resolve = resolve) -> None:
        self._test_networks = test_networks
        self._clock = Deadlines()
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=64,
            keepalive_expiry=30,
            network_backend=GuardedSockets(local=test_networks, resolver=resolver, clock=self._clock),
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
        """Return status, headers (lower case) and body; GatewayError where nothing came back in time.

        `hosts` are the names this call may go to; one with a port ("name:8444") allows that port as well.
        """
        place = self._checked(method, url, hosts)
        given = {"Accept-Encoding": "gzip", **(headers or {}), "Host": place.netloc, "Content-Length": str(len(body))}
        self._clock.until = time.monotonic() + min(deadline, DEADLINE)
        try:
            return self._sent(method, place, given, body)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            raise GatewayError(f"cannot reach: {type(error).__name__}", permanent=False) from None
        except httpcore.TimeoutException:
            raise GatewayError("no answer in time", permanent=False, sent=True) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise GatewayError(f"no answer: {type(error).__name__}", permanent=False, sent=True) from None
        finally:
            self._clock.until = None

    def _sent(
        self, method: str, place: _Place, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        url = httpcore.URL(
            scheme=place.scheme.encode(),
            host=place.host.strip("[]").encode(),
            port=place.port,
            target=place.target.encode("ascii"),
        )
        lines = [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()]
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), self._clock.left())
        with self._pool.stream(method, url, headers=lines, content=body, extensions={"timeout": timeout}) as response:
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            content = b"".join(_bounded(_unpacked(response.iter_stream(), found.get("content-encoding", ""))))
            return response.status, found, content

    def _checked(self, method: str, url: str, hosts: Collection[str]) -> _Place:
        """Return the URL taken apart; refused where any part of it could lead elsewhere."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise _refused("the address makes no sense") from None
        if parts.scheme != "https" and not (self._test_networks and parts.scheme == "http"):
            raise _refused("only https is allowed")
        host = (parts.hostname or "").lower()
        shown = f"[{host}]" if ":" in host else host
        target = url[len(parts.scheme) + 3 + len(parts.netloc) :] or "/"
        if "@" in parts.netloc or not _HOST.match(shown) or not _METHOD.match(method):
            raise _refused("the address makes no sense")
        if not _TARGET.match(target if target.startswith("/") else f"/{target}") or _climbs(parts.path):
            raise _refused("the path may hold no dots to climb, no blanks and no backslash")
        port = port or (443 if parts.scheme == "https" else 80)
        named = {name.lower() for name in hosts}
        if shown not in named and f"{shown}:{port}" not in named:
            raise _refused(f"the host {host} is not allowed for this connection")
        if port not in PORTS and f"{shown}:{port}" not in named and not self._test_networks:
            raise _refused(f"the port {port} is not allowed for this connection")
        return _Place(parts.scheme, shown, port, target if target.startswith("/") else f"/{target}")


def _climbs(path: str) -> bool:
    """Tell whether a path goes up or hides a slash, however often it is encoded."""
    for _ in range(3):
        if any(part in (".", "..") for part in path.replace("\\", "/").split("/")):
            return True
        path = unquote(path)
    return any(part in (".", "..") for part in path.replace("\\", "/").split("/"))


def _refused(text: str) -> GatewayError:
    return GatewayError(text, permanent=True, cause="request")


def _unpacked(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the content in pieces of bounded size, packed or not."""
    if encoding.lower() not in ("gzip", "x-gzip"):
        yield from parts
        return
    inflate = zlib.decompressobj(wbits=31)
    try:
        for part in parts:
            left = part
            while left:
                yield inflate.decompress(left, 65_536)
                left = inflate.unconsumed_tail
    except zlib.error:
        raise GatewayError("the answer is not packed as it says", permanent=False, cause="answer", sent=True) from None


def _bounded(parts: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > BODY_LIMIT:
            raise GatewayError("the answer is larger than 5 MB", permanent=True, cause="answer", sent=True)
        yield part
