"""Keeping orders: the few statements a batch of arrivals needs, each for the whole batch.

Whoever writes orders takes `lock` first, so that of two processes that hear of one order at once the second
sees what the first wrote.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.store.among import among
from ordain.store.inserting import Inserting
from ordain.store.tables.messages import MessageRow
from ordain.store.tables.orders import DecisionRow, OrderEventRow, OrderLineRow, OrderRow, ReturnRequestRow, ShipmentRow

Identity = tuple[str, str, str]  # channel, shop, external id
Columns = Mapping[str, Any]
_LOCK = sa.text(
    "SELECT count(pg_advisory_xact_lock(key)) FROM (SELECT unnest(CAST(:keys AS bigint[])) AS key) AS wanted"
)

_KNOWN = sa.select(MessageRow.event_id, MessageRow.id).where(
    MessageRow.channel == sa.bindparam("of"), among(MessageRow.event_id, "events")
)
_LINE_IDS = sa.select(OrderLineRow.order_id, OrderLineRow.external_id, OrderLineRow.id).where(
    among(OrderLineRow.order_id, "orders")
)
# Statements are built once: for a small batch, building them costs as much as running them.
_STANDING: Final[Mapping[Any, sa.Select[Any]]] = {
    table: sa.select(table).where(
        table.c.channel == sa.bindparam("of"),
        table.c.shop == sa.bindparam("own"),
        among(table.c.external_id, "numbers"),
    )
    for table in (OrderRow.__table__, ReturnRequestRow.__table__)
}
_INSERT: Final[Mapping[Any, Inserting]] = {
    row.__table__: Inserting(row.__table__)
    for row in (OrderRow, OrderLineRow, ReturnRequestRow, MessageRow, DecisionRow, OrderEventRow, ShipmentRow)
}


def lock(conn: sa.Connection, names: Iterable[str]) -> None:
    """Keep other writers of these names out until the transaction ends (SQLite has one writer anyway)."""
    if conn.dialect.name == "sqlite":
        return
    keys = sorted({int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in names})
    conn.execute(_LOCK, {"keys": keys})


def known_events(conn: sa.Connection, channel: str, events: Collection[str]) -> dict[str, str]:
    """Return the message ids of those events of a channel that were stored before, by event id."""
    return dict(conn.execute(_KNOWN, {"of": channel, "events": list(events)}).all())


def standing_orders(
    conn: sa.Connection, channel: str, shop: str, external_ids: Collection[str], *, locked: bool = False
) -> dict[str, dict[str, Any]]:
    """Return all columns of the orders that stand, by external id; locked for who will write them."""
    return _standing(conn, OrderRow.__table__, channel, shop, external_ids, locked)


def standing_returns(
    conn: sa.Connection, channel: str, shop: str, external_ids: Collection[str], *, locked: bool = False
) -> dict[str, dict[str, Any]]:
    """Return all columns of the return requests that stand, by external id; locked for who will write them."""
    return _standing(conn, ReturnRequestRow.__table__, channel, shop, external_ids, locked)


def line_ids(conn: sa.Connection, order_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the ids of the lines of these orders: order id -> the channel's line id -> our line id."""
    found: dict[str, dict[str, str]] = {}
    rows = conn.execute(_LINE_IDS, {"orders": list(order_ids)})
    for order_id, external_id, line_id in rows:
        found.setdefault(order_id, {})[external_id] = line_id
    return found


def insert_orders(conn: sa.Connection, rows: Sequence[Columns]) -> None:
    """Add new orders."""
    _insert(conn, OrderRow.__table__, rows)


def update_orders(conn: sa.Connection, rows: Sequence[Columns]) -> None:
    """Write all columns of orders that stand."""
    _update(conn, OrderRow.__table__, rows)


def replace_lines(conn: sa.Connection, known: Collection[str], lines: Sequence[Columns]) -> None:
    """Put `lines` in place of those of the orders `known`."""
    if known:
        conn.execute(sa.delete(OrderLineRow).where(OrderLineRow.order_id.in_(known)))
    _insert(conn, OrderLineRow.__table__, lines)


def own_fields(conn: sa.Connection, order_id: str) -> dict[str, Any]:
    """Return an order's own fields, the row locked until the transaction ends."""
    chosen = sa.select(OrderRow.extra).where(OrderRow.id == order_id).with_for_update()
    return dict(conn.execute(chosen).scalar_one())


def put_own_fields(conn: sa.Connection, order_id: str, values: Mapping[str, Any], now: datetime) -> None:
    """Write an order's own fields."""
    conn.execute(sa.update(OrderRow).where(OrderRow.id == order_id).values(extra=dict(values), updated_at=now))


def lock_order(conn: sa.Connection, order_id: str) -> None:
    """Keep other writers of an order out until the transaction ends.

    Its row itself is not locked: whoever lets a hold run out comes to it from the other side.
    """
    row = conn.execute(
        sa.select(OrderRow.channel, OrderRow.shop, OrderRow.external_id).where(OrderRow.id == order_id)
    ).one()
    lock(conn, [f"order|{row.channel}|{row.shop}|{row.external_id}"])


def get(conn: sa.Connection, order_id: str) -> dict[str, Any]:
    """Return all columns of an order that is there."""
    return dict(conn.execute(sa.select(OrderRow.__table__).where(OrderRow.id == order_id)).mappings().one())


def contacts(conn: sa.Connection, order_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return id, number, phone and e-mail of orders, the last two sealed."""
    row = OrderRow
    chosen = sa.select(row.id, row.number, row.phone, row.email).where(row.id.in_(order_ids))
    return [dict(found) for found in conn.execute(chosen).mappings()]


def lines_of(conn: sa.Connection, order_id: str) -> list[dict[str, Any]]:
    """Return all columns of an order's lines, in their order."""
    table = OrderLineRow.__table__
    rows = conn.execute(sa.select(table).where(table.c.order_id == order_id).order_by(table.c.position)).mappings()
    return [dict(row) for row in rows]


def change_order(conn: sa.Connection, order_id: str, values: Columns) -> None:
    """Write some columns of an order."""
    conn.execute(sa.update(OrderRow).where(OrderRow.id == order_id).values(dict(values)))


def ship_lines(conn: sa.Connection, shipped: Iterable[tuple[str, int]]) -> None:
    """Write how much of lines has left."""
    statement = sa.update(OrderLineRow).where(OrderLineRow.id == sa.bindparam("line"))
    rows = [{"line": line_id, "gone": count} for line_id, count in shipped]
    conn.execute(statement.values(shipped_quantity=sa.bindparam("gone")), rows)


def cancel_unpaid(conn: sa.Connection, order_ids: Sequence[str], now: datetime) -> list[str]:
    """Close those of these orders that nobody has paid; return their ids."""
    row = OrderRow
    closing = sa.update(row).where(row.id.in_(order_ids), row.state == "unpaid")
    return sorted(conn.scalars(closing.values(state="cancelled", updated_at=now).returning(row.id)))


def insert_returns(conn: sa.Connection, rows: Sequence[Columns]) -> None:
    """Add new return requests."""
    _insert(conn, ReturnRequestRow.__table__, rows)


def update_returns(conn: sa.Connection, rows: Sequence[Columns]) -> None:
    """Write all columns of return requests that stand."""
    _update(conn, ReturnRequestRow.__table__, rows)


def insert_messages(conn: sa.Connection, rows: Sequence[Columns]) -> None:
    """Add messages."""
    _insert(conn, MessageRow.__table__, rows)


def update_messages(conn: sa.Connection, rows: Sequence[Columns]) -> None:
    """Write the fate of messages that were stored before."""
    _update(conn, MessageRow.__table__, rows)


def insert_story(conn: sa.Connection, decisions: Sequence[Columns], events: Sequence[Columns]) -> None:
    """Add decisions and the knots of the orders' stories."""
    _insert(conn, DecisionRow.__table__, decisions)
    _insert(conn, OrderEventRow.__table__, events)


def add_shipment(conn: sa.Connection, order: Columns, made: Columns) -> None:
    """Keep a parcel that left, named by its order, which is locked, and how many there were."""
    table = ShipmentRow.__table__
    before = conn.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.order_id == order["id"])) or 0
    own = {"name": f"{order['number']}-{before + 1}", "order_id": order["id"], "order_number": order["number"]}
    _insert(conn, table, [{**made, **own, "extra": {}, "version": 1, "updated_at": made["shipped_at"]}])


def _standing(
    conn: sa.Connection, table: Any, channel: str, shop: str, external_ids: Collection[str], locked: bool
) -> dict[str, dict[str, Any]]:
    # Locked: staff write fields of their own into the same rows.
    chosen = _STANDING[table].with_for_update() if locked else _STANDING[table]
    rows = conn.execute(chosen, {"of": channel, "own": shop, "numbers": list(external_ids)})
    return {row["external_id"]: dict(row) for row in rows.mappings()}


def _insert(conn: sa.Connection, table: Any, rows: Sequence[Columns]) -> None:
    _INSERT[table](conn, rows)


def _update(conn: sa.Connection, table: Any, rows: Sequence[Columns]) -> None:
    if rows:
        names = [name for name in rows[0] if name != "id"]
        statement = sa.update(table).where(table.c.id == sa.bindparam("row_id"))
        statement = statement.values({name: sa.bindparam(name) for name in names})
        conn.execute(statement, [{"row_id": row["id"], **{name: row[name] for name in names}} for row in rows])
