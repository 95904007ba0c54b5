"""Submitting an order through our own API: it enters where every channel's orders do, and is never written twice.

Its stock is held in the transaction that keeps it, and submissions that come together share that transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from ordain.base import json
from ordain.base.clock import rfc3339
from ordain.base.errors import Problem, problem
from ordain.flows import intake
from ordain.flows.intake import Arrival, Result
from ordain.flows.services import Services
from ordain.records.actor import Origin
from ordain.records.message import Incoming
from ordain.store import messages
from ordain.store.combiner import Combiner
from ordain.store.orders import keep
from ordain.store.orders.show import Written

MAPPING: Final = "submitted-order"


@dataclass(frozen=True, slots=True)
class Submission:
    """An order as it is submitted, under its number on the channel."""

    channel: str
    document: Mapping[str, Any]
    external_id: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Submitted:
    """The order that stands for what was submitted; `written` where it was made just now."""

    order_id: str
    external_id: str
    written: Written | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """Another order of the channel has this number already."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Short:
    """The order cannot be had; nothing is kept of it."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Unfit:
    """The content cannot be taken, and why."""

    problems: tuple[Problem, ...]


Answer = Submitted | Standing | Short | Unfit


class Counter:
    """The counter of one process: submissions that come together are kept in one transaction."""

    def __init__(self, services: Services) -> None:
        self._combiner: Combiner[Submission, Answer] = Combiner(lambda batch: submit_all(services, batch), most=64)

    def submit(self, submission: Submission) -> Answer:
        """Return what became of one submission, once it is durable."""
        return self._combiner.submit(submission)


def submit(services: Services, channel: str, document: Mapping[str, Any], external_id: str, origin: Origin) -> Answer:
    """Take an order in under its number. The same again is the same order, other content under its number is none."""
    return submit_all(services, [Submission(channel, document, external_id, origin)])[0]


def submit_all(services: Services, submissions: Sequence[Submission]) -> list[Answer]:
    """Take orders in, in one transaction; the answers stand in their order, and one never hinders another."""
    with services.db.read() as conn:
        live = services.live.at(conn)
        arrived = {
            place: _arrival(services, one)
            for place, one in enumerate(submissions)
            if live.get("channel", one.channel) is not None
        }
        prepared = intake.prepare(services, conn, list(arrived.values()))
    shops = {item.arrival.message_id: item.shop for item in prepared}
    results = dict(zip(arrived, intake.store(services, prepared), strict=True))
    known = _known(
        services, [(submissions[place], result, shops[arrived[place].message_id]) for place, result in results.items()]
    )
    return [
        _answer(services, one, results[place], known) if place in results else Unfit((_no_channel(one.channel),))
        for place, one in enumerate(submissions)
    ]


def _arrival(services: Services, one: Submission) -> Arrival:
    event_id = f"api:{json.content_hash({**one.document, 'external_id': one.external_id})[:40]}"
    now = services.now()
    whole = {"placed_at": rfc3339(now), **one.document, "external_id": one.external_id}
    incoming = Incoming(event_id, json.dumps(whole), whole, mapping=MAPPING)
    return Arrival(services.new_id(), one.channel, "api", incoming, now, one.origin)


def _answer(services: Services, one: Submission, result: Result, known: Mapping[tuple[str, str], str]) -> Answer:
    if result.fate == "refused":
        return Standing(one.external_id) if result.order_id else Short(result.problems)
    order_id = result.order_id or known.get((one.channel, one.external_id))
    if order_id is not None:
        return Submitted(order_id, one.external_id, result.order)
    return Unfit(result.problems or _problems(services, result.message_id))


def _known(services: Services, told: Sequence[tuple[Submission, Result, str]]) -> dict[tuple[str, str], str]:
    """Return the orders of submissions that had come before, by channel and number."""
    again = sorted((one.channel, shop, one.external_id) for one, result, shop in told if result.repeated)
    if not again:
        return {}
    with services.db.read() as conn:
        return {
            (channel, number): row["id"]
            for (channel, shop), group in groupby(again, key=lambda place: place[:2])
            for number, row in keep.standing_orders(conn, channel, shop, [place[2] for place in group]).items()
        }


def _problems(services: Services, message_id: str) -> tuple[Problem, ...]:
    """Return what kept a submission out that came before."""
    with services.db.read() as conn:
        found = messages.get(conn, message_id)
    return (found.problems if found else ()) or (problem("", "not_taken", "订单未被接收", "The order was not taken"),)


def _no_channel(channel: str) -> Problem:
    return problem("channel", "unknown_channel", f"没有渠道“{channel}”", f"there is no channel “{channel}”")
