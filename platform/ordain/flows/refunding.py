"""Opening a refund case by ourselves: there is money that the buyer is owed back. Deciding and paying come after."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.ids import new_id
from ordain.base.text import Text
from ordain.store.orders import keep

_WHY: Final[Mapping[str, Text]] = {
    "cancelled": Text("已付款订单取消", "a paid order was cancelled"),
    "paid_after_cancel": Text("订单取消后到账", "paid after the order was cancelled"),
    "paid_too_late": Text("订单失效后到账，且已无货", "paid after the order had lapsed, and nothing is left"),
}


def open_case(conn: sa.Connection, order: Mapping[str, Any], why: str, amount: int, reason: str, now: datetime) -> str:
    """Open a request to give `amount` back for an order; return its id."""
    said = _WHY[why]
    case_id = new_id()
    row = {
        "id": case_id,
        "channel": order["channel"],
        "shop": order["shop"],
        "external_id": f"{why}:{case_id}",
        "order_external_id": order["external_id"],
        "currency": order["currency"],
        "amount": amount,
        "reason": reason or f"{said.zh} / {said.en}",
        "return_type": "refund_only",
        "state": "requested",
        "requested_at": now,
        "modified_at": None,
        "received_at": now,
        "updated_at": now,
        "lines": [],
        "held": False,
        "problems": [],
        "content_hash": "",
        "extra": {"order_id": order["id"], "why": why},
    }
    keep.insert_returns(conn, [row])
    return case_id
