"""Orders: find, get, submit, read once more; and the decisions about them."""

from typing import Any, Final

from flask import Blueprint, abort, current_app, g
from sqlalchemy.exc import DataError
from werkzeug.wrappers import Response

from ordain.base.errors import Refused, problem
from ordain.base.ids import new_id
from ordain.flows import redriving
from ordain.flows.submitting import Counter, Short, Standing, Submission, Unfit
from ordain.records.order import PRIORITIES, STATES
from ordain.store.orders import find, show, story
from ordain.store.orders.find import SORTS, OrderPage, OrderQuery
from ordain.store.orders.show import OrderView
from ordain.web.api.asking import DEFAULT_LIMIT, PAGED, Schema, asked, body, described
from ordain.web.api.shapes import bad_cursor, decision_json, listed, order_json, problems_json, reply, summary_json
from ordain.web.here import services
from ordain.web.idempotency import idempotent, key_hash
from ordain.web.policy import current_origin, policy
from ordain.web.problems import answer
from ordain.web.rights import access_to

orders = Blueprint("api_orders", __name__, url_prefix="/api/v1")

_TEXT: Final = {"type": "string", "maxLength": 200}
_AMOUNT: Final = {"type": "integer", "minimum": 0, "maximum": 10**12, "description": "minor units of `currency`"}
_TIME: Final = {"type": "string", "format": "date-time", "maxLength": 40}
_ADDRESS: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": dict.fromkeys(("province", "city", "district", "street"), _TEXT),
}
_BUYER: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": _TEXT,
        "phone": _TEXT,
        "email": _TEXT,
        "level": {"type": "integer", "minimum": 0, "maximum": 100},
        "address": _ADDRESS,
    },
}
_LINE: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["sku", "quantity", "unit_price"],
    "properties": {
        "external_id": _TEXT,
        "sku": {"type": "string", "minLength": 1, "maxLength": 100},
        "title": _TEXT,
        "quantity": {"type": "integer", "minimum": 1, "maximum": 100_000},
        "unit_price": _AMOUNT,
    },
}
SUBMIT: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["channel", "lines", "currency"],
    "properties": {
        "channel": {"type": "string", "minLength": 1, "maxLength": 64},
        "external_id": {"type": "string", "minLength": 1, "maxLength": 100, "description": "made when left out"},
        "placed_at": {**_TIME, "description": "now when left out"},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "freight": _AMOUNT,
        "tax": _AMOUNT,
        "seller_discount": _AMOUNT,
        "priority": {"enum": list(PRIORITIES)},
        "buyer": _BUYER,
        "lines": {"type": "array", "minItems": 1, "maxItems": 500, "items": _LINE},
    },
}
_QUERY: Final[dict[str, Schema]] = {
    "channel": {"type": "array", "items": _TEXT, "maxItems": 100},
    "external_id": _TEXT,
    "state": {"type": "array", "items": {"enum": list(STATES)}},
    "held": {"type": "boolean"},
    "lane": _TEXT,
    "priority": {"type": "array", "items": {"enum": list(PRIORITIES)}},
    "placed_from": _TIME,
    "placed_to": _TIME,
    "q": {**_TEXT, "description": "number, channel's number, SKU, phone, buyer or title"},
    "sort": {"enum": [f"{sign}{name}" for name in SORTS for sign in ("", "-")], "default": "-placed_at"},
    **PAGED,
}


@orders.get("/orders")
@policy("order.read", kind="api")
@described(query=_QUERY, returns={200: "OrderList"}, errors=(422,))
def index() -> Response:
    """Find orders, newest first unless sorted otherwise; `placed_from` is inclusive, `placed_to` exclusive."""
    page = _found(
        OrderQuery(
            channels=asked("channel", ()),
            states=asked("state", ()),
            priorities=asked("priority", ()),
            lane=asked("lane", ""),
            external_id=asked("external_id", ""),
            held=asked("held"),
            placed_from=asked("placed_from"),
            placed_to=asked("placed_to"),
            q=asked("q", ""),
            sort=asked("sort", "-placed_at"),
        )
    )
    return reply({"items": [summary_json(item) for item in page.items], "next": page.next, "total": page.total})


@orders.get("/orders/<order_id>")
@policy("order.read", kind="api")
@described(returns={200: "Order"}, errors=(404,))
def one(order_id: str) -> Response:
    """Get one order."""
    return reply(order_json(_seen(order_id)))


@orders.post("/orders")
@policy("order.create", kind="api")
@described(body=SUBMIT, returns={201: "Submitted"}, errors=(409, 422))
@idempotent
def submit() -> Response:
    """Submit an order; its stock is held at once, for as long as `reservation` says. Short of stock: 409, nothing kept.

    The same again answers the same, other content under a number that stands 409. An order with problems is taken
    and held. Who may submit but not read gets the order's id alone.
    """
    document = body()
    external_id = document.get("external_id") or (key_hash() or new_id())[:32]
    counter: Counter = current_app.extensions["ordain.counter"]
    done = counter.submit(Submission(document["channel"], document, external_id, current_origin()))
    match done:
        case Standing():
            message = ("该渠道已有此单号的订单，内容不同", "The channel has an order of this number with other content")
            return answer(409, [problem("external_id", "exists", *message)])
        case Short(problems):
            return answer(409, problems)
        case Unfit(problems):
            raise Refused(problems)
    view = _view(done.order_id)
    return reply(order_json(view) if view else {"id": done.order_id, "external_id": done.external_id}, 201)


@orders.post("/orders/<order_id>/redrive")
@policy("order.repair", kind="api")
@described(returns={200: "Results"}, errors=(404, 409, 422))
@idempotent
def redrive(order_id: str) -> Response:
    """Read an order's newest message once more with the mapping that is live now."""
    _seen(order_id)
    results = redriving.redrive_order(services(), order_id, current_origin())
    items = [{"message": r.message_id, "state": r.fate, "problems": problems_json(r.problems)} for r in results]
    return reply({"items": items})


@orders.get("/decisions")
@policy("order.read", kind="api")
@described(
    query={"subject": {"type": "string", "maxLength": 100, "description": "order:ID"}, **PAGED},
    returns={200: "DecisionList"},
    errors=(404, 422),
)
def decisions() -> Response:
    """Return the decisions about a subject, oldest first, each with its why."""
    kind, _, order_id = asked("subject", "").partition(":")
    if kind != "order":
        abort(404)
    _seen(order_id)
    with services().db.read() as conn:
        found = story.decisions(conn, f"order:{order_id}")
    return listed(found, decision_json, lambda item: item.id)


def _found(query: OrderQuery) -> OrderPage:
    given, limit, cursor = access_to(services(), g.actor, "order"), asked("limit", DEFAULT_LIMIT), asked("cursor")
    try:
        with services().db.read() as conn:
            return find.find(conn, services().vault, given, query, limit=limit, cursor=cursor)
    except (ValueError, OverflowError, DataError):
        if cursor is None:
            raise
        raise bad_cursor() from None


def _view(order_id: str) -> OrderView | None:
    with services().db.read() as conn:
        return show.get(conn, services().vault, access_to(services(), g.actor, "order"), order_id)


def _seen(order_id: str) -> OrderView:
    """Return an order the caller may see; 404 for any other."""
    view = _view(order_id)
    if view is None:
        abort(404)
    return view
