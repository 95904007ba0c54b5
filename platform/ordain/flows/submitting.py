"""Submitting an order through our own API: it enters where every channel's orders do, and is never written twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ordain.base import json
from ordain.base.clock import rfc3339
from ordain.base.errors import Problem, Refused, problem
from ordain.flows import intake
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.records.actor import Origin
from ordain.records.message import Incoming
from ordain.store import messages
from ordain.store.orders import find
from ordain.store.orders.find import OrderQuery

MAPPING: Final = "submitted-order"


@dataclass(frozen=True, slots=True)
class Submitted:
    """The order that stands for what was submitted."""

    order_id: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Another order of the channel has this number already."""

    external_id: str


def submit(
    services: Services, channel: str, document: Mapping[str, Any], external_id: str, origin: Origin
) -> Submitted | Standing:
    """Take an order in under `external_id`. The same again is the same order, anything else under its number is none.

    Refused where there is no such channel, or the content cannot be kept.
    """
    event_id = f"api:{json.content_hash({**document, 'external_id': external_id})[:40]}"
    with services.db.read() as conn:
        if services.live.at(conn).get("channel", channel) is None:
            raise Refused(
                [problem("channel", "unknown_channel", f"没有渠道“{channel}”", f"there is no channel “{channel}”")]
            )
    before = _order(services, channel, external_id)
    if before is not None and not _told(services, channel, event_id, before):
        return Standing(external_id)
    whole = {"placed_at": rfc3339(services.now()), **document, "external_id": external_id}
    raw = json.dumps(whole)
    incoming = Incoming(event_id, raw, json.loads(raw), mapping=MAPPING)
    result = intake.take(services, channel, "api", [incoming], origin).results[0]
    order_id = result.order_id or _order(services, channel, external_id)
    if order_id is None:
        raise Refused(result.problems or _problems(services, result.message_id))
    return Submitted(order_id, external_id)


def _order(services: Services, channel: str, external_id: str) -> str | None:
    query = OrderQuery(channels=(channel,), external_id=external_id)
    with services.db.read() as conn:
        page = find.find(conn, services.vault, EVERYTHING, query, limit=1)
    return page.items[0].id if page.items else None


def _told(services: Services, channel: str, event_id: str, order_id: str) -> bool:
    """Tell whether this very submission made the order."""
    with services.db.read() as conn:
        return any(m.event_id == event_id and m.channel == channel for m in messages.of_order(conn, order_id))


def _problems(services: Services, message_id: str) -> tuple[Problem, ...]:
    """Return what kept a submission out that came before."""
    with services.db.read() as conn:
        found = messages.get(conn, message_id)
    return (found.problems if found else ()) or (problem("", "not_taken", "订单未被接收", "The order was not taken"),)
