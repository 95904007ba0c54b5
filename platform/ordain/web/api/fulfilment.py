"""What befalls an order: paid, cancelled, shipped. Facts from shop and warehouse; its stock follows at once."""

from typing import Any, Final

from flask import Blueprint, abort, g
from werkzeug.wrappers import Response

from ordain.flows import fulfilling
from ordain.flows.fulfilling import Answer, Impossible, Payment, Shipment
from ordain.store.orders import show
from ordain.web.api.asking import body, described
from ordain.web.api.shapes import order_json, reply
from ordain.web.here import services
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_origin, policy
from ordain.web.problems import answer
from ordain.web.rights import access_to

fulfilment = Blueprint("api_fulfilment", __name__, url_prefix="/api/v1/orders")
_TEXT: Final = {"type": "string", "maxLength": 200}
_PAY: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["amount"],
    "properties": {
        "amount": {"type": "integer", "minimum": 0, "maximum": 10**12, "description": "minor units of the order"},
        "method": _TEXT,
        "reference": {**_TEXT, "description": "the payment's own number; told twice it counts once"},
    },
}
_CANCEL: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"reason": {"type": "string", "maxLength": 500}},
}
_SHIP: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "carrier": _TEXT,
        "tracking": _TEXT,
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 500,
            "description": "what leaves; all that has not left when left out",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["line", "quantity"],
                "properties": {
                    "line": {"type": "string", "minLength": 1, "maxLength": 32, "description": "the line's id"},
                    "quantity": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
                },
            },
        },
    },
}


@fulfilment.post("/<order_id>/pay")
@policy("order.pay", kind="api")
@described(body=_PAY, returns={200: "Order"}, errors=(404, 409, 422))
@idempotent
def pay(order_id: str) -> Response:
    """Tell that money came. Paid in full the stock is kept for good.

    Money for an order that had lapsed takes the stock again where it can be had; else the order is held and a refund
    requested.
    """
    said, _ = body(), _seen(order_id, "pay")
    payment = Payment(said["amount"], said.get("method", ""), said.get("reference", ""))
    return _answered(order_id, fulfilling.pay(services(), order_id, payment, current_origin()))


@fulfilment.post("/<order_id>/cancel")
@policy("order.cancel", kind="api")
@described(body=_CANCEL, body_required=False, returns={200: "Order"}, errors=(404, 409, 422))
@idempotent
def cancel(order_id: str) -> Response:
    """Cancel an order of which nothing has left: its stock is free, for its money a refund is requested."""
    _seen(order_id, "cancel")
    reason = body().get("reason", "")
    return _answered(order_id, fulfilling.cancel(services(), order_id, reason, current_origin()))


@fulfilment.post("/<order_id>/ship")
@policy("order.ship", kind="api")
@described(body=_SHIP, body_required=False, returns={200: "Order"}, errors=(404, 409, 422))
@idempotent
def ship(order_id: str) -> Response:
    """Tell that lines left, in part or whole."""
    _seen(order_id, "ship")
    said = body()
    shipment = Shipment(said.get("carrier", ""), said.get("tracking", ""), fulfilling.lines_by_id(said.get("lines")))
    return _answered(order_id, fulfilling.ship(services(), order_id, shipment, current_origin()))


def _answered(order_id: str, done: Answer) -> Response:
    if isinstance(done, Impossible):
        by_state = all(found.path == "state" or found.code == "nothing_left" for found in done.problems)
        return answer(409 if by_state else 422, done.problems)
    return reply(_seen(order_id))


def _seen(order_id: str, action: str = "read") -> dict[str, Any]:
    """Return an order the caller may see and do this with; 404 for any other."""
    with services().db.read() as conn:
        view = show.get(conn, services().vault, access_to(services(), g.actor, "order"), order_id, action)
    if view is None:
        abort(404)
    return order_json(view)
