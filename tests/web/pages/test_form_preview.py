"""The preview beside a form's editor: what the draft would draw, with no value that the form that runs keeps covered."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from ordain.flows import publishing, recording
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING
from tests.factories import ORIGIN
from tests.web.pages.test_records import COMPLAINT

EDIT = "/admin/definitions/form/supplier-complaint/edit"


def preview(browser: FlaskClient) -> str:
    browser.set_cookie("language", "en")
    page = browser.get(EDIT)
    assert page.status_code == 200
    found = re.search(r'<div class="block preview".*?(?=<div class="block"><h2>)', page.text, re.DOTALL)
    assert found is not None
    return found[0]


@pytest.fixture
def drafted(founded: Services) -> dict[str, Any]:
    publishing.publish(founded, [COMPLAINT], "", ORIGIN)
    with founded.db.read() as conn:
        form = recording.form_of(founded.live.at(conn), "supplier-complaint")
    assert form is not None
    data = {"supplier": "Acme", "severity": "high", "claim": 1250, "phone": "13912345678"}
    recording.create(founded, form, data, ORIGIN, EVERYTHING)
    return copy.deepcopy(COMPLAINT)


def kept(services: Services, document: dict[str, Any]) -> None:
    publishing.save_draft(services, document, ORIGIN, seen=None)


def test_it_draws_the_form_and_the_list_as_the_draft_says(
    admin: FlaskClient, founded: Services, drafted: dict[str, Any]
) -> None:
    drafted["spec"]["fields"]["urgent"] = {"type": "bool", "title": {"zh": "紧急", "en": "Cannot wait"}}
    drafted["spec"]["layout"][0]["fields"].append("urgent")
    drafted["spec"]["list"] = {"columns": ["claim", "urgent"]}
    kept(founded, drafted)
    shown = preview(admin)
    assert 'id="f-preview-urgent"' in shown
    assert shown.count("Cannot wait") == 2  # its field, and the head of its column
    assert "¥12.50" in shown
    assert "Acme" not in shown  # no column of the draft's
    assert "Settled" in shown
    assert 'id="f-preview-reason"' not in shown
    assert re.search(r"Shown only once their condition holds:\s*Why", shown)


def test_no_id_stands_twice_on_the_page(admin: FlaskClient, founded: Services, drafted: dict[str, Any]) -> None:
    fields = drafted["spec"]["fields"]
    fields["title"] = fields["key"] = {"type": "text", "title": {"zh": "名", "en": "Name"}}
    drafted["spec"]["layout"][0]["fields"] += ["title", "key"]
    kept(founded, drafted)
    assert 'id="f-preview-title"' in preview(admin)
    ids = re.findall(r'\sid="([^"]+)"', admin.get(EDIT).text)
    assert sorted(ids) == sorted(set(ids))


def test_a_draft_that_uncovers_a_field_shows_nothing_of_it(
    founded: Services, signed_in: Callable[..., FlaskClient], drafted: dict[str, Any]
) -> None:
    role = {
        "kind": "role", "key": "designer", "title": {"zh": "设计", "en": "Designer"}, "schema_version": 1,
        "spec": {"rights": {"definition": {"do": ["read", "edit"]}, "record": {"do": ["read"]}}},
    }  # fmt: skip
    publishing.publish(founded, [role], "", ORIGIN)
    del drafted["spec"]["fields"]["phone"]["protected"]
    drafted["spec"]["list"] = {"columns": ["supplier", "phone"]}
    kept(founded, drafted)
    assert "13912345678" in preview(signed_in("admin"))  # who edits such records reads it anyway
    shown = preview(signed_in("designer"))
    assert "Acme" in shown
    assert "1391234" not in shown
    assert "v1." not in shown


def test_who_reads_no_such_record_sees_none(
    founded: Services, signed_in: Callable[..., FlaskClient], drafted: dict[str, Any]
) -> None:
    role = {
        "kind": "role", "key": "designer", "title": {"zh": "设计", "en": "Designer"}, "schema_version": 1,
        "spec": {"rights": {"definition": {"do": ["read", "edit"]}}},
    }  # fmt: skip
    publishing.publish(founded, [role], "", ORIGIN)
    kept(founded, drafted)
    shown = preview(signed_in("designer"))
    assert 'id="f-preview-supplier"' in shown
    assert "Acme" not in shown
    assert "SC-00001" not in shown


def test_it_is_not_drawn_while_something_keeps_the_draft_from_running(
    admin: FlaskClient, founded: Services, drafted: dict[str, Any]
) -> None:
    drafted["spec"]["layout"][0]["fields"].append("nowhere")
    kept(founded, drafted)
    shown = preview(admin)
    assert "once nothing keeps it from running" in shown
    assert "preview-face" not in shown
