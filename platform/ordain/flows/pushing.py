"""Pushing stock back to channels: absolute numbers, one a SKU however often it changed, never an old one after a new.

A marketplace sells against its own counter; what it may sell before it hears of a change is held back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from ordain.base.errors import GatewayError
from ordain.engines.buffer import RISK, hold_back
from ordain.engines.calls import answers
from ordain.engines.calls.answers import ErrorRule, compile_errors
from ordain.engines.calls.requests import Asking, build
from ordain.flows.asking import Channel, load
from ordain.flows.services import Services
from ordain.store import pushes
from ordain.store.pushes import Due, Telling

TOPIC: Final = "stock.push"
LANE: Final = "stock"
EVERY: Final = 5
FIRST_LAG: Final = 30.0  # seconds, until a lag was measured
_TURN: Final = timedelta(seconds=120)
REFUSED: Final = -1  # the number of a SKU the channel would not take
_COUNT_EVERY: Final = timedelta(minutes=5)
_AT_ONCE: Final = 200
_FULL: Final = 5_000


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one round told a channel; `same` numbers needed no call."""

    taken: int = 0
    same: int = 0
    left: int = 0
    error: str = ""


def push(services: Services, key: str, *, full: bool = False) -> Pushed:
    """Tell a channel what it has yet to hear, or on a full round everything; one round at a time."""
    channel = load(services, key)
    if channel is None or "stock" not in channel.spec:
        return Pushed()
    now = services.now()
    with services.db.write() as conn:
        if not pushes.take_turn(conn, key, now, _TURN):
            return Pushed()
    try:
        return _push(services, channel, full=full)
    finally:
        with services.db.write() as conn:
            pushes.put_feed(conn, key, turn_until=None)


def buffer_of(spec: Mapping[str, Any], rate: float, lag: float | None) -> int:
    """Return how much of a SKU is held back from a channel that sells so much and hears so late."""
    return hold_back(rate, FIRST_LAG if lag is None else lag, float(spec.get("risk", RISK)))


def _push(services: Services, channel: Channel, *, full: bool) -> Pushed:
    begun, spec = services.now(), channel.spec["stock"]
    rules = compile_errors(spec.get("errors", ()), "spec.stock.errors")
    with services.db.write() as conn:
        counted_at = pushes.feed(conn, channel.key).counted_at
        counted = counted_at is None or begun - counted_at >= _COUNT_EVERY
        sales = pushes.sales(conn, channel.key, begun) if counted else {}
        if counted:
            pushes.put_sales(conn, channel.key, sales, begun)
    with services.db.read() as conn:
        items = pushes.due(conn, channel.key, full=full, limit=_FULL if full else _AT_ONCE)
        lag = pushes.lag(conn, channel.key, begun)
    done, first = Pushed(left=len(items)), None
    for item in items:
        if services.now() - begun > _TURN / 2:
            return _finish(services, channel, done, first, full=False)
        per_day = sales.get(item.sku, 0) if counted else item.per_day or 0
        held_back = buffer_of(spec, per_day / pushes.DAY.total_seconds(), lag)
        quantity = max(0, item.available - held_back)
        known = quantity == item.told and not full
        failure = None if known else _tell(services, channel, item, quantity, rules)
        first = first or failure
        if failure is not None and failure.then != "permanent":
            return _finish(services, channel, replace(done, error=failure.text), failure, full=False)
        telling = Telling(quantity, held_back, per_day, measured=not (known or full))
        if failure is not None:  # not asked again until it changes or a full round comes
            telling = Telling(REFUSED, 0, per_day, measured=False)
        with services.db.write() as conn:
            pushes.taken(conn, channel.key, item, telling, services.now())
        told = not known and failure is None
        done = replace(done, taken=done.taken + told, same=done.same + known, left=done.left - 1)
    return _finish(services, channel, done, first, full=full)


def _tell(
    services: Services, channel: Channel, item: Due, quantity: int, rules: tuple[ErrorRule, ...]
) -> answers.Failure | None:
    """Tell a channel one number; None where it took it. The same number twice does no harm: it is absolute."""
    values = {
        "sku": item.code,
        "quantity": quantity,
        "version": item.version,
        "now": services.now(),
        "nonce": services.new_id(),
    }
    asking = Asking(values, channel.connection.secrets, channel.connection.base_url, channel.zone)
    made = build(channel.spec["stock"]["request"], asking)
    try:
        answer = services.channels.ask(
            channel.connection, made, deadline=channel.deadline, per_second=channel.per_second
        )
    except GatewayError as error:
        return answers.Failure("stop" if error.permanent else "retry", error.cause, str(error))
    return answers.read(answer, rules)[1]


def _finish(
    services: Services, channel: Channel, done: Pushed, failure: answers.Failure | None, *, full: bool
) -> Pushed:
    now = services.now()
    values: dict[str, Any] = {"last_try": now, "cause": failure.cause if failure else ""}
    values["error"] = failure.text[:500] if failure else ""
    if failure is None:
        values["last_success"] = now
    if full:
        values["last_full"] = now
    with services.db.write() as conn:
        pushes.put_feed(conn, channel.key, **values)
    return done
