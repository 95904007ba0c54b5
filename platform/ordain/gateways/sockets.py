"""The sockets beneath the client: where they may go, and that no wait outlasts the call's deadline."""

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any, Final

import httpcore

from ordain.gateways.places import Resolve, address_of

DEADLINE: Final = 10.0


class Deadlines(threading.local):
    """When the call that this thread makes has to be over."""

    until: float | None = None

    def left(self, timeout: float | None = None) -> float:
        """Return how long a single wait may last."""
        most = DEADLINE if timeout is None else timeout
        return most if self.until is None else min(most, max(0.001, self.until - time.monotonic()))


class GuardedSockets(httpcore.NetworkBackend):
    """Connects to checked addresses only, and lets no single wait outlast the call's deadline."""

    def __init__(self, *, local: bool, resolver: Resolve, clock: Deadlines) -> None:
        self._local, self._resolver, self._clock = local, resolver, clock
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection to the one address this name has, if it is a public one."""
        address = address_of(host, port, local=self._local, resolver=self._resolver)
        stream = self._sockets.connect_tcp(address, port, self._clock.left(timeout), local_address, socket_options)
        return TimedStream(stream, self._clock)

    def sleep(self, seconds: float) -> None:
        """Never wait: whoever calls decides about another try."""


class TimedStream(httpcore.NetworkStream):
    """A stream whose every wait ends with the call's deadline, so that drops of bytes cannot stretch it."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Deadlines) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what comes before the deadline."""
        self._check(httpcore.ReadTimeout)
        return self._stream.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write before the deadline."""
        self._check(httpcore.WriteTimeout)
        self._stream.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        """Let go of the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Speak TLS with the host's own name, whatever address it has."""
        secured = self._stream.start_tls(ssl_context, server_hostname, self._clock.left(timeout))
        return TimedStream(secured, self._clock)

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection."""
        return self._stream.get_extra_info(info)

    def _check(self, late: type[httpcore.TimeoutException]) -> None:
        if self._clock.until is not None and time.monotonic() > self._clock.until:
            raise late("past the call's deadline")
