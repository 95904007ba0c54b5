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
    assert 'value="Acme"' in page
    assert 'value="13912345678"' in page
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
    record = recording.create(formed, form(formed), {"supplier": "Acme"}, ORIGIN)
    address = f"{LIST}/{record.id}"
    assert post(admin, address, [("to", "settled")]).status_code == 302
    assert kept(formed)[0].state == "settled"
    barred = post(admin, address, [("save", "1")], supplier="Other")
    assert barred.status_code == 422
    assert kept(formed)[0].data["supplier"] == "Acme"
    page = admin.get(address).text
    assert "Moved to Settled" in page
    with pytest.raises(Refused):
        recording.change(formed, form(formed), kept(formed)[0], {"supplier": "Acme"}, ORIGIN, to="open")


def form(services: Services) -> Any:
    with services.db.read() as conn:
        found = recording.form_of(services.live.at(conn), "supplier-complaint")
    assert found is not None
    return found


def test_two_people_on_one_record_lose_nothing(admin: FlaskClient, formed: Services) -> None:
    record = recording.create(formed, form(formed), {"supplier": "Acme"}, ORIGIN)
    address = f"{LIST}/{record.id}"
    pairs = Fields(admin.get(address).text).pairs
    recording.change(formed, form(formed), record, {"supplier": "Theirs"}, ORIGIN)
    mine = [(name, "Mine" if name == "supplier" else value) for name, value in pairs]
    answer = admin.post(address, data=MultiDict([*mine, ("save", "1")]))
    assert answer.status_code == 409
    assert "Mine" in answer.text
    assert kept(formed)[0].data["supplier"] == "Theirs"


def test_rights_decide_who_reads_and_who_writes(signed_in: Callable[..., FlaskClient], formed: Services) -> None:
    record = recording.create(formed, form(formed), {"supplier": "Acme", "phone": "13912345678"}, ORIGIN)
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
