"""Files become orders of a channel, by its own layout or by their columns, through the door that all orders take."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import sqlalchemy as sa

from ordain.base.errors import Refused
from ordain.engines.importing import Plan
from ordain.flows import intake, publishing, stocking
from ordain.flows.importing import wizard
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.records.actor import Origin
from ordain.records.order import Order
from ordain.store.imports import faults, rows
from ordain.store.orders import find, show
from ordain.store.orders.find import OrderQuery, OrderSummary
from ordain.store.stock import reservations
from ordain.store.tables.imports import ImportLineRow
from tests.factories import ORIGIN, incoming, own_site_order
from tests.flows.importing.conftest import actor, at, brought, confirmed
from tests.stock import assert_sound, level, numbers

HEAD = "订单编号,订单创建时间,订单状态,收货人姓名,联系手机,收货地址,商家编码,宝贝标题,购买数量,单价,运费\n"
ADDRESS = "浙江省 杭州市 西湖区 文三路1号"
TWO_LINES = (
    f"T1,2026-11-19 10:00:00,待发货,林晓,13812345678,{ADDRESS},HY-NTB-08,线装笔记本,2,19.99,6.00\n"
    f"T2,2026/11/19 11:30,待发货,王芳,13812345679,{ADDRESS},HY-NTB-08,线装笔记本,1,19.99,0\n"
    f"T1,2026-11-19 10:00:00,待发货,林晓,13812345678,{ADDRESS},HY-SOC-04-3P,袜,1,39.90,6.00\n"
)
POS = (
    "门店编号,小票号,行号,交易日期,交易时间,商品编码,商品名称,数量,零售价,实收金额,交易类型\n"
    "S001,R1,1,2026/11/19,12:01:59,HY-SOC-04-3P,袜,1,39.90,39.90,销售\n"
    "S001,R2,1,2026/11/19,12:05:00,HY-SOC-04-3P,袜,x,39.90,39.90,销售\n"
)


def orders(services: Services, channel: str) -> dict[str, OrderSummary]:
    with services.db.read() as conn:
        found = find.find(conn, services.vault, EVERYTHING, OrderQuery(channels=(channel,)))
    return {item.external_id: item for item in found.items}


def whole(services: Services, item: OrderSummary) -> Order:
    with services.db.read() as conn:
        found = show.get(conn, services.vault, EVERYTHING, item.id)
    assert found is not None
    return found.order


def test_a_shops_export_becomes_orders_by_its_columns(founded: Services, admin: Origin) -> None:
    found = brought(founded, (HEAD + TWO_LINES).encode("gbk"), "orders:taobao-flagship", admin)
    assert found.found.counts == {"new": 3}
    found = confirmed(founded, found, admin)
    kept = orders(founded, "taobao-flagship")
    assert sorted(kept) == ["T1", "T2"]
    order = whole(founded, kept["T1"])
    assert (order.state, order.total, order.held) == ("paid", 2 * 1999 + 3990 + 600, False)
    assert [line.sku for line in order.lines] == ["HY-NTB-08", "HY-SOC-04-3P"]
    assert (order.buyer.phone, order.buyer.address.district) == ("13812345678", "西湖区")


def test_imported_orders_hold_their_stock_and_the_same_again_holds_no_more(founded: Services, admin: Origin) -> None:
    paper, socks = level(founded, "HY-NTB-08").reserved, numbers(founded, "HY-SOC-04-3P")
    text = HEAD + TWO_LINES.replace("11:30,待发货", "11:30,等待买家付款")
    for _ in range(2):
        confirmed(founded, brought(founded, text, "orders:taobao-flagship", admin), admin)
        assert level(founded, "HY-NTB-08").reserved == paper + 3
    kept = orders(founded, "taobao-flagship")
    with founded.db.read() as conn:
        states = {number: reservations.of_order(conn, kept[number].id) for number in ("T1", "T2")}
    assert {number: one and one.state for number, one in states.items()} == {"T1": "committed", "T2": "held"}
    assert numbers(founded, "HY-SOC-04-3P")[0] == socks[0]
    assert_sound(founded)


def test_an_imported_order_paid_elsewhere_that_cannot_be_had_is_held(founded: Services, admin: Origin) -> None:
    before = level(founded, "HY-NTB-08")
    stocking.set_level(founded, "HY-NTB-08", before.reserved + before.safety + 1, ORIGIN)
    confirmed(founded, brought(founded, HEAD + TWO_LINES, "orders:taobao-flagship", admin), admin)
    kept = orders(founded, "taobao-flagship")
    told = {number: [found.code for found in whole(founded, item).problems] for number, item in kept.items()}
    assert told == {"T1": ["out_of_stock"], "T2": []}
    assert level(founded, "HY-NTB-08").available == 0
    assert_sound(founded)


def test_the_same_orders_again_change_nothing(founded: Services, admin: Origin) -> None:
    confirmed(founded, brought(founded, HEAD + TWO_LINES, "orders:taobao-flagship", admin), admin)
    again = brought(founded, HEAD + TWO_LINES, "orders:taobao-flagship", admin)
    assert again.found.counts == {"unchanged": 3}
    done = confirmed(founded, again, admin)
    assert done.found.counts == {"unchanged": 3}
    with founded.db.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM message").scalar() == 2


def test_what_a_channel_would_hold_is_told_beside_its_cell(founded: Services, admin: Origin) -> None:
    text = HEAD + TWO_LINES.replace("HY-SOC-04-3P", "NO-SUCH")
    found = brought(founded, text, "orders:taobao-flagship", admin)
    assert found.found.counts == {"new": 1, "bad": 2}
    with founded.db.read() as conn:
        (kind,) = faults.kinds(conn, found.found.id)
        bad = rows.after(conn, founded.vault, found.found.id, 0, limit=9, fate="bad")
    assert (kind.column, kind.code) == (6, "unknown_sku")
    assert [row.number for row in bad] == [2, 4]
    assert wizard.mend(founded, found, 4, 6, "HY-SOC-04-3P", actor(admin))
    assert at(founded, found.found.id, admin).found.counts == {"new": 3}


def test_a_plan_without_what_an_order_needs_is_refused_and_kept(founded: Services, admin: Origin) -> None:
    made = wizard.begin(founded, "f.csv", b"tid,sku\nT1,A\n", admin, into="orders:taobao-flagship")
    found = at(founded, made.id, admin)
    with pytest.raises(Refused) as refused:
        wizard.plan(founded, found, Plan.of(found.found.plan), admin)
    assert {one.path for one in refused.value.problems} == {"placed_at", "lines.quantity", "lines.unit_price"}
    assert at(founded, made.id, admin).state == "mapping"


def test_a_channels_own_file_is_known_by_its_header_and_read_by_its_mapping(founded: Services, admin: Origin) -> None:
    found = at(founded, wizard.begin(founded, "pos.csv", POS.encode(), admin).id, admin)
    assert found.found.into == "file:store-pos"
    wizard.plan(founded, found, Plan(), admin)
    found = at(founded, found.found.id, admin)
    assert found.found.counts == {"new": 1, "bad": 1}
    with founded.db.read() as conn:
        (kind,) = faults.kinds(conn, found.found.id)
    assert (kind.column, kind.code) == (7, "quantity_not_a_number")
    wizard.mend(founded, found, 3, 7, "2", actor(admin))
    found = at(founded, found.found.id, admin)
    wizard.mend(founded, found, 3, 9, "79.80", actor(admin))
    found = confirmed(founded, at(founded, found.found.id, admin), admin)
    assert sorted(orders(founded, "store-pos")) == ["R1", "R2"]
    assert found.found.counts == {"new": 2}


def test_more_orders_than_go_in_at_once_go_in_parts_only_where_that_is_chosen(
    founded: Services, admin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ordain.flows.importing.into_orders.ATOMIC", 1)
    found = brought(founded, HEAD + TWO_LINES, "orders:taobao-flagship", admin)
    with pytest.raises(Refused) as refused:
        confirmed(founded, found, admin)
    assert refused.value.problems[0].code == "too_many_rows"
    assert confirmed(founded, found, admin, in_parts=True).found.counts == {"new": 3}
    assert sorted(orders(founded, "taobao-flagship")) == ["T1", "T2"]


ORDER_FORM: dict[str, Any] = {
    "kind": "form", "key": "order", "title": {"zh": "订单", "en": "Order"}, "schema_version": 1,
    "spec": {"record": "order", "extends": "built-in", "fields": {
        "invoice": {"type": "text", "title": {"zh": "发票抬头", "en": "Invoice title"}, "most": 10},
    }},
}  # fmt: skip


@pytest.fixture
def with_order(founded: Services) -> Services:
    publishing.publish(founded, [ORDER_FORM], "", ORIGIN)
    intake.take(founded, "own-site", "webhook", [incoming(own_site_order("HY1"))], ORIGIN)
    return founded


def test_orders_own_fields_are_written_by_their_number(with_order: Services, admin: Origin) -> None:
    text = "订单号,发票抬头\nHY1,禾屿\nHY9,某公司\n"
    found = brought(with_order, text, "fields:order", admin)
    assert found.found.counts == {"changed": 1, "bad": 1}
    confirmed(with_order, found, admin, only_good=True)
    kept = orders(with_order, "own-site")["HY1"]
    assert whole(with_order, kept).extra["invoice"] == "禾屿"
    assert brought(with_order, text, "fields:order", admin).found.counts == {"unchanged": 1, "bad": 1}


def test_a_protected_field_waits_and_stands_sealed(with_order: Services, admin: Origin) -> None:
    form = deepcopy(ORDER_FORM)
    form["spec"]["fields"]["invoice"]["protected"] = True
    publishing.publish(with_order, [form], "", ORIGIN)
    text = "订单号,发票抬头\nHY1,禾屿\n"
    found = brought(with_order, text, "fields:order", admin)
    with with_order.db.read() as conn:
        assert "禾屿" not in str(conn.scalars(sa.select(ImportLineRow.made)).all())
    confirmed(with_order, found, admin)
    kept = orders(with_order, "own-site")["HY1"]
    assert whole(with_order, kept).extra["invoice"].startswith("v1.")
    assert brought(with_order, text, "fields:order", admin).found.counts == {"unchanged": 1}


def test_who_may_not_import_orders_is_offered_none(with_order: Services, someone: Callable[..., Origin]) -> None:
    from ordain.flows.importing.targets import targets

    with with_order.db.read() as conn:
        offered = {one.into.partition(":")[0] for one in targets(with_order, conn, actor(someone("finance")))}
    assert "orders" not in offered
    assert "fields" not in offered
