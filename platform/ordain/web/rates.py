"""How often one caller may come, by the class each route declares; what is over it is answered 429.

Failed logins are counted in the database by the login itself. The counts here may be lost: they live in Redis, and in
each process while Redis is away. Programs are counted in each process alone: their limit stops a loop gone wild, and
asking Redis about every call of a rush would cost more than the call.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from flask import Flask, abort, current_app, g, request
from flask_limiter import Limiter

from ordain.flows.services import Settings
from ordain.records.actor import User
from ordain.web.policy import Rate, policy_of

LIMITS: Final[Mapping[Rate, str]] = {
    "login": "60/minute",  # one office behind one address signs in at nine
    "open": "300/minute",
    "page": "1200/minute",
}
API: Final = 120_000  # a minute
_MINUTE: Final = 60
_TIMES: Final[dict[str, str | int]] = {"socket_timeout": 1, "socket_connect_timeout": 1}  # seconds; then in memory


class Tally:
    """Counts callers of one process in windows of a minute."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._since = -float(_MINUTE)
        self._counts: dict[str, int] = {}

    def admits(self, caller: str) -> bool:
        """Count one call and tell whether it is within the limit."""
        now = self._clock()
        with self._lock:
            if now - self._since >= _MINUTE:
                self._since, self._counts = now, {}
            count = self._counts[caller] = self._counts.get(caller, 0) + 1
        return count <= self._most


def install(app: Flask) -> None:
    """Count every request whose route declares a class; who calls must be known by then."""
    settings: Settings = app.extensions["ordain"].settings
    tally = Tally(API)

    def count() -> None:
        if _rate() == "api" and not tally.admits(_caller()):
            abort(429)

    app.before_request(count)
    limiter = Limiter(
        _caller,
        app=app,
        default_limits=[lambda: LIMITS[_rate()]],
        storage_uri=_place(settings.redis_url),
        storage_options=_TIMES if settings.redis_url else {},
        in_memory_fallback_enabled=True,
    )
    limiter.request_filter(lambda: _rate() in ("free", "api"))


def _rate() -> Rate:
    asked = policy_of(current_app, request.endpoint)
    return asked.rate if asked else "free"


def _caller() -> str:
    """Return whom a request counts for: the person where the class counts people, else the address."""
    actor = g.get("actor")
    if isinstance(actor, User) and _rate() in ("page", "api"):
        return f"person:{actor.id}"
    return f"address:{g.get('ip', '')}"


def _place(redis_url: str) -> str:
    """Return the store's address in the limiter's own words."""
    if not redis_url:
        return "memory://"
    return redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix://") else redis_url
