"""Products stand in the catalogue that product codes are checked by."""

from typing import Final

from ordain.store.shelves.shelf import Lines, Shelf
from ordain.store.tables.base import table_of
from ordain.store.tables.orders import SkuAliasRow, SkuRow

_TABLE = table_of(SkuRow)
_ALIAS = table_of(SkuAliasRow)
_ROW = _TABLE.c

PRODUCTS: Final = Shelf(
    "product",
    _TABLE,
    _ROW.sku,
    _ROW.extra,
    _ROW.version,
    _ROW.created_at,
    _ROW.created_at,
    _ROW.updated_at,
    columns={name: _ROW[name] for name in ("sku", "title_zh", "title_en", "price", "currency", "active")},
    lines={"aliases": Lines(_ALIAS, _ALIAS.c.sku, {"code": _ALIAS.c.alias, "channel": _ALIAS.c.channel})},
    label=_ROW.sku,
)
