"""Stock levels, one for each SKU and pool, and the ledger of what moved them."""

from typing import Final

from ordain.store.shelves.shelf import Shelf
from ordain.store.tables.base import table_of
from ordain.store.tables.stock import MovementRow, StockRow

_LEVELS = table_of(StockRow)
_LEVEL = _LEVELS.c
_MOVED = table_of(MovementRow)
_MOVE = _MOVED.c

STOCK: Final = Shelf(
    "stock",
    _LEVELS,
    _LEVEL.id,
    _LEVEL.extra,
    _LEVEL.edition,
    _LEVEL.sku,
    _LEVEL.changed_at,
    _LEVEL.changed_at,
    columns={
        name: _LEVEL[name]
        for name in ("sku", "pool", "on_hand", "reserved", "available", "safety", "backorder_limit", "changed_at")
    },
    label=_LEVEL.sku,
)

MOVEMENTS: Final = Shelf(
    "stock_movement",
    _MOVED,
    _MOVE.id,
    _MOVE.extra,
    _MOVE.edition,
    _MOVE.at,
    _MOVE.at,
    _MOVE.at,
    columns={name: _MOVE[name] for name in ("at", "sku", "pool", "quantity", "on_hand", "reason", "actor")}
    | {"order": _MOVE.order_id},
    label=_MOVE.sku,
    state=_MOVE.kind,
)
