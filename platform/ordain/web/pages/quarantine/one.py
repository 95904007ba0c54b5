"""One case of the repair page in full."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import url_for

from ordain.flows import repairing
from ordain.flows.redriving import read_payload
from ordain.records.message import Message
from ordain.records.order import Order
from ordain.store import definitions, messages
from ordain.store.orders import show as orders
from ordain.store.orders import story
from ordain.web.here import services
from ordain.web.pages.json_lines import JsonLine, json_lines, text_lines
from ordain.web.pages.knots import Knot
from ordain.web.pages.lists import ChannelName, Fault, State
from ordain.web.pages.order.proof import note
from ordain.web.pages.order.sources import used
from ordain.web.pages.quarantine.cases import Waiting
from ordain.web.pages.quarantine.context import Case, LineRow
from ordain.web.pages.quarantine.repair import RepairView, Tried, repair_view
from ordain.web.pages.reader import given
from ordain.web.pages.story import Teller
from ordain.web.pages.texts import _
from ordain.web.pages.words import channel_name, faults
from ordain.web.policy import current_origin
from ordain.web.show import NOTHING, Show


def case(
    conn: sa.Connection, item: Waiting, names: Mapping[str, ChannelName], show: Show, tried: Tried | None = None
) -> Case:
    """Return the case in full: problems, lines, raw message, what happened to the order so far."""
    message, vault = messages.covered(item.message, given("message")), services().vault
    view = orders.get(conn, vault, given("order"), message.order_id) if message.order_id else None
    problems = faults(message.problems, show)
    age = show.span((show.now - message.received_at).total_seconds())
    held = view is not None
    word = _("Held for %(time)s", time=age) if held else _("In quarantine for %(time)s", time=age)
    rights = given("message")
    return Case(
        id=message.id,
        title=item.number or message.event_id,
        order_href=url_for("order.index", order_id=view.order.id) if view else "",
        channel=channel_name(names, message.channel),
        state=State("look", word),
        mapping=_mapping(message),
        mapping_href=_mapping_href(message),
        problems=problems,
        lines=_lines(view.order, problems, show) if view else (),
        raw=_raw(conn, message),
        raw_note=note(message, show),
        events=_events(conn, view.order, message, show) if view else (),
        redrive=url_for("quarantine.redrive", message_id=message.id) if rights.may("redrive") else "",
        discard=url_for("quarantine.discard", message_id=message.id) if rights.may("discard") and not held else "",
        may_act=rights.may("redrive"),
        repair=_repair(message, tried, show),
    )


def _repair(message: Message, tried: Tried | None, show: Show) -> RepairView | None:
    access = given("order")
    if not (given("message").may("redrive") and access.may("repair")) or message.record != "order":
        return None
    form = repairing.form_of(services(), message.id, access, current_origin())
    return repair_view(form, tried if tried and tried.message_id == message.id else None, show) if form else None


def _lines(order: Order, problems: Sequence[Fault], show: Show) -> list[LineRow]:
    sums = given("order").reads("total")
    return [
        LineRow(
            line.sku,
            line.title,
            show.number(line.quantity),
            show.money(line.amount, order.currency) if sums else NOTHING,
            [fault for fault in problems if fault.path.startswith(f"lines.{place}.")],
        )
        for place, line in enumerate(order.lines)
    ]


def _raw(conn: sa.Connection, message: Message) -> list[JsonLine] | None:
    """Return the raw message with the places marked that have problems; None where the role does not show it."""
    mode = given("message").mode("raw")
    if mode == "hidden":
        return None
    text = messages.raw(conn, services().vault, message.id) or ""
    document: Any = read_payload(text)[0]
    if document is None:
        return text_lines(text) if mode == "read" else None
    mapping = definitions.get(conn, "mapping", message.mapping, message.mapping_version or 0)
    names = [problem.path for problem in message.problems]
    marks = used(mapping.document["spec"], document, names) if mapping else ()
    return json_lines(document, marked=marks, covered=mode == "masked")


def _events(conn: sa.Connection, order: Order, message: Message, show: Show) -> list[Knot]:
    teller = Teller(
        show,
        order.currency,
        given("order"),
        given("definition").may("read"),
        {message.id: message},
        {decision.id: decision for decision in story.decisions(conn, f"order:{order.id}")},
    )
    return teller.story(story.events(conn, order.id), order)


def _mapping(message: Message) -> str:
    if not message.mapping:
        return ""
    if message.mapping_version is None:
        return message.mapping
    return _("%(key)s, version %(version)s", key=message.mapping, version=message.mapping_version)


def _mapping_href(message: Message) -> str:
    if not message.mapping or not given("definition").may("read"):
        return ""
    if given("definition").may("edit") and message.problems:
        return url_for("editor.edit", kind="mapping", key=message.mapping, group=message.problems[0].code)
    return url_for("definitions.one", kind="mapping", key=message.mapping)
