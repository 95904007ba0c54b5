"""Every channel's answer key, met by the starter definitions alone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ordain.base import json
from ordain.base.clock import rfc3339
from ordain.base.decision import Decision
from ordain.engines.arrival import Standing, settle
from ordain.engines.mapping import compile_mapping, decide, map_record
from ordain.engines.tabular import Layout
from ordain.flows.filing import read_file

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests" / "fixtures" / "channels"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
RECORDS = {
    "taobao": "trades_sold_increment_get_response.trades.trade",
    "jd": "jingdong_pop_order_search_responce.searchorderinfo_result.orderInfoList",
    "pinduoduo": "order_sn_increment_get_response.order_sn_list",
    "douyin": "data.shop_order_list",
    "shopify": "orders",
    "woocommerce": "",
    "own-site": "data.items",
}
AMOUNTS = {
    "goods_minor": "goods",
    "seller_discount_minor": "seller_discount",
    "platform_discount_minor": "platform_discount",
    "freight_minor": "freight",
    "payable_minor": "total",
    "paid_minor": "paid",
    "refunded_minor": "refunded",
    "tax_minor": "tax",
}
# What these lists do not tell at all: it comes with the detail call, or with refund records of their own.
UNTOLD = {"taobao": {"seller_discount_minor", "platform_discount_minor"}, "jd": {"refunded_minor"}}


def load(path: Path) -> Any:
    return json.loads(path.read_bytes(), limit=json.ANSWER_LIMIT)


def starter(kind: str, key: str) -> Any:
    return load(ROOT / "definitions" / "starter" / kind / f"{key}.json")["spec"]


def decided(channel: str, payload: Mapping[str, Any], key: str | None = None) -> Decision:
    program = compile_mapping(starter("mapping", key or f"{channel}-order"))
    return decide(program, map_record(program, payload), {"unknown_skus": []}, NOW)


def rows_of(channel: str) -> list[Any]:
    from ordain.base.paths import get

    return [
        row
        for page in load(FIXTURES / channel / "cases.json")["pages"]
        for row in get(load(FIXTURES / channel / page), RECORDS[channel])
    ]


def folded(channel: str) -> dict[str, Decision]:
    """Keep the newest copy of each order, as the hub does."""
    kept: dict[str, tuple[Standing, Decision]] = {}
    for row in rows_of(channel):
        decision = decided(channel, row)
        record = decision.changes
        arriving = Standing(
            record.get("modified_at"), json.content_hash(record), record.get("state"), record.get("refunded", 0)
        )
        before = kept.get(record["external_id"])
        if settle(before[0] if before else None, arriving) == "applied":
            kept[record["external_id"]] = (arriving, decision)
    return {key: decision for key, (_, decision) in kept.items()}


@pytest.mark.parametrize("channel", RECORDS)
def test_pages_hold_the_orders_of_the_key_and_the_bad_ones_are_held_for_the_right_reason(channel: str) -> None:
    key = load(FIXTURES / channel / "cases.json")
    found = folded(channel)
    assert len(rows_of(channel)) == key["rows_on_pages"]
    assert len(found) == key["unique_orders"]
    held = {
        order: {p.code for p in decision.problems} for order, decision in found.items() if decision.outcome != "accept"
    }
    assert held == {bad["order_id"]: {bad["kind"]} for bad in key["bad_orders"]}


@pytest.mark.parametrize("channel", RECORDS)
def test_good_orders_have_the_amounts_times_and_lines_of_the_key(channel: str) -> None:
    key = load(FIXTURES / channel / "cases.json")
    found = folded(channel)
    for fact in key["facts"]:
        record = found[fact["order_id"]].changes
        assert record["currency"] == fact["currency"]
        told = {
            name: field for name, field in AMOUNTS.items() if name in fact and name not in UNTOLD.get(channel, set())
        }
        assert {name: record[field] for name, field in told.items()} == {name: fact[name] for name in told}, fact[
            "order_id"
        ]
        discounts = record["seller_discount"] + record["platform_discount"]
        assert discounts == fact["seller_discount_minor"] + fact["platform_discount_minor"]
        times = {"created_utc": "placed_at", "paid_utc": "paid_at", "modified_utc": "modified_at"}
        for name, field in times.items():
            moment = record.get(field)
            assert (rfc3339(moment).replace(".000Z", "Z") if moment else None) == fact[name], (fact["order_id"], field)
        assert len(record["lines"]) == fact["line_count"]
        assert sum(line["quantity"] for line in record["lines"]) == fact["quantity"]
        assert sum(line["amount"] for line in record["lines"]) + record["freight"] + record["tax"] == record["total"]


def test_a_detail_tells_the_sellers_discount_from_the_platforms() -> None:
    detail = load(FIXTURES / "taobao" / "order_detail.json")["trade_fullinfo_get_response"]["trade"]
    record = decided("taobao", detail).changes
    assert (record["seller_discount"], record["platform_discount"]) == (2800, 1000)


@pytest.mark.parametrize(
    ("channel", "wanted"),
    [
        ("taobao", {"NO_REFUND": "none", "WAIT_SELLER_AGREE": "requested", "SUCCESS": "refunded"}),
    ],
)
def test_each_line_has_its_own_refund_state(channel: str, wanted: Mapping[str, str]) -> None:
    found = folded(channel)
    for fact in load(FIXTURES / channel / "cases.json")["facts"]:
        states = [line["refund_state"] for line in found[fact["order_id"]].changes["lines"]]
        assert states == [wanted[raw] for raw in fact["sub_order_refund_status"]]


def test_only_orders_the_platform_lets_go_are_shippable() -> None:
    found = folded("pinduoduo")
    for fact in load(FIXTURES / "pinduoduo" / "cases.json")["facts"]:
        assert found[fact["order_id"]].changes["extra"]["shippable"] is fact["shippable"]


FILES = [
    "pos_20261119.csv",
    "pos_20261119_20.xlsx",
    "pos_20261119_mixed_encoding.csv",
    "pos_20261119_ragged.csv",
    "pos_20261120.csv",
    "pos_20261120_gbk.csv",
]


def receipts(*names: str) -> dict[str, tuple[str, Decision]]:
    layout = Layout.of(starter("channel", "store-pos")["intakes"]["file"])
    found: dict[str, tuple[str, Decision]] = {}
    for name in names:
        for document in read_file((FIXTURES / "pos" / name).read_bytes(), layout).documents:
            returned = document.rows[0].get("交易类型") == "退货"
            key = "pos-return" if returned else "pos-order"
            found.setdefault(document.key, (key, decided("pos", document.payload(), key)))
    return found


@pytest.mark.parametrize(
    "names",
    [("pos_20261119.csv", "pos_20261120.csv"), ("pos_20261119_20.xlsx",), ("pos_20261119.csv", "pos_20261120_gbk.csv")],
)
def test_receipts_of_the_store_meet_the_key_in_every_form_of_the_file(names: tuple[str, ...]) -> None:
    key = load(FIXTURES / "pos" / "cases.json")
    found = receipts(*names)
    assert len(found) == key["unique_orders"]
    held = {
        receipt: {p.code for p in decision.problems}
        for receipt, (_, decision) in found.items()
        if decision.outcome != "accept"
    }
    assert held == {bad["receipt"]: {bad["kind"]} for bad in key["bad_orders"]}
    for fact in key["facts"]:
        mapping, decision = found[fact["order_id"]]
        record = decision.changes
        moment = record["requested_at" if mapping == "pos-return" else "placed_at"]
        assert rfc3339(moment) == rfc3339(datetime.strptime(fact["local_time"] + " +0800", "%Y/%m/%d %H:%M:%S %z"))
        assert len(record["lines"]) == fact["line_count"]
        assert sum(line["quantity"] for line in record["lines"]) == abs(fact["quantity"])
        if mapping == "pos-return":
            assert (record["amount"], record["order"]) == (-fact["paid_minor"], fact["original_receipt"])
        else:
            assert (record["paid"], record["total"]) == (fact["paid_minor"], fact["paid_minor"])
            paid = {name: record["extra"][name] for name in ("cash", "wechat", "alipay", "stored_value", "coupon")}
            assert {name: amount for name, amount in paid.items() if amount} == fact["payments_minor"]


def test_a_row_too_long_or_cut_short_is_reported_with_its_number() -> None:
    layout = Layout.of(starter("channel", "store-pos")["intakes"]["file"])
    sheet = read_file((FIXTURES / "pos" / "pos_20261119_ragged.csv").read_bytes(), layout)
    assert [p.code for p in sheet.problems] == ["ragged_row", "ragged_row"]


def test_one_line_in_another_encoding_does_not_spoil_the_file() -> None:
    mixed, plain = receipts("pos_20261119_mixed_encoding.csv"), receipts("pos_20261119.csv")
    assert {key: d.changes for key, (_, d) in mixed.items()} == {key: d.changes for key, (_, d) in plain.items()}
