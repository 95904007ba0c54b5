"""Pinduoduo: signed forms, windows of half an hour that end three minutes before now, four states in numbers."""

from typing import Final

from flask import Response

from ordain.sandbox import signing
from ordain.sandbox.doors import Payload, answer, beijing, blueprint, changed, faulty, form, page, world, yuan
from ordain.sandbox.world import Order, utc

doors = blueprint("pinduoduo")
_STATES: Final = {
    "unpaid": (1, 0, 0),
    "paid": (1, 1, 1),
    "shipped": (2, 1, 1),
    "completed": (3, 1, 1),
    "cancelled": (1, 2, 1),
}


def payload(order: Order) -> Payload:
    """Return one order as the list shows it: one product, all discounts on it."""
    province, city, town, _ = order.place
    if order.flaw == "missing_address":
        province = city = town = ""
    status, confirm, group = _STATES[order.state]
    line = order.lines[0]
    pay = line.amount + order.freight
    return {
        "order_sn": f"{order.placed:%y%m%d}-{order.long_id % 10**15:015d}", "created_time": beijing(order.placed),
        "pay_time": beijing(order.paid, ""), "confirm_time": beijing(order.paid, ""), "shipping_time": beijing(order.shipped, ""),
        "updated_at": beijing(order.modified), "order_status": 9 if order.flaw == "unknown_status" else status,
        "confirm_status": confirm, "group_status": group, "refund_status": 1, "after_sales_status": 0, "risk_control_status": 0,
        "goods_amount": yuan(line.gross), "discount_amount": yuan(line.off + line.subsidy), "platform_discount": yuan(line.subsidy),
        "seller_discount": yuan(line.off), "capital_free_discount": "0.00", "postage": yuan(order.freight), "pay_amount": yuan(pay),
        "province": province, "city": city, "town": town, "country": "中国", "receiver_name": "~AgAAAAW5~", "receiver_phone": "~AgAAAAle~",
        "receiver_name_mask": f"{order.name[0]}**", "receiver_phone_mask": "**" if order.flaw == "malformed_phone" else order.mask,
        "address_mask": "" if order.flaw == "missing_address" else f"{order.street[:2]}****", "step_order_info": None, "gift_list": [],
        "item_list": [{"goods_id": 600_000_000_000 + order.index, "sku_id": 1_300_000_000_000 + order.index,
                       "goods_name": line.title, "goods_count": line.quantity, "goods_price": yuan(line.price), "outer_id": line.sku}],
    }  # fmt: skip


@doors.post("/api/router")
def router() -> Response:
    """Answer the one door of all methods."""
    asked = form()
    secrets = world().secrets["pinduoduo"]
    secret = secrets["client_secret"]
    if signing.md5_upper(secret + signing.sorted_pairs(asked) + secret) != asked.get("sign"):
        return _error(20004, "签名错误")
    if asked.get("access_token") != secrets["access_token"]:
        return _error(10019, "access_token已过期")
    if struck := faulty(
        "pinduoduo", lambda: _error(70031, "调用过于频繁"), lambda: _error(10019, "access_token已过期")
    ):
        return struck
    start, end = utc(int(asked["start_updated_at"])), utc(int(asked["end_updated_at"]))
    if (end - start).total_seconds() > 1800 or (world().now() - end).total_seconds() < 180:
        return _error(50001, "时间窗口不合法")
    found = changed("pinduoduo", start, end)[::-1]
    chosen = page(found, int(asked.get("page", "1")) - 1, int(asked.get("page_size", "100")))
    body = {"order_sn_list": [payload(o) for o in chosen], "total_count": len(found), "request_id": "sandbox"}
    return answer({"order_sn_increment_get_response": body})


def _error(code: int, text: str) -> Response:
    return answer({"error_response": {"error_code": code, "error_msg": text, "sub_code": None, "sub_msg": text}})
