"""Finding orders behind the access door: filters, search, sort, keyset pages."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.clock import epoch_ms, from_epoch_ms
from ordain.records.access import Access
from ordain.store.access import orders_seen
from ordain.store.orders.rows import phone_digits
from ordain.store.tables.orders import OrderLineRow, OrderRow
from ordain.store.vault import Vault

SORTS: Final[Mapping[str, sa.ColumnElement[Any]]] = {
    "placed_at": OrderRow.__table__.c.placed_at,
    "received_at": OrderRow.__table__.c.received_at,
    "total": OrderRow.__table__.c.total,
    "quantity": OrderRow.__table__.c.quantity,
    "number": OrderRow.__table__.c.number,
}
_FIELDS: Final[Mapping[str, str]] = {"total": "total", "quantity": "lines"}  # what a role must read to sort by it


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """What to look for; empty parts do not restrict. Times: from inclusive, to exclusive. Amounts: minor units."""

    channels: Sequence[str] = ()
    states: Sequence[str] = ()
    priorities: Sequence[str] = ()
    regions: Sequence[str] = ()
    lane: str = ""
    external_id: str = ""
    held: bool | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    total_from: int | None = None
    total_to: int | None = None
    q: str = ""
    ids: Sequence[str] | None = None
    sort: str = "-placed_at"


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """One row of a list; `buyer_name` as the role may see it."""

    id: str
    number: str
    channel: str
    external_id: str
    state: str | None
    held: bool
    problems: Sequence[Mapping[str, Any]]
    buyer_name: str
    title: str
    line_count: int
    quantity: int
    total: int | None
    paid: int | None
    currency: str
    priority: str
    lane: str
    region: str
    placed_at: datetime | None
    received_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page; `next` is the cursor of the page after it, `total` the number of all that match."""

    items: Sequence[OrderSummary]
    next: str | None
    total: int


_ID: Final = OrderRow.__table__.c.id
_COLUMNS: Final = tuple(OrderRow.__table__.c[name] for name in OrderSummary.__slots__)


def find(
    conn: sa.Connection, vault: Vault, given: Access, query: OrderQuery, *, limit: int = 50, cursor: str | None = None
) -> OrderPage:
    """Return one page of the orders this actor may see; ValueError for a cursor that is none of ours."""
    items, following = page(conn, vault, given, query, limit=limit, cursor=cursor)
    return OrderPage(items, following, count(conn, vault, given, query))


def page(
    conn: sa.Connection, vault: Vault, given: Access, query: OrderQuery, *, limit: int = 50, cursor: str | None = None
) -> tuple[list[OrderSummary], str | None]:
    """Return one page and the cursor of the next, uncounted; ValueError for a cursor that is none of ours.

    Orders without a value to sort by come last and are asked for apart: so both databases walk along an index.
    """
    name, descending = _sort(given, query.sort)
    column = SORTS[name]
    place = _read_cursor(cursor, name) if cursor else None
    chosen = sa.select(*_COLUMNS).where(*conditions(vault, given, query)).limit(limit + 1)
    rows: list[Any] = []
    if place is None or place[0] is not None:
        beyond = [] if place is None else [_after(descending, place, column, _ID)]
        ordered = (column.desc(), OrderRow.id.desc()) if descending else (column, OrderRow.id)
        known = [column.is_not(None)] if column.nullable else []
        rows += conn.execute(chosen.where(*known, *beyond).order_by(*ordered)).mappings()
    if column.nullable and len(rows) <= limit:
        beyond = [] if place is None or place[0] is not None else [_after(descending, (place[1],), _ID)]
        rest = chosen.where(column.is_(None), *beyond).order_by(OrderRow.id.desc() if descending else OrderRow.id)
        rows += conn.execute(rest).mappings()
    last = rows[limit - 1] if len(rows) > limit else None
    following = _make_cursor(name, last[name], last["id"]) if last else None
    return [_summary(row, given) for row in rows[:limit]], following


def count(conn: sa.Connection, vault: Vault, given: Access, query: OrderQuery) -> int:
    """Return how many orders match."""
    where = sa.and_(*conditions(vault, given, query))
    return conn.scalar(sa.select(sa.func.count()).select_from(OrderRow).where(where)) or 0


def conditions(vault: Vault, given: Access, query: OrderQuery) -> list[sa.ColumnElement[bool]]:
    """Return the query as SQL conditions, the door's row filter among them."""
    if not given.may("read"):
        return [sa.false()]
    found = [orders_seen(given), *_chosen(query), *_bounded(given, query)]
    if query.lane:
        found.append(OrderRow.lane == query.lane)
    if query.external_id:
        found.append(OrderRow.external_id == query.external_id)
    if query.held is not None:
        found.append(OrderRow.held == sa.true() if query.held else OrderRow.held == sa.false())
    if query.ids is not None:
        found.append(OrderRow.id.in_(query.ids))
    if query.q.strip():
        found.append(_search(vault, given, query.q.strip()))
    return found


def _chosen(query: OrderQuery) -> list[sa.ColumnElement[bool]]:
    lists = (
        (OrderRow.channel, query.channels),
        (OrderRow.state, query.states),
        (OrderRow.priority, query.priorities),
        (OrderRow.region, query.regions),
    )
    return [column.in_(wanted) for column, wanted in lists if wanted]


def _bounded(given: Access, query: OrderQuery) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if query.placed_from:
        found.append(OrderRow.placed_at >= query.placed_from)
    if query.placed_to:
        found.append(OrderRow.placed_at < query.placed_to)
    if query.total_from is not None and given.reads("total"):
        found.append(OrderRow.total >= query.total_from)
    if query.total_to is not None and given.reads("total"):
        found.append(OrderRow.total <= query.total_to)
    return found


def _search(vault: Vault, given: Access, text: str) -> sa.ColumnElement[bool]:
    """Match numbers by their beginning, buyers and titles by a part, SKUs and phones exactly; only what may be read."""
    prefix = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found: list[sa.ColumnElement[bool]] = [
        OrderRow.number.like(f"{prefix.upper()}%", escape="\\"),
        OrderRow.external_id.like(f"{prefix}%", escape="\\"),
        OrderRow.title.like(f"%{prefix}%", escape="\\"),
        OrderRow.id.in_(sa.select(OrderLineRow.order_id).where(OrderLineRow.sku == text.upper())),
    ]
    if given.reads("buyer.name"):
        found.append(OrderRow.buyer_name.like(f"%{prefix}%", escape="\\"))
    digits = phone_digits(text)
    if digits and given.reads("buyer.phone"):
        found.append(OrderRow.phone_blind == vault.blind("phone", digits))
        if len(digits) == 4:
            found.append(OrderRow.phone_tail_blind == vault.blind("phone_tail", digits))
    return sa.or_(*found)


def _sort(given: Access, wanted: str) -> tuple[str, bool]:
    name, descending = wanted.removeprefix("-"), wanted.startswith("-")
    allowed = name in SORTS and given.reads(_FIELDS.get(name, name))
    return (name, descending) if allowed else ("placed_at", True)


def _after(descending: bool, place: Sequence[Any], *columns: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    own = sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(place, columns, strict=True)))
    return sa.tuple_(*columns) < own if descending else sa.tuple_(*columns) > own


def _make_cursor(name: str, value: Any, row_id: str) -> str:
    plain = epoch_ms(value) if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([name, plain, row_id])).decode().rstrip("=")


def _read_cursor(cursor: str, name: str) -> tuple[Any, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        stored, value, row_id = json.loads(raw)
    except (ValueError, TypeError):
        raise ValueError("not a cursor") from None
    wanted = str if name == "number" else int
    if stored != name or not isinstance(row_id, str) or not isinstance(value, wanted | None):
        raise ValueError("not a cursor of this sort")
    return (from_epoch_ms(value) if name.endswith("_at") and isinstance(value, int) else value), row_id


def _summary(row: Any, given: Access) -> OrderSummary:
    amounts = given.mode("total") == "read"
    return OrderSummary(
        **{
            name: row[name]
            for name in OrderSummary.__slots__
            if name not in ("buyer_name", "total", "paid", "problems")
        },
        problems=row["problems"] or [],
        buyer_name=shown_name(row["buyer_name"], given),
        total=row["total"] if amounts else None,
        paid=row["paid"] if amounts else None,
    )


def shown_name(name: str, given: Access) -> str:
    """Return a buyer's name as this actor may see it."""
    match given.mode("buyer.name"):
        case "read":
            return name
        case "masked":
            return f"{name[:1]}**" if name else ""
        case _:
            return ""
