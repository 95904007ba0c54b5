"""Reservations and their lines. Every change of state is guarded by the state before it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.records.stock import Line, Part, Reservation, ReservationState, open_by_place
from ordain.store.among import among
from ordain.store.inserting import Inserting
from ordain.store.tables.stock import ReservationLineRow, ReservationRow

_ROW: Final = ReservationRow.__table__
_LINE: Final = ReservationLineRow.__table__
_FIELDS: Final = Reservation.__slots__
_ALL: Final = sa.select(*(_ROW.c[name] for name in _FIELDS))
_BY_REFERENCE: Final = _ALL.where(among(_ROW.c.reference, "references"))
_OF_ORDERS: Final = _ALL.where(among(_ROW.c.order_id, "orders")).order_by(_ROW.c.id)
_BY_ID: Final = _ALL.where(among(_ROW.c.id, "ids")).order_by(_ROW.c.id)
_INSERT: Final = Inserting(_ROW)
_INSERT_LINES: Final = Inserting(_LINE)


def get(conn: sa.Connection, reservation_id: str) -> Reservation | None:
    """Return a reservation."""
    row = conn.execute(_BY_ID, {"ids": [reservation_id]}).one_or_none()
    return _reservation(row) if row else None


def by_reference(conn: sa.Connection, references: Collection[str]) -> dict[str, Reservation]:
    """Return the reservations of these references."""
    if not references:
        return {}
    return {row.reference: _reservation(row) for row in conn.execute(_BY_REFERENCE, {"references": list(references)})}


def of_order(conn: sa.Connection, order_id: str) -> Reservation | None:
    """Return the newest reservation of an order."""
    return newest(conn, [order_id]).get(order_id)


def newest(conn: sa.Connection, order_ids: Collection[str], *, locked: bool = False) -> dict[str, Reservation]:
    """Return the newest reservation of each of these orders, by order; locked for the transaction where asked."""
    if not order_ids:
        return {}
    statement = _OF_ORDERS.with_for_update() if locked else _OF_ORDERS
    found = map(_reservation, conn.execute(statement, {"orders": sorted(order_ids)}))
    return {made.order_id or "": made for made in found}


def committed(conn: sa.Connection, sku: str) -> int:
    """Return how many pieces of a SKU are sold for good and have not left."""
    line = ReservationLineRow.__table__.c
    chosen = (
        sa.select(sa.func.coalesce(sa.func.sum(line.open_quantity), 0))
        .join(ReservationRow, ReservationRow.id == line.reservation_id)
        .where(line.sku == sku, ReservationRow.state == "committed")
    )
    return int(conn.scalar(chosen) or 0)


def lock(conn: sa.Connection, ids: Collection[str]) -> dict[str, Reservation]:
    """Return these reservations, locked to the end of the transaction, in the order of their ids."""
    rows = conn.execute(_BY_ID.with_for_update(), {"ids": sorted(ids)})
    return {row.id: _reservation(row) for row in rows}


def lock_expired(
    conn: sa.Connection, now: datetime, *, limit: int, skus: Collection[str] | None = None
) -> list[Reservation]:
    """Return held reservations whose time is up, oldest first, locked; those somebody else is at are left out."""
    chosen = _ALL.where(_ROW.c.state == "held", _ROW.c.expires_at <= now)
    if skus is not None:
        takes = sa.select(_LINE.c.reservation_id).where(
            _LINE.c.reservation_id == _ROW.c.id, _LINE.c.sku.in_(sa.bindparam("skus", list(skus), expanding=True))
        )
        chosen = chosen.where(takes.exists())
    chosen = chosen.order_by(_ROW.c.expires_at).limit(limit).with_for_update(skip_locked=True)
    return [_reservation(row) for row in conn.execute(chosen)]


def insert(conn: sa.Connection, made: Sequence[Reservation]) -> None:
    """Add reservations with their lines."""
    _INSERT(conn, [_values(one) for one in made])
    _INSERT_LINES(conn, [line for one in made for line in _line_values(one)])


def write(conn: sa.Connection, changed: Iterable[tuple[Reservation, ReservationState]]) -> None:
    """Write the state, lines and end of locked reservations, each against the state it had before.

    What of their lines is still open follows from them.
    """
    rows = list(changed)
    if not rows:
        return
    values = [
        {"own": one.id, "was": was, "now": one.state, "new_lines": lines_json(one.lines), "at": one.changed_at,
         "until": one.expires_at}
        for one, was in rows
    ]  # fmt: skip
    done = conn.execute(_MOVE, values, execution_options={"preserve_rowcount": True}).rowcount
    if done not in (len(rows), -1):
        raise RuntimeError("a reservation moved although it was locked")
    ended = [one.id for one, _ in rows if not one.is_live]
    if ended:
        conn.execute(_CLOSE, {"ids": ended})
    still = [
        {"own": one.id, "of": sku, "in_pool": pool, "left": left}
        for one, _ in rows
        if one.is_live and any(line.shipped for line in one.lines)
        for (sku, pool), left in _left(one).items()
    ]
    if still:
        conn.execute(_LEFT, still)


def lines_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the stored form of lines."""
    return [
        {"sku": line.sku, "quantity": line.quantity, "short": line.short, "shipped": line.shipped, "line": line.line,
         "parts": [[part.sku, part.pool, part.quantity, part.shipped] for part in line.parts]}
        for line in lines
    ]  # fmt: skip


def _lines(stored: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    return tuple(
        Line(
            line["sku"],
            line["quantity"],
            tuple(Part(*part) for part in line["parts"]),
            line["short"],
            line["shipped"],
            line["line"],
        )
        for line in stored
    )


def _values(one: Reservation) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(one, name) for name in _FIELDS}
    values["lines"] = lines_json(one.lines)
    return values


def _line_values(one: Reservation) -> list[dict[str, Any]]:
    return [
        {"reservation_id": one.id, "sku": sku, "pool": pool, "quantity": quantity, "open_quantity": quantity}
        for (sku, pool), quantity in sorted(open_by_place(list(one.parts())).items())
    ]


def _left(one: Reservation) -> dict[tuple[str, str], int]:
    """Return what is open by place, those with nothing left included."""
    return {(part.sku, part.pool): 0 for part in one.parts()} | open_by_place(list(one.parts()))


def _reservation(row: Any) -> Reservation:
    values = row._asdict()
    values["lines"] = _lines(values["lines"])
    return Reservation(**values)


_MOVE: Final = (
    sa.update(ReservationRow)
    .where(_ROW.c.id == sa.bindparam("own"), _ROW.c.state == sa.bindparam("was"))
    .values(
        state=sa.bindparam("now"),
        lines=sa.bindparam("new_lines"),
        changed_at=sa.bindparam("at"),
        expires_at=sa.bindparam("until"),
    )
)
_CLOSE: Final = (
    sa.update(ReservationLineRow)
    .where(among(_LINE.c.reservation_id, "ids"), _LINE.c.open_quantity > 0)
    .values(open_quantity=0)
)
_LEFT: Final = (
    sa.update(ReservationLineRow)
    .where(
        _LINE.c.reservation_id == sa.bindparam("own"),
        _LINE.c.sku == sa.bindparam("of"),
        _LINE.c.pool == sa.bindparam("in_pool"),
    )
    .values(open_quantity=sa.bindparam("left"))
)
