"""The pages to get in: second factor, enrolling one, people of the demo, a forgotten password."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ordain.flows import demo, login, login_reset
from ordain.flows.services import Services
from ordain.jobs.run import drain_lane
from ordain.store import people
from ordain.store.notices import Letter, latest, letter
from ordain.store.tables.work import OutboxRow
from ordain.web.app import create_app
from tests.conftest import Clock
from tests.factories import ask_second_factor
from tests.rig.codes import code_at, seed_of
from tests.web.conftest import PASSWORD, STRANGER, csrf_of

SIGN_IN = {"name": "viewer-1", "password": PASSWORD}


@pytest.fixture
def viewer(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    return signed_in("viewer")


def enrol(browser: FlaskClient, clock: Clock, place: str) -> str:
    page = browser.get(place).text
    seed = seed_of(page)
    answer = browser.post(place, data={"csrf_token": csrf_of(page), "code": code_at(seed, clock.now, -1)})
    assert answer.status_code == 200
    assert len(re.findall(r"<li><code>[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}</code>", answer.text)) == 10
    return seed


def test_who_must_have_a_second_factor_gets_nowhere_before_it_is_set_up(
    app: Flask, founded: Services, clock: Clock, viewer: FlaskClient
) -> None:
    ask_second_factor(founded, "viewer")
    browser = app.test_client()
    assert browser.post("/login", data=SIGN_IN).headers["Location"] == "/login/enrol"
    for place in ("/orders", "/account", "/account/second-factor"):
        assert browser.get(place).headers["Location"] == "/login"
    assert browser.get("/api/v1/orders").status_code == 401
    wrong = browser.post("/login/enrol", data={"csrf_token": csrf_of(browser.get("/login/enrol").text), "code": "1"})
    assert wrong.status_code == 422
    enrol(browser, clock, "/login/enrol")
    assert browser.get("/orders").status_code == 200


def test_the_code_is_asked_for_after_the_password(app: Flask, clock: Clock, viewer: FlaskClient) -> None:
    seed = enrol(viewer, clock, "/account/second-factor")
    browser = app.test_client()
    assert browser.post("/login", data=SIGN_IN).headers["Location"] == "/login/code"
    assert browser.get("/orders").headers["Location"] == "/login"
    page = browser.get("/login/code").text
    assert browser.post("/login/code", data={"csrf_token": csrf_of(page), "code": "000000"}).status_code == 401
    assert browser.post("/login/code", data={"code": code_at(seed, clock.now)}).status_code == 403
    before = browser.get_cookie("sid-8000")
    answer = browser.post("/login/code", data={"csrf_token": csrf_of(page), "code": code_at(seed, clock.now)})
    after = browser.get_cookie("sid-8000")
    assert answer.headers["Location"] == "/orders"
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert browser.get("/orders").status_code == 200
    assert browser.get("/login/code").headers["Location"] == "/login"


def test_nobody_gets_to_the_code_without_a_password(client: FlaskClient) -> None:
    for place in ("/login/code", "/login/enrol"):
        assert client.get(place).headers["Location"] == "/login"
        assert client.post(place, data={"code": "123456"}).headers["Location"] == "/login"


@pytest.mark.parametrize("name", [name for name, _, _ in demo.PEOPLE])
def test_one_press_signs_in_as_anybody_of_the_demo(client: FlaskClient, name: str) -> None:
    assert f"/login/as/{name}" in client.get("/login").text
    assert client.post(f"/login/as/{name}").headers["Location"] == "/orders"
    assert client.get("/orders").status_code == 200


def test_the_demo_is_shut_to_others_and_in_production(founded: Services, client: FlaskClient) -> None:
    login.add_user(founded, "anna", ["admin"])
    assert client.post("/login/as/anna").status_code == 404
    strict = replace(founded, settings=replace(founded.settings, production=True, base_url="https://shop.example"))
    outside = create_app(strict).test_client()
    headers = {"Host": "shop.example"}
    assert "demo-admin" not in outside.get("/login", headers=headers).text
    assert outside.post("/login/as/demo-admin", headers=headers).status_code == 404
    password = demo.password(strict, "demo-admin")
    assert isinstance(login.sign_in(founded, "demo-admin", password, "", STRANGER), login.SignedIn)
    assert not isinstance(login.sign_in(strict, "demo-admin", password, "", STRANGER), login.SignedIn)
    assert demo.shut_out(strict) == len(demo.PEOPLE)
    assert not isinstance(login.sign_in(founded, "demo-admin", password, "", STRANGER), login.SignedIn)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_the_demo_is_shut_where_others_on_the_network_could_reach_it(founded: Services, host: str) -> None:
    open_ = replace(founded, settings=replace(founded.settings, host=host))
    assert demo.people(open_) == []
    assert login.sign_in_as(open_, "demo-admin", "", STRANGER) is None


def notices(services: Services) -> list[Letter]:
    with services.db.read() as conn:
        found = [letter(conn, services.vault, delivery.id) for delivery in latest(conn)]
    return [one for one in found if one]


def asked_for_a_link(services: Services, client: FlaskClient, who: str) -> str:
    answer = client.post("/forgotten", data={"who": who})
    with services.db.read() as conn:
        payloads = conn.scalars(sa.select(OutboxRow.payload).where(OutboxRow.topic == "login.reset")).all()
    for payload in payloads:
        login_reset.send(services, payload)
    assert who not in str(payloads)
    return answer.text


def test_a_forgotten_password_is_set_anew_by_a_link_that_skips_no_second_factor(
    founded: Services, app: Flask, client: FlaskClient, clock: Clock, viewer: FlaskClient
) -> None:
    enrol(viewer, clock, "/account/second-factor")
    with founded.db.write() as conn:
        who = people.person(conn, "viewer-1")
        assert who is not None
        people.set_contact(conn, founded.vault, who.id, display_name="", mail="v@example.cn")
    unknown = asked_for_a_link(founded, client, "nobody@example.cn")
    assert notices(founded) == []
    assert asked_for_a_link(founded, client, "V@example.cn") == unknown
    [told] = notices(founded)
    assert told.address == "v@example.cn"
    assert told.facts is not None
    link = told.facts["link"].removeprefix("http://127.0.0.1:8000")
    answer = client.post(link, data={"password": "quite another sentence"})
    assert answer.headers["Location"] == "/login/code"
    assert client.post(link, data={"password": "once more please"}).status_code == 404
    assert viewer.get("/orders").status_code == 302


def test_a_link_to_reset_ends_after_a_quarter_of_an_hour(founded: Services, viewer: FlaskClient, clock: Clock) -> None:
    with founded.db.write() as conn:
        who = people.person(conn, "viewer-1")
        assert who is not None
        people.add_link(conn, who.id, "link", clock.now, "reset")
    clock.forward(minutes=14)
    assert login.whose(founded, "link") == "viewer-1"
    clock.forward(minutes=2)
    assert login.whose(founded, "link") is None


def test_the_worker_takes_requests_for_links(founded: Services, client: FlaskClient) -> None:
    client.post("/forgotten", data={"who": "nobody"})
    assert drain_lane(founded, "normal") == 1
