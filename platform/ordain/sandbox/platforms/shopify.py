"""Shopify: a token header, pages by Link header, decimals as text in the shop's currency, signed webhooks."""

import base64
from typing import Final

from flask import Response, request

from ordain.base import json
from ordain.base.clock import from_rfc3339
from ordain.sandbox import signing
from ordain.sandbox.doors import Payload, Pushed, answer, blueprint, changed, faulty, page, world, yuan
from ordain.sandbox.world import Order

doors = blueprint("shopify")
_STATES: Final = {
    "unpaid": ("pending", None), "paid": ("paid", None), "shipped": ("paid", "fulfilled"),
    "completed": ("paid", "fulfilled"), "cancelled": ("voided", None),
}  # fmt: skip
_CITIES: Final = {
    "CNZJ": ("Zhejiang", "Hangzhou"),
    "CNSH": ("Shanghai", "Shanghai"),
    "CNGD": ("Guangdong", "Guangzhou"),
}


def payload(order: Order) -> Payload:
    """Return one order."""
    financial, fulfillment = _STATES[order.state]
    goods = sum(line.gross for line in order.lines)
    off = sum(line.off + line.subsidy for line in order.lines)
    total = goods - off + order.freight
    province, city = _CITIES.get(order.place[3], ("California", "San Jose"))
    address: Payload | None = {
        "name": f"Buyer {order.number}", "address1": f"{order.number % 900 + 1} Sample Street", "city": city, "province": province,
        "country_code": "US", "zip": "000000", "phone": f"+86{order.phone}" if order.flaw != "malformed_phone" else "12",
    }  # fmt: skip
    if order.flaw == "missing_address":
        address = None
    number = 6_100_000_000_000 + order.index
    refund = {"kind": "refund", "status": "success", "amount": yuan(order.lines[0].amount), "currency": "USD"}
    lines = [
        {"id": number * 10 + place, "sku": line.sku or None, "title": line.title, "name": line.title, "quantity": line.quantity,
         "price": yuan(line.price), "fulfillment_status": fulfillment, "total_discount": "0.00",
         "discount_allocations": [{"amount": yuan(line.off + line.subsidy)}] if line.off + line.subsidy else []}
        for place, line in enumerate(order.lines)
    ]  # fmt: skip
    shipped = (
        [{"created_at": order.shipped.isoformat(timespec="seconds"), "status": "success"}] if order.shipped else []
    )
    return {
        "id": number, "name": f"#{order.number}", "currency": "USD", "presentment_currency": "USD", "taxes_included": False,
        "created_at": order.placed.isoformat(timespec="seconds"), "updated_at": order.modified.isoformat(timespec="seconds"),
        "cancelled_at": order.modified.isoformat(timespec="seconds") if order.state == "cancelled" else None,
        "financial_status": "escrowed" if order.flaw == "unknown_status" else financial, "fulfillment_status": fulfillment,
        "total_line_items_price": yuan(goods), "total_discounts": yuan(off), "subtotal_price": yuan(goods - off),
        "total_shipping_price_set": {"shop_money": {"amount": yuan(order.freight), "currency_code": "USD"}}, "total_tax": "0.00",
        "total_price": yuan(total), "total_outstanding": yuan(total if financial == "pending" else 0),
        "email": f"buyer{order.number}@example.com", "shipping_address": address, "billing_address": address,
        "line_items": lines, "fulfillments": shipped, "refunds": [{"transactions": [refund]}] if order.refunded else [],
    }  # fmt: skip


@doors.get("/admin/api/2025-01/orders.json")
def orders() -> Response:
    """Answer the list; the page after it stands in the Link header, and its address takes no other filter."""
    if request.headers.get("X-Shopify-Access-Token") != world().secrets["shopify"]["access_token"]:
        return answer({"errors": "[API] Invalid API key or access token"}, 401)
    limited = answer({"errors": "Exceeded 2 calls per second"}, 429, {"Retry-After": "2.0"})
    if struck := faulty("shopify", lambda: limited, lambda: answer({"errors": "Invalid token"}, 401)):
        return struck
    asked = request.args.to_dict()
    size = min(250, int(asked.get("limit", "50")))
    number = 0
    if (info := asked.get("page_info")) is not None:
        if set(asked) - {"page_info", "limit", "fields"}:
            return answer({"errors": {"page_info": ["cannot be combined with other filters"]}}, 400)
        kept = json.loads(base64.urlsafe_b64decode(info))
        asked, number = kept["asked"], kept["page"]
    found = changed("shopify", from_rfc3339(asked["updated_at_min"]), from_rfc3339(asked["updated_at_max"]))
    chosen = page(found, number, size)
    headers = {"X-Shopify-Shop-Api-Call-Limit": "1/40"}
    if (number + 1) * size < len(found):
        info = base64.urlsafe_b64encode(json.dumps({"asked": asked, "page": number + 1})).decode()
        headers["Link"] = f'<{request.base_url}?limit={size}&page_info={info}>; rel="next"'
    return answer({"orders": [payload(order) for order in chosen]}, 200, headers)


def push(order: Order, secrets: dict[str, str]) -> Pushed:
    """Return the webhook of an order's latest change."""
    topic = {"unpaid": "orders/create", "paid": "orders/paid", "cancelled": "orders/cancelled"}.get(
        order.state, "orders/updated"
    )
    body = json.dumps(payload(order))
    headers = {
        "Content-Type": "application/json", "X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": "heyu-sample.myshopify.com",
        "X-Shopify-Webhook-Id": f"{order.number}-{order.state}", "X-Shopify-Hmac-Sha256": signing.hmac_base64(secrets["webhook"], body),
    }  # fmt: skip
    return "shopify-global", headers, body
