"""Mapping and checks of an order, in process, beside a hand-written function that does the same."""

import json as plain_json
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ordain.base import json
from ordain.base.places import known_place
from ordain.engines.mapping import compile_mapping, decide, map_record

ROOT = Path(__file__).parents[1]
ZONE = ZoneInfo("Asia/Shanghai")
STATES = {"WAIT_SELLER_STOCK_OUT": "paid", "WAIT_GOODS_RECEIVE_CONFIRM": "shipped", "FINISHED_L": "completed"}
PHONE = re.compile(r"^1[3-9]\d{9}$|^\d{2,}[*]{2,}\d{0,6}$")


def sample() -> dict[str, Any]:
    """Return an order of eight lines and some sixty values to map."""
    page = json.loads((ROOT / "tests/fixtures/channels/jd/list_page_1.json").read_bytes())
    order: dict[str, Any] = page["jingdong_pop_order_search_responce"]["searchorderinfo_result"]["orderInfoList"][1]
    line = order["itemInfoList"][0]
    order["itemInfoList"] = [{**line, "skuId": str(n), "itemTotal": "1", "jdPrice": "10.00"} for n in range(8)]
    order["couponDetailList"] = []
    order |= {"orderPayment": "86.00", "freightPrice": "6.00", "orderTotalPrice": "80.00"}
    return order


def minor(text: str) -> int:
    """Return an amount in minor units."""
    whole, _, cents = text.partition(".")
    return int(whole) * 100 + int(cents)


def moment(text: str) -> datetime | None:
    """Return a time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC) if text else None


def by_hand(source: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Map and check the same order as code would."""
    where = source["consigneeInfo"]
    lines = [
        {
            "external_id": line["skuId"], "sku": line["outerSkuId"], "title": line["skuName"],
            "quantity": int(line["itemTotal"]), "unit_price": minor(line["jdPrice"]),
            "amount": minor(line["jdPrice"]) * int(line["itemTotal"]),
        }
        for line in source["itemInfoList"]
    ]  # fmt: skip
    goods = sum(line["amount"] for line in lines)
    seller = sum(minor(c["couponPrice"]) for c in source["couponDetailList"] if not c["couponType"].startswith("41"))
    theirs = sum(minor(c["couponPrice"]) for c in source["couponDetailList"] if c["couponType"].startswith("41"))
    record = {
        "external_id": source["orderId"], "state": STATES[source["orderState"]], "placed_at": moment(source["orderStartTime"]),
        "paid_at": moment(source["paymentConfirmTime"]), "modified_at": moment(source["modified"]), "goods": goods,
        "seller_discount": seller, "platform_discount": theirs, "freight": minor(source["freightPrice"]), "tax": minor(source["taxFee"]),
        "total": minor(source["orderPayment"]), "paid": minor(source["orderPayment"]), "refunded": 0, "currency": "CNY",
        "buyer": {"name": where["fullname"], "phone": where["mobile"],
                  "address": {"province": where["province"], "city": where["city"], "district": where["county"], "street": where["fullAddress"]}},
        "lines": lines, "extra": {"must_not_ship": source["orderState"] in ("LOCKED", "PAUSE"), "balance_used": minor(source["balanceUsed"])},
    }  # fmt: skip
    problems = []
    if not PHONE.match(where["mobile"]):
        problems.append("malformed_phone")
    if not (where["province"] or where["city"] or where["fullAddress"]):
        problems.append("missing_address")
    if not known_place(where["province"], where["city"], where["county"]):
        problems.append("unknown_place")
    if goods - seller - theirs + record["freight"] + record["tax"] != record["total"]:
        problems.append("sums")
    if min(line["unit_price"] for line in lines) < 0:
        problems.append("negative_price")
    return record, problems


def rate(work: Callable[[], object], seconds: float = 1.5) -> float:
    """Return how often `work` runs a second."""
    work()
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        for _ in range(50):
            work()
        done += 50
    return done / (time.perf_counter() - started)


def measure() -> dict[str, float]:
    """Return orders a second of both, and their ratio."""
    source = sample()
    spec = plain_json.loads((ROOT / "definitions/starter/mapping/jd-order.json").read_text())["spec"]
    program = compile_mapping(spec)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    facts: dict[str, Any] = {"unknown_skus": []}

    def engine() -> object:
        return decide(program, map_record(program, source), facts, now)

    decided = decide(program, map_record(program, source), facts, now)
    if decided.outcome != "accept" or decided.changes["total"] != by_hand(source)[0]["total"]:
        raise AssertionError(decided.problems)
    ours, hand = rate(engine), rate(lambda: by_hand(source))
    return {"engine": round(ours), "by_hand": round(hand), "ratio": round(ours / hand, 3)}
