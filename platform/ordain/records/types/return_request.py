"""Return requests: what buyers want back, as their channel told it."""

from typing import Final

from ordain.records.types.built_in import BuiltIn, titled

_STATES: Final = {
    "requested": {"title": {"zh": "已申请", "en": "Requested"}, "mark": "open"},
    "approved": {"title": {"zh": "已同意", "en": "Approved"}, "mark": "running"},
    "rejected": {"title": {"zh": "已拒绝", "en": "Rejected"}, "mark": "off"},
    "refunded": {"title": {"zh": "已退款", "en": "Refunded"}, "mark": "done"},
    "closed": {"title": {"zh": "已关闭", "en": "Closed"}, "mark": "off"},
}
_FIELDS: Final = {
    "order": titled("reference", "订单", "Order", to="order", searchable=True),
    "channel": titled("text", "渠道", "Channel"),
    "shop": titled("text", "店铺", "Shop"),
    "external_id": titled("text", "外部单号", "External no.", searchable=True),
    "amount": titled("money", "金额", "Amount"),
    "currency": titled("text", "币种", "Currency"),
    "reason": titled("text", "原因", "Reason", searchable=True),
    "return_type": titled("text", "退货方式", "Way of return"),
    "requested_at": titled("datetime", "申请时间", "Requested"),
    "modified_at": titled("datetime", "渠道更新时间", "Changed on the channel"),
    "held": titled("bool", "已挂起", "Held"),
    "lines": titled(
        "list",
        "商品",
        "Goods",
        fields={
            "sku": titled("text", "商品编码", "SKU"),
            "quantity": titled("integer", "数量", "Quantity"),
            "amount": titled("money", "金额", "Amount"),
        },
    ),
}

RETURN_REQUEST: Final = BuiltIn(
    "return_request",
    _FIELDS,
    columns=("order", "channel", "amount", "reason", "requested_at"),
    filters=("channel", "held"),
    states=_STATES,
    fixed=frozenset(_FIELDS),
    icon="arrow-back-up",
)
