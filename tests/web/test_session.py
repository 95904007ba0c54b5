from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ordain.flows import login
from ordain.flows.login import SignedIn
from ordain.flows.services import Services
from ordain.web.policy import check_all
from tests.conftest import Clock
from tests.web.conftest import PASSWORD, STRANGER

PAGES = ["/orders", "/quarantine", "/admin/channels", "/admin/definitions", "/admin/style"]


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_the_way_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_answers_in_both_languages(signed_in: Callable[..., FlaskClient], path: str, language: str) -> None:
    answer = signed_in().get(path, headers={"Accept-Language": language, "Accept": "text/html"})
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_page_not_for_a_role_is_refused(signed_in: Callable[..., FlaskClient]) -> None:
    viewer = signed_in("viewer")
    assert viewer.get("/orders").status_code == 200
    assert viewer.get("/admin/definitions").status_code == 404


def test_the_first_admins_link_works_once(founded: Services, client: FlaskClient) -> None:
    link = login.first_admin_link(founded)
    assert link is not None
    assert client.get(link).status_code == 200
    assert client.post(link, data={"password": "short"}).status_code == 422
    assert client.post(link, data={"password": PASSWORD}).status_code == 302
    assert client.get("/orders").status_code == 200
    assert client.get(link).status_code == 404
    assert login.first_admin_link(founded) is None


def test_after_five_failures_even_the_right_password_waits(founded: Services, clock: Clock) -> None:
    link = login.add_user(founded, "anna", ["viewer"])
    assert link is not None
    login.set_password(founded, link.removeprefix("/first/"), PASSWORD, STRANGER)
    for _ in range(5):
        assert not isinstance(login.sign_in(founded, "anna", "wrong", "", STRANGER), SignedIn)
    assert not isinstance(login.sign_in(founded, "anna", PASSWORD, "", STRANGER), SignedIn)
    clock.forward(minutes=16)
    assert isinstance(login.sign_in(founded, "anna", PASSWORD, "", STRANGER), SignedIn)


def test_unknown_names_and_wrong_passwords_fail_alike(
    client: FlaskClient, signed_in: Callable[..., FlaskClient]
) -> None:
    signed_in("viewer")
    one = client.post("/login", data={"name": "viewer-1", "password": "wrong"})
    other = client.post("/login", data={"name": "nobody", "password": "wrong"})
    assert (one.status_code, one.text.replace("viewer-1", "")) == (other.status_code, other.text.replace("nobody", ""))


def test_a_session_ends_when_idle_and_on_logout(signed_in: Callable[..., FlaskClient], clock: Clock) -> None:
    browser = signed_in()
    clock.forward(minutes=29)
    assert browser.get("/orders").status_code == 200
    clock.forward(minutes=31)
    assert browser.get("/orders").status_code == 302


def test_a_post_without_the_sessions_token_or_from_elsewhere_changes_nothing(
    signed_in: Callable[..., FlaskClient],
) -> None:
    browser = signed_in()
    assert browser.post("/logout").status_code == 403
    assert browser.get("/orders").status_code == 200


@pytest.mark.parametrize(
    "credential", ["", "Bearer", "Bearer null", "Bearer undefined", "Basic YTpi", "Bearer " + "x" * 5000]
)
def test_malformed_credentials_are_nobody(client: FlaskClient, credential: str) -> None:
    answer = client.get("/api/v1/orders", headers={"Authorization": credential})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


def test_a_route_without_a_policy_keeps_the_application_from_starting(app: Flask) -> None:
    app.view_functions["naked"] = lambda: "x"
    app.url_map.add(app.url_rule_class("/naked", endpoint="naked"))
    with pytest.raises(RuntimeError, match="declares no policy"):
        check_all(app)


def test_a_chunked_body_and_a_strange_host_are_refused(client: FlaskClient) -> None:
    chunked = client.post(
        "/hooks/own-site", headers={"Transfer-Encoding": "chunked"}, environ_overrides={"CONTENT_LENGTH": ""}
    )
    assert chunked.status_code == 411
    assert client.get("/login", headers={"Host": "evil.example"}).status_code == 400
