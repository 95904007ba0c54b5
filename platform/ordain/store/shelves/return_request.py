"""Return requests stand as their channel told them; who may see the order's region sees its returns."""

from typing import Final

import sqlalchemy as sa

from ordain.store.shelves.shelf import Shelf
from ordain.store.tables.base import table_of
from ordain.store.tables.orders import OrderRow, ReturnRequestRow

_TABLE = table_of(ReturnRequestRow)
_ROW = _TABLE.c
_PLAIN: Final = (
    "channel", "shop", "external_id", "amount", "currency", "reason", "return_type", "requested_at", "modified_at",
    "held", "lines",
)  # fmt: skip
_ORDER = OrderRow.__table__
_REGION = (
    sa.select(_ORDER.c.region)
    .where(_ORDER.c.channel == _ROW.channel, _ORDER.c.shop == _ROW.shop, _ORDER.c.external_id == _ROW.order_external_id)
    .correlate(_TABLE)
    .scalar_subquery()
)

RETURN_REQUESTS: Final = Shelf(
    "return_request",
    _TABLE,
    _ROW.id,
    _ROW.extra,
    _ROW.version,
    _ROW.received_at,
    _ROW.received_at,
    _ROW.updated_at,
    columns={name: _ROW[name] for name in _PLAIN} | {"order": _ROW.order_external_id},
    label=_ROW.external_id,
    state=_ROW.state,
    reach={"region": sa.func.coalesce(_REGION, "")},
)
