"""The pages of people, and the API beside them: who may change whom, and what ends at once."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ordain.base.errors import Refused
from ordain.flows import login, publishing, staffing
from ordain.flows.services import Services
from ordain.store import audit, definitions, people
from ordain.store.people import Person
from tests.conftest import Clock
from tests.factories import ORIGIN
from tests.web.conftest import PASSWORD, csrf_of
from tests.web.pages.test_entry import enrol, notices


@pytest.fixture
def manager(founded: Services, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    """Return the browser of somebody who looks after people, and else holds what a viewer holds."""
    with founded.db.read() as conn:
        viewer = definitions.live(conn, "role", "viewer")
    assert viewer is not None
    rights = {**viewer.document["spec"]["rights"], "person": {"do": ["read", "edit"]}}
    role = {**viewer.document, "key": "floor-manager", "spec": {**viewer.document["spec"], "rights": rights}}
    publishing.publish(founded, [role], "new", ORIGIN)
    browser = signed_in("floor-manager")
    browser.set_cookie("language", "en")
    return browser


def person(services: Services, name: str) -> Person:
    with services.db.read() as conn:
        found = people.person(conn, name)
    assert found is not None
    return found


def post(browser: FlaskClient, place: str, **data: object) -> tuple[int, str]:
    answer = browser.post(place, data={"csrf_token": csrf_of(browser.get("/account").text), **data})
    return answer.status_code, answer.text


def test_the_list_tells_state_roles_regions_and_second_factor(
    admin: FlaskClient, signed_in: Callable[..., FlaskClient], clock: Clock
) -> None:
    enrol(signed_in("warehouse", "south"), clock, "/account/second-factor")
    page = admin.get("/admin/people?q=warehouse-1").text
    assert page.count("<tr id=") == 1
    for text in ("warehouse-1", "Warehouse", "South", ">on<", "active", "1 person"):
        assert text in page
    assert "Nobody matches" in admin.get("/admin/people?q=zzz").text


@pytest.mark.parametrize("role", ["viewer", "finance", "operations-lead"])
def test_others_do_not_even_learn_that_there_are_people(signed_in: Callable[..., FlaskClient], role: str) -> None:
    browser = signed_in(role)
    for place in ("/admin/people", "/admin/people/new", "/api/v1/people"):
        assert browser.get(place).status_code == 404
    assert post(browser, "/admin/people/new", name="x", role="viewer")[0] == 404


def test_somebody_new_gets_a_link_that_is_shown_once(
    admin: FlaskClient, client: FlaskClient, founded: Services
) -> None:
    status, page = post(
        admin, "/admin/people/new", name="bo", display_name="小波", role="viewer", region="east", link="show"
    )
    assert status == 200
    link = re.search(r'id="new-link" value="http://127\.0\.0\.1:8000(/first/[\w-]+)"', page)
    assert link is not None
    assert link.group(1) not in admin.get(f"/admin/people/{person(founded, 'bo').id}").text
    assert client.post(link.group(1), data={"password": PASSWORD}).headers["Location"] == "/orders"
    assert person(founded, "bo").regions == ("east",)


def test_a_link_may_be_mailed_instead(admin: FlaskClient, founded: Services) -> None:
    status, page = post(admin, "/admin/people/new", name="bo", role="viewer", link="mail")
    assert status == 422
    assert 'value="bo"' in page
    status, page = post(admin, "/admin/people/new", name="bo", mail="bo@example.cn", role="viewer", link="mail")
    assert status == 302
    [told] = notices(founded)
    assert (told.delivery.notice, told.address) == ("invitation", "bo@example.cn")


@pytest.mark.parametrize(
    "typed", [{"name": ""}, {"name": "a b"}, {"name": "demo-x"}, {"role": ""}, {"role": "nobody"}, {"region": "moon"}]
)
def test_what_cannot_be_is_said_beside_its_field(admin: FlaskClient, typed: dict[str, str]) -> None:
    status, page = post(admin, "/admin/people/new", **{"name": "bo", "role": "viewer", "display_name": "Bo", **typed})
    assert status == 422
    assert 'class="fault"' in page
    assert 'value="Bo"' in page


def test_whoever_is_deactivated_is_out_at_the_next_click(
    app: Flask, admin: FlaskClient, signed_in: Callable[..., FlaskClient], founded: Services
) -> None:
    viewer = signed_in("viewer")
    who = person(founded, "viewer-1")
    assert viewer.get("/orders").status_code == 200
    assert post(admin, f"/admin/people/{who.id}/deactivate")[0] == 302
    assert viewer.get("/orders").headers["Location"] == "/login"
    assert app.test_client().post("/login", data={"name": "viewer-1", "password": PASSWORD}).status_code == 401
    assert "viewer-1" in admin.get("/admin/people?view=gone").text
    assert post(admin, f"/admin/people/{who.id}/reactivate")[0] == 302
    assert app.test_client().post("/login", data={"name": "viewer-1", "password": PASSWORD}).status_code == 302
    with founded.db.read() as conn:
        acts = [entry.action for entry in audit.of(conn, f"person:{who.id}")]
    assert {"person.deactivate", "person.reactivate"} <= set(acts)


def test_other_roles_sign_a_person_out_another_name_does_not(
    admin: FlaskClient, signed_in: Callable[..., FlaskClient], founded: Services
) -> None:
    viewer = signed_in("viewer")
    who = person(founded, "viewer-1")
    same = {"role": "viewer", "region": "east"}
    assert post(admin, f"/admin/people/{who.id}", display_name="薇", **same)[0] == 302
    assert viewer.get("/orders").status_code == 200
    assert post(admin, f"/admin/people/{who.id}", role=["viewer", "service"], region="east")[0] == 302
    assert viewer.get("/orders").status_code == 302
    assert set(person(founded, "viewer-1").roles) == {"viewer", "service"}


def test_nobody_changes_their_own_rights_or_shuts_themselves_out(admin: FlaskClient, founded: Services) -> None:
    own = f"/admin/people/{person(founded, 'admin-1').id}"
    status, page = post(admin, own, role=["admin", "finance"], region="east")
    assert status == 422
    assert "Nobody changes their own roles" in page
    assert post(admin, f"{own}/deactivate")[0] == 422
    assert post(admin, f"{own}/reset-factor")[0] == 422
    assert post(admin, own, role="admin", region="east", display_name="Ad")[0] == 302
    assert person(founded, "admin-1").display_name == "Ad"


def test_nobody_gives_more_than_they_hold(manager: FlaskClient, founded: Services) -> None:
    assert post(manager, "/admin/people/new", name="bo", role="viewer")[0] == 200
    for role in ("admin", "finance", "supervisor", "service"):
        status, page = post(manager, "/admin/people/new", name=f"bo-{role}", role=role)
        assert status == 422
        assert "gives more than you hold" in page
    assert post(manager, "/admin/people/new", name="bo-2", role="viewer", region="north")[0] == 422
    bo = person(founded, "bo")
    assert post(manager, f"/admin/people/{bo.id}", role=["viewer", "admin"])[0] == 422


@pytest.mark.parametrize("act", ["", "/deactivate", "/end-sessions", "/reset-factor", "/link"])
def test_nobody_touches_whoever_holds_more(
    manager: FlaskClient, signed_in: Callable[..., FlaskClient], founded: Services, act: str
) -> None:
    supervisor = signed_in("supervisor")
    who = person(founded, "supervisor-1")
    status, page = post(manager, f"/admin/people/{who.id}{act}", role="viewer")
    assert status == 422
    assert "holds more than you do" in page
    assert "/first/" not in page
    assert supervisor.get("/orders").status_code == 200


def test_the_last_who_looks_after_people_stays(admin: FlaskClient, founded: Services) -> None:
    link = login.add_user(founded, "second", ["admin"])
    assert link is not None
    second, own = person(founded, "second"), person(founded, "admin-1")
    assert post(admin, f"/admin/people/{second.id}", role="viewer")[0] == 302
    with pytest.raises(Refused) as refused:
        staffing.deactivate(founded, own.id, ORIGIN)
    assert refused.value.problems[0].code == "last_admin"


def test_a_lost_second_factor_is_reset_by_somebody_else(
    app: Flask, admin: FlaskClient, signed_in: Callable[..., FlaskClient], founded: Services, clock: Clock
) -> None:
    viewer = signed_in("viewer")
    enrol(viewer, clock, "/account/second-factor")
    who = person(founded, "viewer-1")
    assert post(admin, f"/admin/people/{who.id}/reset-factor")[0] == 302
    assert viewer.get("/orders").status_code == 302
    answer = app.test_client().post("/login", data={"name": "viewer-1", "password": PASSWORD})
    assert answer.headers["Location"] == "/orders"


def test_an_unknown_person_is_nowhere(admin: FlaskClient) -> None:
    for act in ("", "/deactivate", "/reactivate", "/end-sessions", "/reset-factor", "/link"):
        assert post(admin, f"/admin/people/none{act}", role="viewer")[0] == 404
        assert admin.get("/admin/people/none").status_code == 404


def test_weighty_acts_on_people_ask_for_a_proof(admin: FlaskClient, founded: Services, clock: Clock) -> None:
    csrf, who = csrf_of(admin.get("/account").text), person(founded, "demo-viewer")
    clock.forward(minutes=6)
    answer = admin.post(f"/admin/people/{who.id}/deactivate", data={"csrf_token": csrf})
    assert answer.status_code == 403
    assert person(founded, "demo-viewer").active


def test_the_api_does_the_same_by_the_same_rules(founded: Services, client: FlaskClient) -> None:
    def program(role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {login.add_token(founded, role, [role])}"}

    headers = program("admin")
    new = {"name": "bo", "roles": ["viewer"], "mail": "bo@example.cn"}
    made = client.post("/api/v1/people", headers=headers, json=new)
    assert made.status_code == 201
    assert made.json is not None
    place = f"/api/v1/people/{made.json['id']}"
    assert client.post("/api/v1/people", headers=headers, json=new).status_code == 422
    changed = client.put(place, headers=headers, json={"roles": ["viewer", "service"], "regions": ["east"]})
    assert changed.json is not None
    assert (changed.json["regions"], changed.json["mail"], changed.json["second_factor"]) == (["east"], "", False)
    gone = client.post(f"{place}/deactivate", headers=headers)
    assert gone.json is not None
    assert gone.json["active"] is False
    found = client.get("/api/v1/people?active=false", headers=headers).json
    assert found is not None
    assert [item["name"] for item in found["items"]] == ["bo"]
    viewer = program("viewer")
    for method, path in (("GET", place), ("POST", f"{place}/reactivate"), ("GET", "/api/v1/people/none")):
        assert client.open(path, method=method, headers=viewer).status_code == 404
