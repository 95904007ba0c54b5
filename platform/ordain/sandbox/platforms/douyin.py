"""Douyin shop: JSON signed inside a text, pages from 0, amounts in fen; pushes hints that something changed."""

from typing import Final

from flask import Response, request

from ordain.base import json
from ordain.sandbox import signing
from ordain.sandbox.doors import Payload, Pushed, answer, blueprint, changed, faulty, page, world
from ordain.sandbox.world import Order, utc

doors = blueprint("douyin")
_STATES: Final = {"unpaid": 1, "paid": 2, "shipped": 3, "completed": 5, "cancelled": 4}
_TAGS: Final = {"unpaid": "100", "paid": "101", "shipped": "102", "completed": "103", "cancelled": "106"}


def payload(order: Order) -> Payload:
    """Return one shop order with its sku orders."""
    province, city, town, _ = order.place
    status = 777 if order.flaw == "unknown_status" else _STATES[order.state]
    paid, shipped = (
        int(order.paid.timestamp()) if order.paid else 0,
        int(order.shipped.timestamp()) if order.shipped else 0,
    )
    lines = []
    for place, line in enumerate(order.lines):
        freight = order.freight if place == 0 else 0
        refunded = order.refunded and place == 0
        lines.append({
            "order_id": str(order.long_id + place + 1), "parent_order_id": str(order.long_id), "order_status": status,
            "product_id": order.long_id + 77, "product_name": line.title, "code": line.sku, "out_sku_id": "",
            "item_num": line.quantity, "origin_amount": line.price, "sum_amount": line.gross, "post_amount": freight,
            "order_amount": line.gross + freight, "promotion_amount": line.off + line.subsidy,
            "pay_amount": line.amount + freight, "ship_time": shipped, "given_product_type": "",
            "after_sale_info": {"after_sale_status": 12 if refunded else 0, "after_sale_type": 1, "refund_status": 3 if refunded else 0},
        })  # fmt: skip
    address = {"province": {"name": province}, "city": {"name": city}, "town": {"name": town}, "detail": ""}
    made: Payload = {
        "order_id": str(order.long_id), "order_status": status, "create_time": int(order.placed.timestamp()),
        "update_time": int(order.modified.timestamp()), "pay_time": paid, "ship_time": shipped,
        "order_amount": order.goods + order.freight, "pay_amount": order.total if paid else 0, "post_amount": order.freight,
        "promotion_amount": order.off + order.subsidy, "promotion_shop_amount": order.off,
        "promotion_platform_amount": order.subsidy, "tax_amount": 0, "post_receiver": "", "post_tel": "",
        "mask_post_receiver": f"{order.name[0]}**", "encrypt_post_tel": "$WBsXpiqWJBwZ$1$$",
        "mask_post_tel": "137*" if order.flaw == "malformed_phone" else order.mask, "post_addr": None,
        "mask_post_addr": None, "sku_order_list": lines,
    }  # fmt: skip
    if order.flaw != "missing_address":
        made |= {"post_addr": address, "mask_post_addr": {**address, "detail": f"{order.street[:2]}****"}}
    return made


@doors.post("/order/searchList")
def search() -> Response:
    """Answer the list of changed orders."""
    body = request.get_data().decode()
    if refused := _refused(body):
        return refused
    expired = _error(30001, "授权失败", "isv.access-token-expired:4")
    if request.args.get("access_token") != _token("access_token", world().memory.token_turn("douyin")):
        return expired
    if struck := faulty("douyin", lambda: _error(20000, "服务不可用", "isp.service-error:2"), lambda: expired):
        return struck
    wanted = json.loads(body)
    found = changed("douyin", utc(wanted["update_time_start"]), utc(wanted["update_time_end"]))
    size = min(100, int(wanted["size"]))
    chosen = page(found, int(wanted["page"]), size)
    data = {"page": wanted["page"], "size": size, "total": len(found), "shop_order_list": [payload(o) for o in chosen]}
    return answer({"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "log_id": "sandbox", "data": data})


@doors.post("/token/refresh")
def renew() -> Response:
    """Give new tokens for the last refresh token; the old ones hold no more."""
    body = request.get_data().decode()
    if refused := _refused(body):
        return refused
    memory = world().memory
    if json.loads(body).get("refresh_token") != _token("refresh_token", memory.token_turn("douyin")):
        return _error(30005, "refresh_token 无效", "isv.refresh-token-invalid:4")
    turn = memory.renew_token("douyin")
    data = {name: _token(name, turn) for name in ("access_token", "refresh_token")} | {"expires_in": 604800}
    return answer({"code": 10000, "msg": "success", "sub_code": "", "sub_msg": "", "log_id": "sandbox", "data": data})


def push(order: Order, secrets: dict[str, str]) -> Pushed:
    """Return the message that an order changed."""
    data = {"p_id": order.long_id, "order_status": _STATES[order.state], "shop_id": 900000}
    moment = int(order.modified.timestamp())
    message = {
        "tag": _TAGS[order.state],
        "msg_id": f"{order.long_id}:{_TAGS[order.state]}:{moment}",
        "data": json.dumps(data).decode(),
    }
    body = json.dumps([message])
    signature = signing.md5_lower(secrets["app_key"].encode() + body + secrets["app_secret"].encode())
    return (
        "douyin-shop",
        {"Content-Type": "application/json", "event-sign": signature, "app-id": secrets["app_key"]},
        body,
    )


def _refused(body: str) -> Response | None:
    """Return the answer to a request whose signature does not fit."""
    asked, secret = request.args.to_dict(), world().secrets["douyin"]["app_secret"]
    text = (
        f"{secret}app_key{asked.get('app_key')}method{asked.get('method')}param_json{body}"
        f"timestamp{asked.get('timestamp')}v2{secret}"
    )
    if signing.hmac_hex(secret, text.encode()) == asked.get("sign"):
        return None
    return _error(40003, "签名校验失败", "isv.signature-invalid:4")


def _token(name: str, turn: int) -> str:
    """Return the token that holds after `turn` renewals."""
    first = world().secrets["douyin"][name]
    return f"{first}-{turn}" if turn else first


def _error(code: int, text: str, sub_code: str) -> Response:
    return answer({"code": code, "msg": text, "sub_code": sub_code, "sub_msg": text, "log_id": "sandbox", "data": None})
