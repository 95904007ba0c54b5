"""Shipments: the parcels of an order as they left. Nobody writes one by hand; shipping makes them."""

from typing import Final

from ordain.records.types.built_in import BuiltIn, titled

_FIELDS: Final = {
    "order": titled("reference", "订单", "Order", to="order", searchable=True),
    "carrier": titled("text", "承运商", "Carrier", searchable=True),
    "tracking": titled("text", "运单号", "Tracking no.", searchable=True),
    "pieces": titled("integer", "件数", "Pieces"),
    "shipped_at": titled("datetime", "发货时间", "Shipped"),
    "shipped_by": titled("text", "经手人", "By"),
    "lines": titled(
        "list",
        "商品",
        "Goods",
        fields={
            "sku": titled("text", "商品编码", "SKU"),
            "quantity": titled("integer", "数量", "Quantity"),
        },
    ),
}

SHIPMENT: Final = BuiltIn(
    "shipment",
    _FIELDS,
    columns=("order", "carrier", "tracking", "pieces", "shipped_at"),
    filters=("carrier",),
    fixed=frozenset(_FIELDS),
    icon="arrow-right",
)
