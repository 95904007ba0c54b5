"""SCIM 2.0 as an HR system speaks it: people come, change and leave; whoever leaves is out at once, everywhere."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from ordain.base import json
from ordain.flows.services import Services
from ordain.store.tables.audit import AuditRow
from ordain.store.tables.people import SessionRow
from ordain.web.app import create_app

FIXTURES = Path(__file__).parents[1] / "fixtures" / "hr-scim"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_bytes())


@pytest.fixture
def hr(client: FlaskClient, token: Callable[..., dict[str, str]]) -> Callable[..., Any]:
    headers = token("directory")

    def ask(method: str, path: str, body: Any = None) -> Any:
        data = json.dumps(body) if body is not None else None
        return client.open(
            f"/scim/v2{path}", method=method, headers=headers, data=data, content_type="application/scim+json"
        )

    return ask


def added(hr: Callable[..., Any]) -> dict[str, Any]:
    answer = hr("POST", "/Users", fixture("list_page_1")["Resources"][0])
    assert answer.status_code == 201
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_newcomer_can_be_found_again_with_the_roles_of_the_department(
    hr: Callable[..., Any], founded: Services
) -> None:
    made = added(hr)
    assert made["userName"] == "user00@example.com"
    assert made["emails"][0]["value"] == "user00@example.com"
    listed = hr("GET", '/Users?filter=userName eq "USER00@example.com"').get_json()
    assert (listed["totalResults"], listed["Resources"][0]["id"]) == (1, made["id"])
    assert hr("GET", f"/Users/{made['id']}").get_json() == listed["Resources"][0]
    with founded.db.read() as conn:
        assert conn.scalar(sa.text("SELECT roles FROM person WHERE name = 'user00@example.com'")) in (
            '["warehouse"]', ["warehouse"],
        )  # fmt: skip


def test_answers_and_errors_are_in_the_protocols_own_media_type(hr: Callable[..., Any], client: FlaskClient) -> None:
    added(hr)
    twice = hr("POST", "/Users", fixture("list_page_1")["Resources"][0])
    assert (twice.status_code, twice.get_json()["scimType"], twice.get_json()["status"]) == (409, "uniqueness", "409")
    for answer, status in (
        (twice, 409), (hr("GET", "/Users/nobody"), 404), (hr("GET", "/Users?filter=userName co x"), 400),
        (hr("POST", "/Users", []), 400), (hr("GET", "/Users?startIndex=x"), 400), (client.get("/scim/v2/Users"), 401),
        (hr("PATCH", "/Users/nobody", {}), 404), (hr("POST", "/Users", {"userName": "a\0b"}), 400),
    ):  # fmt: skip
        assert (answer.status_code, answer.content_type) == (status, "application/scim+json"), answer.text
        assert answer.get_json()["schemas"] == [ERROR]
        assert answer.get_json()["detail"]


@pytest.mark.parametrize("role", ["viewer", "service", "admin"])
def test_a_token_without_the_right_learns_nothing(
    client: FlaskClient, hr: Callable[..., Any], token: Callable[..., dict[str, str]], role: str
) -> None:
    headers = token(role)
    there, nowhere = client.get(f"/scim/v2/Users/{added(hr)['id']}", headers=headers), hr("GET", "/Users/none")
    assert there.get_json() == nowhere.get_json()
    assert client.get("/scim/v2/Users", headers=headers).status_code == 404
    assert client.delete("/scim/v2/Users/x", headers=headers).status_code == 404


def test_the_hr_systems_token_opens_nothing_else(client: FlaskClient, token: Callable[..., dict[str, str]]) -> None:
    headers = token("directory")
    for path in ("/api/v1/orders", "/api/v1/definitions/role", "/api/v1/connections"):
        assert client.get(path, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "leave",
    [
        ("PATCH", fixture("patch_deactivate")), ("PATCH", fixture("patch_deactivate_no_path")),
        ("PATCH", fixture("patch_deactivate_string")), ("DELETE", None), ("PUT", {"userName": "service-1", "active": False}),
    ],
    ids=["path", "no path", "text", "delete", "put"],
)  # fmt: skip
def test_a_leaver_is_out_of_every_process_within_a_second(
    founded: Services, hr: Callable[..., Any], signed_in: Callable[..., FlaskClient], leave: tuple[str, Any]
) -> None:
    browser = signed_in("service")
    other = create_app(founded).test_client()  # another process's view of the same database
    cookie = browser.get_cookie(f"sid-{founded.settings.port}")
    assert cookie is not None
    other.set_cookie(cookie.key, cookie.value)
    assert (browser.get("/orders").status_code, other.get("/orders").status_code) == (200, 200)
    person = hr("GET", '/Users?filter=userName eq "service-1"').get_json()["Resources"][0]["id"]
    begun = time.monotonic()
    assert hr(leave[0], f"/Users/{person}", leave[1]).status_code in (200, 204)
    assert {browser.get("/orders").status_code, other.get("/orders").status_code} == {302}
    assert time.monotonic() - begun < 1
    with founded.db.read() as conn:
        assert conn.scalar(sa.select(sa.func.count()).select_from(SessionRow)) == 0
        told = conn.execute(sa.select(AuditRow.action, AuditRow.actor).where(AuditRow.action == "person.deactivate"))
        assert told.all() == [("person.deactivate", "user:token:program-directory")]


def test_a_change_of_one_part_loses_no_other_of_somebody_the_directory_did_not_know(
    founded: Services, hr: Callable[..., Any], signed_in: Callable[..., FlaskClient]
) -> None:
    from ordain.store import people

    signed_in("service")
    with founded.db.write() as conn:
        who = people.person(conn, "service-1")
        assert who is not None
        people.set_contact(
            conn, founded.vault, who.id, display_name="Anna", mail="anna@example.com", phone="13900000001"
        )
    body = {"Operations": [{"op": "replace", "path": "title", "value": "Lead"}]}
    made = hr("PATCH", f"/Users/{who.id}", body).get_json()
    assert (made["displayName"], made["title"], made["emails"][0]["value"]) == ("Anna", "Lead", "anna@example.com")


def test_whom_an_administrator_shut_out_is_not_let_in_by_the_directory(
    founded: Services, hr: Callable[..., Any]
) -> None:
    from ordain.store import people

    made = added(hr)
    with founded.db.write() as conn:
        people.deactivate(conn, made["id"], founded.now())
    body = {"Operations": [{"op": "replace", "path": "title", "value": "Lead"}]}
    assert hr("PATCH", f"/Users/{made['id']}", body).get_json()["active"] is False


def test_who_returns_may_sign_in_again_and_who_was_deleted_is_gone(hr: Callable[..., Any]) -> None:
    made = added(hr)
    for active in (False, True):
        body = {"Operations": [{"op": "replace", "path": "active", "value": active}]}
        assert hr("PATCH", f"/Users/{made['id']}", body).get_json()["active"] is active
    assert hr("DELETE", f"/Users/{made['id']}").status_code == 204
    assert hr("GET", f"/Users/{made['id']}").status_code == 404
    assert hr("GET", '/Users?filter=userName eq "user00@example.com"').get_json()["totalResults"] == 0
    assert added(hr)["id"] == made["id"], "the same person comes back"


def test_the_list_is_paged_from_one(hr: Callable[..., Any]) -> None:
    for resource in (*fixture("list_page_1")["Resources"], *fixture("list_page_2")["Resources"]):
        assert hr("POST", "/Users", resource).status_code == 201
    seen = []
    start = 1
    while True:
        page = hr("GET", f"/Users?startIndex={start}&count=3").get_json()
        seen += [person["userName"] for person in page["Resources"]]
        start += page["itemsPerPage"]
        if start > page["totalResults"]:
            break
    assert len(seen) == len(set(seen)) == page["totalResults"] >= 8


def test_what_is_understood_is_told(hr: Callable[..., Any]) -> None:
    assert hr("GET", "/ServiceProviderConfig").get_json()["patch"]["supported"] is True
    assert {s["id"].rpartition(":")[2] for s in hr("GET", "/Schemas").get_json()["Resources"]} == {"User"}
    assert hr("GET", "/ResourceTypes").get_json()["Resources"][0]["endpoint"] == "/Users"


def test_phone_and_mail_stand_sealed(founded: Services, hr: Callable[..., Any], app: Flask) -> None:
    added(hr)
    with founded.db.read() as conn:
        for table in ("person", "directory_person", "audit", "outbox"):
            text = str(conn.execute(sa.text(f"SELECT * FROM {table}")).all())
            assert "13900000001" not in text, table
