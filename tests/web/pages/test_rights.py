"""Looking as a role, to read only and never with more rights; and why somebody does not see a record."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ordain.flows import login
from ordain.flows.services import Services
from tests.factories import publish_role
from tests.security.world import order, take
from tests.web.conftest import csrf_of


@pytest.fixture
def admin(signed_in: Callable[..., FlaskClient], founded: Services) -> FlaskClient:
    values = {"phone": "13934461385", "title": "茶", "total": 8341}
    take(
        founded,
        order("HYE", "浙江省 杭州市 西湖区", name="甲", street="鱻路51号", **values),  # type: ignore[arg-type] # as named
        order("HYN", "北京市 北京市 海淀区", name="乙", street="鱻路52号", **values),  # type: ignore[arg-type] # as named
    )
    browser = signed_in()
    browser.set_cookie("language", "en")
    return browser


def look(browser: FlaskClient, role: str, *regions: str) -> None:
    token = csrf_of(browser.get("/admin/rights").text)
    answer = browser.post("/admin/rights/view-as", data={"role": role, "region": list(regions), "csrf_token": token})
    assert answer.status_code == 302


def numbers(browser: FlaskClient) -> set[str]:
    return {item["external_id"] for item in browser.get("/api/v1/orders").get_json()["items"]}


def test_an_admin_sees_what_a_role_sees_and_ends_it_with_one_press(admin: FlaskClient) -> None:
    assert numbers(admin) == {"HYE", "HYN"}
    look(admin, "warehouse", "east")
    assert numbers(admin) == {"HYE"}
    page = admin.get("/orders?view=all").text
    assert "You are looking as: Warehouse" in page
    assert "83.41" not in page
    assert admin.get("/admin/people").status_code == 404
    ended = admin.post("/admin/rights/view-as/end", data={"csrf_token": csrf_of(page)})
    assert ended.status_code == 302
    assert numbers(admin) == {"HYE", "HYN"}
    log = admin.get("/admin/audit").text
    assert "Looks as a role" in log
    assert "Looks as themselves again" in log


def test_through_another_roles_eyes_nothing_is_done(admin: FlaskClient) -> None:
    order_id = admin.get("/api/v1/orders").get_json()["items"][0]["id"]
    look(admin, "supervisor")
    page = admin.get(f"/orders/{order_id}").text
    token = {"csrf_token": csrf_of(page)}
    for path in (f"/orders/{order_id}/reveal/buyer.phone", f"/orders/{order_id}/redrive", "/lists/order/do/export"):
        assert admin.post(path, data=token).status_code == 403
    assert admin.post(f"/api/v1/orders/{order_id}/ship", json={}).status_code in (403, 404)


def test_nobody_gets_more_by_looking_as_a_mightier_role(
    admin: FlaskClient, founded: Services, signed_in: Callable[..., FlaskClient]
) -> None:
    rights = {"order": {"do": ["read"], "rows": "region == 'east'", "fields": {"buyer.name": "hidden"}}}
    publish_role(founded, "keeper", {**rights, "person": {"do": ["read", "edit"]}})
    browser = signed_in("keeper")
    look(browser, "admin")
    assert numbers(browser) == {"HYE"}
    page = browser.get("/orders?view=all&cols=buyer&cols=total").text
    assert "甲" not in page
    shown = browser.get(f"/api/v1/orders/{browser.get('/api/v1/orders').get_json()['items'][0]['id']}").get_json()
    assert shown["buyer"]["address"]["street"] in (None, "")
    assert browser.get("/admin/definitions").status_code == 404


def test_strangers_and_others_neither_look_nor_ask(signed_in: Callable[..., FlaskClient], client: FlaskClient) -> None:
    assert client.get("/admin/rights").status_code == 302
    browser = signed_in("supervisor")
    assert browser.get("/admin/rights").status_code == 404
    token = csrf_of(browser.get("/account").text)
    assert browser.post("/admin/rights/view-as", data={"role": "admin", "csrf_token": token}).status_code == 404


def test_why_somebody_does_not_see_an_order_is_told_clause_by_clause(admin: FlaskClient, founded: Services) -> None:
    assert login.add_user(founded, "wang", ["warehouse"], ["east"])
    assert login.add_user(founded, "jin", ["finance"])

    def ask(person: str, record: str, field: str = "") -> str:
        page = admin.get(f"/admin/rights?person={person}&type=order&record={record}&field={field}").text
        return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))

    north = ask("wang", "HYN")
    assert "They do not see this record" in north
    assert "region in me.regions" in north
    assert "region = north" in north, north[-900:]
    assert "They see it" in ask("wang", "HYE")
    assert "They see the record, but not the field" in ask("jin", "HYE", "buyer.address.street")
    assert "the field “buyer.phone”: it is masked" in ask("jin", "HYE", "buyer.phone")
    assert "There is no such record" in ask("jin", "NONE")
