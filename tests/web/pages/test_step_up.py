"""Weighty acts ask once more who is there, and lose nothing that was typed."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ordain.flows import publishing
from ordain.flows.services import Services
from ordain.store import audit, definitions, people, tokens
from tests.conftest import Clock
from tests.factories import ORIGIN
from tests.rig.codes import code_at
from tests.web.conftest import PASSWORD, csrf_of
from tests.web.pages.test_entry import enrol

PUBLISH = "/admin/definitions/role/viewer/publish"


@pytest.fixture
def drafted(founded: Services) -> Services:
    with founded.db.read() as conn:
        live = definitions.live(conn, "role", "viewer")
    assert live is not None
    document = {**live.document, "title": {"zh": "看客", "en": "Looker-on"}}
    publishing.save_draft(founded, document, ORIGIN, seen=None)
    return founded


def title(services: Services) -> str:
    with services.db.read() as conn:
        live = definitions.live(conn, "role", "viewer")
    assert live is not None
    return str(live.document["title"]["en"])


def test_just_signed_in_nothing_is_asked(drafted: Services, admin: FlaskClient) -> None:
    answer = admin.post(PUBLISH, data={"csrf_token": csrf_of(admin.get("/account").text)})
    assert (answer.status_code, title(drafted)) == (302, "Looker-on")


def test_later_the_password_is_asked_for_and_what_was_typed_goes_on(
    drafted: Services, admin: FlaskClient, clock: Clock
) -> None:
    token = csrf_of(admin.get("/account").text)
    clock.forward(minutes=6)
    typed = {"csrf_token": token, "note": 'because "so" & so'}
    asked = admin.post(PUBLISH, data=typed)
    assert asked.status_code == 403
    assert 'name="note" value="because &#34;so&#34; &amp; so"' in asked.text
    assert f'action="{PUBLISH}"' in asked.text
    assert title(drafted) == "Viewer"
    wrong = admin.post(PUBLISH, data={**typed, "step_up_proof": "not the password"})
    assert (wrong.status_code, title(drafted)) == (403, "Viewer")
    before = admin.get_cookie("sid-8000")
    answer = admin.post(PUBLISH, data={**typed, "step_up_proof": PASSWORD})
    after = admin.get_cookie("sid-8000")
    assert (answer.status_code, title(drafted)) == (302, "Looker-on")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    with drafted.db.read() as conn:
        who = people.person(conn, "admin-1")
        assert who is not None
        acts = [entry.action for entry in audit.of(conn, f"person:{who.id}")]
    assert {"step_up", "step_up.failed"} <= set(acts)
    assert PASSWORD not in str(acts)


def test_with_a_second_factor_its_code_is_asked_for(drafted: Services, admin: FlaskClient, clock: Clock) -> None:
    seed = enrol(admin, clock, "/account/second-factor")
    clock.forward(minutes=6)
    typed = {"csrf_token": csrf_of(admin.get("/account").text)}
    assert admin.post(PUBLISH, data={**typed, "step_up_proof": PASSWORD}).status_code == 403
    assert admin.post(PUBLISH, data={**typed, "step_up_proof": code_at(seed, clock.now)}).status_code == 302
    assert title(drafted) == "Looker-on"


def test_other_kinds_are_published_without(founded: Services, admin: FlaskClient, clock: Clock) -> None:
    token = csrf_of(admin.get("/account").text)
    clock.forward(minutes=6)
    answer = admin.post("/admin/definitions/mapping/own-site-order/publish", data={"csrf_token": token})
    assert "step_up_proof" not in answer.text


def test_a_page_that_asks_leads_on_to_itself_by_its_name(admin: FlaskClient, clock: Clock) -> None:
    clock.forward(minutes=6)
    asked = admin.get("/account/second-factor")
    assert asked.status_code == 403
    typed = {"csrf_token": csrf_of(asked.text), "endpoint": "account.enrol", "arguments": "{}"}
    assert admin.post("/step-up", data={**typed, "step_up_proof": "wrong"}).status_code == 403
    answer = admin.post("/step-up", data={**typed, "step_up_proof": PASSWORD})
    assert 'content="0; url=/account/second-factor"' in answer.text
    assert admin.get("/account/second-factor").status_code == 200


@pytest.mark.parametrize("endpoint", ["", "https://evil.example", "//evil.example", "orders.index", "static", "nobody"])
def test_the_way_on_is_never_an_address_from_outside(admin: FlaskClient, endpoint: str) -> None:
    token = csrf_of(admin.get("/account").text)
    typed = {"csrf_token": token, "step_up_proof": PASSWORD, "endpoint": endpoint, "arguments": "{}"}
    assert admin.post("/step-up", data=typed).status_code == 404
    hostile = '{"_external": true, "_scheme": "javascript", "_anchor": "x"}'
    kept = admin.post("/step-up", data={**typed, "endpoint": "account.enrol", "arguments": hostile})
    assert 'url=/account/second-factor"' in kept.text


def test_htmx_gets_a_dialog_over_the_page_that_asked(drafted: Services, admin: FlaskClient, clock: Clock) -> None:
    token = csrf_of(admin.get("/account").text)
    clock.forward(minutes=6)
    answer = admin.post(PUBLISH, data={"note": "x"}, headers={"HX-Request": "true", "X-CSRF-Token": token})
    assert answer.status_code == 200
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("body", "beforeend")
    assert answer.text.lstrip().startswith("<dialog")
    assert title(drafted) == "Viewer"


def test_a_session_that_calls_the_api_is_told_what_is_missing(
    drafted: Services, admin: FlaskClient, clock: Clock
) -> None:
    headers = {"X-CSRF-Token": csrf_of(admin.get("/account").text)}
    clock.forward(minutes=6)
    answer = admin.post("/api/v1/definitions/role/viewer/publish", headers=headers)
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["problems"][0]["code"] == "step_up_required"


def test_a_persons_token_sends_a_code_along_one_of_the_command_line_need_not(
    drafted: Services, app: Flask, admin: FlaskClient, clock: Clock, token: Callable[..., dict[str, str]]
) -> None:
    seed = enrol(admin, clock, "/account/second-factor")
    with drafted.db.write() as conn:
        who = people.person(conn, "admin-1")
        assert who is not None
        tokens.add(conn, "script", ["admin"], "plain", clock.now, 30, who)
    place, program = "/api/v1/definitions/role/viewer/publish", app.test_client()
    headers = {"Authorization": "Bearer plain"}
    assert program.post(place, headers=headers).status_code == 403
    assert program.post(place, headers={**headers, "X-Step-Up": "000000"}).status_code == 403
    assert program.post(place, headers={**headers, "X-Step-Up": code_at(seed, clock.now)}).status_code == 200
    assert program.post(place, headers={**headers, "X-Step-Up": code_at(seed, clock.now)}).status_code == 403
    assert program.post(place, headers=token()).status_code == 422  # the draft is published already
