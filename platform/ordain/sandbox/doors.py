"""What the platforms' doors share: the story at this moment, faults, pages, times."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final, TypeVar

from flask import Blueprint, Response, current_app, request

from ordain.base import json
from ordain.sandbox.memory import Memory
from ordain.sandbox.world import Order

T = TypeVar("T")
BEIJING: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class World:
    """What a door needs: the memory and the clock."""

    memory: Memory
    now: Callable[[], datetime]
    secrets: dict[str, dict[str, str]]


def world() -> World:
    """Return the world of this application."""
    found: World = current_app.extensions["world"]
    return found


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    return Response(json.dumps(value), status, headers, content_type="application/json; charset=utf-8")


def faulty(platform: str, busy: Callable[[], Response], expired: Callable[[], Response]) -> Response | None:
    """Return the failure people set for this platform, if it strikes now."""
    faults = world().memory.faults(platform)
    if faults["latency_ms"]:
        time.sleep(min(float(str(faults["latency_ms"])), 20_000) / 1000)
    if faults["outage"]:
        return Response("<html><body>502 Bad Gateway</body></html>", 502, content_type="text/html")
    if faults["token_expired"]:
        return expired()
    share = float(str(faults["error_share"]))
    # Struck by the moment, not by chance: the same second always tells the same.
    return busy() if share and (world().now().microsecond % 1000) / 1000 < share else None


def changed(platform: str, start: datetime, end: datetime) -> list[Order]:
    """Return the orders changed in a span, oldest change first."""
    now = world().now()
    return world().memory.story(platform).modified_between(start, min(end, now), now)


def page(items: Sequence[T], number: int, size: int) -> list[T]:
    """Return page `number` (from 0), whose last item comes again on the next: lists shift while they are read."""
    start = max(0, number * size - (1 if number else 0))
    return list(items[start : (number + 1) * size])


def beijing(moment: datetime | None, empty: str | None = None) -> str | None:
    """Return a moment as wall-clock text of Beijing."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if moment else empty


def from_beijing(text: str) -> datetime:
    """Read wall-clock text of Beijing."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)


def yuan(amount: int) -> str:
    """Return an amount in fen as yuan text."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def form() -> dict[str, str]:
    """Return the parameters of a form post with those of the address."""
    return {**request.args.to_dict(), **request.form.to_dict()}


def blueprint(platform: str) -> Blueprint:
    """Return the blueprint of a platform's doors."""
    return Blueprint(platform, __name__, url_prefix=f"/{platform}")


Pushed = tuple[str, dict[str, str], bytes]
Payload = dict[str, Any]
