"""My account: what one may change about oneself, and what ends with it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ordain.flows.services import Services
from ordain.store import people
from ordain.web.pages.account.device import browser as name_of_browser
from ordain.web.pages.account.device import system
from ordain.web.pages.account.qr import draw
from tests.conftest import Clock
from tests.web.conftest import PASSWORD, csrf_of
from tests.web.pages.test_entry import enrol

NEW = "quite another sentence"


@pytest.fixture
def viewer(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    browser = signed_in("viewer")
    browser.set_cookie("language", "en")
    return browser


@pytest.fixture
def elsewhere(app: Flask, viewer: FlaskClient) -> FlaskClient:
    """Return the same person's browser in another place."""
    browser = app.test_client()
    browser.post(
        "/login", data={"name": "viewer-1", "password": PASSWORD}, headers={"User-Agent": "X (iPhone) Safari/1"}
    )
    return browser


def token(browser: FlaskClient) -> str:
    return csrf_of(browser.get("/account").text)


def test_a_program_has_no_account(client: FlaskClient, token: Callable[..., dict[str, str]]) -> None:
    assert client.get("/account", headers=token("viewer")).status_code in (302, 404)


def test_another_place_is_seen_and_signed_out(viewer: FlaskClient, elsewhere: FlaskClient) -> None:
    page = viewer.get("/account").text
    assert "Safari on iPhone" in page
    place = re.search(r"/account/sessions/(\w+)/end", page)
    assert place is not None
    assert viewer.post(place.group(0), data={"csrf_token": token(viewer)}).status_code == 302
    assert elsewhere.get("/orders").headers["Location"] == "/login"
    assert viewer.get("/orders").status_code == 200


def test_nobody_ends_the_sessions_of_others(viewer: FlaskClient, signed_in: Callable[..., FlaskClient]) -> None:
    service = signed_in("service")
    with_two = service.get("/account").text
    assert "/account/sessions/others/end" not in with_two
    assert service.post("/account/sessions/0/end", data={"csrf_token": token(service)}).status_code == 404
    assert service.post("/account/sessions/others/end", data={"csrf_token": token(service)}).status_code == 302
    assert viewer.get("/orders").status_code == 200


def test_a_new_password_ends_everything_elsewhere_and_goes_on_here(
    viewer: FlaskClient, elsewhere: FlaskClient, client: FlaskClient
) -> None:
    wrong = viewer.post("/account/password", data={"csrf_token": token(viewer), "old": "no", "password": NEW})
    assert wrong.status_code == 422
    assert "The current password is not right" in wrong.text
    short = viewer.post("/account/password", data={"csrf_token": token(viewer), "old": PASSWORD, "password": "short"})
    assert short.status_code == 422
    answer = viewer.post("/account/password", data={"csrf_token": token(viewer), "old": PASSWORD, "password": NEW})
    assert answer.status_code == 302
    assert viewer.get("/orders").status_code == 200
    assert elsewhere.get("/orders").status_code == 302
    assert client.post("/login", data={"name": "viewer-1", "password": PASSWORD}).status_code == 401
    assert client.post("/login", data={"name": "viewer-1", "password": NEW}).status_code == 302


def test_a_token_is_shown_once_does_what_its_roles_may_and_is_revoked(viewer: FlaskClient, client: FlaskClient) -> None:
    made = viewer.post(
        "/account/tokens", data={"csrf_token": token(viewer), "name": "report", "role": "viewer", "days": "30"}
    )
    found = re.search(r'id="new-token" value="([\w-]{43})"', made.text)
    assert found is not None
    headers = {"Authorization": f"Bearer {found.group(1)}"}
    assert client.get("/api/v1/orders", headers=headers).status_code == 200
    assert client.get("/api/v1/connections", headers=headers).status_code == 404
    page = viewer.get("/account").text
    assert found.group(1) not in page
    place = re.search(r"/account/tokens/(\w+)/revoke", page)
    assert place is not None
    assert viewer.post(place.group(0), data={"csrf_token": token(viewer)}).status_code == 302
    assert client.get("/api/v1/orders", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "typed", [{"role": "admin"}, {"role": ""}, {"name": " "}, {"days": "99999"}, {"days": "x"}, {"name": "x" * 41}]
)
def test_a_token_gives_no_more_than_ones_own(viewer: FlaskClient, typed: dict[str, str]) -> None:
    whole = {"csrf_token": token(viewer), "name": "report", "role": "viewer", "days": "30", **typed}
    answer = viewer.post("/account/tokens", data=whole)
    assert answer.status_code == 422
    assert 'class="fault"' in answer.text


def test_what_was_typed_stays_where_it_was_wrong(viewer: FlaskClient, founded: Services) -> None:
    typed = {"csrf_token": token(viewer), "display_name": "薇", "mail": "no mail", "phone": "12"}
    answer = viewer.post("/account/contact", data=typed)
    assert answer.status_code == 422
    assert 'value="no mail"' in answer.text
    assert answer.text.count('class="fault"') == 2
    right = {**typed, "mail": "v@example.cn", "phone": "13900000001"}
    assert viewer.post("/account/contact", data=right).status_code == 302
    with founded.db.read() as conn:
        found = people.of_mail(conn, founded.vault, "v@example.cn")
    assert found is not None
    assert found.display_name == "薇"


def test_the_second_factor_is_set_up_and_switched_off_again(viewer: FlaskClient, clock: Clock) -> None:
    enrol(viewer, clock, "/account/second-factor")
    page = viewer.get("/account").text
    assert "10 of 10 left" in page
    assert viewer.get("/account/second-factor").status_code == 404
    codes = viewer.post("/account/recovery-codes", data={"csrf_token": token(viewer)}).text
    assert codes.count("<li><code>") == 10
    assert viewer.post("/account/second-factor/drop", data={"csrf_token": token(viewer)}).status_code == 302
    assert "Set up" in viewer.get("/account").text


def test_a_qr_code_is_one_path_that_draws_every_dark_module() -> None:
    made = draw("otpauth://totp/x?secret=AAAA")
    drawn = sum(int(run) for run in re.findall(r"h(\d+)v1", made.path))
    assert made.size > 20
    assert made.size**2 * 0.2 < drawn < made.size**2 * 0.6


@pytest.mark.parametrize(
    ("agent", "browser", "machine"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36",
            "Chrome",
            "Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge", "Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1 Version/17.5 Safari/605.1", "Safari", "macOS"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537.36 MicroMessenger/8.0", "WeChat", "Android"),
        ("python-httpx/0.28", "", ""),
    ],
)
def test_browsers_are_called_as_people_call_them(agent: str, browser: str, machine: str) -> None:
    assert (name_of_browser(agent), system(agent)) == (browser, machine)
