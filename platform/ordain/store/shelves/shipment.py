"""Parcels that left; who may see the order's region sees what was sent there."""

from typing import Final

import sqlalchemy as sa

from ordain.store.shelves.shelf import Shelf
from ordain.store.tables.base import table_of
from ordain.store.tables.orders import OrderRow, ShipmentRow

_TABLE = table_of(ShipmentRow)
_ROW = _TABLE.c
_ORDER = OrderRow.__table__
_OF = sa.select(_ORDER.c.region).where(_ORDER.c.id == _ROW.order_id).correlate(_TABLE).scalar_subquery()

SHIPMENTS: Final = Shelf(
    "shipment",
    _TABLE,
    _ROW.id,
    _ROW.extra,
    _ROW.version,
    _ROW.shipped_at,
    _ROW.shipped_at,
    _ROW.updated_at,
    columns={name: _ROW[name] for name in ("carrier", "tracking", "pieces", "lines", "shipped_at", "shipped_by")}
    | {"order": _ROW.order_number},
    label=_ROW.name,
    reach={"region": sa.func.coalesce(_OF, "")},
)
