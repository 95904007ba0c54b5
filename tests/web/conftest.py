"""A client over the real application: a stranger, the admin, people of other roles, programs with tokens."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ordain.flows import login
from ordain.flows.services import Services
from ordain.records.actor import Anonymous, Origin
from ordain.web.app import create_app

PASSWORD = "correct horse battery"
STRANGER = Origin(Anonymous("192.0.2.7"), "request-1", "192.0.2.7")


@pytest.fixture
def app(founded: Services) -> Flask:
    return create_app(founded)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask, founded: Services) -> Callable[..., FlaskClient]:
    """Return a function that signs a person of a role in."""

    def sign_in(role: str = "admin", region: str = "east") -> FlaskClient:
        link = login.add_user(founded, f"{role}-1", [role], [region])
        assert link is not None
        assert login.set_password(founded, link.removeprefix("/first/"), PASSWORD, STRANGER) == []
        browser = app.test_client()
        answer = browser.post("/login", data={"name": f"{role}-1", "password": PASSWORD})
        assert answer.status_code == 302
        return browser

    return sign_in


@pytest.fixture
def token(founded: Services) -> Callable[..., dict[str, str]]:
    """Return a function that gives the headers of a program of a role."""

    def give(role: str = "admin") -> dict[str, str]:
        plain = login.add_token(founded, f"program-{role}", [role])
        return {"Authorization": f"Bearer {plain}"}

    return give


def csrf_of(page: str) -> str:
    """Return the token a page's forms carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page) or re.search(
        r"X-CSRF-Token[^A-Za-z0-9]+([\w-]{20,})", page
    )
    assert found is not None
    return found.group(1)
