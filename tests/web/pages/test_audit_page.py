"""The audit page: what was done, found by whom, what, where; nothing on it that the reader's role covers."""

import re
from collections.abc import Callable

import sqlalchemy as sa
from flask.testing import FlaskClient

from ordain.flows import publishing
from ordain.flows.sealing import Sealer
from ordain.flows.services import Services
from ordain.store import audit, definitions
from ordain.store.orders.find import OrderSummary
from ordain.store.tables.audit import AuditRow
from tests.conftest import Clock
from tests.factories import ORIGIN

Bring = Callable[..., OrderSummary]
SignIn = Callable[..., FlaskClient]


def test_a_change_is_read_field_by_field_and_found_by_its_order(
    founded: Services, bring: Bring, admin: FlaskClient
) -> None:
    made = bring("HY1", state="未付款")
    bring("HY1", updated=1795053067001)
    bring("HY2")
    page = admin.get(f"/admin/audit?record={made.number}").text
    assert "Order received" in page
    assert "Order updated" in page
    assert "HY2" not in page
    with founded.db.read() as conn:
        entry = conn.scalar(sa.select(AuditRow.id).where(AuditRow.action == "order.update"))
    detail = admin.get(f"/admin/audit?entry={entry}").text
    assert "Before and after" in detail
    assert f'href="/orders/{made.id}"' in detail


def test_what_is_nobodys_business_is_only_said_to_have_changed(
    founded: Services, bring: Bring, admin: FlaskClient
) -> None:
    bring("HY1")
    to = {"to": "宋星野", "tel": "13900000009", "addr": "湖北省 武汉市 洪山区 虚拟珞珈支路13号"}
    bring("HY1", updated=1795053067001, ship=to)
    with founded.db.read() as conn:
        row = conn.execute(sa.select(AuditRow.id, AuditRow.after).where(AuditRow.action == "order.update")).one()
    assert {name for name, value in row.after.items() if value == "changed"} == {"buyer.phone", "buyer.address.street"}
    page = admin.get(f"/admin/audit?entry={row.id}").text
    assert "13900000009" not in page
    assert "支路13号" not in page
    assert "Street" in page


def test_filters_narrow_and_the_search_box_takes_what_it_is_given(bring: Bring, admin: FlaskClient) -> None:
    bring()
    for query, there in (
        ("person=admin-1", "Signed in"), ("q=admin-1", "Signed in"), ("action=login", "Signed in"),
        ("q=127.0.0.1", "Signed in"), ("at_from=2026-11-20", "Signed in"),
    ):  # fmt: skip
        assert there in rows(admin.get(f"/admin/audit?{query}").text), query
    for query in ("person=nobody", "ip=192.0.2.99", "at_from=2026-11-21", "at_to=2026-11-19", "request_id=none"):
        assert "Nothing here matches" in admin.get(f"/admin/audit?{query}").text, query
    assert admin.get("/admin/audit?at_from=x&after=y&at_to=99999-1-1").status_code == 200


def test_pages_follow_each_other_without_a_gap(founded: Services, clock: Clock, admin: FlaskClient) -> None:
    with founded.db.write() as conn:
        for number in range(120):
            audit.record(conn, ORIGIN, clock.forward(seconds=number % 2), "test.act", f"thing:{number:03}")
    seen: list[str] = []
    place = "/admin/audit?action=test.act"
    for _ in range(3):
        page = admin.get(place).text
        seen += [part.split("<")[0] for part in page.split("thing ")[1:]]
        following = re.search(r'href="([^"]*)" rel="next"', page)
        place = following.group(1).replace("&amp;", "&") if following else ""
    assert seen == [f"{number:03}" for number in reversed(range(120))]


def test_every_entry_says_where_it_stands_in_the_chain(founded: Services, admin: FlaskClient) -> None:
    with founded.db.read() as conn:
        entry = conn.scalar(sa.select(AuditRow.id).where(AuditRow.action == "login"))
    assert "Not sealed yet" in admin.get(f"/admin/audit?entry={entry}").text
    Sealer(founded).run()
    assert "Sealed as no." in admin.get(f"/admin/audit?entry={entry}").text


def test_who_may_not_read_it_is_refused(bring: Bring, signed_in: SignIn) -> None:
    assert signed_in("service").get("/admin/audit").status_code == 404


def test_a_reader_of_some_regions_is_told_of_their_orders_alone(
    founded: Services, bring: Bring, signed_in: SignIn
) -> None:
    with founded.db.read() as conn:
        live = definitions.live(conn, "role", "warehouse")
    assert live is not None
    document = {**live.document}
    document["spec"] = {"rights": {**document["spec"]["rights"], "audit": {"do": ["read"]}}}
    publishing.publish(founded, [document], "reads the audit", ORIGIN)
    east = bring("HY1", ship={"to": "宋", "tel": "13900000008", "addr": "上海市 上海市 浦东新区 虚拟路1号"})
    west = bring("HY2", ship={"to": "宋", "tel": "13900000008", "addr": "四川省 成都市 武侯区 虚拟路1号"})
    page = signed_in("warehouse", region=east.region).get("/admin/audit").text
    assert east.number in page
    assert west.number not in page
    assert "••••••" in page  # the total, which this role does not see


def rows(page: str) -> str:
    return page.partition("<tbody>")[2].partition("</tbody>")[0]
