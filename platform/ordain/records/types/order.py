"""Orders: their lists and pages are their own; forms add fields to them and may name these."""

from typing import Final

from ordain.records.types.built_in import BuiltIn, titled

_FIELDS: Final = {
    "number": titled("text", "订单号", "Order no."),
    "external_id": titled("text", "外部单号", "External no."),
    "channel": titled("text", "渠道", "Channel"),
    "shop": titled("text", "店铺", "Shop"),
    "buyer": titled("text", "买家", "Buyer"),
    "goods": titled("text", "商品", "Goods"),
    "quantity": titled("integer", "件数", "Pieces"),
    "total": titled("money", "应付", "Total"),
    "paid": titled("money", "已付", "Paid"),
    "state": titled("text", "状态", "State"),
    "lane": titled("text", "队列通道", "Lane"),
    "priority": titled("text", "优先级", "Priority"),
    "region": titled("text", "区域", "Region"),
    "held": titled("bool", "已挂起", "Held"),
    "placed_at": titled("datetime", "下单时间", "Placed"),
    "received_at": titled("datetime", "入库时间", "In the hub"),
}

ORDER: Final = BuiltIn("order", _FIELDS, columns=tuple(_FIELDS), fixed=frozenset(_FIELDS), icon="list-details")
