"""The JSON forms of what the API answers: records, lists, problems, times."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from flask import g
from werkzeug.wrappers import Response

from ordain.base import json
from ordain.base.clock import rfc3339
from ordain.base.decision import Clause
from ordain.base.errors import Problem, Refused, problem
from ordain.base.text import Language
from ordain.engines.form.staff import StaffForm
from ordain.flows import extending
from ordain.flows.alarming import cannot_open
from ordain.flows.recording import DOTS
from ordain.records.access import Access
from ordain.records.message import Message
from ordain.records.stock import Reservation
from ordain.store.orders.find import OrderSummary, order_mode
from ordain.store.orders.show import OrderView
from ordain.store.orders.story import StoredDecision
from ordain.web.api.asking import DEFAULT_LIMIT, asked
from ordain.web.here import services
from ordain.web.i18n import current_language
from ordain.web.rights import access_to, live

T = TypeVar("T")


def reply(value: object, status: int = 200, **headers: str) -> Response:
    """Return a JSON answer."""
    made = Response(json.dumps(value), status, content_type="application/json")
    for name, text in headers.items():
        made.headers[name.replace("_", "-")] = text
    return made


def listed(items: Sequence[T], shape: Callable[[T], dict[str, Any]], place: Callable[[T], str]) -> Response:
    """Return one page of a short list that is read as a whole; `place` names an item within it."""
    begin = 0
    if cursor := asked("cursor"):
        begin = next((number for number, item in enumerate(items) if place(item) == cursor), -1) + 1
        if not begin:
            raise bad_cursor()
    shown = items[begin : begin + asked("limit", DEFAULT_LIMIT)]
    more = begin + len(shown) < len(items)
    following = place(shown[-1]) if more else None
    return reply({"items": [shape(item) for item in shown], "next": following, "total": len(items)})


def bad_cursor() -> Refused:
    """Return the refusal of a cursor that is none of this list."""
    return Refused([problem("cursor", "bad_cursor", "游标无效", "This is no cursor of this list")])


def problems_json(found: Sequence[Problem], language: Language | None = None) -> list[dict[str, str]]:
    """Return problems in one language."""
    chosen = language or current_language()
    return [{"path": p.path, "code": p.code, "message": p.message.get(chosen)} for p in found]


def time_json(value: datetime | None) -> str | None:
    """Return a time as RFC 3339 UTC."""
    return rfc3339(value) if value else None


def summary_json(item: OrderSummary, form: StaffForm | None, access: Access) -> dict[str, Any]:
    """Return one order of a list; the business's own fields as its form and the role say."""
    found: dict[str, Any] = asdict(item)
    found["problems"] = problems_json([Problem.of(stored) for stored in item.problems])
    for name in ("placed_at", "received_at", "updated_at"):
        found[name] = time_json(found[name])
    found["buyer"] = {"name": found.pop("buyer_name")}
    for name in ("shop", "province", "city", "paid_at", "shipped_at"):  # one order tells them, the list does not
        del found[name]
    found["extra"] = extending.shown(services(), form, item.id, item.extra, access.within(item.state))
    return found


def order_json(view: OrderView) -> dict[str, Any]:
    """Return one order in the shape of the contract; what may not be seen is null."""
    found = _shallow(view.order)
    found["buyer"] = {**_shallow(view.order.buyer), "address": _shallow(view.order.buyer.address)}
    found["lines"] = [_shallow(line) for line in view.order.lines]
    for name in ("placed_at", "paid_at", "shipped_at", "modified_at", "received_at"):
        found[name] = time_json(found[name])
    found["problems"] = problems_json(view.order.problems)
    form = extending.order_form(live(services()))
    access = access_to(services(), g.actor, "order").within(view.order.state)
    found["extra"] = extending.shown(services(), form, view.order.id, view.order.extra, access)
    found["reservation"] = reservation_summary(view.reservation)
    for name in view.hidden | view.closed:
        _blank(found, name)
    found["problems"] += problems_json([cannot_open(name) for name in sorted(view.closed)])
    if "total" in view.hidden:
        for line in found["lines"]:
            line["unit_price"] = line["amount"] = None
    return found


def reservation_summary(one: Reservation | None) -> dict[str, Any] | None:
    """Return what an order says of its reservation."""
    return None if one is None else {"id": one.id, "state": one.state, "expires_at": time_json(one.expires_at)}


def reservation_json(one: Reservation) -> dict[str, Any]:
    """Return one reservation; `taken` of a line is what is reserved of it or has left."""
    lines = [
        {"sku": line.sku, "quantity": line.quantity, "taken": line.taken, "shipped": line.shipped} for line in one.lines
    ]
    return {
        **{name: getattr(one, name) for name in ("id", "reference", "state", "channel", "priority")},
        "order": one.order_id,
        "expires_at": time_json(one.expires_at),
        "created_at": time_json(one.created_at),
        "lines": lines,
    }


def message_json(message: Message) -> dict[str, Any]:
    """Return one message without its raw content."""
    found: dict[str, Any] = asdict(message)
    found["received_at"] = time_json(message.received_at)
    found["problems"] = problems_json(message.problems)
    return found


def decision_json(decision: StoredDecision, access: Access) -> dict[str, Any]:
    """Return one decision about an order with its clauses; facts the reader may not read are dots."""
    language = current_language()
    return {
        "id": decision.id,
        "kind": decision.kind,
        "key": decision.key,
        "version": decision.version,
        "outcome": decision.outcome,
        "at": time_json(decision.at),
        "why": [_clause(clause, language, access) for clause in decision.why],
    }


def _clause(clause: Clause, language: Language, access: Access) -> dict[str, Any]:
    return {
        "rule": clause.rule,
        "text": clause.text.get(language),
        "true": clause.true,
        "facts": {name: value if order_mode(access, name) == "read" else DOTS for name, value in clause.facts.items()},
        "parts": [_clause(part, language, access) for part in clause.parts],
    }


def _shallow(record: Any) -> dict[str, Any]:
    """Return a record's own fields: `asdict` copies all the way down, which every order would pay for."""
    return {name: getattr(record, name) for name in record.__slots__}


def _blank(document: dict[str, Any], name: str) -> None:
    *parents, last = name.split(".")
    for parent in parents:
        document = document[parent]
    document[last] = None
