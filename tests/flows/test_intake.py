from typing import Any

import sqlalchemy as sa

from ordain.flows.intake import Taken, take
from ordain.flows.redriving import discard, preview, redrive_all
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.records.message import Incoming
from ordain.store import catalogue, messages
from ordain.store.messages import MessageQuery
from ordain.store.orders import show, story
from ordain.store.orders.show import OrderView
from ordain.store.tables.audit import AuditRow
from ordain.store.tables.orders import OrderLineRow, OrderRow
from tests.factories import ORIGIN, incoming, own_site_order


def took(services: Services, *items: Incoming) -> Taken:
    return take(services, "own-site", "webhook", list(items), ORIGIN)


def order(services: Services, number: str = "HY1") -> OrderView:
    with services.db.read() as conn:
        row_id = conn.scalar(sa.select(OrderRow.id).where(OrderRow.external_id == number))
        view = show.get(conn, services.vault, EVERYTHING, row_id or "")
    assert view is not None
    return view


def count(services: Services, table: Any) -> int:
    with services.db.read() as conn:
        return conn.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_an_order_comes_in_with_its_lines_story_decision_and_audit_entry(founded: Services) -> None:
    result = took(founded, incoming(own_site_order())).results[0]
    assert (result.fate, result.new) == ("applied", True)
    kept = order(founded).order
    assert (kept.state, kept.total, kept.lines[0].quantity, kept.region) == ("paid", 4598, 2, "central")
    assert kept.buyer.phone == "13900000008"
    assert kept.number.startswith("SO-261120-")
    with founded.db.read() as conn:
        assert [event.type for event in story.events(conn, kept.id)] == ["order.received", "stock.reserved"]
        decisions = {found.kind: found for found in story.decisions(conn, f"order:{kept.id}")}
        assert decisions["reservation"].outcome == "reserved"
        decision = decisions["mapping"]
        assert (decision.key, decision.version, decision.outcome) == ("own-site-order", 1, "accept")
        audited = conn.execute(sa.select(AuditRow.action).where(AuditRow.entity == f"order:{kept.id}")).scalars().all()
    assert audited == ["order.receive"]


def test_second_delivery_of_the_same_event_changes_nothing(founded: Services) -> None:
    item = incoming(own_site_order(), "e1")
    took(founded, item)
    again = took(founded, item, item)
    assert [result.repeated for result in again.results] == [True, True]
    assert (count(founded, OrderRow), count(founded, OrderLineRow)) == (1, 1)


def test_the_same_event_twice_in_one_batch_is_stored_once(founded: Services) -> None:
    item = incoming(own_site_order(), "e1")
    assert [r.repeated for r in took(founded, item, item).results] == [False, True]
    assert count(founded, OrderRow) == 1


def test_equal_content_under_another_event_is_no_change(founded: Services) -> None:
    took(founded, incoming(own_site_order(), "e1"))
    assert took(founded, incoming(own_site_order(), "e2")).results[0].fate == "unchanged"


def test_an_older_message_never_overwrites_a_newer_one(founded: Services) -> None:
    took(founded, incoming(own_site_order(state="已发货", updated=1795060000000)))
    result = took(founded, incoming(own_site_order(state="已付款", updated=1795053067000))).results[0]
    assert result.fate == "stale"
    assert order(founded).order.state == "shipped"


def test_of_two_copies_in_one_batch_the_newer_wins_whatever_their_order(founded: Services) -> None:
    newer, older = own_site_order(state="已发货", updated=1795060000000), own_site_order()
    assert [r.fate for r in took(founded, incoming(newer), incoming(older)).results] == ["applied", "stale"]
    assert order(founded).order.state == "shipped"


def test_a_cancelled_order_is_not_reopened_by_a_message_of_the_same_moment(founded: Services) -> None:
    took(founded, incoming(own_site_order(state="已取消")))
    assert took(founded, incoming(own_site_order(state="已付款"))).results[0].fate == "stale"


def test_lines_keep_their_ids_when_an_order_changes(founded: Services) -> None:
    took(founded, incoming(own_site_order()))
    before = order(founded).order.lines[0].id
    took(founded, incoming(own_site_order(state="已发货", updated=1795060000000)))
    assert [line.id for line in order(founded).order.lines] == [before]


def test_one_bad_order_never_hinders_its_batch(founded: Services) -> None:
    bad = own_site_order("HY2", state="飞行中")
    results = took(founded, incoming(own_site_order()), incoming(bad), incoming(own_site_order("HY3"))).results
    assert [result.fate for result in results] == ["applied", "held", "applied"]
    held = order(founded, "HY2").order
    assert (held.held, held.state, [p.code for p in held.problems]) == (True, None, ["unknown_status"])


def test_a_message_without_an_identity_is_quarantined_with_its_raw_content(founded: Services) -> None:
    result = took(founded, incoming(own_site_order(""))).results[0]
    assert (result.fate, result.order_id) == ("quarantined", None)
    with founded.db.read() as conn:
        assert '"已付款"' in (messages.raw(conn, founded.vault, result.message_id) or "")


def test_a_message_of_an_unknown_channel_is_quarantined_and_says_what_to_do(founded: Services) -> None:
    result = take(founded, "nowhere", "webhook", [incoming(own_site_order())], ORIGIN).results[0]
    assert (result.fate, result.problems[0].code) == ("quarantined", "channel_missing")


def test_a_held_order_is_released_once_its_code_is_known(founded: Services) -> None:
    took(founded, incoming(own_site_order(sku="NEW-1")))
    assert [p.code for p in order(founded).order.problems] == ["unknown_sku"]
    product = {"sku": "NEW-1", "title": {"zh": "新", "en": "New"}, "price": 1, "currency": "CNY"}
    with founded.db.write() as conn:
        catalogue.add(conn, [product], founded.now())
    assert preview(founded, MessageQuery(), ORIGIN).passing == 1
    assert redrive_all(founded, MessageQuery(), ORIGIN)["applied"] == 1
    assert not order(founded).order.held
    assert (count(founded, OrderRow), redrive_all(founded, MessageQuery(), ORIGIN).total()) == (1, 0)


def test_an_alias_becomes_our_own_code(founded: Services) -> None:
    took(founded, incoming(own_site_order(sku="HYNTB08")))
    assert order(founded).order.lines[0].sku == "HY-NTB-08"


def test_a_preview_stores_nothing(founded: Services) -> None:
    took(founded, incoming(own_site_order(sku="NEW-1")))
    before = order(founded)
    assert preview(founded, MessageQuery(code="unknown_sku"), ORIGIN).remaining["unknown_sku"] == 1
    assert order(founded) == before


def test_discarding_needs_a_reason_and_happens_once(founded: Services) -> None:
    message = took(founded, incoming(own_site_order(""))).results[0].message_id
    assert [p.code for p in discard(founded, message, " ", ORIGIN)] == ["required"]
    assert discard(founded, message, "test order", ORIGIN) == []
    assert [p.code for p in discard(founded, message, "again", ORIGIN)] == ["not_quarantined"]


def test_content_beyond_what_can_be_stored_is_kept_raw_and_the_rest_of_the_batch_goes_on(founded: Services) -> None:
    monster = own_site_order(
        "HY-LONG", ship={"to": "x" * 5000, "tel": "13900000008", "addr": "湖北省 武汉市 洪山区 路"}
    )
    monster["lines"]["1"]["qty"] = 10**14
    results = took(founded, incoming(monster), incoming(own_site_order("HY9"))).results
    assert results[1].fate == "applied"
    assert results[0].fate in ("quarantined", "held")  # SQLite takes what PostgreSQL refuses


def test_protected_values_stand_sealed_in_the_database(founded: Services) -> None:
    took(founded, incoming(own_site_order()))
    with founded.db.read() as conn:
        row = conn.execute(sa.select(OrderRow.phone, OrderRow.street)).one()
    assert all(value.startswith("v1.k1.") for value in row)
