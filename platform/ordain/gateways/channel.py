"""Asking a channel: a built request through the one client, to the place its connection names, at its pace."""

import threading
import time
from typing import Final

from ordain.engines.calls.answers import Answer
from ordain.engines.calls.requests import Request
from ordain.gateways.http import HttpClient
from ordain.store.connections import Connection

_LONGEST_WAIT: Final = 30.0


class HttpChannel:
    """The channels of the outside world, over HTTP."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._pace = Pace()

    def ask(self, connection: Connection, request: Request, *, deadline: float, per_second: float) -> Answer:
        """Return the answer, whatever its status; GatewayError where there is none."""
        time.sleep(self._pace.wait(connection.name, per_second, time.monotonic()))
        status, headers, body = self._client.send(
            request.method,
            connection.base_url.rstrip("/") + request.target,
            hosts=connection.hosts,
            headers=request.headers,
            body=request.body,
            deadline=deadline,
        )
        return Answer(status, headers, body)


class Pace:
    """A token bucket for each name: a second's worth may go at once, then `per_second` go a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._empty_at: dict[str, float] = {}

    def wait(self, name: str, per_second: float, now: float) -> float:
        """Take a token and return the seconds to wait for it."""
        with self._lock:
            due = max(self._empty_at.get(name, 0.0), now - 1.0) + 1.0 / per_second
            self._empty_at[name] = due
        return min(_LONGEST_WAIT, max(0.0, due - now))
