"""What a role says of single states: which fields it reads and writes there, which actions are left."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from ordain.flows import publishing, recording
from ordain.flows.services import Services
from ordain.records.access import EVERYTHING, Access, Grant, Stage, covers
from tests.factories import ORIGIN, publish_role
from tests.web.pages.test_records import COMPLAINT, form

AT = "/api/v1/forms/supplier-complaint/entries"
CLERK: dict[str, Any] = {
    "record": {
        "do": ["read", "create", "edit", "move"],
        "fields": {"claim": "read", "reason": "write"},
        "states": {"settled": {"do": ["read"], "fields": {"reason": "hidden", "supplier": "masked"}}},
    }
}


@pytest.fixture
def clerk(founded: Services, token: Callable[..., dict[str, str]]) -> dict[str, str]:
    publishing.publish(founded, [COMPLAINT], "", ORIGIN)
    publish_role(founded, "clerk", CLERK)
    return token("clerk")


def kept(services: Services, to: str = "", **data: Any) -> str:
    known = form(services)
    made = recording.create(services, known, data, ORIGIN, EVERYTHING)
    if to:
        recording.change(services, known, made, data, ORIGIN, EVERYTHING, to=to)
    return made.id


def test_a_field_hides_and_actions_end_in_a_state(
    founded: Services, client: FlaskClient, clerk: dict[str, str]
) -> None:
    done = kept(founded, "settled", supplier="Acme", severity="high", reason="late")
    there = kept(founded, supplier="Acme", severity="high", reason="late")
    assert client.get(f"{AT}/{there}", headers=clerk).json["data"]["reason"] == "late"  # type: ignore[index]
    shown = client.get(f"{AT}/{done}", headers=clerk).json["data"]  # type: ignore[index]
    assert shown == {"supplier": "••••••", "severity": "high"}
    listed = client.get(AT, headers=clerk).json["items"]  # type: ignore[index]
    assert {item["data"]["supplier"] for item in listed} == {"Acme", "••••••"}
    change = {"data": {"supplier": "Acme", "severity": "low"}, "version": 2}
    assert client.put(f"{AT}/{done}", json=change, headers=clerk).status_code == 404
    assert client.put(f"{AT}/{there}", json={**change, "version": 1}, headers=clerk).status_code == 200


def test_what_is_hidden_in_one_state_is_neither_searched_nor_filtered_in_any(
    founded: Services, client: FlaskClient, clerk: dict[str, str]
) -> None:
    kept(founded, "settled", supplier="Acme", severity="high")
    assert client.get(f"{AT}?filter=supplier:Acme", headers=clerk).status_code == 422
    assert client.get(f"{AT}?q=Acme", headers=clerk).json["total"] == 0  # type: ignore[index]
    assert client.get(f"{AT}?filter=severity:high", headers=clerk).json["total"] == 1  # type: ignore[index]


def test_only_what_form_role_and_state_all_allow_is_written(
    founded: Services, client: FlaskClient, clerk: dict[str, str]
) -> None:
    there = kept(founded, supplier="Acme", claim=100)
    changed = {"supplier": "Acme", "claim": 200}
    answer = client.put(f"{AT}/{there}", json={"data": changed, "version": 1}, headers=clerk)
    assert (answer.status_code, answer.json["problems"][0]["code"]) == (422, "not_writable")  # type: ignore[index]
    posted = {"data": {"supplier": "Acme", "claim": 100, "reason": "late"}, "version": 1}
    assert client.put(f"{AT}/{there}", json=posted, headers=clerk).status_code == 200
    refused = client.post(AT, json={"data": {"supplier": "Acme", "claim": 5}}, headers=clerk)
    assert refused.json["problems"][0]["code"] == "not_writable"  # type: ignore[index]
    unknown = client.post(AT, json={"data": {"supplier": "Acme", "colour": "red"}}, headers=clerk)
    assert unknown.status_code in (400, 422)


def test_rights_are_asked_of_the_record_as_it_was_and_as_it_will_be(
    founded: Services, client: FlaskClient, token: Callable[..., dict[str, str]]
) -> None:
    stages = {"paid": {"to": ["shipped"]}, "shipped": {}}  # as an order's: those a row filter may name
    publishing.publish(founded, [{**COMPLAINT, "spec": {**COMPLAINT["spec"], "states": stages}}], "", ORIGIN)
    for key, rows in (("nobody", "state == 'shipped'"), ("opener", "state == 'paid'")):
        publish_role(founded, key, {"record": {"do": ["read", "create", "edit", "move"], "rows": rows}})
    mine, others = kept(founded, supplier="Acme"), kept(founded, "shipped", supplier="Corp")
    opener = token("opener")
    asked = {"data": {"supplier": "Bolt"}, "version": 1}
    assert client.put(f"{AT}/{mine}", json=asked, headers=opener).status_code == 200
    moved = client.put(f"{AT}/{mine}", json={**asked, "version": 2, "to": "shipped"}, headers=opener)
    assert (moved.status_code, moved.json["problems"][0]["code"]) == (422, "not_yours")  # type: ignore[index]
    assert client.get(f"{AT}/{mine}", headers=opener).json["state"] == "paid"  # type: ignore[index]
    gone, nowhere = (client.put(f"{AT}/{one}", json=asked, headers=opener) for one in (others, "0" * 32))
    assert gone.status_code == nowhere.status_code == 404
    made = client.post(AT, json={"data": {"supplier": "Corp"}}, headers=token("nobody"))
    assert (made.status_code, made.json["problems"][0]["code"]) == (422, "not_yours")  # type: ignore[index]
    assert client.get(AT, headers=opener).json["total"] == 1  # type: ignore[index]


def test_nobody_passes_on_what_a_state_takes_from_them() -> None:
    held = Access(
        (Grant(frozenset({"read", "edit"}), states={"done": Stage(frozenset({"read"}), {"note": "hidden"})}),)
    )
    assert not covers(held, Grant(frozenset({"read"})), ())
    assert not covers(held, Grant(frozenset({"read", "edit"}), fields={"note": "hidden"}), ())
    assert covers(held, Grant(frozenset({"read"}), fields={"note": "hidden"}), ())
