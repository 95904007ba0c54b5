"""An admin's own forms: made in the browser, filled, moved through states, found, exported; with rights, no restart."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from ordain.base.errors import Refused
from ordain.flows import publishing, recording
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from ordain.store import records
from ordain.store.records import RecordQuery
from ordain.store.shelves import shelf_of
from tests.factories import ORIGIN
from tests.web.conftest import csrf_of
from tests.web.pages.test_editor import Fields

COMPLAINT: dict[str, Any] = {
    "kind": "form",
    "key": "supplier-complaint",
    "title": {"zh": "供应商投诉", "en": "Supplier complaint"},
    "schema_version": 1,
    "spec": {
        "record": "supplier-complaint",
        "fields": {
            "supplier": {"type": "text", "title": {"zh": "供应商", "en": "Supplier"}, "required": True, "searchable": True},
            "severity": {
                "type": "choice",
                "title": {"zh": "严重程度", "en": "Severity"},
                "options": {"low": {"zh": "低", "en": "Low"}, "high": {"zh": "高", "en": "High"}},
            },
            "claim": {"type": "money", "title": {"zh": "索赔", "en": "Claim"}, "least": 0},
            "phone": {"type": "text", "title": {"zh": "电话", "en": "Phone"}, "protected": True},
            "reason": {"type": "long_text", "title": {"zh": "原因", "en": "Reason"}},
            "lines": {
                "type": "list",
                "title": {"zh": "明细", "en": "Lines"},
                "fields": {
                    "sku": {"type": "text", "title": {"zh": "商品", "en": "SKU"}, "required": True},
                    "count": {"type": "integer", "title": {"zh": "数量", "en": "Count"}},
                },
            },
        },
        "states": {
            "open": {"title": {"zh": "待处理", "en": "Open"}, "to": ["settled"], "mark": "open"},
            "settled": {"title": {"zh": "已解决", "en": "Settled"}, "to": [], "edit": [], "mark": "done"},
        },
        "layout": [
            {"section": "what", "title": {"zh": "投诉", "en": "Complaint"}, "fields": ["supplier", "severity", "claim", "phone"]},
            {"section": "why", "title": {"zh": "原因", "en": "Why"}, "fields": ["reason"], "show_when": "severity == 'high'"},
        ],
    },
}  # fmt: skip
LIST = "/records/supplier-complaint"


@pytest.fixture
def formed(founded: Services) -> Services:
    publishing.publish(founded, [COMPLAINT], "", ORIGIN)
    return founded


def post(browser: FlaskClient, address: str, more: list[tuple[str, str]], **changed: str) -> Any:
    pairs = [(name, changed.pop(name, value)) for name, value in Fields(browser.get(address).text).pairs]
    return browser.post(address, data=MultiDict([*pairs, *changed.items(), *more]))


def kept(services: Services) -> list[records.Record]:
    with services.db.read() as conn:
        return list(records.find(conn, shelf_of(form(services)), EVERYTHING, RecordQuery()).items)


def test_a_published_form_is_there_at_once_and_its_records_are_kept(admin: FlaskClient, formed: Services) -> None:
    assert "Supplier complaint" in admin.get("/orders").text
    assert "Make the first one" in admin.get(LIST).text
    lines = [
        ("lines//is", "1"),
        ("lines//row", "r0"),
        ("lines/r0//is", "1"),
        ("lines/r0/sku", "A"),
        ("lines/r0/count", "3"),
    ]
    answer = post(
        admin,
        f"{LIST}/new",
        [("save", "1"), *lines],
        supplier="Acme",
        severity="high",
        claim="12.5",
        phone="13912345678",
    )
    assert answer.status_code == 302
    (record,) = kept(formed)
    assert (record.number, record.state) == (1, "open")
    assert record.data["claim"] == 1250
    assert record.data["lines"] == [{"sku": "A", "count": 3}]
    assert record.data["phone"].startswith("v1.")
    page = admin.get(answer.location).text
    assert "Acme" in page
    assert "13912345678" in page
    assert "Created" in page
    assert "¥12.50" in page
    listed = admin.get(f"{LIST}?q=acme&own.severity=high").text
    assert "SC-00001" in listed
    assert "High" in listed
    assert "SC-00001" not in admin.get(f"{LIST}?own.severity=low").text


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(admin: FlaskClient, formed: Services) -> None:
    answer = post(admin, f"{LIST}/new", [("save", "1")], supplier="", claim="-3")
    assert answer.status_code == 422
    assert 'aria-describedby="f-supplier-faults"' in answer.text
    assert 'href="#f-claim"' in answer.text
    assert kept(formed) == []
    foreign = post(admin, f"{LIST}/new", [("save", "1"), ("state", "settled"), ("admin", "1")], supplier="Acme")
    assert foreign.status_code == 422
    assert kept(formed) == []


def test_a_section_is_shown_while_its_condition_holds(admin: FlaskClient, formed: Services) -> None:
    assert 'id="f-reason"' not in admin.get(f"{LIST}/new").text
    redrawn = post(admin, f"{LIST}/new", [], severity="high")
    assert redrawn.status_code == 200
    assert 'id="f-reason"' in redrawn.text
    assert kept(formed) == []


def test_states_follow_each_other_and_bar_what_may_not_change(admin: FlaskClient, formed: Services) -> None:
    record = recording.create(formed, form(formed), {"supplier": "Acme"}, ORIGIN, EVERYTHING)
    address = f"{LIST}/{record.id}"
    token = csrf_of(admin.get(address).text)
    assert admin.post(f"{address}/move", data={"csrf_token": token, "seen": "1", "to": "settled"}).status_code == 302
    assert kept(formed)[0].state == "settled"
    barred = post(admin, f"{address}/edit", [("save", "1"), ("supplier", "Other"), ("shown", "supplier")])
    assert barred.status_code == 422
    assert kept(formed)[0].data["supplier"] == "Acme"
    page = admin.get(address).text
    assert "Moved to Settled" in page
    with pytest.raises(Refused):
        recording.change(formed, form(formed), kept(formed)[0], {"supplier": "Acme"}, ORIGIN, EVERYTHING, to="open")


def form(services: Services) -> Any:
    with services.db.read() as conn:
        found = recording.form_of(services.live.at(conn), "supplier-complaint")
    assert found is not None
    return found


def test_two_people_on_one_record_lose_nothing(admin: FlaskClient, formed: Services) -> None:
    record = recording.create(formed, form(formed), {"supplier": "Acme"}, ORIGIN, EVERYTHING)
    address = f"{LIST}/{record.id}"
    pairs = Fields(admin.get(f"{address}/edit").text).pairs
    recording.change(formed, form(formed), record, {"supplier": "Theirs"}, ORIGIN, EVERYTHING)
    mine = [(name, "Mine" if name == "supplier" else value) for name, value in pairs]
    answer = admin.post(f"{address}/edit", data=MultiDict([*mine, ("save", "1")]))
    assert answer.status_code == 409
    assert "Mine" in answer.text
    assert "Theirs" in answer.text
    assert kept(formed)[0].data["supplier"] == "Theirs"
    again = MultiDict([*Fields(answer.text).pairs, ("save", "1")])
    assert admin.post(f"{address}/edit", data=again).status_code == 302
    assert kept(formed)[0].data["supplier"] == "Mine"


def test_rights_decide_who_reads_and_who_writes(signed_in: Callable[..., FlaskClient], formed: Services) -> None:
    record = recording.create(formed, form(formed), {"supplier": "Acme", "phone": "13912345678"}, ORIGIN, EVERYTHING)
    viewer = signed_in("viewer")
    page = viewer.get(f"{LIST}/{record.id}")
    assert page.status_code == 200
    assert "13912345678" not in page.text
    assert viewer.get(f"{LIST}/new").status_code == 404
    assert "Export" not in viewer.get(LIST).text


def test_a_form_that_makes_no_sense_is_said_when_it_is_published(founded: Services) -> None:
    broken = json.loads(json.dumps(COMPLAINT))
    broken["spec"]["layout"][0]["fields"].append("colour")
    broken["spec"]["states"]["open"]["to"] = ["nowhere"]
    assert {found.code for found in publishing.check(broken)} == {"unknown_field", "unknown_state"}
    broken["spec"]["layout"][1]["show_when"] = "severty == 'high'"
    assert {found.code for found in publishing.check(broken)} == {"unknown_name"}


def test_what_was_typed_is_kept_for_that_person_until_it_is_saved_or_given_up(
    admin: FlaskClient, signed_in: Callable[..., FlaskClient], formed: Services
) -> None:
    record = recording.create(
        formed, form(formed), {"supplier": "Acme", "severity": "high", "reason": "late"}, ORIGIN, EVERYTHING
    )
    address = f"{LIST}/{record.id}"
    post(admin, f"{address}/edit", [], supplier="Half typed", severity="low")
    assert kept(formed)[0].data["supplier"] == "Acme"
    assert "Go on with it" in admin.get(address).text
    assert 'value="Half typed"' in admin.get(f"{address}/edit").text
    assert "Half typed" not in signed_in("service").get(f"{address}/edit").text
    post(admin, f"{address}/edit", [], severity="high")
    assert "late" in admin.get(f"{address}/edit").text  # the hidden section was not emptied
    token = dict(Fields(admin.get(f"{address}/edit").text).pairs)["csrf_token"]
    assert admin.post(f"{address}/discard", data={"csrf_token": token}).status_code == 302
    assert 'value="Acme"' in admin.get(f"{address}/edit").text
    post(admin, f"{LIST}/new", [], supplier="Begun")
    assert 'value="Begun"' in admin.get(f"{LIST}/new").text
    post(admin, f"{LIST}/new", [("save", "1")])
    assert 'value="Begun"' not in admin.get(f"{LIST}/new").text


def test_a_covered_field_is_shown_in_full_to_those_who_may_ask_and_that_is_written_down(
    signed_in: Callable[..., FlaskClient], admin: FlaskClient, formed: Services
) -> None:
    publishing.publish(formed, [role("asker", ["read", "reveal"]), role("reader", ["read"])], "", ORIGIN)
    record = recording.create(formed, form(formed), {"supplier": "Acme", "phone": "13912345678"}, ORIGIN, EVERYTHING)
    address = f"{LIST}/{record.id}"
    asker, reader = signed_in("asker"), signed_in("reader")
    page = asker.get(address).text
    assert "13912345678" not in page
    assert f"{address}/reveal/phone" in page
    token = csrf_of(page)
    assert "13912345678" in asker.post(f"{address}/reveal/phone", data={"csrf_token": token}).text
    assert "Shown in full: Phone" in admin.get(address).text
    own = csrf_of(reader.get(address).text)
    assert reader.post(f"{address}/reveal/phone", data={"csrf_token": own}).status_code == 404
    assert "13912345678" not in reader.get(f"{address}/print").text


def role(key: str, do: list[str]) -> dict[str, Any]:
    spec = {"rights": {"record": {"do": do}}}
    return {"kind": "role", "key": key, "title": {"zh": key, "en": key}, "schema_version": 1, "spec": spec}


def test_records_that_belong_together_lead_to_each_other(
    admin: FlaskClient, formed: Services, bring: Callable[..., Any]
) -> None:
    visit = {
        "kind": "form", "key": "visit", "title": {"zh": "走访", "en": "Visits"}, "schema_version": 1,
        "spec": {"record": "visit", "fields": {
            "about": {"type": "reference", "to": "supplier-complaint", "title": {"zh": "投诉", "en": "Complaint"}},
            "order": {"type": "reference", "to": "order", "title": {"zh": "订单", "en": "Order"}},
        }},
    }  # fmt: skip
    publishing.publish(formed, [visit], "", ORIGIN)
    order = bring("HY1")
    complaint = recording.create(formed, form(formed), {"supplier": "Acme"}, ORIGIN, EVERYTHING)
    wrong = post(admin, "/records/visit/new", [("save", "1")], about="SC-00099")
    assert wrong.status_code == 422
    made = post(admin, "/records/visit/new", [("save", "1")], about="SC-00001", order=order.number)
    assert made.status_code == 302
    page = admin.get(made.location).text
    assert f"{LIST}/{complaint.id}" in page
    assert f"/orders/{order.id}" in page
    assert "V-00001" in admin.get(f"{LIST}/{complaint.id}").text
    assert "V-00001" in admin.get(f"/orders/{order.id}").text
    assert 'value="SC-00001"' in admin.get("/records/visit/new").text  # offered while typing


def test_products_are_written_in_the_same_pages_and_taken_off_sale_with_a_reason(
    admin: FlaskClient, signed_in: Callable[..., FlaskClient], founded: Services
) -> None:
    assert "/records/product" in admin.get("/orders").text
    values = {"sku": "TEA-1", "title_zh": "龙井", "title_en": "Dragon Well", "price": "128"}
    made = post(admin, "/records/product/new", [("save", "1")], **values)
    assert made.status_code == 302
    page = admin.get(made.location).text
    assert "Take off sale" in page
    assert "¥128.00" in page
    assert 'name="sku"' not in admin.get("/records/product/TEA-1/edit").text
    without = post(admin, "/records/product/TEA-1/do/stop", [("save", "1")])
    assert without.status_code == 422
    assert post(admin, "/records/product/TEA-1/do/stop", [("save", "1")], reason="recall").status_code == 302
    page = admin.get("/records/product/TEA-1").text
    assert "recall" in page
    assert "Put back on sale" in page
    assert admin.get("/records/product/TEA-1/do/stop").status_code == 404
    viewer = signed_in("viewer")
    assert viewer.get("/records/product/TEA-1").status_code == 200
    assert viewer.get("/records/product/TEA-1/do/resume").status_code == 404
    assert "TEA-1" in admin.get("/records/product?q=dragon").text


def test_a_sheet_of_paper_holds_what_one_may_read(
    admin: FlaskClient, formed: Services, bring: Callable[..., Any]
) -> None:
    record = recording.create(
        formed, form(formed), {"supplier": "Acme", "lines": [{"sku": "A", "count": 3}]}, ORIGIN, EVERYTHING
    )
    sheet = admin.get(f"{LIST}/{record.id}/print").text
    assert "SC-00001" in sheet
    assert "Printed by admin-1" in sheet
    assert '<td class="num">3</td>' in sheet
    order = bring("HY1")
    assert order.number in admin.get(f"/orders/{order.id}/print").text
