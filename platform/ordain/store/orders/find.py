"""Finding orders behind the access door: filters, search, sort, keyset pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.records.access import Access, Mode
from ordain.store import keyset
from ordain.store.access import orders_seen
from ordain.store.fields import FieldFilter, is_sound, json_field, matches
from ordain.store.keyset import Sort
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
OWN: Final = "own."  # how sorts name a field of the business's own
AMOUNTS: Final = frozenset(
    {
        "goods", "seller_discount", "platform_discount", "freight", "tax", "total", "paid", "refunded", "amount",
        "unit_price",
    }
)  # fmt: skip
_ALWAYS: Final = frozenset({"id", "number", "currency", "updated_at", "received_at", "modified_at"})
# What roles call the fields of a summary that have other names there.
_CALLED: Final[Mapping[str, str]] = {
    "title": "lines",
    "line_count": "lines",
    "quantity": "lines",
    "province": "buyer.address.province",
    "city": "buyer.address.city",
}
_FIELDS: Final[Mapping[str, str]] = {"total": "total", "quantity": "lines"}  # what a role must read to sort by it


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """What to look for; empty parts do not restrict. Times: from inclusive, to exclusive. Amounts: minor units.

    `own` restricts fields of the business's own; `fields` are those, by kind, that can be searched and sorted by.
    What the actor may not read matches nothing.
    """

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
    own: Sequence[FieldFilter] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    sort: str = "-placed_at"


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """One row of a list; `buyer_name` as the role may see it, `extra` whole: `extending.shown` asks the role for it."""

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
    shop: str
    province: str
    city: str
    paid_at: datetime | None
    shipped_at: datetime | None
    extra: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page; `next` is the cursor of the page after it, `total` the number of all that match."""

    items: Sequence[OrderSummary]
    next: str | None
    total: int


_ID: Final = OrderRow.__table__.c.id
_EXTRA: Final = OrderRow.__table__.c.extra
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
    """Return one page and the cursor of the next, uncounted; ValueError for a cursor that is none of ours."""
    chosen = sa.select(*_COLUMNS).where(*conditions(vault, given, query))
    rows, following = keyset.page(conn, chosen, _sort(given, query), _ID, limit=limit, cursor=cursor)
    return [_summary(row, given) for row in rows], following


def sums(conn: sa.Connection, vault: Vault, given: Access, query: OrderQuery) -> dict[str, int]:
    """Return what the orders that match come to, by currency; nothing for who may not read totals."""
    if not given.reads("total"):
        return {}
    row = OrderRow.__table__.c
    chosen = sa.select(row.currency, sa.func.sum(row.total, type_=sa.BigInteger)).group_by(row.currency)
    found = conn.execute(chosen.where(*conditions(vault, given, query)).order_by(row.currency))
    return {currency: int(total or 0) for currency, total in found}


def called(conn: sa.Connection, given: Access, name: str) -> str | None:
    """Return the id of the newest order with this number, ours or its channel's, that the actor may see."""
    if not given.may("read"):
        return None
    named = sa.or_(OrderRow.number == name, OrderRow.external_id == name)
    chosen = sa.select(_ID).where(named, orders_seen(given)).order_by(_ID.desc()).limit(1)
    found: str | None = conn.scalar(chosen)
    return found


def count(conn: sa.Connection, vault: Vault, given: Access, query: OrderQuery) -> int:
    """Return how many orders match."""
    where = sa.and_(*conditions(vault, given, query))
    return conn.scalar(sa.select(sa.func.count()).select_from(OrderRow).where(where)) or 0


def conditions(vault: Vault, given: Access, query: OrderQuery) -> list[sa.ColumnElement[bool]]:
    """Return the query as SQL conditions, the door's row filter among them."""
    if not given.may("read") or not all(given.reads(name) for name in _asked(query)):
        return [sa.false()]
    found = [orders_seen(given), *_chosen(query), *_bounded(query)]
    if query.lane:
        found.append(OrderRow.lane == query.lane)
    if query.external_id:
        found.append(OrderRow.external_id == query.external_id)
    if query.held is not None:
        found.append(OrderRow.held == sa.true() if query.held else OrderRow.held == sa.false())
    if query.ids is not None:
        found.append(OrderRow.id.in_(query.ids))
    if query.q.strip():
        found.append(_search(vault, given, query))
    found += [_own(given, wanted) for wanted in query.own]
    return found


def _asked(query: OrderQuery) -> list[str]:
    """Return the fields that a query restricts, by what roles call them."""
    named: dict[str, Any] = {
        "channel": query.channels,
        "state": query.states,
        "priority": query.priorities,
        "region": query.regions,
        "lane": query.lane,
        "external_id": query.external_id,
        "held": query.held is not None,
        "placed_at": query.placed_from or query.placed_to,
        "total": query.total_from is not None or query.total_to is not None,
    }
    return [name for name, wanted in named.items() if wanted]


def _chosen(query: OrderQuery) -> list[sa.ColumnElement[bool]]:
    lists = (
        (OrderRow.channel, query.channels),
        (OrderRow.state, query.states),
        (OrderRow.priority, query.priorities),
        (OrderRow.region, query.regions),
    )
    return [column.in_(wanted) for column, wanted in lists if wanted]


def _bounded(query: OrderQuery) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if query.placed_from:
        found.append(OrderRow.placed_at >= query.placed_from)
    if query.placed_to:
        found.append(OrderRow.placed_at < query.placed_to)
    if query.total_from is not None:
        found.append(OrderRow.total >= query.total_from)
    if query.total_to is not None:
        found.append(OrderRow.total <= query.total_to)
    return found


def _own(given: Access, wanted: FieldFilter) -> sa.ColumnElement[bool]:
    if not given.reads(wanted.name) or not is_sound(wanted.name):
        return sa.false()
    return matches(json_field(_EXTRA, wanted.name, wanted.kind), wanted)


def _search(vault: Vault, given: Access, query: OrderQuery) -> sa.ColumnElement[bool]:
    """Match numbers by their beginning, buyers and titles by a part, SKUs, phones and own fields exactly.

    Only what may be read is looked into.
    """
    text = query.q.strip()
    prefix = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found: list[sa.ColumnElement[bool]] = [OrderRow.number.like(f"{prefix.upper()}%", escape="\\")]
    if given.reads("external_id"):
        found.append(OrderRow.external_id.like(f"{prefix}%", escape="\\"))
    if given.reads("lines"):
        found.append(OrderRow.title.like(f"%{prefix}%", escape="\\"))
        found.append(OrderRow.id.in_(sa.select(OrderLineRow.order_id).where(OrderLineRow.sku == text.upper())))
    for name, kind in query.fields.items():
        if kind in ("text", "choice", "reference") and given.reads(name):
            held = matches(json_field(_EXTRA, name, kind), FieldFilter(name, kind, (text,)))
            found.append(OrderRow.id.in_(sa.select(OrderRow.id).where(held)))
    if given.reads("buyer.name"):
        found.append(OrderRow.buyer_name.like(f"%{prefix}%", escape="\\"))
    digits = phone_digits(text)
    if digits and given.reads("buyer.phone"):
        found.append(OrderRow.phone_blind == vault.blind("phone", digits))
        if len(digits) == 4:
            found.append(OrderRow.phone_tail_blind == vault.blind("phone_tail", digits))
    return sa.or_(*found)


def _sort(given: Access, query: OrderQuery) -> Sort:
    name, descending = query.sort.removeprefix("-"), query.sort.startswith("-")
    own = name.removeprefix(OWN)
    if name != own and own in query.fields and given.reads(own):
        return Sort(name, json_field(_EXTRA, own, query.fields[own]), nullable=True, descending=descending)
    if name not in SORTS or not given.reads(_FIELDS.get(name, name)):
        name, descending = "placed_at", True
    column = SORTS[name]
    return Sort(name, column, nullable=bool(getattr(column, "nullable", False)), descending=descending)


def _summary(row: Any, given: Access) -> OrderSummary:
    given = given.within(row["state"])
    amounts = given.mode("total") == "read"
    plain = ("buyer_name", "total", "paid", "problems", "extra")
    return OrderSummary(
        **{
            name: covered(row[name], given, _CALLED.get(name, name))
            for name in OrderSummary.__slots__
            if name not in plain
        },
        extra=row["extra"] or {},
        problems=covered(row["problems"] or [], given, "problems"),
        buyer_name=shown_name(row["buyer_name"], given),
        total=row["total"] if amounts else None,
        paid=row["paid"] if amounts else None,
    )


def order_mode(given: Access, name: str) -> Mode:
    """Return how a field of an order shows; who may not read its total reads none of the amounts it is made of."""
    if name.rpartition(".")[2] in AMOUNTS and given.mode("total") != "read":
        return "hidden"
    return given.mode(name)


def covered(value: Any, given: Access, name: str) -> Any:
    """Return a plain value as this actor may see it: dots for a masked text, nothing of its kind for all else."""
    mode = given.mode(name)
    if mode == "read" or name in _ALWAYS or value is None:
        return value
    if isinstance(value, datetime):
        return None
    return "••••••" if isinstance(value, str) and value and mode == "masked" else type(value)()


def shown_name(name: str, given: Access) -> str:
    """Return a buyer's name as this actor may see it."""
    match given.mode("buyer.name"):
        case "read":
            return name
        case "masked":
            return f"{name[:1]}**" if name else ""
        case _:
            return ""
