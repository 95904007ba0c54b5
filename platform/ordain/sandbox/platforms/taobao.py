"""Taobao: signed forms, changed orders read backwards by page, details one by one, failures with status 200."""

from typing import Final

from flask import Response

from ordain.sandbox import signing
from ordain.sandbox.doors import (
    Payload,
    answer,
    beijing,
    blueprint,
    changed,
    faulty,
    form,
    from_beijing,
    page,
    world,
    yuan,
)
from ordain.sandbox.shelf import Shelf
from ordain.sandbox.world import Order, utc

doors = blueprint("taobao")
_STATES: Final = {
    "unpaid": "WAIT_BUYER_PAY", "paid": "WAIT_SELLER_SEND_GOODS", "shipped": "WAIT_BUYER_CONFIRM_GOODS",
    "completed": "TRADE_FINISHED", "cancelled": "TRADE_CLOSED_BY_TAOBAO",
}  # fmt: skip


def payload(order: Order, *, detail: bool = False) -> Payload:
    """Return one trade as the list, or the detail, shows it."""
    status = "WAIT_ROBOT_PICK" if order.flaw == "unknown_status" else _STATES[order.state]
    lines = []
    for place, line in enumerate(order.lines):
        made: Payload = {
            "oid": order.long_id + place + (len(order.lines) > 1), "outer_iid": line.sku.rsplit("-", 1)[0],
            "outer_sku_id": line.sku, "title": line.title, "num": line.quantity, "price": yuan(line.price),
            "total_fee": yuan(line.gross - line.off), "discount_fee": yuan(line.off), "adjust_fee": "0.00",
            "payment": yuan(line.amount), "part_mjz_discount": yuan(line.subsidy), "status": status,
            "refund_status": "SUCCESS" if order.refunded and place == 0 else "NO_REFUND",
        }  # fmt: skip
        if order.paid:
            made["divide_order_fee"] = yuan(line.amount)
        if order.shipped:
            made["consign_time"] = beijing(order.shipped)
        if not line.sku:
            made.pop("outer_sku_id")
            made.pop("outer_iid")
        lines.append(made)
    made = {
        "tid": order.long_id, "type": "fixed", "status": status, "created": beijing(order.placed),
        "modified": beijing(order.modified), "payment": yuan(order.total), "total_fee": yuan(order.goods),
        "post_fee": yuan(order.freight), "discount_fee": yuan(order.subsidy), "received_payment": "0.00",
        "num": order.lines[0].quantity if len(order.lines) == 1 else 0, "buyer_nick": f"~{order.index:x}~",
        "oaid": f"1rbK{order.number}", "orders": {"order": lines[0] if len(lines) == 1 and order.index % 9 == 0 else lines},
    }  # fmt: skip
    if order.flaw != "missing_address":
        province, city, district, _ = order.place
        made |= {
            "receiver_name": f"{order.name[0]}**", "receiver_mobile": order.mask, "receiver_state": province,
            "receiver_city": city, "receiver_district": district, "receiver_address": f"{order.street[:2]}******",
        }  # fmt: skip
    if order.paid:
        made["pay_time"] = beijing(order.paid)
    if order.shipped:
        made["consign_time"] = beijing(order.shipped)
    if detail:
        made["tid_str"] = str(order.long_id)
        if order.subsidy:
            promotion = {"id": order.long_id, "promotion_name": "平台补贴", "promotion_id": f"PlatformSubsidy-{order.number}",
                         "discount_fee": yuan(order.subsidy)}  # fmt: skip
            made["promotion_details"] = {"promotion_detail": [promotion]}
    return made


@doors.post("/router/rest")
def rest() -> Response:
    """Answer the one door of all methods."""
    asked = form()
    secret = world().secrets["taobao"]["app_secret"]
    if signing.hmac_hex(secret, signing.sorted_pairs(asked).encode()).upper() != asked.get("sign"):
        return _error(25, "Invalid signature", "isv.invalid-signature")
    if asked.get("session") != world().secrets["taobao"]["session"]:
        return _error(27, "Invalid session", "isv.invalid-session")
    struck = faulty(
        "taobao",
        lambda: _error(15, "Remote service error", "isp.top-remote-unknown-error"),
        lambda: _error(27, "Invalid session", "isv.invalid-session"),
    )
    if struck:
        return struck
    if asked.get("method") == "taobao.item.quantity.update":
        return _quantity(asked)
    return _detail(asked) if asked.get("method") == "taobao.trade.fullinfo.get" else _list(asked)


def _quantity(asked: dict[str, str]) -> Response:
    """Take an absolute number (type 1) of an outer id; this platform knows no versions."""
    if asked.get("type") != "1" or not asked.get("quantity", "").isdecimal():
        return _error(41, "Invalid arguments", "isv.invalid-parameter")
    Shelf(world().memory).put("taobao", asked.get("outer_id", ""), int(asked["quantity"]), 0, world().now())
    item = {"outer_id": asked.get("outer_id"), "num": int(asked["quantity"]), "modified": beijing(world().now())}
    return answer({"item_quantity_update_response": {"item": item, "request_id": "sandbox"}})


def _list(asked: dict[str, str]) -> Response:
    start, end = from_beijing(asked["start_modified"]), from_beijing(asked["end_modified"])
    if (end - start).total_seconds() > 86_400:
        return _error(40, "Span over one day", "isv.invalid-parameter:time-span")
    size = min(100, int(asked.get("page_size", "40")))
    found = changed("taobao", start, end)[::-1]  # newest first, as this platform sorts
    chosen = page(found, int(asked.get("page_no", "1")) - 1, size)
    body: Payload = {"total_results": len(found), "request_id": "sandbox"}
    if chosen:
        body["trades"] = {"trade": [payload(order) for order in chosen]}
    return answer({"trades_sold_increment_get_response": body})


def _detail(asked: dict[str, str]) -> Response:
    wanted = int(asked.get("tid", "0"))
    placed = (wanted - 2_900_000_000_000_000_000) // 1_000_000
    now = world().now()
    for order in world().memory.story("taobao").placed_between(utc(placed - 1), utc(placed + 2), now):
        if order.long_id == wanted:
            return answer({"trade_fullinfo_get_response": {"trade": payload(order, detail=True)}})
    return _error(15, "Remote service error", "isv.trade-not-exist")


def _error(code: int, text: str, sub_code: str) -> Response:
    return answer({"error_response": {"code": code, "msg": text, "sub_code": sub_code, "sub_msg": text}})
