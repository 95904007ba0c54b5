"""The table "who changes what": each event of an order, and what becomes of its stock and money."""

from typing import Any

import pytest
import sqlalchemy as sa

from ordain.flows import expiring, fulfilling, lapsing, publishing, stocking
from ordain.flows.fulfilling import Fulfilled, Impossible, Payment, Shipment
from ordain.flows.intake import Result, take
from ordain.flows.redriving import redrive_all
from ordain.flows.services import Services
from ordain.flows.stocking import Move
from ordain.flows.submitting import Short, Submission, Submitted, submit, submit_all
from ordain.records.access import EVERYTHING
from ordain.store import audit
from ordain.store import notices as store_notices
from ordain.store.messages import MessageQuery
from ordain.store.orders import show, story
from ordain.store.orders.show import OrderView
from ordain.store.tables.orders import OrderRow, ReturnRequestRow
from ordain.store.tables.work import OutboxRow
from tests.conftest import Clock
from tests.factories import ORIGIN, incoming, own_site_order
from tests.stock import assert_sound, numbers, stocked

EARLIER = 1795053067000


def arrives(
    services: Services, number: str = "HY1", *, state: str = "已付款", later: int = 0, sku: str = "A"
) -> Result:
    document = own_site_order(number, state=state, updated=EARLIER + later * 60_000, sku=sku)
    return take(services, "own-site", "webhook", [incoming(document)], ORIGIN).results[0]


def submitted(services: Services, number: str, *lines: tuple[str, int], **more: Any) -> Submitted | Short:
    items = [{"sku": sku, "quantity": count, "unit_price": 100} for sku, count in lines]
    done = submit(
        services, "own-site", {"channel": "own-site", "currency": "CNY", "lines": items, **more}, number, ORIGIN
    )
    assert isinstance(done, Submitted | Short)
    return done


def placed(services: Services, number: str, *lines: tuple[str, int]) -> str:
    done = submitted(services, number, *lines)
    assert isinstance(done, Submitted)
    return done.order_id


def view(services: Services, number: str = "HY1") -> OrderView:
    with services.db.read() as conn:
        row_id = conn.scalar(sa.select(OrderRow.id).where(OrderRow.external_id == number))
        found = show.get(conn, services.vault, EVERYTHING, row_id or "")
    assert found is not None
    return found


def standing(services: Services, number: str = "HY1") -> tuple[str | None, bool, str | None]:
    """Return an order's state, whether it is held, and the state of its reservation."""
    found = view(services, number)
    return found.order.state, found.order.held, found.reservation.state if found.reservation else None


def told(services: Services, order_id: str) -> list[str]:
    with services.db.read() as conn:
        return [event.type for event in story.events(conn, order_id)]


def cases(services: Services) -> list[tuple[int, str]]:
    with services.db.read() as conn:
        rows = conn.execute(sa.select(ReturnRequestRow.amount, ReturnRequestRow.extra["why"].as_string()))
        return [(amount, why) for amount, why in rows]


def notices(services: Services, order_id: str) -> list[tuple[str, str, str]]:
    """Return what an order's customer was told, after the work that was asked for is done, twice."""
    for _ in range(2):
        with services.db.read() as conn:
            asked = list(conn.scalars(sa.select(OutboxRow.payload).where(OutboxRow.topic == lapsing.TOPIC)))
        for payload in asked:
            lapsing.tell(services, payload["orders"])
    with services.db.read() as conn:
        return [(found.notice, found.by, found.shown) for found in store_notices.about(conn, f"order:{order_id}")]


def test_an_order_that_comes_in_unpaid_holds_its_stock(founded: Services, clock: Clock) -> None:
    stocked(founded, A=5)
    arrives(founded, state="待付款")
    assert standing(founded) == ("unpaid", False, "held")
    found = view(founded).reservation
    assert found is not None
    assert found.expires_at == clock.forward(minutes=30)
    assert numbers(founded, "A") == (5, 2)
    assert_sound(founded)


def test_an_order_that_comes_in_paid_keeps_its_stock_for_good(founded: Services) -> None:
    stocked(founded, A=5)
    arrives(founded)
    assert standing(founded) == ("paid", False, "committed")
    arrives(founded, later=1)
    assert numbers(founded, "A") == (5, 2)
    assert_sound(founded)


def test_paid_in_time_is_committed_shipped_takes_it_away(founded: Services) -> None:
    stocked(founded, A=5)
    arrives(founded, state="待付款")
    arrives(founded, later=1)
    assert (standing(founded), numbers(founded, "A")) == (("paid", False, "committed"), (5, 2))
    arrives(founded, state="已发货", later=2)
    assert (standing(founded), numbers(founded, "A")) == (("shipped", False, "shipped"), (3, 0))
    assert told(founded, view(founded).order.id) == [
        "order.received", "stock.reserved", "order.updated", "stock.committed", "order.updated", "stock.shipped",
    ]  # fmt: skip
    assert_sound(founded)


def test_cancelled_on_its_platform_lets_go(founded: Services) -> None:
    stocked(founded, A=5)
    arrives(founded)
    arrives(founded, state="已取消", later=1)
    assert (standing(founded), numbers(founded, "A")) == (("cancelled", False, "released"), (5, 0))
    assert cases(founded) == []  # the platform gives the money back
    assert_sound(founded)


def test_history_changes_no_stock(founded: Services) -> None:
    stocked(founded, A=5)
    arrives(founded, state="已发货")
    assert (standing(founded), numbers(founded, "A")) == (("shipped", False, None), (5, 0))


def test_paid_on_its_platform_and_nothing_left_is_held_and_goes_on_once_there_is_more(founded: Services) -> None:
    stocked(founded, A=1)
    result = arrives(founded)
    assert (result.fate, [found.code for found in result.problems]) == ("held", ["out_of_stock"])
    assert (standing(founded), numbers(founded, "A")) == (("paid", True, None), (1, 0))
    assert redrive_all(founded, MessageQuery(), ORIGIN)["held"] == 1
    stocking.move(founded, Move("A", "receive", 1), ORIGIN)
    assert redrive_all(founded, MessageQuery(code="out_of_stock"), ORIGIN)["applied"] == 1
    assert (standing(founded), numbers(founded, "A")) == (("paid", False, "committed"), (2, 2))
    assert_sound(founded)


def test_a_policy_may_owe_what_was_paid_elsewhere(founded: Services) -> None:
    stocked(founded, A=1)
    spec = {
        "reserve_at": "submit",
        "hold_minutes": 30,
        "backorder_limit": 5,
        "shortage": {"paid_elsewhere": "backorder"},
    }
    title = {"zh": "试", "en": "Test"}
    document = {"kind": "reservation", "key": "default", "title": title, "schema_version": 1, "spec": spec}
    publishing.publish(founded, [document], "", ORIGIN)
    arrives(founded)
    assert (standing(founded), numbers(founded, "A")) == (("paid", False, "committed"), (1, 2))
    assert_sound(founded)


def test_other_lines_are_reserved_in_place_of_the_first_and_what_cannot_be_had_changes_nothing(
    founded: Services,
) -> None:
    stocked(founded, A=5, B=1)
    arrives(founded, state="待付款")
    arrives(founded, state="待付款", later=1, sku="B")
    assert (standing(founded)[1], numbers(founded, "A"), numbers(founded, "B")) == (True, (5, 2), (1, 0))
    stocking.move(founded, Move("B", "receive", 1), ORIGIN)
    arrives(founded, state="待付款", later=2, sku="B")
    assert (standing(founded), numbers(founded, "A"), numbers(founded, "B")) == (
        ("unpaid", False, "held"), (5, 0), (2, 2),
    )  # fmt: skip
    assert_sound(founded)


def test_an_order_whose_hold_ran_out_is_closed_and_its_customer_told_once(founded: Services, clock: Clock) -> None:
    stocked(founded, A=5)
    done = submitted(founded, "S1", ("A", 2), buyer={"phone": "13900000008"})
    assert isinstance(done, Submitted)
    order_id = done.order_id
    clock.forward(minutes=31)
    assert (expiring.sweep(founded), expiring.sweep(founded)) == (1, 0)
    assert (standing(founded, "S1"), numbers(founded, "A")) == (("cancelled", False, "expired"), (5, 0))
    assert notices(founded, order_id) == [("order-lapsed", "sms", "139••••0008")]
    assert told(founded, order_id)[-1] == "order.lapsed"
    with founded.db.read() as conn:
        assert audit.of(conn, f"order:{order_id}")[0].action == "order.lapse"
    assert_sound(founded)


def test_a_lapsed_order_is_not_opened_again_by_an_unpaid_message(founded: Services, clock: Clock) -> None:
    stocked(founded, A=5)
    arrives(founded, state="待付款")
    clock.forward(minutes=31)
    expiring.sweep(founded)
    arrives(founded, state="待付款", later=1)
    assert (standing(founded), numbers(founded, "A")) == (("cancelled", False, "expired"), (5, 0))


@pytest.mark.parametrize("by", ["platform", "shop"])
def test_paid_too_late_takes_the_stock_again_where_it_can_be_had(founded: Services, clock: Clock, by: str) -> None:
    stocked(founded, A=5)
    arrives(founded, state="待付款")
    clock.forward(minutes=31)
    expiring.sweep(founded)
    if by == "platform":
        arrives(founded, later=5)
    else:
        order = view(founded).order
        with founded.db.write() as conn:
            conn.execute(sa.update(OrderRow).values(paid=0))
        fulfilling.pay(founded, order.id, Payment(order.total, "wechat", "p1"), ORIGIN)
    assert (standing(founded), numbers(founded, "A")) == (("paid", False, "committed"), (5, 2))
    assert_sound(founded)


def test_paid_too_late_and_nothing_left_is_held_with_a_refund_case(founded: Services, clock: Clock) -> None:
    stocked(founded, A=2)
    order_id = placed(founded, "S1", ("A", 2))
    clock.forward(minutes=31)
    placed(founded, "S2", ("A", 2))  # takes the lapsed hold back
    assert standing(founded, "S1") == ("cancelled", False, "expired")
    assert isinstance(fulfilling.pay(founded, order_id, Payment(200, "wechat", "p1"), ORIGIN), Fulfilled)
    assert (standing(founded, "S1"), cases(founded)) == (("paid", True, "expired"), [(200, "paid_too_late")])
    assert numbers(founded, "A") == (2, 2)
    assert_sound(founded)


def test_cancelling_a_paid_order_lets_go_and_opens_a_refund_case(founded: Services) -> None:
    stocked(founded, A=5)
    order_id = placed(founded, "S1", ("A", 2))
    fulfilling.pay(founded, order_id, Payment(200), ORIGIN)
    assert isinstance(fulfilling.cancel(founded, order_id, "changed my mind", ORIGIN), Fulfilled)
    again = fulfilling.cancel(founded, order_id, "", ORIGIN)
    assert again == Fulfilled(order_id, again=True)
    assert (standing(founded, "S1"), cases(founded)) == (("cancelled", False, "released"), [(200, "cancelled")])
    assert numbers(founded, "A") == (5, 0)
    assert_sound(founded)


def test_money_for_a_cancelled_order_is_to_go_back(founded: Services) -> None:
    stocked(founded, A=5)
    order_id = placed(founded, "S1", ("A", 2))
    fulfilling.cancel(founded, order_id, "", ORIGIN)
    fulfilling.pay(founded, order_id, Payment(200), ORIGIN)
    assert (standing(founded, "S1"), cases(founded)) == (("cancelled", False, "released"), [(200, "paid_after_cancel")])


def test_a_part_of_the_money_keeps_the_order_open(founded: Services) -> None:
    stocked(founded, A=5)
    order_id = placed(founded, "S1", ("A", 2))
    fulfilling.pay(founded, order_id, Payment(50), ORIGIN)
    assert (standing(founded, "S1"), view(founded, "S1").order.paid) == (("unpaid", False, "held"), 50)
    fulfilling.pay(founded, order_id, Payment(150), ORIGIN)
    assert standing(founded, "S1") == ("paid", False, "committed")


def test_a_held_order_is_not_shipped(founded: Services) -> None:
    stocked(founded, A=1)
    arrives(founded)
    answer = fulfilling.ship(founded, view(founded).order.id, Shipment(), ORIGIN)
    assert isinstance(answer, Impossible)
    assert answer.problems[0].code == "held"


def test_with_stock_taken_at_payment_nothing_is_held_before(founded: Services) -> None:
    stocked(founded, A=2)
    spec = {"reserve_at": "payment", "hold_minutes": 30}
    title = {"zh": "试", "en": "Test"}
    document = {"kind": "reservation", "key": "default", "title": title, "schema_version": 1, "spec": spec}
    publishing.publish(founded, [document], "", ORIGIN)
    first, second = placed(founded, "S1", ("A", 2)), placed(founded, "S2", ("A", 2))
    assert numbers(founded, "A") == (2, 0)
    fulfilling.pay(founded, first, Payment(200), ORIGIN)
    fulfilling.pay(founded, second, Payment(200), ORIGIN)
    assert (standing(founded, "S1"), standing(founded, "S2")) == (("paid", False, "committed"), ("paid", True, None))
    assert (numbers(founded, "A"), cases(founded)) == ((2, 2), [(200, "paid_too_late")])
    assert_sound(founded)


def test_in_one_batch_vip_orders_get_the_last_pieces_and_one_refusal_keeps_nothing(founded: Services) -> None:
    stocked(founded, A=2)
    batch = [
        Submission(
            "own-site",
            {
                "channel": "own-site", "currency": "CNY", "priority": priority,
                "lines": [{"sku": "A", "quantity": 1, "unit_price": 100}],
            },
            f"S-{priority}",
            ORIGIN,
        )
        for priority in ("normal", "urgent", "vip")
    ]  # fmt: skip
    answers = submit_all(founded, batch)
    assert [type(answer) for answer in answers] == [Short, Submitted, Submitted]
    with founded.db.read() as conn:
        assert conn.scalar(sa.select(sa.func.count()).select_from(OrderRow)) == 2
    assert_sound(founded)


def test_the_same_submission_twice_in_one_batch_is_one_order(founded: Services) -> None:
    stocked(founded, A=5)
    lines = [{"sku": "A", "quantity": 1, "unit_price": 100}]
    one = Submission("own-site", {"channel": "own-site", "currency": "CNY", "lines": lines}, "S1", ORIGIN)
    first, second = submit_all(founded, [one, one])
    assert first == second == submit_all(founded, [one])[0]
    assert numbers(founded, "A") == (5, 1)
