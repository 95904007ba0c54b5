"""Orders: find, get, submit, read once more; and the decisions about them."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from flask import Blueprint, abort, current_app, g
from sqlalchemy.exc import DataError
from werkzeug.wrappers import Response

from ordain.base.errors import Refused, problem
from ordain.base.ids import new_id
from ordain.engines.form.staff import StaffForm
from ordain.flows import extending, redriving
from ordain.flows.submitting import Counter, Short, Standing, Submission, Submitted, Unfit
from ordain.records.access import Access
from ordain.records.order import PRIORITIES, STATES
from ordain.store.fields import NUMBERS, FieldFilter
from ordain.store.orders import find, show, story
from ordain.store.orders.find import OWN, SORTS, OrderPage, OrderQuery
from ordain.store.orders.show import OrderView
from ordain.web.api.asking import DEFAULT_LIMIT, PAGED, Schema, asked, body, described
from ordain.web.api.shapes import bad_cursor, decision_json, listed, order_json, problems_json, reply, summary_json
from ordain.web.here import services
from ordain.web.idempotency import idempotent, key_hash
from ordain.web.pages.listing.filtering import can_ask
from ordain.web.policy import current_origin, policy
from ordain.web.problems import answer
from ordain.web.rights import access_to, live

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
    "filter": {
        "type": "array",
        "items": {"type": "string", "maxLength": 400},
        "maxItems": 20,
        "description": "field:value of fields added by an admin, several after each other with commas",
    },
    "sort": {
        "type": "string",
        "maxLength": 80,
        "pattern": f"^-?({'|'.join(SORTS)}|own\\.[A-Za-z][A-Za-z0-9_]*)$",
        "default": "-placed_at",
        "description": "own.FIELD sorts by a searchable field added by an admin",
    },
    **PAGED,
}


@orders.get("/orders")
@policy("order.read", kind="api")
@described(query=_QUERY, returns={200: "OrderList"}, errors=(422,))
def index() -> Response:
    """Find orders, newest first unless sorted otherwise; `placed_from` is inclusive, `placed_to` exclusive."""
    form, access = _own_form(), access_to(services(), g.actor, "order")
    sort = asked("sort", "-placed_at")
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
            own=_own_filters(form, access, asked("filter", ())),
            fields=_own_sorts(form, access, sort),
            sort=sort,
        )
    )
    return reply(
        {"items": [summary_json(item, form, access) for item in page.items], "next": page.next, "total": page.total}
    )


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
    view = _made(done)
    return reply(order_json(view) if view else {"id": done.order_id, "external_id": done.external_id}, 201)


@orders.post("/orders/<order_id>/redrive")
@policy("order.repair", kind="api")
@described(returns={200: "Results"}, errors=(404, 409, 422))
@idempotent
def redrive(order_id: str) -> Response:
    """Read an order's newest message once more with the mapping that is live now."""
    _seen(order_id, "repair")
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
    access = access_to(services(), g.actor, "order").within(_seen(order_id).order.state)
    with services().db.read() as conn:
        found = story.decisions(conn, f"order:{order_id}")
    return listed(found, lambda item: decision_json(item, access), lambda item: item.id)


def _own_form() -> StaffForm | None:
    return extending.order_form(live(services()))


def _own_filters(form: StaffForm | None, access: Access, texts: Sequence[str]) -> tuple[FieldFilter, ...]:
    """Return what is asked of fields added by an admin; Refused for one not there, not readable or not of its kind."""
    known = extending.readable(form, access)
    found, problems = [], []
    for name, _, text in (one.partition(":") for one in texts):
        field = known.get(name)
        value = _typed(field["type"], text) if field and can_ask(field, name) else None
        if value is None:
            zh, en = f"不能按“{name}:{text}”筛选", f"there is no filtering by “{name}:{text}”"
            problems.append(problem("filter", "unknown_field", zh, en))
        elif field:
            found.append(FieldFilter(name, field["type"], (value,)))
    if problems:
        raise Refused(problems)
    return tuple(found)


def _own_sorts(form: StaffForm | None, access: Access, sort: str) -> dict[str, str]:
    """Return the fields added by an admin that can be searched and sorted by; Refused for a sort by any other."""
    known = {
        name: field["type"]
        for name, field in extending.readable(form, access).items()
        if field.get("searchable") and can_ask(field, name)
    }
    wanted = sort.removeprefix("-")
    if wanted.startswith(OWN) and wanted.removeprefix(OWN) not in known:
        raise Refused([problem("sort", "unknown_field", "不能按此字段排序", "there is no sorting by this field")])
    return known


def _typed(kind: str, text: str) -> str | float | None:
    if kind not in NUMBERS:
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return float(number) if number.is_finite() and abs(number) < 10**15 else None


def _found(query: OrderQuery) -> OrderPage:
    given, limit, cursor = access_to(services(), g.actor, "order"), asked("limit", DEFAULT_LIMIT), asked("cursor")
    try:
        with services().db.read() as conn:
            return find.find(conn, services().vault, given, query, limit=limit, cursor=cursor)
    except (ValueError, OverflowError, DataError):
        if cursor is None:
            raise
        raise bad_cursor() from None


def _view(order_id: str, action: str = "read") -> OrderView | None:
    with services().db.read() as conn:
        return show.get(conn, services().vault, access_to(services(), g.actor, "order"), order_id, action)


def _made(done: Submitted) -> OrderView | None:
    """Return an order that was submitted: as it was written, without asking for it again, where that may be seen."""
    given = access_to(services(), g.actor, "order")
    made = show.written(done.written, services().vault, given) if done.written else None
    return made or _view(done.order_id)


def _seen(order_id: str, action: str = "read") -> OrderView:
    """Return an order the caller may see and do this with; 404 for any other."""
    view = _view(order_id, action)
    if view is None:
        abort(404)
    return view
