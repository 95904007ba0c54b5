"""How long an order may wait: the age limit of the first live lane that would take it."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ordain.kinds.kind import scope_of
from ordain.language.expression import BOOL, EvaluationError, Expression, compile_expression
from ordain.store.definitions import Version
from ordain.store.orders.find import OrderSummary
from ordain.web.here import services


@dataclass(frozen=True, slots=True)
class LaneLimit:
    """One lane: which orders it takes (None = all), in which rank, and how long they may wait."""

    when: Expression | None
    rank: int
    minutes: int | None


def lane_limits(conn: sa.Connection) -> list[LaneLimit]:
    """Return the live lanes in the order in which they take orders."""
    live = services().live.at(conn)
    lanes = [live.compiled("lane", version.key, _lane) for version in live.all("lane")]
    return sorted(lanes, key=lambda lane: lane.rank)


def limit_of(order: OrderSummary, lanes: Sequence[LaneLimit]) -> int | None:
    """Return the minutes an order may wait, None where no lane limits it."""
    facts: dict[str, object] = {
        "priority": order.priority, "state": order.state, "channel": order.channel, "region": order.region,
        "total": order.total, "currency": order.currency, "quantity": order.quantity, "held": order.held,
    }  # fmt: skip
    return next((lane.minutes for lane in lanes if _takes(lane, facts)), None)


def _takes(lane: LaneLimit, facts: dict[str, object]) -> bool:
    try:
        return lane.when is None or lane.when.evaluate(facts) is True
    except EvaluationError:
        return False  # it asks for what a list does not show


def _lane(version: Version) -> LaneLimit:
    spec = version.document["spec"]
    when = compile_expression(spec["when"], scope_of("record", spec), expects=BOOL) if "when" in spec else None
    return LaneLimit(when, int(spec["rank"]), spec.get("age_limit_minutes"))
