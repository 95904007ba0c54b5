"""Orders: find, get, submit, read once more; and the decisions about them."""

from typing import Any, Final

from flask import Blueprint, abort, g, request
from werkzeug.wrappers import Response

from ordain.base import json
from ordain.base.clock import rfc3339
from ordain.base.errors import Refused, problem
from ordain.flows import intake, redriving
from ordain.language.schema import check_document
from ordain.records.message import Incoming
from ordain.store.orders import find, show, story
from ordain.store.orders.find import OrderQuery
from ordain.web.api.shapes import (
    body,
    decision_json,
    described,
    flag,
    limit,
    moment,
    order_json,
    problems_json,
    reply,
    summary_json,
    words,
)
from ordain.web.here import services
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_origin, policy
from ordain.web.rights import access_to

orders = Blueprint("api_orders", __name__, url_prefix="/api/v1")

_TEXT: Final = {"type": "string", "maxLength": 200}
SUBMIT: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["channel", "lines", "currency"],
    "properties": {
        "channel": {"type": "string", "minLength": 1, "maxLength": 64},
        "external_id": {"type": "string", "minLength": 1, "maxLength": 100},
        "placed_at": {"type": "string", "maxLength": 40},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "freight": {"type": "integer", "minimum": 0, "maximum": 10**12},
        "tax": {"type": "integer", "minimum": 0, "maximum": 10**12},
        "seller_discount": {"type": "integer", "minimum": 0, "maximum": 10**12},
        "priority": {"enum": ["normal", "urgent", "vip"]},
        "buyer": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "name": _TEXT,
                "phone": _TEXT,
                "email": _TEXT,
                "level": {"type": "integer", "minimum": 0, "maximum": 100},
                "address": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": dict.fromkeys(("province", "city", "district", "street"), _TEXT),
                },
            },
        },
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 500,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["sku", "quantity", "unit_price"],
                "properties": {
                    "external_id": _TEXT,
                    "sku": {"type": "string", "minLength": 1, "maxLength": 100},
                    "title": _TEXT,
                    "quantity": {"type": "integer", "minimum": 1, "maximum": 100000},
                    "unit_price": {"type": "integer", "minimum": 0, "maximum": 10**12},
                },
            },
        },
    },
}
_QUERY: Final[dict[str, dict[str, Any]]] = {
    "channel": {"type": "string"},
    "external_id": {"type": "string"},
    "state": {"type": "string"},
    "held": {"type": "boolean"},
    "lane": {"type": "string"},
    "placed_from": {"type": "string", "format": "date-time"},
    "placed_to": {"type": "string", "format": "date-time"},
    "q": {"type": "string"},
    "sort": {"type": "string"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 500},
    "cursor": {"type": "string"},
}


@orders.get("/orders")
@policy("order.read", kind="api")
@described(query=_QUERY, returns={200: "OrderList"}, errors=(422,))
def index() -> Response:
    """Find orders."""
    query = OrderQuery(
        channels=words("channel"),
        states=words("state"),
        lane=request.args.get("lane", ""),
        external_id=request.args.get("external_id", ""),
        held=flag("held"),
        placed_from=moment("placed_from"),
        placed_to=moment("placed_to"),
        q=request.args.get("q", "")[:100],
        sort=request.args.get("sort", "-placed_at"),
    )
    given = access_to(services(), g.actor, "order")
    with services().db.read() as conn:
        try:
            page = find.find(
                conn, services().vault, given, query, limit=limit(), cursor=request.args.get("cursor") or None
            )
        except ValueError:
            raise Refused([problem("cursor", "bad_cursor", "游标无效", "This is no cursor of this list")]) from None
    return reply({"items": [summary_json(item) for item in page.items], "next": page.next, "total": page.total})


@orders.get("/orders/<order_id>")
@policy("order.read", kind="api")
@described(returns={200: "Order"}, errors=(404,))
def one(order_id: str) -> Response:
    """Get one order."""
    with services().db.read() as conn:
        view = show.get(conn, services().vault, access_to(services(), g.actor, "order"), order_id)
    if view is None:
        abort(404)
    return reply(order_json(view))


@orders.post("/orders")
@policy("order.create", kind="api")
@described(body=SUBMIT, returns={201: "Order"}, errors=(409, 422))
@idempotent
def submit() -> Response:
    """Submit an order; 422 where it cannot be taken."""
    asked = body()
    found = check_document(SUBMIT, asked)
    if found:
        raise Refused(found)
    now = services().now()
    external_id = asked.setdefault("external_id", services().new_id())
    asked.setdefault("placed_at", rfc3339(now))
    channel = asked["channel"]
    with services().db.read() as conn:
        known = services().live.get(conn, "channel", channel) is not None
    if not known:
        raise Refused(
            [problem("channel", "unknown_channel", f"没有渠道“{channel}”", f"there is no channel “{channel}”")]
        )
    raw = json.dumps(asked)
    event = f"api:{json.content_hash(asked)[:40]}"
    incoming = Incoming(event, raw, json.loads(raw), mapping="submitted-order")
    taken = intake.take(services(), channel, "api", [incoming], current_origin())
    return _submitted(taken.results[0], channel, external_id)


@orders.post("/orders/<order_id>/redrive")
@policy("order.repair", kind="api")
@described(returns={200: "Results"}, errors=(404,))
@idempotent
def redrive(order_id: str) -> Response:
    """Read an order's newest message once more with the mapping that is live now."""
    with services().db.read() as conn:
        view = show.get(conn, services().vault, access_to(services(), g.actor, "order"), order_id)
    if view is None:
        abort(404)
    results = redriving.redrive_order(services(), order_id, current_origin())
    items = [{"message": r.message_id, "state": r.fate, "problems": problems_json(r.problems)} for r in results]
    return reply({"items": items})


@orders.get("/decisions")
@policy("order.read", kind="api")
@described(query={"subject": {"type": "string"}}, returns={200: "DecisionList"}, errors=(404,))
def decisions() -> Response:
    """Return the decisions about a subject, `order:ID`."""
    kind, _, order_id = request.args.get("subject", "").partition(":")
    given = access_to(services(), g.actor, "order")
    with services().db.read() as conn:
        view = show.get(conn, services().vault, given, order_id) if kind == "order" else None
        if view is None:
            abort(404)
        found = story.decisions(conn, f"order:{order_id}")
    items = [decision_json(decision) for decision in found]
    return reply({"items": items, "next": None, "total": len(items)})


def _submitted(result: intake.Result, channel: str, external_id: str) -> Response:
    given = access_to(services(), g.actor, "order")
    with services().db.read() as conn:
        query = OrderQuery(channels=(channel,), external_id=external_id)
        page = find.find(conn, services().vault, given, query, limit=1)
        order_id = result.order_id or (page.items[0].id if page.items else "")
        view = show.get(conn, services().vault, given, order_id)
    if view is None:
        raise Refused(result.problems or [problem("", "not_taken", "订单未被接收", "The order was not taken")])
    return reply(order_json(view), 201)
