"""Reservations of stock by a reference of the caller's own: hold, look, keep, let go."""

from typing import Any, Final

from flask import Blueprint, abort, current_app
from werkzeug.wrappers import Response

from ordain.flows.reserving import Command, Commit, Declined, Desk, Done, Release, Reserve
from ordain.records.order import PRIORITIES
from ordain.records.stock import Wanted
from ordain.store.stock import reservations as store
from ordain.web.api.asking import body, described
from ordain.web.api.shapes import reply, reservation_json
from ordain.web.here import services
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_origin, policy
from ordain.web.problems import answer

reservations = Blueprint("api_reservations", __name__, url_prefix="/api/v1/reservations")
_SKU: Final = {"type": "string", "minLength": 1, "maxLength": 128}
RESERVE: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["reference", "lines"],
    "properties": {
        "reference": {"type": "string", "minLength": 1, "maxLength": 200, "description": "asked twice it is made once"},
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 500,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["sku", "quantity"],
                "properties": {"sku": _SKU, "quantity": {"type": "integer", "minimum": 1, "maximum": 1_000_000}},
            },
        },
        "hold_seconds": {
            "type": "integer",
            "minimum": 1,
            "maximum": 30 * 86400,
            "description": "as long as the policy says when left out",
        },
        "priority": {"enum": list(PRIORITIES)},
        "channel": {"type": "string", "maxLength": 64, "description": "whose policy and codes hold"},
    },
}
_TOO_LATE: Final = frozenset({"out_of_stock", "reference_reused", "of_order"})


@reservations.post("")
@policy("stock.reserve", kind="api")
@described(body=RESERVE, returns={201: "Reservation"}, errors=(409, 422))
@idempotent
def reserve() -> Response:
    """Hold stock for a while, all of it or none: 409 names the lines that are short and what is left of them."""
    said = body()
    lines = tuple(Wanted(line["sku"], line["quantity"]) for line in said["lines"])
    command = Reserve(
        said["reference"], lines, said.get("channel", ""), said.get("priority", "normal"), said.get("hold_seconds")
    )
    return _settled(command, 201)


@reservations.get("/<reservation_id>")
@policy("stock.read", kind="api")
@described(returns={200: "Reservation"}, errors=(404,))
def one(reservation_id: str) -> Response:
    """Get one reservation."""
    with services().db.read() as conn:
        found = store.get(conn, reservation_id)
    if found is None:
        abort(404)
    return reply(reservation_json(found))


@reservations.post("/<reservation_id>/commit")
@policy("stock.reserve", kind="api")
@described(returns={200: "Reservation"}, errors=(404, 409))
@idempotent
def commit(reservation_id: str) -> Response:
    """Keep a held reservation for good; 409 where it is gone."""
    return _settled(Commit(reservation_id), 200)


@reservations.post("/<reservation_id>/release")
@policy("stock.reserve", kind="api")
@described(returns={200: "Reservation"}, errors=(404, 409))
@idempotent
def release(reservation_id: str) -> Response:
    """Let a reservation go; 409 where it has left."""
    return _settled(Release(reservation_id), 200)


def _settled(command: Command, status: int) -> Response:
    desk: Desk = current_app.extensions["ordain.desk"]
    match desk.settle(command, current_origin()):
        case Done(found):
            return reply(reservation_json(found), status)
        case Declined(problems, missing):
            if missing:
                abort(404)
            unfit = all(found.code == "unknown_sku" for found in problems)
            return answer(422 if unfit else 409, problems)
