import pytest
import sqlalchemy as sa

from ordain.base.errors import Refused
from ordain.flows import intake, repairing
from ordain.flows.redriving import arrivals, redrive
from ordain.flows.repairing import Field, RepairForm
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING, Access, Grant
from ordain.records.message import Incoming
from ordain.store import messages
from ordain.store.messages import MessageQuery
from ordain.store.orders import show, story
from ordain.store.orders.show import OrderView
from ordain.store.tables.audit import AuditRow
from ordain.store.tables.orders import OrderRow
from ordain.store.tables.repairs import RepairRow
from tests.factories import ORIGIN, incoming, own_site_order, remap

WRONG = "HY-NTB-O8"


def took(services: Services, item: Incoming) -> intake.Result:
    return intake.take(services, "own-site", "webhook", [item], ORIGIN).results[0]


def form(services: Services, message_id: str) -> RepairForm:
    found = repairing.form_of(services, message_id, EVERYTHING, ORIGIN)
    assert found is not None
    return found


def field(services: Services, message_id: str, path: str) -> Field:
    return next(one for one in form(services, message_id).fields if one.path == path)


def repaired(services: Services, message_id: str, texts: dict[str, str], seen: str = "") -> intake.Result:
    seen = seen or form(services, message_id).seen
    return repairing.save(services, message_id, seen, texts, "asked the buyer", EVERYTHING, ORIGIN)


def order(services: Services, number: str = "HY1") -> OrderView:
    with services.db.read() as conn:
        row_id = conn.scalar(sa.select(OrderRow.id).where(OrderRow.external_id == number))
        view = show.get(conn, services.vault, EVERYTHING, row_id or "")
    assert view is not None
    return view


def orders(services: Services) -> int:
    with services.db.read() as conn:
        return conn.scalar(sa.select(sa.func.count()).select_from(OrderRow)) or 0


def test_the_form_shows_what_the_mapping_read_where_it_read_it_and_what_is_wrong_there(founded: Services) -> None:
    held = took(founded, incoming(own_site_order(sku=WRONG)))
    assert held.fate == "held"
    wrong = field(founded, held.message_id, "lines.0.sku")
    assert (wrong.text, [found.code for found in wrong.problems]) == (WRONG, ["unknown_sku"])
    total = field(founded, held.message_id, "total")
    assert (total.text, total.source, total.source_value) == ("45.98", "money.payable", "4598")
    assert not field(founded, held.message_id, "external_id").writable


def test_a_corrected_message_passes_and_the_raw_one_stays_as_it_came(founded: Services) -> None:
    held = took(founded, incoming(own_site_order(sku=WRONG)))
    with founded.db.read() as conn:
        raw = messages.raw(conn, founded.vault, held.message_id)
    result = repaired(founded, held.message_id, {"lines.0.sku": "HY-NTB-08", "buyer.name": "宋星月"})
    assert result.fate == "applied"
    kept = order(founded).order
    assert (kept.held, kept.lines[0].sku, kept.buyer.name) == (False, "HY-NTB-08", "宋星月")
    with founded.db.read() as conn:
        assert messages.raw(conn, founded.vault, held.message_id) == raw
        sealed = conn.scalar(sa.select(RepairRow.content)) or ""
        told = conn.execute(sa.select(AuditRow.after).where(AuditRow.action == "message.repair")).scalar_one()
        events = story.events(conn, kept.id)
    assert "宋星月" not in sealed
    assert told == {"fields": ["buyer.name", "lines.0.sku"], "reason": "asked the buyer"}
    assert events[1].data["mended"] == ["buyer.name", "lines.0.sku"]


def test_a_correction_survives_a_re_drive_and_a_later_message_of_the_same_order(founded: Services) -> None:
    held = took(founded, incoming(own_site_order(sku=WRONG)))
    repaired(founded, held.message_id, {"lines.0.sku": "HY-NTB-08"})
    redrive(founded, [held.message_id], ORIGIN)
    assert not order(founded).order.held
    later = took(founded, incoming(own_site_order(sku=WRONG, state="已发货", updated=1795060000000)))
    assert later.fate == "applied"
    assert order(founded).order.lines[0].sku == "HY-NTB-08"


def test_a_later_message_that_says_something_else_and_sound_is_believed(founded: Services) -> None:
    held = took(founded, incoming(own_site_order(sku=WRONG)))
    repaired(founded, held.message_id, {"lines.0.sku": "HY-NTB-08", "buyer.name": "宋星月"})
    changed = own_site_order(updated=1795060000000)
    changed["ship"]["to"] = "李四"
    took(founded, incoming(changed))
    assert order(founded).order.buyer.name == "李四"


def test_a_value_that_does_not_fit_and_a_missing_reason_are_said_and_nothing_is_kept(founded: Services) -> None:
    held = took(founded, incoming(own_site_order(sku=WRONG)))
    with pytest.raises(Refused) as refused:
        repairing.save(founded, held.message_id, "1.0", {"total": "a lot"}, " ", EVERYTHING, ORIGIN)
    assert [(found.path, found.code) for found in refused.value.problems] == [
        ("total", "unfit"),
        ("reason", "required"),
    ]
    assert form(founded, held.message_id).repair is None


def test_who_comes_second_is_told_and_changes_nothing(founded: Services) -> None:
    held = took(founded, incoming(own_site_order(sku=WRONG)))
    seen = form(founded, held.message_id).seen
    repaired(founded, held.message_id, {"lines.0.sku": "ALSO-WRONG"}, seen)
    with pytest.raises(Refused) as refused:
        repaired(founded, held.message_id, {"lines.0.sku": "HY-NTB-08"}, seen)
    assert "corrected this message meanwhile" in refused.value.problems[0].message.en
    assert field(founded, held.message_id, "lines.0.sku").text == "ALSO-WRONG"
    repaired(founded, held.message_id, {"lines.0.sku": "HY-NTB-08"})
    with pytest.raises(Refused) as refused:
        repaired(founded, held.message_id, {"lines.0.sku": "x"}, seen)
    assert "no longer waits" in refused.value.problems[0].message.en


def test_a_message_without_a_number_gets_one_from_a_person_and_brings_one_order(founded: Services) -> None:
    lost = took(founded, incoming(own_site_order("")))
    assert lost.fate == "quarantined"
    assert field(founded, lost.message_id, "external_id").writable
    assert repaired(founded, lost.message_id, {"external_id": "HY7"}).fate == "applied"
    assert order(founded, "HY7").order.total == 4598


def test_a_message_taken_up_twice_is_read_once(founded: Services) -> None:
    lost = took(founded, incoming(own_site_order("")))
    form_seen = form(founded, lost.message_id).seen
    stale = arrivals(founded, [lost.message_id], ORIGIN)
    repaired(founded, lost.message_id, {"external_id": "HY7"}, form_seen)
    result = intake.take_all(founded, stale)[0]
    assert (result.repeated, orders(founded)) == (True, 1)


def test_a_message_never_brings_a_second_order_whatever_its_mapping_says_later(founded: Services) -> None:
    held = took(founded, incoming(own_site_order(sku=WRONG)))
    remap(founded, "own-site-order", lambda spec: spec["fields"].update(external_id={"value": "HY-OTHER"}))
    result = redrive(founded, [held.message_id], ORIGIN)[0]
    assert (result.order_id, result.problems[-1].code) == (held.order_id, "other_order")
    assert orders(founded) == 1
    with founded.db.read() as conn:
        assert messages.waiting(conn, MessageQuery()) == [held.message_id]


def test_what_the_role_does_not_show_in_full_is_neither_shown_nor_changed(founded: Services) -> None:
    held = took(founded, incoming(own_site_order(sku=WRONG)))
    access = Access((Grant(frozenset({"read", "repair"}), fields={"buyer.phone": "masked"}),))
    seen = repairing.form_of(founded, held.message_id, access, ORIGIN)
    assert seen is not None
    phone = next(one for one in seen.fields if one.path == "buyer.phone")
    assert (phone.text, phone.source_value, phone.writable) == ("", "", False)
    texts = {"buyer.phone": "13911111111", "lines.0.sku": "HY-NTB-08"}
    repairing.save(founded, held.message_id, seen.seen, texts, "a slip", access, ORIGIN)
    assert order(founded).order.buyer.phone == "13900000008"
