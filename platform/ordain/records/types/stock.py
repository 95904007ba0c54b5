"""Stock: the level of each SKU in each pool, and the ledger. Nobody writes a number by hand; operations move it."""

from typing import Final

from ordain.records.types.built_in import BuiltIn, titled

_LEVEL: Final = {
    "sku": titled("reference", "商品编码", "SKU", to="product", searchable=True),
    "pool": titled("text", "库存池", "Pool", searchable=True),
    "on_hand": titled("integer", "现有", "On hand"),
    "reserved": titled("integer", "预占", "Reserved"),
    "available": titled("integer", "可售", "Available"),
    "safety": titled("integer", "安全库存", "Safety stock"),
    "backorder_limit": titled("integer", "缺货预订上限", "Backorder limit"),
    "changed_at": titled("datetime", "最近变动", "Last change"),
}
STOCK: Final = BuiltIn(
    "stock",
    _LEVEL,
    columns=("pool", "on_hand", "reserved", "available"),
    filters=("pool",),
    fixed=frozenset(_LEVEL),
    icon="packages",
)

_MOVEMENT: Final = {
    "at": titled("datetime", "时间", "Time"),
    "sku": titled("reference", "商品编码", "SKU", to="product", searchable=True),
    "pool": titled("text", "库存池", "Pool"),
    "quantity": titled("integer", "数量", "Quantity"),
    "on_hand": titled("integer", "变动后现有", "On hand after"),
    "reason": titled("text", "原因", "Reason", searchable=True),
    "actor": titled("text", "经手人", "By"),
    "order": titled("reference", "订单", "Order", to="order"),
}
_KINDS: Final = {
    "receive": {"title": {"zh": "入库", "en": "Received"}, "mark": "done"},
    "ship": {"title": {"zh": "出库", "en": "Shipped"}, "mark": "done"},
    "adjust": {"title": {"zh": "调整", "en": "Adjusted"}, "mark": "look"},
    "return": {"title": {"zh": "退货入库", "en": "Returned"}, "mark": "done"},
    "count": {"title": {"zh": "盘点", "en": "Counted"}, "mark": "done"},
}
STOCK_MOVEMENT: Final = BuiltIn(
    "stock_movement",
    _MOVEMENT,
    columns=("at", "sku", "pool", "quantity", "on_hand", "reason", "actor"),
    states=_KINDS,
    fixed=frozenset(_MOVEMENT),
    icon="arrows-left-right",
)
