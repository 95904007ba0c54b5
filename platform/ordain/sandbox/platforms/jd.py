"""JD: signed forms with the business parameters as JSON text, everything a string, failures with status 200."""

from typing import Final

from flask import Response

from ordain.base import json
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
from ordain.sandbox.world import Order

doors = blueprint("jd")
_STATES: Final = {
    "paid": "WAIT_SELLER_STOCK_OUT", "shipped": "WAIT_GOODS_RECEIVE_CONFIRM", "completed": "FINISHED_L",
    "cancelled": "TRADE_CANCELED", "unpaid": "NOT_PAY",
}  # fmt: skip


def payload(order: Order) -> Payload:
    """Return one order as the list shows it."""
    province, city, county, _ = order.place
    coupons = []
    for place, line in enumerate(order.lines):
        sku = str(100_000_000_000 + order.index * 10 + place)
        if line.off:
            coupons.append(
                {
                    "orderId": str(order.number),
                    "skuId": sku,
                    "couponType": "30-单品促销优惠",
                    "couponPrice": yuan(line.off),
                }
            )
        if line.subsidy:
            coupons.append(
                {
                    "orderId": str(order.number),
                    "skuId": sku,
                    "couponType": "41-京东券优惠",
                    "couponPrice": yuan(line.subsidy),
                }
            )
    lines = [
        {"skuId": str(100_000_000_000 + order.index * 10 + place), "outerSkuId": line.sku, "skuName": line.title,
         "jdPrice": yuan(line.price), "itemTotal": str(line.quantity), "wareId": str(10_000_000 + place)}
        for place, line in enumerate(order.lines)
    ]  # fmt: skip
    consignee = {
        "fullname": f"{order.name[0]}**", "mobile": order.mask, "telephone": order.mask, "province": province, "city": city,
        "county": county, "fullAddress": f"{province}{city}{county}******",
    }  # fmt: skip
    return {
        "orderId": str(310_000_000_000 + order.number), "venderId": "10700000", "orderTotalPrice": yuan(order.goods),
        "orderSellerPrice": yuan(order.goods - order.off), "orderPayment": yuan(order.total), "freightPrice": yuan(order.freight),
        "sellerDiscount": yuan(order.off), "balanceUsed": "0.00", "taxFee": "0.00", "parentOrderId": "0",
        "orderState": "WAIT_MOON" if order.flaw == "unknown_status" else _STATES[order.state],
        "orderStartTime": beijing(order.placed), "paymentConfirmTime": beijing(order.paid, ""), "modified": beijing(order.modified),
        "consigneeInfo": {} if order.flaw == "missing_address" else consignee, "itemInfoList": lines, "couponDetailList": coupons,
    }  # fmt: skip


@doors.post("/routerjson")
def router() -> Response:
    """Answer the one door of all methods."""
    asked = form()
    secret = world().secrets["jd"]["app_secret"]
    if signing.md5_upper(secret + signing.sorted_pairs(asked) + secret) != asked.get("sign"):
        return answer({"error_response": {"code": "12", "zh_desc": "无效签名", "en_desc": "Invalid signature"}})
    expired = answer(
        {"error_response": {"code": "19", "zh_desc": "无效access_token", "en_desc": "Invalid access_token"}}
    )
    if asked.get("access_token") != world().secrets["jd"]["access_token"]:
        return expired
    busy = answer({"error_response": {"code": "67", "zh_desc": "系统繁忙", "en_desc": "Busy"}})
    if struck := faulty("jd", lambda: busy, lambda: expired):
        return struck
    wanted = json.loads(asked["360buy_param_json"])
    found = [
        order
        for order in changed("jd", from_beijing(wanted["start_date"]), from_beijing(wanted["end_date"]))
        if order.state != "unpaid"
    ]
    chosen = page(found, int(wanted["page"]) - 1, int(wanted["page_size"]))
    result = {
        "apiResult": {"success": True},
        "orderTotal": len(found),
        "orderInfoList": [payload(o) for o in chosen] or None,
    }
    return answer({"jingdong_pop_order_search_responce": {"code": "0", "searchorderinfo_result": result}})
