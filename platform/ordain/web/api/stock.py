"""Stock levels and movements by SKU."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, abort
from werkzeug.wrappers import Response

from ordain.base.errors import Refused
from ordain.flows import stocking
from ordain.flows.offering import offer
from ordain.flows.stocking import Move, Moved
from ordain.records.stock import MAIN, MOST, Level, Movement
from ordain.store import catalogue
from ordain.store.stock import movements
from ordain.web.api.asking import DEFAULT_LIMIT, PAGED, asked, body, described
from ordain.web.api.shapes import reply, time_json
from ordain.web.here import services
from ordain.web.i18n import current_language
from ordain.web.idempotency import idempotent
from ordain.web.policy import current_origin, policy

stock = Blueprint("api_stock", __name__, url_prefix="/api/v1/stock")
_COUNT: Final = {"type": "integer", "minimum": 0, "maximum": MOST}
_POOL: Final = {"type": "string", "minLength": 1, "maxLength": 64, "description": "the main warehouse when left out"}
_REASON: Final = {"type": "string", "maxLength": 500}
_FORCE: Final = {"type": "boolean", "description": "let less be there than is promised; needs a reason"}
_SET: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["on_hand"],
    "properties": {
        "on_hand": _COUNT,
        "pool": _POOL,
        "reason": _REASON,
        "force": _FORCE,
        "safety": {**_COUNT, "description": "kept back, never sold"},
        "backorder_limit": {**_COUNT, "description": "how many may be sold beyond what is there"},
    },
}
_MOVEMENT: Final[dict[str, Any]] = {
    "kind": {"enum": ["receive", "adjust", "return", "count"]},
    "quantity": {
        "type": "integer",
        "minimum": -MOST,
        "maximum": MOST,
        "description": "what is added, of an adjustment also less than nothing; of a count what was found",
    },
    "pool": _POOL,
    "reason": _REASON,
    "force": _FORCE,
    "key": {"type": "string", "minLength": 1, "maxLength": 200, "description": "told twice it counts once"},
}
_MOVE: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["kind", "quantity"],
    "properties": _MOVEMENT,
}
_MOVES: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["movements"],
    "properties": {
        "movements": {
            "type": "array",
            "minItems": 1,
            "maxItems": 500,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["sku", "kind", "quantity"],
                "properties": {"sku": {"type": "string", "minLength": 1, "maxLength": 128}, **_MOVEMENT},
            },
        }
    },
}


@stock.get("/<sku>")
@policy("stock.read", kind="api")
@described(returns={200: "Stock"}, errors=(404,))
def one(sku: str) -> Response:
    """Get a SKU's stock: the sum of its pools, and each of them."""
    return reply(_shown(sku))


@stock.put("/<sku>")
@policy("stock.change", kind="api")
@described(body=_SET, returns={200: "Stock"}, errors=(422,))
def put(sku: str) -> Response:
    """Set what is on hand; makes the SKU known if it was not. Below what is promised it is refused, unless forced."""
    said = body()
    pool = said.get("pool", MAIN)
    limits: dict[str, int] = {name: said[name] for name in ("safety", "backorder_limit") if name in said}
    stocking.set_level(
        services(),
        sku,
        said["on_hand"],
        current_origin(),
        pool=pool,
        reason=said.get("reason", ""),
        force=said.get("force", False),
        limits=limits,
    )
    return reply(_shown(sku))


@stock.get("/<sku>/movements")
@policy("stock.read", kind="api")
@described(query=PAGED, returns={200: "MovementList"}, errors=(404, 422))
def history(sku: str) -> Response:
    """List a SKU's movements, newest first."""
    own, limit = _own(sku), asked("limit", DEFAULT_LIMIT)
    with services().db.read() as conn:
        found = movements.of(conn, own, before=asked("cursor", ""), limit=limit + 1)
        total = movements.count(conn, own)
    following = found[limit - 1].id if len(found) > limit else None
    return reply({"items": [_moved(item) for item in found[:limit]], "next": following, "total": total})


@stock.post("/<sku>/movements")
@policy("stock.change", kind="api")
@described(body=_MOVE, returns={201: "Movement"}, errors=(404, 422))
@idempotent
def move(sku: str) -> Response:
    """Receive, adjust with a reason, take back, or count."""
    done = stocking.move(services(), _wanted(_own(sku), body()), current_origin())
    return reply(_moved(_made(done)), 201)


@stock.post("/movements")
@policy("stock.change", kind="api")
@described(body=_MOVES, returns={201: "Movements"}, errors=(422,))
@idempotent
def move_all() -> Response:
    """Make movements of many SKUs, all or none: a delivery, a stock count."""
    wanted = [_wanted(said["sku"], said) for said in body()["movements"]]
    try:
        done = stocking.move_all(services(), wanted, current_origin())
    except Refused as refused:
        places = (found if len(wanted) > 1 else found.under("0") for found in refused.problems)
        raise Refused([found.under("movements") for found in places]) from None
    return reply({"items": [_moved(_made(one)) for one in done]}, 201)


def _wanted(sku: str, said: Mapping[str, Any]) -> Move:
    pool, reason = said.get("pool", MAIN), said.get("reason", "")
    return Move(sku, said["kind"], said["quantity"], pool, reason, said.get("key"), said.get("force", False))


def _made(done: Moved) -> Movement:
    if done.movement is None:
        raise RuntimeError("a movement of nothing was refused before")
    return done.movement


def _own(sku: str) -> str:
    """Return the SKU a code stands for; 404 where there is none."""
    with services().db.read() as conn:
        found = catalogue.resolve(conn, [("", sku)])
    if not found:
        abort(404)
    return found["", sku]


def _shown(code: str) -> dict[str, Any]:
    found = offer(services(), code)
    if found is None:
        abort(404)
    return {
        "sku": found.sku,
        "on_hand": sum(level.on_hand for level in found.levels),
        "reserved": sum(level.reserved for level in found.levels),
        "available": found.available,
        "label": found.label.get(current_language()),
        "pools": [_level(level) for level in found.levels],
    }


def _level(level: Level) -> dict[str, Any]:
    names = ("pool", "on_hand", "reserved", "available", "safety", "backorder_limit", "version")
    return {name: getattr(level, name) for name in names}


def _moved(one: Movement) -> dict[str, Any]:
    return {
        **{
            name: getattr(one, name) for name in ("id", "sku", "pool", "kind", "quantity", "on_hand", "reason", "actor")
        },
        "at": time_json(one.at),
        "reservation": one.reservation_id,
        "order": one.order_id,
        "key": one.key,
    }
