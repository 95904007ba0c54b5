"""Every parcel that leaves is a record of its own: listed, found, exported, with fields of the business's own."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from ordain.flows import publishing
from ordain.flows.services import Services
from tests.factories import ORIGIN
from tests.stock import stocked

API = "/api/v1"
Headers = dict[str, str]


@pytest.fixture
def admin(token: Callable[..., Headers]) -> Headers:
    return token()


@pytest.fixture
def shipped(founded: Services, client: FlaskClient, admin: Headers) -> dict[str, Any]:
    """Return an order of which two parcels left."""
    stocked(founded, A=9)
    lines = [{"sku": "A", "quantity": 5, "unit_price": 100}]
    buyer = {
        "name": "林",
        "phone": "13900000001",
        "address": {"province": "上海市", "city": "上海市", "district": "徐汇区", "street": "1 号"},
    }
    body = {"channel": "own-site", "currency": "CNY", "buyer": buyer, "lines": lines}
    order: Any = client.post(f"{API}/orders", json=body, headers=admin).json
    assert client.post(f"{API}/orders/{order['id']}/pay", json={"amount": 500}, headers=admin).status_code == 200
    line = order["lines"][0]["id"]
    first = {"carrier": "顺丰", "tracking": "SF1", "lines": [{"line": line, "quantity": 2}]}
    for parcel in (first, {"carrier": "中通", "tracking": "ZT2"}):
        assert client.post(f"{API}/orders/{order['id']}/ship", json=parcel, headers=admin).status_code == 200
    found: dict[str, Any] = order
    return found


def entries(client: FlaskClient, headers: Headers, query: str = "") -> Any:
    answer = client.get(f"{API}/forms/shipment/entries{query}", headers=headers)
    assert answer.status_code == 200
    return answer.json


def test_each_parcel_is_a_record(client: FlaskClient, admin: Headers, shipped: dict[str, Any]) -> None:
    found = entries(client, admin)
    assert found["total"] == 2
    second, first = found["items"]
    assert (first["name"], second["name"]) == (f"{shipped['number']}-1", f"{shipped['number']}-2")
    assert {name: first["data"][name] for name in ("order", "carrier", "tracking", "pieces", "lines", "shipped_by")} == {
        "order": shipped["number"], "carrier": "顺丰", "tracking": "SF1", "pieces": 2,
        "lines": [{"sku": "A", "quantity": 2}], "shipped_by": "user:token:program-admin",
    }  # fmt: skip
    assert second["data"]["pieces"] == 3


def test_parcels_are_found_by_number_order_and_carrier(
    client: FlaskClient, admin: Headers, shipped: dict[str, Any]
) -> None:
    assert [one["data"]["tracking"] for one in entries(client, admin, "?q=ZT2")["items"]] == ["ZT2"]
    assert entries(client, admin, f"?filter=order:{shipped['number']}")["total"] == 2
    assert entries(client, admin, "?filter=carrier:顺丰")["total"] == 1


def test_a_shipping_that_is_refused_makes_no_parcel(
    client: FlaskClient, admin: Headers, shipped: dict[str, Any]
) -> None:
    again = client.post(f"{API}/orders/{shipped['id']}/ship", json={"tracking": "SF9"}, headers=admin)
    assert again.status_code == 409
    assert entries(client, admin)["total"] == 2


def test_nobody_makes_one_by_hand_or_changes_what_happened(
    client: FlaskClient, admin: Headers, shipped: dict[str, Any]
) -> None:
    made = client.post(f"{API}/forms/shipment/entries", json={"data": {"tracking": "X"}}, headers=admin)
    assert made.status_code in (404, 422)
    one = entries(client, admin)["items"][0]
    body = {"data": {**one["data"], "tracking": "X"}, "version": one["version"]}
    answer = client.put(f"{API}/forms/shipment/entries/{one['id']}", json=body, headers=admin)
    assert answer.status_code == 422
    assert entries(client, admin, "?q=X")["total"] == 0


def test_fields_of_the_businesss_own_are_written(
    founded: Services, client: FlaskClient, admin: Headers, shipped: dict[str, Any]
) -> None:
    with founded.db.read() as conn:
        live = founded.live.at(conn).get("form", "shipment")
    assert live is not None
    weight = {"type": "integer", "title": {"zh": "重量（克）", "en": "Weight (g)"}}
    document = {**live.document, "spec": {**live.document["spec"], "fields": {"weight": weight}}}
    publishing.publish(founded, [document], "", ORIGIN)
    one = entries(client, admin)["items"][0]
    body = {"data": {**one["data"], "weight": 1200}, "version": one["version"]}
    answer = client.put(f"{API}/forms/shipment/entries/{one['id']}", json=body, headers=admin)
    assert answer.status_code == 200
    assert entries(client, admin, "?filter=weight:1200")["total"] == 1


def test_a_warehouse_sees_what_left_for_its_regions(
    client: FlaskClient, signed_in: Callable[..., FlaskClient], shipped: dict[str, Any]
) -> None:
    browser = signed_in("warehouse", shipped["region"])
    assert "SF1" in browser.get("/records/shipment").text


def test_a_warehouse_elsewhere_does_not(
    client: FlaskClient, signed_in: Callable[..., FlaskClient], shipped: dict[str, Any]
) -> None:
    elsewhere = "north" if shipped["region"] != "north" else "south"
    page = signed_in("warehouse", elsewhere).get("/records/shipment")
    assert page.status_code == 200
    assert "SF1" not in page.text


def test_the_order_leads_to_its_parcels_and_back(
    signed_in: Callable[..., FlaskClient], client: FlaskClient, admin: Headers, shipped: dict[str, Any]
) -> None:
    browser = signed_in()
    one = entries(client, admin)["items"][0]
    page = browser.get(f"/records/shipment/{one['id']}").text
    assert f"/orders/{shipped['id']}" in page
    assert "ZT2" in page
