"""The retailer's own shop: signed headers, an opaque cursor that expires, amounts in cents, signed events."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from flask import Response, request

from ordain.base import json
from ordain.base.clock import epoch_ms, from_epoch_ms
from ordain.sandbox import signing
from ordain.sandbox.doors import Payload, Pushed, answer, blueprint, changed, faulty, page, world
from ordain.sandbox.shelf import Shelf
from ordain.sandbox.world import Order

doors = blueprint("own-site")
_STATES: Final = {
    "unpaid": "待付款",
    "paid": "已付款",
    "shipped": "已发货",
    "completed": "交易完成",
    "cancelled": "已取消",
}
_EVENTS: Final = {
    "unpaid": "created",
    "paid": "paid",
    "shipped": "shipped",
    "completed": "done",
    "cancelled": "cancelled",
}


def payload(order: Order) -> Payload:
    """Return one order."""
    province, city, district, _ = order.place
    ship = {"to": order.name, "tel": order.phone, "addr": f"{province} {city} {district} {order.street}"}
    lines = {
        str(place): {"sku": line.sku, "name": line.title, "attrs": {}, "qty": line.quantity, "unitCents": line.price,
                     "shopOff": line.off, "platOff": line.subsidy}
        for place, line in enumerate(order.lines, 1)
    }  # fmt: skip
    if not order.lines[0].sku:
        lines["1"].pop("sku")
    refund = {"refundNo": f"HY{order.number}-R1", "line": "1", "state": "已完成", "cents": order.lines[0].amount,
              "at": epoch_ms(order.modified)}  # fmt: skip
    return {
        "orderNo": f"HY{order.placed:%Y%m%d}{order.number}",
        "state": "飞行中" if order.flaw == "unknown_status" else _STATES[order.state], "createdAt": epoch_ms(order.placed),
        "paidAt": epoch_ms(order.paid) if order.paid else None, "updatedAt": epoch_ms(order.modified),
        "buyer": {"nick": f"u_{order.index:x}", "mobile": order.phone}, "ship": {} if order.flaw == "missing_address" else ship,
        "lines": lines,
        "money": {"goods": order.goods, "off": {"shop": order.off, "plat": order.subsidy}, "freight": order.freight,
                  "payable": order.total, "paid": order.total if order.paid else 0},
        "pays": [], "remark": "", "ext": '{"channel":"mini"}', "refunds": [refund] if order.refunded else None,
    }  # fmt: skip


@doors.get("/openapi/v1/orders")
def orders() -> Response:
    """Answer the list; a cursor older than ten minutes has expired."""
    asked = request.args.to_dict()
    query = urlencode(sorted(asked.items()))
    path = request.path.removeprefix("/own-site")
    empty = hashlib.sha256(b"").hexdigest()
    stamp = request.headers.get("X-Hub-Time", "")
    text = f"GET\n{path}\n{query}\n{stamp}\n{empty}"
    refused = answer({"code": 40101, "msg": "签名错误", "data": None})
    if signing.hmac_hex(world().secrets["own-site"]["secret"], text.encode()) != request.headers.get("X-Hub-Sign"):
        return refused
    if struck := faulty(
        "own-site", lambda: answer({"code": "BUSY", "msg": "系统繁忙，请稍后", "data": {}}), lambda: refused
    ):
        return struck
    now = world().now()
    size, number, end = min(200, int(asked.get("limit", "50"))), 0, now
    if cursor := asked.get("cursor"):
        kept = json.loads(base64.urlsafe_b64decode(cursor))
        number, end = kept["page"], from_epoch_ms(kept["end"])
        if (now - end).total_seconds() > 600:
            return answer({"code": 41001, "msg": "cursor 已过期，请从头拉取", "data": None})
    found = changed("own-site", from_epoch_ms(int(asked["updatedFrom"])), end)
    chosen = page(found, number, size)
    more = (number + 1) * size < len(found)
    following = (
        base64.urlsafe_b64encode(json.dumps({"page": number + 1, "end": epoch_ms(end)})).decode() if more else None
    )
    data = {"items": [payload(order) for order in chosen], "cursor": following, "hasMore": more} if chosen else None
    return answer({"code": 0, "msg": "ok", "ts": epoch_ms(now), "data": data})


@doors.post("/openapi/v1/stock")
def stock() -> Response:
    """Take absolute numbers, each with the version it is of; an older one is refused."""
    path, stamp = request.path.removeprefix("/own-site"), request.headers.get("X-Hub-Time", "")
    text = f"POST\n{path}\n\n{stamp}\n{hashlib.sha256(request.get_data()).hexdigest()}"
    refused = answer({"code": 40101, "msg": "签名错误", "data": None})
    if signing.hmac_hex(world().secrets["own-site"]["secret"], text.encode()) != request.headers.get("X-Hub-Sign"):
        return refused
    if struck := faulty(
        "own-site", lambda: answer({"code": "BUSY", "msg": "系统繁忙，请稍后", "data": {}}), lambda: refused
    ):
        return struck
    counters = Shelf(world().memory)
    for item in json.loads(request.get_data())["items"]:
        if not counters.put("own-site", item["sku"], int(item["qty"]), int(item["version"]), world().now()):
            return answer({"code": 40901, "msg": "库存版本过旧", "data": None})
    return answer({"code": 0, "msg": "ok", "ts": epoch_ms(world().now()), "data": None})


def push(order: Order, secrets: dict[str, str]) -> Pushed:
    """Return the event of an order's latest change, signed as of now."""
    stamp = str(epoch_ms(world_now()))
    body = json.dumps({"event": f"order.{_EVENTS[order.state]}", "seq": order.number, "order": payload(order)})
    signature = "sha256=" + signing.hmac_hex(secrets["secret"], stamp.encode() + b"." + body)
    headers = {"Content-Type": "application/json", "X-Hub-Time": stamp, "X-Hub-Sign": signature,
               "X-Hub-Event-Id": f"{order.number}-{order.state}"}  # fmt: skip
    return "own-site", headers, body


def world_now() -> datetime:
    """Return the moment events are signed at."""
    return datetime.now(UTC)
