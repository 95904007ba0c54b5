"""WooCommerce: basic authentication, totals in headers, times without a zone, signed webhooks and a first ping."""

import base64
from datetime import UTC, datetime
from typing import Final

from flask import Response, request

from ordain.base import json
from ordain.sandbox import signing
from ordain.sandbox.doors import Payload, Pushed, answer, blueprint, changed, faulty, page, world, yuan
from ordain.sandbox.world import Order

doors = blueprint("woocommerce")
_STATES: Final = {
    "unpaid": "pending",
    "paid": "processing",
    "shipped": "processing",
    "completed": "completed",
    "cancelled": "cancelled",
}


def payload(order: Order) -> Payload:
    """Return one order."""
    _, city, _, state = order.place
    address = {"first_name": order.name[1:], "last_name": order.name[0], "address_1": order.street, "city": city, "state": state,
               "country": "CN", "phone": order.phone if order.flaw != "malformed_phone" else "0000"}  # fmt: skip
    if order.flaw == "missing_address":
        address |= {"address_1": "", "city": "", "state": ""}
    lines = [
        {"id": order.number * 10 + place, "name": line.title, "sku": line.sku, "quantity": line.quantity,
         "subtotal": yuan(line.gross), "total": yuan(line.gross - line.off), "total_tax": "0.00", "price": line.price / 100}
        for place, line in enumerate(order.lines)
    ]  # fmt: skip
    fees = (
        [{"id": order.number, "name": "平台活动补贴", "total": yuan(-order.subsidy), "total_tax": "0.00"}]
        if order.subsidy
        else []
    )
    return {
        "id": order.number, "number": str(order.number), "currency": "CNY",
        "status": "wc-teleported" if order.flaw == "unknown_status" else _STATES[order.state],
        "date_created_gmt": _gmt(order.placed), "date_modified_gmt": _gmt(order.modified), "date_paid_gmt": _gmt(order.paid),
        "date_completed_gmt": _gmt(order.shipped) if order.state == "completed" else None, "discount_total": yuan(order.off),
        "shipping_total": yuan(order.freight), "total_tax": "0.00", "total": yuan(order.total), "customer_note": "",
        "payment_method": "alipay", "billing": {**address, "email": f"buyer{order.number}@example.com"}, "shipping": address,
        "line_items": lines, "fee_lines": fees, "coupon_lines": [], "meta_data": [],
        "refunds": [{"id": 1, "reason": "七天无理由", "total": yuan(-order.lines[0].amount)}] if order.refunded else [],
    }  # fmt: skip


@doors.get("/wp-json/wc/v3/orders")
def orders() -> Response:
    """Answer the list: a bare array, totals in headers."""
    secrets = world().secrets["woocommerce"]
    pair = base64.b64encode(f"{secrets['consumer_key']}:{secrets['consumer_secret']}".encode()).decode()
    refused = answer({"code": "woocommerce_rest_cannot_view", "message": "Sorry", "data": {"status": 401}}, 401)
    if request.headers.get("Authorization") != f"Basic {pair}":
        return refused
    outage = Response(
        "<html><body>Error establishing a database connection</body></html>", 500, content_type="text/html"
    )
    if struck := faulty("woocommerce", lambda: outage, lambda: refused):
        return struck
    asked = request.args
    start, end = (
        datetime.fromisoformat(asked[name]).replace(tzinfo=UTC) for name in ("modified_after", "modified_before")
    )
    size = min(100, int(asked.get("per_page", "10")))
    found = changed("woocommerce", start, end)
    chosen = page(found, int(asked.get("page", "1")) - 1, size)
    headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(-(-len(found) // size))}
    return answer([payload(order) for order in chosen], 200, headers)


def push(order: Order, secrets: dict[str, str]) -> Pushed:
    """Return the webhook of an order's latest change."""
    topic = "order.created" if order.state == "unpaid" else "order.updated"
    body = json.dumps(payload(order))
    headers = {"Content-Type": "application/json", "X-WC-Webhook-Topic": topic, "X-WC-Webhook-ID": "11",
               "X-WC-Webhook-Delivery-ID": f"{order.number}-{order.state}",
               "X-WC-Webhook-Signature": signing.hmac_base64(secrets["webhook"], body)}  # fmt: skip
    return "woocommerce-shop", headers, body


def _gmt(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%S") if moment else None
