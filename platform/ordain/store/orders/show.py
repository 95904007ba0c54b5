"""One order behind the access door, with its protected fields opened, masked or hidden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.errors import Problem
from ordain.records.access import Access
from ordain.records.order import Address, Buyer, Order, OrderLine
from ordain.records.stock import Reservation
from ordain.store.access import orders_seen
from ordain.store.orders.find import covered, shown_name
from ordain.store.stock import reservations
from ordain.store.tables.orders import OrderLineRow, OrderRow
from ordain.store.vault import Unopened, Vault


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as one actor sees it; `masked` and `hidden` name the fields that are not shown in full.

    `closed` are those that do not open: changed by somebody, or their key is missing.
    """

    order: Order
    masked: frozenset[str]
    hidden: frozenset[str]
    closed: frozenset[str] = frozenset()
    reservation: Reservation | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An order as a transaction wrote it: its columns, those of its lines in their order, and its reservation."""

    row: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    reservation: Reservation | None


def written(order: Written, vault: Vault, given: Access) -> OrderView | None:
    """Return what was just written as `get` would, without asking for it; None for who does not see every order."""
    if not given.may("read") or not given.sees_all:
        return None
    return replace(_view(order.row, list(map(_line, order.lines)), vault, given), reservation=order.reservation)


def get(conn: sa.Connection, vault: Vault, given: Access, order_id: str, action: str = "read") -> OrderView | None:
    """Return the order, or None where it is not there, not for this actor, or none they may do this with."""
    if not given.may("read"):
        return None
    row = conn.execute(_ONE.where(orders_seen(given)), {"wanted": order_id}).mappings().one_or_none()
    if row is None:
        return None
    able = given.within(row["state"]).doing(action)
    if action != "read" and not conn.scalar(_THERE.where(orders_seen(able)), {"wanted": order_id}):
        return None
    items = conn.execute(_LINES, {"wanted": order_id}).mappings()
    view = _view(row, [_line(item) for item in items], vault, given)
    return replace(view, reservation=reservations.of_order(conn, order_id))


def neighbours(conn: sa.Connection, given: Access, order: Order) -> tuple[str | None, str | None]:
    """Return the ids of the orders placed just after and just before this one, for paging from order to order."""
    table = OrderRow.__table__
    if order.placed_at is None:
        return None, None
    place = sa.tuple_(table.c.placed_at, table.c.id)
    own = sa.tuple_(sa.literal(order.placed_at, table.c.placed_at.type), sa.literal(order.id))
    seen = sa.select(table.c.id).where(orders_seen(given)).limit(1)
    newer = conn.scalar(seen.where(place > own).order_by(table.c.placed_at, table.c.id))
    older = conn.scalar(seen.where(place < own).order_by(table.c.placed_at.desc(), table.c.id.desc()))
    return newer, older


def mask_phone(phone: str) -> str:
    """Return a phone with its middle as dots; a platform's own mask is kept as received."""
    digits = phone.strip()
    return digits if "*" in digits or len(digits) < 7 else f"{digits[:3]} •••• {digits[-4:]}"


def _view(row: Any, lines: list[OrderLine], vault: Vault, given: Access) -> OrderView:
    given = given.within(row["state"])
    masked: set[str] = set()
    hidden: set[str] = set()
    closed: set[str] = set()

    def opened(name: str, column: str) -> str:
        if row[column] is None:
            return ""
        mode = given.mode(name)
        if mode == "hidden":
            hidden.add(name)
            return ""
        text = vault.show(f"orders.{column}", row["id"], row[column])
        if isinstance(text, Unopened):
            closed.add(name)
            return text
        if mode == "masked":
            masked.add(name)
            return mask_phone(text) if column == "phone" else "••••••"
        return text

    amounts = {name: row[name] for name in _AMOUNTS}
    if given.mode("total") != "read":
        hidden.update(_AMOUNTS)
        amounts = dict.fromkeys(_AMOUNTS, 0)

    def plain(name: str, column: str) -> Any:
        if given.mode(name) == "hidden":
            hidden.add(name)
        return covered(row[column], given, name)

    province, city, district = (plain(f"buyer.address.{name}", name) for name in ("province", "city", "district"))
    address = Address(province, city, district, opened("buyer.address.street", "street"))
    buyer = Buyer(
        shown_name(row["buyer_name"], given),
        opened("buyer.phone", "phone"),
        opened("buyer.email", "email"),
        plain("buyer.level", "buyer_level"),
        address,
    )
    order = Order(
        **{name: plain(name, name) for name in _PLAIN},
        **amounts,
        problems=tuple(Problem.of(stored) for stored in covered(row["problems"] or [], given, "problems")),
        buyer=buyer,
        lines=tuple(lines) if given.mode("lines") == "read" else (),
        extra=row["extra"] or {},
    )
    return OrderView(order, frozenset(masked), frozenset(hidden), frozenset(closed))


def _line(row: Any) -> OrderLine:
    return OrderLine(**{name: row[name] for name in OrderLine.__slots__})


_ONE: Final = sa.select(OrderRow.__table__).where(OrderRow.id == sa.bindparam("wanted"))
_THERE: Final = sa.select(OrderRow.id).where(OrderRow.id == sa.bindparam("wanted"))
_LINES: Final = (
    sa.select(OrderLineRow.__table__)
    .where(OrderLineRow.order_id == sa.bindparam("wanted"))
    .order_by(OrderLineRow.position)
)
_AMOUNTS = ("goods", "seller_discount", "platform_discount", "freight", "tax", "total", "paid", "refunded")
_PLAIN = (
    "id", "number", "channel", "shop", "external_id", "state", "currency", "placed_at", "paid_at", "shipped_at",
    "modified_at", "received_at", "held", "region", "priority", "lane",
)  # fmt: skip
